"""The saved board, and a board whose memory or name is lost."""

import os
import resource
import signal
import struct
import subprocess
import time

from harness import (BOOK, alive, children, contains, equal, run,
                     wait_until)
from words import Words


def saved_file(case):
    return case.directory / "state" / f"{case.instance}.board"


def reboot(case):
    """What a reboot leaves of a board."""
    case.board_file().unlink()


def filled(case, **keys):
    case.start_stub()
    case.write_conf(refresh="1h", **keys)
    case.start()
    return case.rows()


def dark_start(case):
    """A start whose source never answers: all it has is what was saved."""
    case.stub.control("fail=hang:100")
    case.start(wait=False)
    wait_until("the daemon feeds the board", case.feeds)


def test_board_is_served_at_once_after_a_reboot(case):
    before = filled(case)
    equal(case.stop(), 0)
    assert saved_file(case).exists(), "nothing was saved at the stop"
    equal(saved_file(case).stat().st_mode & 0o777, 0o644)
    time.sleep(2)
    reboot(case)
    dark_start(case)
    equal(case.rows(), before, "rows")
    ages = [row["fetched"] for row in before.values()]
    equal([row["fetched"] for row in case.rows().values()], ages, "ages")
    equal(case.ctl("get", "EUR", "USD", "--max-age", "1s").returncode, 5)
    equal(case.ctl("get", "EUR", "USD", "--max-age", "1h").returncode, 0)


