"""The sandbox of each worker: entered, said, survived, and switched off."""

import os
import pathlib
import signal

from harness import Skip, equal, run, wait_until

SAID = "the workers' sandbox: "


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
    case.write_conf(sandbox="on")
    case.daemon.send_signal(signal.SIGHUP)
    wait_until("it says so", lambda: len(said(case)) == 2)
    if "test build" in said(case)[1]:
        raise Skip(said(case)[1])
    wait_until("they are in it", lambda: len(case.workers()) == 4 and all(
        state_of(pid)[0] == "1" for pid in case.workers().values()))
    equal(case.ctl("refresh", "--wait").returncode, 0, "and they fetch")


run(globals())
