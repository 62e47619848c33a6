"""rates-board(5) against the code: its tables against the compiler's view of
layout.h, and a reader made of it alone against `ratesctl` on living boards."""

import calendar
import itertools
import json
import os
import pathlib
import re
import signal
import sys
import time

import board_reader
from board_reader import Board, Manual, Refused, size_of
from harness import BOOK, SOURCE, equal, run, wait_until
from layout_facts import Facts
from scripted import Publication, Server
from surroundings import WallClock

PAGE = SOURCE / "man/rates-board.5"
MANUAL = Manual(PAGE)
BOOT_ID = pathlib.Path("/proc/sys/kernel/random/boot_id")
DAY, EARLIER = "2026-04-13", "2026-04-10"

# Where in the manual a fact of the headers is.
CONSTANTS = {"magic": "BOARD_MAGIC", "layout_version": "BOARD_LAYOUT_VERSION",
             "byte_order": "BOARD_BYTE_ORDER", "layout_hash": "layout_hash",
             "align": "BOARD_ALIGN", "max_currencies": "BOARD_CURRENCIES_MAX",
             "max_slots": "BOARD_SLOTS_MAX",
             "max_sources": "BOARD_SOURCES_MAX", "row_meta": "ROW_META",
             "absent": "BOARD_ABSENT", "silence": "BOARD_SILENCE_MAX",
             "hash_start": "HASH_START"}
SIZES = {"header_size": "board_header", "source_size": "board_source",
         "slot_size": "board_slot", "lock_size": "board_lock",
         "row_head": "board_row"}
FIELDS = {"Header": "board_header", "Slots": "board_slot",
          "Sources": "board_source", "Locks": "board_lock"}
NAMES = {"Board states": "BOARD_STATES", "Slot states": "SLOT_STATES",
         "Sandbox states": "SANDBOX_STATES",
         "Classes of attempts": "ATTEMPT_CLASSES"}


# --- the tables --------------------------------------------------------------

def differences(title, told, wanted, form):
    """Lines that say what the manual's table lacks, or has wrong.

    Both are name -> value; form(value) is how the table has it.
    """
    for name, value in wanted.items():
        if name not in told:
            yield f"{title}: lacks {name} ({form(value)})"
        elif told[name] != value:
            yield f"{title}: {name} is ({form(told[name])}), and in the " \
                f"code ({form(value)})"
    for name, value in told.items():
        if name not in wanted:
            yield f"{title}: has {name} ({form(value)}), which the code lacks"
    order = [name for name in told if name in wanted]
    if order != [name for name in wanted if name in told]:
        yield f"{title}: another order than the code"


def laid_out(place, unit):
    return lambda value: f"{place} {value[0]}, {value[1]} {unit}"