def test_board_is_saved_while_it_runs_and_only_if_it_changed(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    path = saved_file(case)
    wait_until("it is saved within 30 s", path.exists, timeout=45, pause=0.2)
    first = path.stat()
    os.kill(case.daemon.pid, signal.SIGKILL)  # no save at the end
    case.daemon.wait()
    before = case.rows()
    reboot(case)
    dark_start(case)
    equal(case.rows(), before)
    equal(path.stat().st_ino, first.st_ino, "file")
    assert not path.with_name(path.name + ".new").exists(), "a piece is left"


def test_damaged_file_is_set_aside_and_never_trusted(case):
    filled(case)
    case.stop()
    path = saved_file(case)
    whole = path.read_bytes()
    aside = path.with_name(path.name + ".damaged")
    flipped = bytearray(whole)
    flipped[len(flipped) // 2] ^= 1
    longer, magic = whole + bytes(8), bytearray(whole)
    magic[0] ^= 1
    case.stub.control("fail=hang:100")
    for damage, why in ((bytes(flipped), "its checksum is wrong"),
                        (whole[:-8], "its size is wrong"),
                        (whole[:40], "it is too short"),
                        (longer, "its size is wrong"),
                        (bytes(magic), "it is no saved board"),
                        (b"", "it is too short"),
                        (b"hello\n" * 100, "it is no saved board")):
        reboot(case)
        path.write_bytes(damage)
        case.log.write_text("")
        case.start(wait=False)
        wait_until("the daemon feeds the board", case.feeds)
        contains(case.log.read_text(),
                 f"{path}: {why}: set aside as {aside}")
        equal(case.status()["rows"]["empty"], 5, why)
        equal(aside.read_bytes(), damage, why)
        aside.unlink()
        case.stop()
        assert not path.exists(), "an empty board was saved"


def test_state_directory_that_is_full_or_read_only(case):
    case.program = "ratesd-fault"
    filled(case)
    case.stop()
    path = saved_file(case)
    good = path.read_bytes()
    for point, text in (("save.open", "open"), ("save.write", "write"),
                        ("save.sync", "sync"), ("save.rename", "rename")):
        case.log.write_text("")
        case.start(RATESD_FAULT=f"{point}:1:errno=ENOSPC")
        case.ctl("refresh", "EUR", "--wait", "--timeout", "10s")
        equal(case.stop(), 0, "the daemon goes on, and stops well")
        contains(case.log.read_text(), f"the board is not saved: {path}: "
                 f"{text}: No space left on device; an earlier one stays")
        equal(path.read_bytes(), good, "the old saved board")
        assert not path.with_name(path.name + ".new").exists(), "a piece"
    case.start()
    case.stop()
    assert path.read_bytes() != good, "it was not saved again"


def test_killed_at_each_step_of_a_save(case):
    """The old file or the new one, whole, whenever the save dies."""
    case.program = "ratesd-fault"
    filled(case)
    case.stop()
    for point in ("save.opened", "save.written", "save.renamed",
                  "save.fork"):
        case.start(RATESD_FAULT=f"{point}:1:kill")
        before = case.rows()
        case.ctl("refresh", "--wait", "--timeout", "10s")
        case.stop()
        reboot(case)
        dark_start(case)
        for base, row in case.rows().items():
            equal(row["rates"], before[base]["rates"], point)
            assert row["version"] >= before[base]["version"] - 1, point
        assert not case.logged("set aside"), point
        case.stub.control("fail=")
        case.stop()


def test_save_that_hangs_stops_nobody(case):
    case.program = "ratesd-fault"
    filled(case)
    case.stop()
    case.start(RATESD_FAULT="save.opened:1:sleep=600000")
    case.ctl("refresh", "EUR", "--wait", "--timeout", "10s")
    pids = children(case.daemon.pid)
    began = time.monotonic()
    equal(case.stop(), 0)
    assert time.monotonic() - began < 10, "the stop took too long"
    assert case.logged("the last save did not end in time")
    wait_until("nobody is left", lambda: not any(map(alive, pids)))


def test_saved_board_keeps_what_other_currencies_need(case):
    filled(case)
    case.stop()
    reboot(case)
    case.stub.control("fail=hang:100")
    case.write_conf(["USD", "EUR", "GBP"], refresh="1h")
    case.start(wait=False)
    wait_until("the daemon feeds the board", case.feeds)
    rows = case.rows()
    equal(rows["EUR"]["rates"]["USD"], 1.1684)
    equal(rows["EUR"]["rates"]["GBP"], None)
    equal(rows["GBP"]["state"], "empty")


WORD = (1 << 64) - 1


def age_file(path, hours):
    """As if it had been saved so long before, in an earlier boot."""
    words = list(struct.unpack(f"<{path.stat().st_size // 8}Q",
                               path.read_bytes()))
    words[6:11] = struct.unpack("<5Q", b"another".ljust(40, b"\0"))
    codes, fields = words[11] & 0xffffffff, words[11] >> 32
    offsets, size = {}, 0
    for field in range(fields):
        name = struct.pack("<3Q", *words[13 + 4 * field:16 + 4 * field])
        offsets[name.rstrip(b"\0").decode()] = size
        size += words[16 + 4 * field]
    for row in range(codes):
        at = 13 + 4 * fields + codes + row * (1 + size + codes) + 1
        for name in ("fetched_wall", "changed_wall", "attempt_wall"):
            words[at + offsets[name]] -= hours * 3600 * 10**9
    check = 0xcbf29ce484222325
    for number, word in enumerate(words):
        if number != 2:
            check = ((check ^ word) * 0x100000001b3) & WORD
            check ^= check >> 32
    words[2] = check
    path.write_bytes(struct.pack(f"<{len(words)}Q", *words))


def test_rows_from_before_the_boot_are_old_and_due(case):
    case.start_stub()
    case.write_conf(refresh="30d")
    case.start()
    equal(case.stop(), 0)
    hours = 1000  # no machine of tests is up for so long, nor refresh
    age_file(saved_file(case), hours)
    reboot(case)
    case.stub.control("hold=1")
    case.start(wait=False)
    wait_until("the daemon feeds the board", case.feeds)
    equal(case.status()["rows"]["stale"], 5, "rows that are stale")
    equal(case.ctl("get", "EUR", "USD", "--max-age",
                   f"{hours - 1}h").returncode, 5)
    equal(case.ctl("get", "EUR", "USD", "--max-age",
                   f"{hours + 1}h").returncode, 0)
    wait_until("all are asked for", lambda: case.stub.json("/stats")[
        "held"] == 5)


def test_rows_of_a_time_to_come_are_too_old_for_anything(case):
    """The clock ran ahead before the reboot, or runs late now."""
    case.start_stub()
    case.write_conf(refresh="30d")
    case.start()
    equal(case.stop(), 0)
    age_file(saved_file(case), -1000)
    reboot(case)
    case.stub.control("hold=1")
    case.start(wait=False)
    wait_until("the daemon feeds the board", case.feeds)
    equal(case.status()["rows"]["stale"], 5, "rows that are stale")
    equal(case.ctl("get", "EUR", "USD", "--max-age", "3650d").returncode, 5)
    wait_until("all are asked for", lambda: case.stub.json("/stats")[
        "held"] == 5)


def test_saved_numbers_are_better_than_a_failure(case):
    filled(case)
    case.stop()
    path = saved_file(case)
    path.rename(path.with_name("away"))  # a disk that comes late
    reboot(case)
    case.stub.control("fail=500:100")
    case.start(wait=False)
    wait_until("all have failed", lambda: case.board_file().exists() and all(
        row["error"] for row in case.rows().values()))
    case.stop()
    assert not path.exists(), "a board without a number was saved"
    path.with_name("away").rename(path)
    case.start(wait=False)
    wait_until("the daemon feeds the board", case.feeds)
    equal(case.ctl("get", "EUR", "USD").stdout, "1.1684\n")
    equal(case.status()["rows"]["empty"], 0)


def test_purge_removes_the_saved_board(case):
    filled(case)
    case.stop()
    saved_file(case).with_name(saved_file(case).name + ".damaged").touch()
    equal(case.run("--purge").returncode, 0)
    equal(list((case.directory / "state").iterdir()), [])


# --- the board's name and memory ---------------------------------------------

def test_board_unlinked_while_running_is_made_anew(case):
    before = filled(case)
    generation = case.status()["supervisor"]["generation"]
    case.board_file().unlink()
    wait_until("the board is back", case.board_file().exists, timeout=10)
    equal(case.rows(), before, "rows")
    wait_until("the workers are back", lambda: len(case.workers()) == 4)
    equal(case.status()["supervisor"]["generation"], generation + 1)
    equal(case.status()["supervisor"]["pid"], case.daemon.pid)
    assert case.logged("the board is no longer under its name"), "no line"
    equal(case.counter("restarts"), 0)
    equal(case.ctl("refresh", "EUR", "--wait", "--timeout",
                   "10s").returncode, 0)


def test_reader_re_attaches_after_an_unlink(case):
    case.start_stub("--hold-base", "EUR")
    case.write_conf(refresh="1h")
    case.start(wait=False)
    wait_until("the others are fresh", lambda: case.board_file().exists()
               and case.status()["rows"]["fresh"] == 4)
    with subprocess.Popen(case.ctl_arguments("wait", "--timeout",
                                             "30s")) as reader:
        time.sleep(0.3)
        case.board_file().unlink()
        wait_until("the board is back", case.board_file().exists, timeout=10)
        case.stub.control("hold-base=")
        equal(reader.wait(timeout=30), 0, "wait")


def test_board_replaced_by_a_stranger_s_file_is_made_anew(case):
    before = filled(case)
    strange = case.board_file().with_name(f"{case.instance}.strange")
    strange.write_bytes(b"no board\n" * 100)
    strange.rename(case.board_file())
    wait_until("the board is back", lambda: case.ctl(
        "get", "EUR", "USD").returncode == 0, timeout=10)
    equal(case.rows(), before, "rows")


def test_board_truncated_under_the_supervisor(case):
    before = filled(case)
    case.stop()
    case.start()
    whole = case.board_file().stat().st_size
    generation = case.status()["supervisor"]["generation"]
    for sizes in ([0], [4096], [5000], [0, whole]):
        for size in sizes:
            os.truncate(case.board_file(), size)
        wait_until("the board is back", lambda: case.ctl(
            "get", "EUR", "USD").returncode == 0, timeout=15)
        wait_until("the rows are back", lambda: case.status()["rows"][
            "fresh"] == len(BOOK))
        equal(case.daemon.poll(), None, "the supervisor")
        generation += 1
        equal(case.status()["supervisor"]["generation"], generation)
        for base, row in case.rows().items():
            equal(row["rates"], before[base]["rates"], base)
        wait_until("the workers are back", lambda: len(case.workers()) == 4)


HEARTBEAT_AT = 200  # rates-board(5)


def refresh_cut_off(case, place):
    """All rows, asked for after the board has nothing from there on."""
    whole = case.board_file().stat().st_size
    case.daemon.send_signal(signal.SIGSTOP)  # who would see it
    os.truncate(case.board_file(), place)
    os.truncate(case.board_file(), whole)
    with case.board_file().open("r+b") as board:  # or soon nobody feeds it
        os.pwrite(board.fileno(), struct.pack(
            "=q", time.monotonic_ns() + 60 * 10**9), HEARTBEAT_AT)
    asked = case.ctl("refresh", "--wait", "--timeout", "20s")
    case.daemon.send_signal(signal.SIGCONT)
    return asked


def test_what_is_cut_off_comes_back_with_the_next_answer(case):
    """The same one as before: of numbers that are no longer there."""
    before = filled(case)
    for place in (Words(case).numbers_at("USD"), Words(case).rows_at):
        asked = refresh_cut_off(case, place)
        equal((asked.returncode, asked.stderr), (0, ""), "refresh")
        for base, row in case.rows().items():
            equal(row["rates"], before[base]["rates"], base)


def test_what_is_cut_off_is_not_taken_for_old_numbers(case):
    filled(case)
    case.stub.control("fail=500:100")
    equal(refresh_cut_off(case, Words(case).numbers_at("USD")).returncode, 1)
    rows = case.rows()
    equal(rows["EUR"]["state"], "fresh")
    for base in BOOK[1:]:
        equal((rows[base]["state"], rows[base]["fetched"]), ("empty", None),
              base)
        contains(rows[base]["error"], "status 500")


def test_a_new_board_that_fails_is_tried_again(case):
    case.program = "ratesd-fault"
    case.start_stub()
    case.write_conf(refresh="1h")
    # The first one had no board to replace; the second fails, the third not.
    case.start(RATESD_FAULT="board.rename:2:errno=EIO")
    before = case.rows()
    hidden = case.board_file().with_name(case.board_file().name + ".hidden")
    case.board_file().rename(hidden)
    wait_until("it failed", lambda: case.logged("Input/output error"))
    hidden.rename(case.board_file())
    wait_until("it is fed again", lambda: case.ctl(
        "status").returncode == 0, timeout=15)
    equal(case.rows(), before)
    equal(case.ctl("refresh", "EUR", "--wait", "--timeout",
                   "10s").returncode, 0)


def test_a_limit_of_file_sizes_ends_nobody(case):
    filled(case)
    resource.prlimit(case.daemon.pid, resource.RLIMIT_FSIZE, (8192, 8192))
    case.write_conf(case.stub.json("/codes"), refresh="1h")
    case.daemon.send_signal(signal.SIGHUP)
    wait_until("it is told", lambda: case.logged("File too large"))
    wait_until("the workers are back", lambda: len(case.workers()) == 4)
    equal(len(case.rows()), 5, "rows of the old board")


def test_a_name_that_another_object_took_costs_no_worker(case):
    filled(case)
    workers = case.workers()
    case.daemon.send_signal(signal.SIGSTOP)  # who would take the name
    case.board_file().unlink()
    case.board_file().mkdir()
    case.daemon.send_signal(signal.SIGCONT)
    try:
        wait_until("it is told", lambda: case.logged("is not ours"))
        time.sleep(5)
        for pid in workers.values():
            assert alive(pid), "a worker was stopped in vain"
    finally:
        case.board_file().rmdir()
    wait_until("the board is back", case.board_file().is_file, timeout=8)
    equal(case.ctl("get", "EUR", "USD").stdout, "1.1684\n")


def test_what_is_left_of_a_cut_board_is_not_saved(case):
    before = filled(case)
    case.stop()
    case.start()
    # A stop that takes its time, in which it looks at the rows.
    case.stub.control("hold-base=EUR")
    case.ctl("refresh", "EUR")
    wait_until("EUR is asked for",
               lambda: case.stub.json("/stats")["held"] == 1)
    os.truncate(case.board_file(), 4096)
    equal(case.stop(), 0)
    reboot(case)
    dark_start(case)
    equal({base: row["rates"] for base, row in case.rows().items()},
          {base: row["rates"] for base, row in before.items()})


def test_supervisor_whose_name_another_feeds_gives_up(case):
    filled(case)
    first = case.daemon
    os.kill(first.pid, signal.SIGSTOP)
    other = case.directory / "other"
    # As from another PID namespace, where the first can't be seen.
    hidden = case.board_file().with_name(case.board_file().name + ".hidden")
    case.board_file().rename(hidden)
    arguments = case.arguments("-f")
    arguments[arguments.index("--runtime-dir") + 1] = other
    with case.log.open("a") as log:
        second = subprocess.Popen(arguments, stderr=log)
    case.started.append(second)
    wait_until("the second feeds the board", lambda: case.ctl(
        "status").returncode == 0)
    hidden.unlink()
    os.kill(first.pid, signal.SIGCONT)
    equal(first.wait(timeout=20), 1, "exit status")
    # The second has not yet; and the first's are older now.
    assert not saved_file(case).exists(), "it saved its board"
    assert case.logged("another supervisor feeds a board of this name")
    equal(case.status()["supervisor"]["pid"], second.pid)


run(globals())
