"""The sandbox of each worker: entered, said, survived, and switched off."""

import ctypes
import errno
import mmap
import os
import pathlib
import signal
import struct
import subprocess

from board_reader import Board, Manual
from exposition import read
from harness import (SOURCE, Skip, clean_environment, contains, equal, run,
                     wait_until)

SAID = "the workers' sandbox: "
PARTS = {"landlock": "Landlock", "seccomp": "seccomp"}
MANUAL = Manual(SOURCE / "man/rates-board.5")
# landlock(7): the same numbers wherever it is.
CREATE_RULESET, RESTRICT_SELF = 444, 446


def state_of(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    state = dict(line.split(":\t", 1) for line in text.splitlines())
    return state["NoNewPrivs"], state["Seccomp"]


def said(case):
    return [line.split(SAID)[1] for line in case.log.read_text().splitlines()
            if SAID in line]


def start(case, **keys):
    case.start_stub()
    case.write_conf(**keys)
    case.start()
    if "test build" in said(case)[0]:
        raise Skip(said(case)[0])


def line_of(case):
    """What status says of it to people, or None."""
    return next((line.split(None, 1)[1] for line in
                 case.ctl("status").stdout.splitlines()
                 if line.startswith("sandbox ")), None)


def told(case):
    """The same to programs, which agree; and how many workers have a part."""
    status = case.status()
    for form, sign in (("keyvalue", "="), ("csv", ",")):
        text = case.ctl("status", "--format", form).stdout
        for part in PARTS:
            contains(text, f"sandbox.{part}{sign}"
                     f"{status['sandbox'][part] or ''}\n")
    metric = read(case.ctl("metrics").stdout, case.instance)[
        "ratesd_sandboxed_workers"]
    for part in PARTS:
        equal(metric.get(part=part), sum(
            part in worker["sandbox"] for worker in status["workers"]), part)
    return status["sandbox"], [w["sandbox"] for w in status["workers"]]


def shown(case, line, landlock, seccomp, each):
    equal(line_of(case), line)
    equal(told(case), ({"landlock": landlock, "seccomp": seccomp},
                       [each] * 4))


def need_both(case):
    for name in PARTS.values():
        if name not in said(case)[0]:
            raise Skip(f"no {name} here")


def deny(number, error):
    """Done in a child: this call fails, as in a container that forbids it."""
    libc = ctypes.CDLL(None, use_errno=True)
    load, equals, give = 0x20, 0x15, 0x06
    lines = ((load, 0, 0, 0), (equals, 0, 1, number),
             (give, 0, 0, 0x00050000 | error), (give, 0, 0, 0x7fff0000))
    code = ctypes.create_string_buffer(b"".join(
        struct.pack("=HBBI", *line) for line in lines))
    program = struct.pack("HxxxxxxP", len(lines), ctypes.addressof(code))
    no_new_privs, set_seccomp, filtered = 38, 22, 2
    if libc.prctl(no_new_privs, 1, 0, 0, 0) or \
            libc.prctl(set_seccomp, filtered, program):
        os._exit(99)


def start_without(case, number, error):
    case.start_stub()
    case.write_conf()
    with case.log.open("a") as log:
        case.daemon = subprocess.Popen(
            case.arguments("-f"), stderr=log, env=clean_environment(),
            preexec_fn=lambda: deny(number, error))
    case.started.append(case.daemon)
    wait_until("it feeds the board", case.feeds)
    wait_until("its workers work", lambda: len(case.workers()) == 4)
    if "test build" in said(case)[0] or "seccomp" not in said(case)[0]:
        raise Skip(said(case)[0])


def stamp(case, slot, part, value):
    """Writes a word of a slot, which is the worker's to write."""
    board = Board(case.instance, MANUAL)
    offset, _ = MANUAL.fields("Slots")[part]
    with case.board_file().open("r+b") as file, \
            mmap.mmap(file.fileno(), 0) as words:
        at = board.parts["slots_at"] + MANUAL.constants()["slot_size"] * \
            slot + offset
        words[at:at + 8] = struct.pack("=Q", value)


def test_status_says_what_the_workers_have(case):
    start(case)
    need_both(case)
    shown(case, "Landlock, seccomp", "on", "on", list(PARTS))
    case.stop(signal.SIGKILL)
    wait_until("nobody feeds it", lambda: case.ctl("status").returncode == 3)
    shown(case, None, None, None, [])


def test_status_says_that_this_build_has_none(case):
    case.start_stub()
    case.write_conf()
    case.program = "ratesd-fault"
    case.start()
    equal(said(case), ["none in this test build"])
    shown(case, "none (no Landlock in this build, no seccomp in this build)",
          "not built", "not built", [])


def test_status_says_that_the_kernel_has_not_all(case):
    start_without(case, CREATE_RULESET, errno.ENOSYS)
    equal(said(case), ["seccomp"])
    shown(case, "seccomp (no Landlock here)", "absent", "on", ["seccomp"])
    equal(case.logged("less of a sandbox"), False, "a warning")


def test_one_part_that_fails_is_no_reason_to_lack_the_other(case):
    start_without(case, RESTRICT_SELF, errno.EPERM)
    need_both(case)
    shown(case, "seccomp (Landlock failed)", "failed", "on", ["seccomp"])
    for number in range(4):
        assert case.logged(f"worker {number}: it works with less of a "
                           "sandbox: Landlock: Operation not permitted")
    for pid in case.workers().values():
        equal(state_of(pid)[1], "2", f"seccomp of worker {pid}")


def test_workers_that_differ_are_shown_as_such(case):
    start(case)
    need_both(case)
    absent = next(value for value, name in MANUAL.names(
        "Sandbox states").items() if name == "absent")
    stamp(case, 2, "landlock", absent)
    equal(line_of(case), "seccomp (Landlock in 3 of the workers)")
    sandbox, each = told(case)
    equal(sandbox, {"landlock": "in part", "seccomp": "on"})
    equal(each[2], ["seccomp"])
    # What no daemon would write is none that is known.
    for value in (0, 6, 8, 2**64 - 1):
        stamp(case, 2, "landlock", value)
        equal(line_of(case), "Landlock, seccomp")
        equal(told(case)[1][2], ["seccomp"])


def test_every_worker_is_in_it_and_the_supervisor_is_not(case):
    start(case)
    before = state_of(os.getpid())
    equal(state_of(case.daemon.pid), before, "the supervisor's")
    wanted = ("1", "2" if "seccomp" in said(case)[0] else before[1])
    victim = next(iter(case.workers().values()))
    os.kill(victim, signal.SIGKILL)
    wait_until("it is replaced", lambda: len(case.workers()) == 4
               and victim not in case.workers().values())
    for pid in case.workers().values():
        equal(state_of(pid), wanted, f"worker {pid}")


def test_a_worker_that_it_ends_is_named_and_replaced(case):
    start(case)
    victim = case.workers()[0]
    os.kill(victim, signal.SIGSYS)
    wait_until("it is replaced", lambda: len(case.workers()) == 4
               and victim not in case.workers().values())
    equal(case.status()["workers"][0]["last_exit"], f"signal {signal.SIGSYS:d}")
    wait_until("the log has it", lambda: any(
        str(victim) in line and f"signal {signal.SIGSYS:d}" in line
        for line in case.log.read_text().splitlines()))


def test_it_is_switched_off_and_on_by_a_reload(case):
    start(case, sandbox="off")
    before = state_of(os.getpid())
    for pid in case.workers().values():
        equal(state_of(pid), before, f"worker {pid}")
    equal(said(case), ["off (sandbox in the configuration)"])
    shown(case, "off", "off", "off", [])
    case.write_conf(sandbox="on")
    case.daemon.send_signal(signal.SIGHUP)
    wait_until("it says so", lambda: len(said(case)) == 2)
    if "test build" in said(case)[1]:
        raise Skip(said(case)[1])
    wait_until("they are in it", lambda: len(case.workers()) == 4 and all(
        state_of(pid)[0] == "1" for pid in case.workers().values()))
    if all(name in said(case)[1] for name in PARTS.values()):
        shown(case, "Landlock, seccomp", "on", "on", list(PARTS))
    equal(case.ctl("refresh", "--wait").returncode, 0, "and they fetch")


run(globals())