def field_differences(facts):
    for title, struct in FIELDS.items():
        told = {name: (offset, size_of(kind)) for name, (offset, kind)
                in MANUAL.fields(title).items()}
        wanted = {name: value for name, value in facts.fields[struct].items()
                  if name != "pad"}
        yield from differences(
            title, told, wanted, laid_out("offset", "bytes"))
    title = "Words of a row"
    told = {name: (word, size_of(kind) // 8) for name, (word, kind)
            in MANUAL.fields(title).items()}
    yield from differences(title, told, facts.row, laid_out("word", "words"))


def name_differences(facts):
    for title, macro in NAMES.items():
        yield from differences(
            title, MANUAL.names(title),
            {value: text for value, _, text in facts.enums[macro]}, str)
    yield from differences(
        "Counters", {name: number for number, name
                     in MANUAL.names("Counters", "Number").items()},
        facts.counters, str)


def constant_differences(facts):
    constants = MANUAL.constants()
    wanted = {name: facts.constants[ours] for name, ours in CONSTANTS.items()}
    wanted |= {name: facts.structs[ours] for name, ours in SIZES.items()}
    wanted["hash_prime"] = constants["hash_prime"]  # by checksums, below
    wanted = {name: wanted[name] for name in
              [*(n for n in constants if n in wanted),
               *(n for n in wanted if n not in constants)]}
    yield from differences(
        "Constants", constants, wanted,
        lambda value: hex(value) if value > 10**12 else str(value))


def shape_differences(facts):
    """Who reads a part's offset wrong: of boards of many dimensions."""
    for dimensions, wanted in facts.shapes.items():
        told = board_reader.parts(MANUAL, *dimensions)
        wanted = {"copy_size": 8 * wanted["copy_words"], **wanted}
        del wanted["copy_words"]
        told = {name: told[name] for name in wanted if name in told}
        yield from differences(f"Parts, of {dimensions}", told, wanted, str)


def test_tables_are_those_of_the_code(_):
    facts = Facts()
    found = list(itertools.chain(
        constant_differences(facts), field_differences(facts),
        name_differences(facts), shape_differences(facts)))
    assert not found, "man/rates-board.5 and src/board/layout.h differ:\n" + \
        "\n".join(found)


def test_the_text_names_the_version(_):
    text = " ".join(PAGE.read_text().split())
    named = re.search(r"describes layout version (\d+)\.", text)
    equal(int(named.group(1)), Facts().constants["BOARD_LAYOUT_VERSION"],
          "layout version")


# --- a reader made of it -----------------------------------------------------

def moment(ns):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ns // 10**9)) \
        if ns else None


def published(row):
    form = row["published_form"] if row["version"] else 0
    return {1: (moment(row["published"]) or "1970-01-01")[:10],
            2: moment(row["published"])}.get(form)


def error_of(row, classes):
    """The last attempt as `ratesctl` words it."""
    outcome = classes[row["attempt_class"]]
    if outcome in ("none", "ok"):
        return None
    what = row["attempt_text"] or str(row["attempt_http"] or "")
    text = outcome + (": " if what else "") + what + \
        ("," if row["attempt_text"] else "") + " from " + \
        row["attempt_source"]
    failures = row["failures"]
    return text + (f", {failures} failures" if failures > 1 else "")


def shown(board):
    """`ratesctl show --format json`."""
    classes = MANUAL.names("Classes of attempts")
    rows = []
    for place, base in enumerate(board.codes):
        equal(board.find(base), place, "index")
        row = board.row(place)
        assert row["sound"], f"checksum of {base}"
        filled = row["version"] != 0
        rows.append({
            "base": base, "state": board.freshness(row, time.time_ns()),
            "source": row["source"] if filled else None,
            "published": published(row),
            "fetched": moment(row["fetched_wall"]) if filled else None,
            "changed": moment(row["changed_wall"]) if filled else None,
            "version": row["version"], "error": error_of(row, classes),
            "rates": row["rates"]})
        equal(row["present"], sum(
            rate is not None for rate in row["rates"].values()), "present")
    return {"schema": 1, "instance": board.header("instance"),
            "currencies": board.codes, "rows": rows}


def last_exit(word):
    status = word - 1
    if word == 0:
        return None
    return f"exit {os.WEXITSTATUS(status)}" if os.WIFEXITED(status) else \
        f"signal {os.WTERMSIG(status)}"


PARTS = ("landlock", "seccomp")


def worker(board, number, locks, fed):
    slot = board.slot(number)
    sandbox = MANUAL.names("Sandbox states")
    states = MANUAL.names("Slot states")
    return {"slot": number, "pid": slot["pid"] or None if fed else None,
            "state": states[slot["state"]] if fed else "empty",
            "since": moment(slot["since_wall"]),
            "jobs": [base for base, lock in zip(board.codes, locks)
                     if lock["claim"] and lock["claim"] >> 48 == number],
            "done": slot["done"], "failed": slot["failed"],
            "restarts": slot["restarts"],
            "last_exit": last_exit(slot["last_exit"]),
            "sandbox": [part for part in PARTS if fed and slot["pid"]
                        and sandbox.get(slot[part]) == "on"]}


def sandbox_of(board, fed):
    names, told = MANUAL.names("Sandbox states"), {}
    slots = [board.slot(i) for i in range(board.header("slots"))]
    for part in PARTS:
        states = {names.get(slot[part], "unknown") for slot in slots
                  if fed and slot["pid"]} - {"unknown"}
        told[part] = "in part" if len(states) > 1 else \
            next(iter(states), None)
    return told


# Counters that it doesn't print.
UNTOLD = ("lock_posts", "lock_surplus")


def status_of(board):
    """`ratesctl status --format json`, as far as the board has it."""
    fed, now = board.fed(), time.time_ns()
    locks = [board.lock(i) for i in range(len(board.codes))]
    states = [board.freshness(board.row(i), now)
              for i in range(len(board.codes))]
    boot = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    rows = {"total": len(states)}
    for state in ("fresh", "closed", "late", "frozen", "stale", "empty"):
        rows[state] = states.count(state)
    return {"schema": 1, "instance": board.header("instance"), "running": fed,
            "supervisor": {
                "pid": board.header("supervisor") if fed else None,
                "since": moment(board.header("since_wall")) if fed else None,
                "generation": board.header("generation")},
            "workers": [worker(board, i, locks, fed)
                        for i in range(board.header("slots"))
                        if board.slot(i)["incarnation"] != 0],
            "sandbox": sandbox_of(board, fed),
            "rows": rows,
            "counters": {name: value
                         for name, value in board.counters().items()
                         if name not in UNTOLD},
            "set_aside": [{"base": base}
                          for base, lock in zip(board.codes, locks)
                          if lock["aside"] > boot]}


def source_state(source):
    """State, and boot time until which it is so."""
    now = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    hour, utc = 3600 * 10**9, time.gmtime()
    used = source["used"] if source["month"] >= \
        utc.tm_year * 12 + utc.tm_mon else 0
    if source["quota"] and used >= source["quota"]:
        return "quota used up", used
    if 0 < source["not_before"] - now <= 2 * hour:
        return "throttled", used
    if 0 < source["closed_till"] - now <= 6 * hour:
        return "left alone", used
    return "ok", used


def sources_of(board):
    """`ratesctl sources --format json`, but for times to come."""
    classes = MANUAL.names("Classes of attempts")
    told = []
    for number in range(board.header("sources")):
        source = board.source(number)
        state, used = source_state(source)
        bad = source["bad_wall"] != 0
        told.append({
            "name": source["name"], "state": state,
            "last_good": moment(source["good_wall"]),
            "last_failure": moment(source["bad_wall"]),
            "failure_class": classes[source["bad_class"]] if bad else None,
            "failure_http": source["bad_http"] or None,
            "failures_in_row": source["streak"],
            "requests": source["requests"], "failures": source["failures"],
            "base": source["base"] or None,
            "interval": source["interval"] / 1e9 or None,
            "burst": source["burst"] if source["interval"] else None,
            "quota": source["quota"] or None,
            "quota_used": used if source["quota"] else None,
            "publishes": source["publishes"] or None,
            "terms": source["terms"] or None})
    return told


def told_sources(case):
    told = case.ctl("sources", "--format", "json")
    equal(told.returncode, 0, told.stderr)
    return json.loads(told.stdout)["sources"]


def apart(ours, theirs, path=""):
    """Where the two differ; what only `ratesctl` says is not asked for."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key, value in ours.items():
            yield from apart(value, theirs.get(key, "nothing"),
                             f"{path}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and \
            len(ours) == len(theirs):
        for number, pair in enumerate(zip(ours, theirs)):
            yield from apart(*pair, f"{path}[{number}]")
    elif ours != theirs:
        yield f"{path}: {ours!r}, and ratesctl has {theirs!r}"


def agree(case, board=None):
    """All that the reader reads is what `ratesctl` says, of a still moment."""
    board = board or Board(case.instance, MANUAL)
    for name, ours, theirs in [
            ("show", shown, case.show), ("status", status_of, case.status),
            ("sources", sources_of, lambda: told_sources(case))]:
        for _ in range(50):
            found = list(apart(ours(board), theirs(), name))
            if not found:
                break
            time.sleep(0.1)
        assert not found, "the manual's reader reads\n" + "\n".join(found)
    return board


def test_a_board_reads_the_same(case):
    case.start_stub("--date", EARLIER)
    codes = case.stub.json("/codes")
    case.write_conf(codes, refresh="1h")
    case.start()
    board = agree(case)
    equal(board.state(), "ready")
    equal(board.header("boot_id"), BOOT_ID.read_text().strip(), "boot id")
    for code in ("XXX", "EURO", "E", ""):
        equal(board.find(code), None, code)
    changes, place = board.header("changes"), board.find("PLN")
    sequence = board.sequence(place)
    case.stub.control(f"date={DAY}")
    equal(case.ctl("refresh", "--wait", "PLN").returncode, 0)
    assert board.header("changes") != changes
    equal(board.sequence(place), sequence + 1, "sequence")
    agree(case, board)


def test_failures_and_dead_workers_read_the_same(case):
    case.start_stub("--date", DAY, "--base-fail", "PLN:500",
                    "--base-fail", "NOK:garbage")
    case.write_conf(refresh="1h", source='terms = "none at all" '
                    'quota = 1000 rate-limit = "50/s" burst = 9')
    case.start(wait=False)
    wait_until("each row has had an attempt", lambda: case.feeds() and all(
        row["version"] or row["error"] for row in case.rows().values()))
    board = agree(case)
    equal(board.row(board.find("CZK"))["rates"]["USD"] is None, False)
    victim = next(iter(case.workers().values()))
    os.kill(victim, signal.SIGKILL)
    wait_until("its replacement", lambda: case.counter("restarts") == 1
               and victim not in case.workers().values()
               and len(case.workers()) == 4)
    agree(case, board)
    row = board.row(board.find("PLN"))
    equal((row["refused_source"], row["refused_http"]), ("stub", 500))
    case.ctl("refresh", "--wait", "PLN")
    agree(case, board)


def test_held_answers_read_the_same(case):
    publication = Publication("2024-04-15")
    with Server(BOOK, default=publication) as server:
        case.stub = server
        case.write_conf(refresh="1h")
        case.start()
        publication.day = "2024-04-16"
        publication.jumps = {("EUR", "USD"): 82}
        equal(case.ctl("refresh", "EUR", "--wait").returncode, 1, "it jumps")
    board = agree(case)
    told = json.loads(case.ctl(
        "explain", "EUR", "USD", "--format", "json").stdout)
    place = board.find("EUR")
    row = board.row(place)
    numbers = board.held(place, row["held_check"])
    equal({"since": moment(row["held_wall"]), "source": row["held_source"],
           "published": moment(row["held_published"])[:10],
           "rate": numbers["USD"], "text": row["held_text"]},
          {name: told["held"][name] for name in (
              "since", "source", "published", "rate", "text")}, "held")
    equal(board.held(place, row["held_check"] ^ 1), None, "damaged")


def instant(text):
    """ns of an RFC 3339 time."""
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")) * 10**9


def sweep(case, board, clock, start):
    """Which states the row has from a day before start to six days after, as
    `ratesctl` says and the manual."""
    states = set()
    row = board.row(board.find("EUR"))
    for hour in range(-24, 144, 3):
        clock.jump(int(start + 3600 * hour - time.time()))
        told = json.loads(case.ctl(
            "show", "EUR", "--format", "json", **clock.environment).stdout)
        state = told["rows"][0]["state"]
        equal(board.freshness(row, instant(told["read"])), state,
              f"state at {told['read']}")
        states.add(state)
    return states


def test_calendars_read_the_same(case):
    daemons, readers = WallClock(case), WallClock(case, "readers")
    seen = set()
    publication = Publication("2024-04-11")
    with Server(BOOK, default=publication) as server:
        case.stub = server
        case.write_conf(refresh="1h", source='publishes = '
                        '"16:00 Europe/Berlin mon-fri target"')
        daemons.jump(int(calendar.timegm((2024, 4, 11, 15, 0, 0)) -
                         time.time()))
        case.start(**daemons.environment)
        board = Board(case.instance, MANUAL)
        # The same numbers under a new date, on a Thursday and three working
        # days; the last time under none.  At first it is within the grace,
        # which ends at 16:00 UTC, and then beyond.
        for day, hour, last in ((11, 15, 10), (12, 17, 12), (15, 17, 15),
                                (16, 17, 16)):
            publication.day = f"2024-04-{day}" if day < 16 else None
            now = calendar.timegm((2024, 4, day, hour, 0, 0))
            daemons.jump(int(now - time.time()))
            equal(case.ctl("refresh", "EUR", "--wait").returncode, 0)
            wait_until("the day's calendar", lambda d=last: board.calendar(
                "stub")["expected_last"] == instant(
                    f"2024-04-{d}T14:00:00Z"))
            seen |= sweep(case, board, readers, now)
    equal(seen, {"fresh", "closed", "late", "frozen"}, "states that were met")


class Slow:
    """The words of a board, read so slowly at first that there are two more
    publications of the row before a copy of it is whole."""

    def __init__(self, words, tries):
        self.words, self.tries = words, tries

    def __getitem__(self, key):
        if not isinstance(key, slice) or self.tries == 0:
            return self.words[key]
        self.tries -= 1
        middle = (key.start + key.stop) // 2
        first = list(self.words[key.start:middle])
        time.sleep(0.1)
        wait_until("the copy is overwritten",
                   lambda: list(self.words[key.start:middle]) != first)
        return first + list(self.words[middle:key.stop])


def test_reads_are_whole_while_rows_are_written(case):
    case.start_stub("--serial", "1")
    case.write_conf(refresh="100ms", **{"max-jump": "off"})
    case.start()
    board = Board(case.instance, MANUAL)
    words, end = board.words, time.monotonic() + 1
    while time.monotonic() < end:
        for place in range(len(board.codes)):
            assert board.row(place)["sound"], "a torn row"
    board.words = Slow(words, 3)
    assert board.row(0)["sound"], "a torn row"
    equal(board.words.tries, 0, "tries that were not needed")


# --- what happens to boards --------------------------------------------------

def test_ends_and_replacements_are_told(case):
    case.start_stub("--date", DAY)
    case.write_conf(refresh="1h")
    case.start()
    first = agree(case)
    changes = first.header("changes")
    case.write_conf(["CZK", "EUR", "USD"], refresh="1h")
    case.daemon.send_signal(signal.SIGHUP)
    wait_until("it is retired", lambda: first.state() == "retired")
    wait_until("the new currencies",
               lambda: case.show()["currencies"] == ["CZK", "EUR", "USD"])
    equal((first.header("heartbeat"), first.fed()), (0, False), "the old one")
    assert first.header("changes") != changes, "nobody was woken"
    second = agree(case)
    equal(second.header("generation"), first.header("generation") + 1)
    for code in second.codes:  # what went on, and on
        assert second.sequence(second.find(code)) >= \
            first.sequence(first.find(code)), code
    case.stop(signal.SIGKILL)
    equal(second.state(), "ready")
    wait_until("its silence", lambda: not second.fed())
    agree(case, second)
    case.start()
    equal(second.state(), "retired")
    third = agree(case)
    case.stop()
    equal((third.state(), third.header("heartbeat")), ("closing", 0))
    agree(case, third)


def changed(data, offset, kind, value):
    size = size_of(kind)
    return data[:offset] + (value & (1 << 8 * size) - 1).to_bytes(
        size, sys.byteorder) + data[offset + size:]


def test_other_boards_are_refused_by_both(case):
    case.start_stub("--date", DAY)
    case.write_conf()
    case.start()
    case.stop()
    path = case.board_file()
    good = path.read_bytes()
    header = MANUAL.fields("Header")
    attempts = {"its length": good + bytes(64), "cut short": good[:-64],
                "no header": good[:100]}
    for name in ("magic", "layout_version", "byte_order", "layout_hash",
                 "header_size", "currencies", "slots", "sources",
                 "index_size", "total_size"):
        offset, kind = header[name]
        old = int.from_bytes(good[offset:offset + size_of(kind)],
                             sys.byteorder)
        for value in (0, old + 1, old - 1 or 7, 1 << 31):
            attempts[f"{name} {value}"] = changed(good, offset, kind, value)
    for what, data in attempts.items():
        path.write_bytes(data)
        path.chmod(0o644)
        try:
            Board(case.instance, MANUAL)
            raise AssertionError(f"not refused: {what}")
        except Refused:
            pass
        equal(case.ctl("get", "EUR", "USD").returncode, 1, what)
    path.write_bytes(good)
    path.chmod(0o664)
    try:
        Board(case.instance, MANUAL)
        raise AssertionError("not refused: others may write it")
    except Refused:
        path.chmod(0o644)
    agree(case)


run(globals())
