"""What an operator does: configure, start, reload, stop, and get wrong."""

import ctypes
import fcntl
import os
import pathlib
import re
import signal
import subprocess
import time

from harness import (BOOK, alive, children, contains, equal, run, wait_until)
from surroundings import blocks


def test_config_errors_are_all_named_with_status_78(case):
    case.conf.write_text(
        'currencies = {"EUR", "eur", "USD", "EUR"}\n'
        'wokers = 3\n'
        'refresh = "60 parsecs"\n'
        'source "a" { url = "http://[::{base}" }\n'
        'source "b" { url = "ftp://x/{base}" }\n'
        'sources = {}\n')
    for options in (["-t"], ["-f"]):
        got = case.run(*options)
        equal(got.returncode, 78, "exit status")
        for line, part in ((1, "eur"), (1, "EUR"), (2, "wokers"),
                           (3, "60 parsecs"), (4, "http://[::{base}"), (5, "ftp"),
                           (6, "sources")):
            assert any(f"{case.conf}:{line}: " in text and part in text
                       for text in got.stderr.splitlines()), \
                f"line {line} ({part}) is not in\n{got.stderr}"
    assert not case.board_file().exists(), "something was started"


SHIPPED = pathlib.Path(os.environ["srcdir"]) / "etc/sources"


def test_example_configuration_is_good(case):
    case.conf.write_text(
        (SHIPPED.parent / "ratesd.conf").read_text())
    got = case.run("-t", "--source-dir", SHIPPED)
    equal((got.returncode, got.stdout, got.stderr), (0, "", ""))


def test_presets_are_listed_and_printed(case):
    got = case.run("--source-dir", SHIPPED, "--sources")
    equal((got.returncode, got.stderr), (0, ""))
    lines = got.stdout.splitlines()
    equal(lines[0].split(), ["NAME", "BASE", "KEY", "TERMS"])
    table = {line.split()[0]: line.split()[1:3] for line in lines[1:]}
    for path in SHIPPED.glob("*.conf"):
        assert path.stem in table, f"{path.stem} is not in\n{got.stdout}"
    equal(table["ecb"], ["EUR", "no"])
    equal(table["fixer"], ["EUR", "yes"])
    equal(table["vatcomply"], ["any", "no"])
    # Another way to the same; installed, the two find each other.
    program = case.directory / "ratesd"
    program.write_text(f'#!/bin/sh\nexec {case.arguments()[0]} '
                       f'--source-dir {SHIPPED} "$@"\n')
    program.chmod(0o755)
    same = case.ctl("sources", "--presets", RATESD_PROGRAM=str(program))
    equal((same.returncode, same.stdout), (0, got.stdout))
    gone = case.ctl("sources", "--presets", RATESD_PROGRAM="/nonexistent")
    equal(gone.returncode, 1)
    contains(gone.stderr, "can't run /nonexistent")
    for name in table:
        got = case.run("--source-dir", SHIPPED, "--sources", name)
        equal((got.returncode, got.stderr), (0, ""))
        # It stands on its own: no preset is there when it is read again.
        case.conf.write_text('currencies = {"EUR"}\nsources = {"a"}\n'
                             'source "a" { url = "http://a/{base}" }\n'
                             + got.stdout)
        got = case.run("-t")
        equal((got.returncode, got.stderr), (0, ""), name)
    got = case.run("--source-dir", SHIPPED, "--sources", "fixr")
    equal((got.returncode, got.stdout), (1, ""))
    equal(got.stderr, "ratesd: there is no preset 'fixr' (did you mean "
          "'fixer'?)\n")


def test_a_broken_preset_is_named_with_its_line(case):
    (case.directory / "bad.conf").write_text('url = "http://a/{base}"\nburst = 0\n')
    where = f"{case.directory / 'bad.conf'}:2: burst: "
    got = case.run("--source-dir", case.directory, "--sources", "bad")
    equal((got.returncode, got.stdout), (1, ""))
    contains(got.stderr, where)
    got = case.run("--source-dir", case.directory, "--sources")
    equal(got.returncode, 1)
    contains(got.stderr, where)
    case.conf.write_text('currencies = {"EUR"}\nsources = {"bad"}\n')
    got = case.run("--source-dir", case.directory, "-t")
    equal(got.returncode, 78)
    contains(got.stderr, where)


