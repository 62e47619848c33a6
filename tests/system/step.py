"""The worker killed at the instructions of publish_judged(): the row goes on.

The program step does it (step.c); here are the daemon that it starts, and what
has to come of it.  One in thirteen instructions is tried, from another one on
each time; STEP_EVERY=1 makes it all of them: make step.
"""

import os
import platform
import random
import shutil
import subprocess

from harness import BUILD, Skip, clean_environment, equal, run

RATESD = BUILD / "ratesd"
SANITIZERS = (b"__asan_init", b"__tsan_init", b"__ubsan_handle")
# They make many instructions of one, and each of them slow.
SANITIZED = any(name in RATESD.read_bytes() for name in SANITIZERS)

FIRST = random.random()
STEP_EVERY = int(os.environ.get("STEP_EVERY", 0))


def publish_offset():
    """The address of publish_judged() in the program's file."""
    symbols = subprocess.run(["nm", RATESD], capture_output=True, text=True,
                             check=True).stdout.splitlines()
    found = [line.split()[0] for line in symbols
             if line.endswith(" T publish_judged")]
    equal(len(found), 1, "symbols called publish_judged")
    return found[0]


def step(case, *options):
    """What the program step found: name -> value."""
    if platform.machine() != "x86_64":
        raise Skip("single steps are for x86-64 only")
    if SANITIZED:
        options += ("-l", "2000")
    if case.stub:  # another round: of the one before nothing is left
        equal(case.run("--purge").returncode, 0, "purge")
        shutil.rmtree(case.directory / "state")
    # All of them take half an hour.
    stub = case.stub or case.start_stub("--for", "7200")
    # The rivals' numbers count up: each one jumps.
    case.write_conf(["EUR", "USD"], workers=1, refresh="1h",
                    **{"max-jump": "off"})
    served = stub.rates("USD")
    with case.log.open("a") as log:
        # Bound at the start, or each new worker's way leads through the
        # dynamic linker.
        result = subprocess.run(
            [BUILD / "tests/system/step", *map(str, options), case.instance,
             "USD", publish_offset(), repr(served["EUR"]),
             repr(served["USD"]), "--",
             *case.arguments("-f", "--log-level", "error")],
            stdout=subprocess.PIPE, stderr=log, text=True, check=False,
            timeout=280 if STEP_EVERY != 1 else 7200,
            env=clean_environment(LD_BIND_NOW="1"))
    if result.returncode == 77:
        raise Skip("ptrace isn't permitted")
    lines = result.stdout.splitlines()
    for line in lines:
        print("#", line.removeprefix("# "))
    found = dict(line.split() for line in lines if not line.startswith("#"))
    assert result.returncode in (0, 1), f"step: status {result.returncode}"
    return {name: float(value) for name, value in found.items()}


def every(usual, share=0.0):
    """Of how many instructions one is tried, and which one first: that share
    of the way to the next one behind one drawn once."""
    step_by = STEP_EVERY or usual
    if SANITIZED:
        step_by *= 13
    return "-e", step_by, "-f", int(step_by * (FIRST + share)) % step_by


def is_kept(found):
    for what in "stuck", "torn", "slow":
        equal(found[what], 0, what)
    # Deaths with the lock held, and a reader who saw the row change.
    assert found["lock_repairs"] > 0, "no death held the lock"
    assert found["moved"] > 0, "the reader met no writer"


def test_killed_at_each_instruction(case):
    # For a few instructions a token is had that nobody else has: one of them
    # can be missed, but not by all three.
    for share in 0, 1 / 3, 2 / 3:
        found = step(case, *every(13, share))
        is_kept(found)
        if found["points"] <= 500 or found["lock_posts"] > 0:
            return
    raise AssertionError("no death took the token along")


def test_killed_at_each_instruction_beside_two_writers(case):
    found = step(case, "-c", *every(13))
    is_kept(found)
    for slot in 62, 63:
        assert found[f"rival-{slot}"] > found["points"], "a rival stood still"
        equal(found[f"missed-{slot}"], 0, "locks that a rival could not have")


def test_stopped_at_instructions_beside_two_writers(case):
    # More than two slices of waiting: others repair what they take for lost.
    found = step(case, "-c", "-p", 120, *every(61))
    for what in "stuck", "torn", "slow":
        equal(found[what], 0, what)
    for slot in 62, 63:
        equal(found[f"missed-{slot}"], 0, "locks that a rival could not have")


run(globals())