def test_a_key_is_read_from_its_file_and_never_told(case):
    secret = case.directory / "secret"
    case.conf.write_text('currencies = {"EUR"}\nsources = {"fixer"}\n')
    got = case.run("-t", "--source-dir", SHIPPED)
    equal(got.returncode, 78)
    contains(got.stderr, f"{case.conf}:2: source 'fixer': credential: ")
    secret.mkdir()
    (secret / "fixer").write_text("S3CRET\n")
    got = case.run("-t", "--source-dir", SHIPPED, CREDENTIALS_DIRECTORY=str(secret))
    equal((got.returncode, got.stdout, got.stderr), (0, "", ""))
    case.conf.write_text('currencies = {"EUR"}\nsources = {"fixer"}\n'
                         f'source "fixer" {{ credential = "{secret}/fixer" }}\n')
    (secret / "fixer").chmod(0o644)
    got = case.run("-t", "--source-dir", SHIPPED)
    equal(got.returncode, 78)
    contains(got.stderr, f"{secret}/fixer: everybody may read it")
    (secret / "fixer").write_text("S3CRET S3CRET\n")
    (secret / "fixer").chmod(0o600)
    got = case.run("-t", "--source-dir", SHIPPED)
    equal(got.returncode, 78)
    assert "S3CRET" not in got.stderr, got.stderr


def test_wrong_command_lines(case):
    for options in (["-t", "--purge"], ["-x"], ["--nonsense"], ["-i", "no/name"], ["extra"],
                    ["--log-level", "loud"], ["-c"], ["--sources", "a", "b"],
                    ["--sources", "-t"], ["--source-dir"], ["--source-dir", ""]):
        got = case.run(*options)
        equal(got.returncode, 2, str(options))
        equal(len(got.stderr.splitlines()), 1, got.stderr)
    equal(case.run("--help").returncode, 0)
    equal(case.run("--version").returncode, 0)


def test_reload_without_a_gap(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    before = case.rows()
    case.write_conf(BOOK[:3] + ["GBP", "JPY"], refresh="1h", workers=2)
    case.daemon.send_signal(signal.SIGHUP)

    def both():
        equal(case.ctl("get", "EUR", "USD").stdout, "1.1684\n", "a gap")
        return case.status()["rows"]["fresh"] == 5 and "GBP" in case.rows()

    wait_until("the new currencies are there", both, pause=0)
    after = case.rows()
    equal(list(after), BOOK[:3] + ["GBP", "JPY"])
    assert after["EUR"]["version"] >= before["EUR"]["version"]
    assert after["EUR"]["rates"]["GBP"] is not None or wait_until(
        "EUR is fetched with them", lambda: case.rows()["EUR"]["rates"]["GBP"])
    wait_until("two workers", lambda: len(case.workers()) == 2)
    equal(len(children(case.daemon.pid)), 2)


def test_reload_of_a_bad_config_keeps_the_old(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    # One that has nothing to do may be later than the first rows.
    wait_until("four workers", lambda: len(case.workers()) == 4)
    workers = case.workers()
    with case.conf.open("a") as conf:
        conf.write('refresh = "soon"\n')
    case.daemon.send_signal(signal.SIGHUP)
    wait_until("the error is logged",
               lambda: case.logged("the old configuration stays"))
    line = len(case.conf.read_text().splitlines())
    assert case.logged(f"{case.conf}:{line}: "), "the log names the line"
    equal(case.workers(), workers, "workers")


def test_a_storm_of_reloads_with_a_stopped_worker_ends(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    pid = case.workers()[0]
    os.kill(pid, signal.SIGSTOP)
    for _ in range(9):
        case.daemon.send_signal(signal.SIGHUP)
        time.sleep(1)
    assert not alive(pid), "it was given more time by each reload"
    wait_until("all workers are back", lambda: len(case.workers()) == 4)


def test_reload_of_intervals_keeps_the_board(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    version = case.rows()["EUR"]["version"]
    case.write_conf(refresh="200ms")
    case.daemon.send_signal(signal.SIGHUP)
    wait_until("rows are refreshed often",
               lambda: case.rows()["EUR"]["version"] > version + 3)
    equal(case.status()["supervisor"]["generation"], 1)


def test_a_new_board_does_not_make_the_supervisor_younger(case):
    def seen():
        status = case.ctl("status").stdout
        metrics = case.ctl("metrics").stdout
        return (case.status()["supervisor"]["since"],
                re.search(r"since (\S+)", status)[1],
                re.search("^ratesd_start_timestamp_seconds.*", metrics,
                          re.MULTILINE)[0])

    def older():
        # A second is the least that a wrong one would be off by.
        time.sleep(1.1)
        return case.status()["supervisor"]["generation"]

    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    wait_until("it is ready", lambda: case.logged("ready: "))
    before, generation = seen(), older()
    case.write_conf([*BOOK, "GBP"], refresh="1h")
    case.daemon.send_signal(signal.SIGHUP)
    wait_until("it has another board",
               lambda: case.status()["supervisor"]["generation"] > generation)
    equal(seen(), before, "after a reload")
    generation = older()
    case.board_file().unlink()
    wait_until("the board is made anew", case.board_file().exists)
    wait_until("it is another one",
               lambda: case.status()["supervisor"]["generation"] > generation)
    equal(seen(), before, "after its board was removed")
    older()
    case.stop()
    case.start()
    assert seen()[0] > before[0], f"{seen()} after a start, {before} before"


def test_stop_during_a_hanging_transfer(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    case.stub.control("hold=1")
    case.ctl("refresh", "EUR")
    wait_until("it hangs", lambda: case.stub.json("/stats")["held"] == 1)
    workers = list(case.workers().values())
    began = time.monotonic()
    equal(case.stop(), 0, "exit status")
    assert time.monotonic() - began < 10, "not within 10 s"
    assert not any(alive(pid) for pid in workers)
    equal(case.ctl("get", "EUR", "USD").stdout, "1.1684\n")


def cut_short(case):
    """EUR's request held by the stub; its version before."""
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    version = case.rows()["EUR"]["version"]
    case.stub.control("hold=1")
    case.ctl("refresh", "EUR")
    wait_until("it hangs", lambda: case.stub.json("/stats")["held"] == 1)
    return version


def test_a_job_cut_short_by_a_reload_is_done(case):
    version = cut_short(case)
    case.daemon.send_signal(signal.SIGHUP)
    wait_until("it is asked for again",
               lambda: case.stub.json("/stats")["total"] == 7)
    case.stub.control("hold=0")
    wait_until("it is done", lambda: case.rows()["EUR"]["version"] > version)


def test_a_job_cut_short_by_a_stop_is_done_by_the_next_start(case):
    version = cut_short(case)
    case.stop()
    case.stub.control("hold=0")
    case.start()
    wait_until("it is done", lambda: case.rows()["EUR"]["version"] > version)


def test_a_job_cut_short_by_a_crash_is_done_by_the_next_start(case):
    version = cut_short(case)
    case.stop(signal.SIGKILL)
    case.stub.control("hold=0")
    case.start()
    wait_until("it is done", lambda: case.rows()["EUR"]["version"] > version)


def test_reload_asked_for_before_the_daemon_listens(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    (case.directory / "run").mkdir()
    lock = case.directory / "run" / f"{case.instance}.pid"
    lock.write_text("1999999999")
    with lock.open() as held:  # it waits for it, two seconds at most
        fcntl.flock(held, fcntl.LOCK_EX)
        case.start(wait=False)
        wait_until("it holds the signal", lambda: blocks(
            case.daemon.pid, signal.SIGHUP))
        case.daemon.send_signal(signal.SIGHUP)
    wait_until("the daemon feeds the board", lambda: case.board_file().exists()
               and case.feeds())
    wait_until("and has reloaded", lambda: case.logged("reloading"))


def test_nobody_else_can_lock_the_pid_file(case):
    """Whoever could would keep the next supervisor from starting."""
    case.start_stub()
    case.write_conf(refresh="1h")
    (case.directory / "run").mkdir()
    lock = case.directory / "run" / f"{case.instance}.pid"
    lock.touch(0o644)  # of a version that made it so
    case.start()
    equal(lock.stat().st_mode & 0o777, 0o600)


def test_stop_while_a_worker_is_stopped(case):
    case.start_stub()
    case.write_conf()
    case.start()
    os.kill(case.workers()[0], signal.SIGSTOP)
    began = time.monotonic()
    equal(case.stop(), 0, "exit status")
    assert time.monotonic() - began < 10, "not within 10 s"


def test_process_titles(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()

    def title(pid):
        # libbsd may leave a blank behind a title as long as the old one.
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() \
            .partition(b"\0")[0].decode().rstrip()

    equal(title(case.daemon.pid), f"ratesd: supervisor [{case.instance}]")
    wait_until("idle workers name no job", lambda: all(
        title(pid) == f"ratesd: worker {slot} [{case.instance}]"
        for slot, pid in case.workers().items()))
    case.stub.control("hold=1")
    case.ctl("refresh", "EUR")
    wait_until("a worker names its job", lambda: any(
        title(pid) == f"ratesd: worker {slot} [{case.instance}] EUR"
        for slot, pid in case.workers().items()))


def test_replaces_workers_whoever_ignored_sigchld_before(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        case.start(wait=False)
    finally:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    wait_until("four workers", lambda: case.board_file().exists()
               and len(case.workers()) == 4)
    os.kill(case.workers()[0], signal.SIGKILL)
    wait_until("it is replaced", lambda: case.counter("restarts") == 1
               and len(case.workers()) == 4)
    equal(case.stop(), 0)


def test_a_config_that_is_a_fifo_stops_nobody(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    case.conf.unlink()
    os.mkfifo(case.conf)
    case.daemon.send_signal(signal.SIGHUP)
    wait_until("it is refused", lambda: case.logged("not a regular file"))
    equal(case.status()["running"], True)


def test_becomes_a_daemon(case):
    case.start_stub()
    case.write_conf()
    started = case.run()
    equal(started.returncode, 0, started.stderr)
    pid = case.status()["supervisor"]["pid"]
    try:
        pid_file = case.directory / "run" / f"{case.instance}.pid"
        equal(pid_file.read_text(), str(pid))
        assert os.getsid(pid) != os.getsid(0), "it kept our session"
        equal(case.ctl("wait", "--timeout", "20s").returncode, 0)
    finally:
        os.kill(pid, signal.SIGTERM)
        wait_until("it stops", lambda: not alive(pid))
    assert not pid_file.exists()


def test_becomes_a_daemon_with_its_standard_files_closed(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    program = " ".join(f"'{word}'" for word in case.arguments())
    subprocess.run(["sh", "-c", f"{program} <&- >&- 2>&-"], check=True,
                   timeout=20)
    pid = case.status()["supervisor"]["pid"]
    case.daemon = None
    wait_until("it is fed", lambda: case.status()["rows"]["fresh"] == 5)
    stat = pathlib.Path(f"/proc/{pid}/stat")
    began = sum(map(int, stat.read_text().rpartition(")")[2].split()[11:13]))
    time.sleep(1)
    ended = sum(map(int, stat.read_text().rpartition(")")[2].split()[11:13]))
    assert ended - began < os.sysconf("SC_CLK_TCK") / 2, "it spins"
    os.kill(pid, signal.SIGTERM)
    wait_until("it stops", lambda: not alive(pid))


def test_a_failed_start_is_told_to_its_starter(case):
    case.start_stub()
    case.write_conf()
    (case.directory / "run").write_text("not a directory")
    failed = case.run()
    equal(failed.returncode, 1)
    assert failed.stderr.startswith("ratesd"), failed.stderr
    (case.directory / "run").unlink()


def test_works_with_more_rows_than_the_queue_holds(case):
    case.start_stub("--synthetic", 100)
    case.write_conf(case.stub.json("/codes"), refresh="1h")
    case.start()
    equal(case.status()["rows"], {"total": 100, "fresh": 100, "closed": 0,
                                  "late": 0, "frozen": 0, "stale": 0,
                                  "empty": 0})
    equal(case.status()["queue"]["max"], 10)


def test_idle_daemon_sleeps(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    pids = [case.daemon.pid, *case.workers().values()]

    def wake_ups():
        return sum(
            int(line.split()[1]) for pid in pids
            for line in pathlib.Path(f"/proc/{pid}/status").read_text()
            .splitlines() if line.startswith("voluntary_ctxt"))

    def ticks():
        """Processor time: a loop that never sleeps makes no switch."""
        return sum(
            int(field) for pid in pids for field in
            pathlib.Path(f"/proc/{pid}/stat").read_text()
            .rpartition(")")[2].split()[11:13])

    time.sleep(1)
    before, began, since = wake_ups(), ticks(), time.monotonic()
    time.sleep(5)
    woken, took = wake_ups() - before, time.monotonic() - since
    assert woken <= 3 * took, f"{woken} in {took:.1f} s"
    assert ticks() - began <= os.sysconf("SC_CLK_TCK") / 2, \
        f"{ticks() - began} ticks in 5 s"


def test_purge_leaves_nothing(case):
    case.start_stub()
    case.write_conf()
    case.start()
    case.stop()
    equal(case.run("--purge").returncode, 0)
    assert not case.board_file().exists()
    equal(list((case.directory / "run").iterdir()), [])
    librt = ctypes.CDLL("librt.so.1", use_errno=True)
    equal(librt.mq_open(f"/ratesd.{case.instance}".encode(), os.O_WRONLY), -1)


run(globals())
