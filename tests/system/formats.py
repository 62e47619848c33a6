"""What ratesctl prints for programs: the same in every format, as its manual
says, and never with a status that says otherwise."""

import os
import re
import shutil
import signal
import subprocess
import time

from commands import members
from harness import (BOOK, Skip, clean_environment, contains, equal, run,
                     wait_until)
from printed import CALLED, DATA, ELSEWHERE, KNOWN, Reader, called, steady
from scripted import WORTH, Publication, Server

# --- boards ------------------------------------------------------------------


def failing(exchange):
    return exchange.reply("Retry-After: 3600", status="503 Busy", body=b"{}")


def silent(exchange):
    exchange.wait_for_close()


def start(case, server, **keys):
    keys = {"refresh": "1h", "workers": 2, "concurrency": 1, "timeout": "15s",
            "stale-after": "26h", **keys}
    case.stub = server
    case.write_conf(
        source='rate-limit = "1000/s" burst = 20 quota = 100000 '
        'terms = "some terms, \\"quoted\\"" '
        'publishes = "16:00 Europe/Berlin mon-fri"', **keys)
    case.start(wait=False)
    wait_until("the daemon feeds the board", case.feeds)


def filled(case, *bases):
    wait_until("rows are filled", lambda: all(
        case.rows()[base]["version"] > 0 for base in bases))


def set_aside(case, base):
    """Three workers die while they have the base's job."""
    killed = set()

    def another():
        return next((worker["pid"] for worker in case.status()["workers"]
                     if base in worker["jobs"] and
                     worker["pid"] not in killed), None)
    for _ in range(3):
        pid = wait_until(f"another worker has {base}", another)
        killed.add(pid)
        os.kill(pid, signal.SIGKILL)
    wait_until("it is set aside", lambda: case.status()["set_aside"])


def exact(document, publication, bases):
    """Each number is the double that was served, in no more characters."""
    rows = {row["base"]: row for row in document["rows"]}
    for base in bases:
        for code, value in publication.rates(base).items():
            if code not in rows[base]["rates"]:
                continue
            told = rows[base]["rates"][code].text
            equal(float(told), float(value), f"{base}/{code}")
            assert len(told) <= len(repr(float(value))), told


def named_and_printed(reader, but=()):
    for command, seen in reader.seen.items():
        missing = set(members(command)) - seen
        equal(missing, set(), f"the manual names of {command}, not printed")
        nulls = seen - reader.filled[command] - set(but)
        equal(nulls, set(), f"never more than null of {command}")


# --- tests -------------------------------------------------------------------


def test_all_formats_tell_the_same_of_any_board(case):
    if not shutil.which("jq"):
        raise Skip("no jq here")
    assert CALLED.keys() >= {"show", "get", "explain", "status", "sources"}
    publication = Publication("2024-04-15")
    reader = Reader(case)
    with Server(BOOK, default=publication) as server:
        server.bad["CZK"] = silent
        start(case, server)
        filled(case, "EUR", "USD", "PLN", "NOK")
        set_aside(case, "CZK")  # and it stays empty
        exact(reader.all()["show"], publication, ["EUR", "USD", "PLN"])

        # One that holds an answer, one whose last attempt failed.
        publication.day = "2024-04-16"
        publication.jumps = {("EUR", "USD"): 82}
        server.bad["USD"] = failing
        for base in ("EUR", "USD"):
            equal(case.ctl("refresh", base, "--wait").returncode, 1)
        told = reader.all()
        rows = {row["base"]: row for row in told["show"]["rows"]}
        contains(rows["EUR"]["error"], "held")
        contains(rows["USD"]["error"], "throttled: ")
        equal(rows["CZK"]["rates"]["EUR"], None)
        equal(told["explain"]["held"]["rate"].text, repr(WORTH["USD"] * 82))
        exact(told["show"], publication, ["PLN"])
        CALLED["explain"] = ["explain", "USD", "EUR"]  # refused: a status
        reader.read("explain")
        CALLED["explain"] = ["explain", "EUR", "USD"]

        case.stop()
        dead = Reader(case, status=3)
        told = dead.all()
        equal(told["status"]["running"], False)
        equal(told["status"]["supervisor"]["pid"], None)
        exact(told["show"], publication, ["PLN"])
    # Of a division: the test of derived rows.
    named_and_printed(reader, but={"hub", "dividend", "divisor",
                                   "sources[].base"})


def test_all_formats_tell_of_a_division(case):
    publication = Publication("2024-04-15")
    with Server(BOOK, default=publication) as server:
        case.stub = server
        case.write_conf(source='base = "EUR"', rows="derive", refresh="1h")
        case.start()
        CALLED["explain"] = ["explain", "USD", "PLN"]
        equal(Reader(case).read("sources")["sources"][0]["base"], "EUR")
        told = Reader(case).read("explain")
        CALLED["explain"] = ["explain", "EUR", "USD"]
        equal((told["origin"], told["hub"]), ("cross", "EUR"))
        equal(float(told["dividend"].text) / float(told["divisor"].text),
              float(told["rate"].text))


def test_all_formats_tell_of_an_empty_board(case):
    with Server(BOOK, default=silent) as server:
        start(case, server)
        reader = Reader(case)
        told = {command: reader.read(command)
                for command in CALLED if not KNOWN[command].required}
        equal([row["state"] for row in told["show"]["rows"]],
              ["empty"] * len(BOOK))
        for form in DATA:
            equal(case.ctl("get", "EUR", "USD", "-qf", form).stdout, "",
                  "no number, so nothing")


def decimal_comma(case):
    """The environment of a locale with one."""
    places = case.directory / "locales"
    places.mkdir()
    made = subprocess.run(
        ["localedef", "-i", "de_DE", "-f", "UTF-8", places / "de_DE.UTF-8"],
        capture_output=True, check=False) if shutil.which("localedef") \
        else None
    if not made or not (places / "de_DE.UTF-8").exists():
        raise Skip("no locale de_DE can be made")
    return {"LOCPATH": str(places), "LC_ALL": "de_DE.UTF-8",
            "LANG": "de_DE.UTF-8"}


def test_no_locale_changes_a_character(case):
    environment = decimal_comma(case)
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    case.stop()  # so that nothing moves
    env = {**clean_environment(), **environment}
    for command, words in CALLED.items():
        for form in sorted(KNOWN[command].formats):
            def told(env, words=words, form=form):
                done = subprocess.run(
                    case.ctl_arguments(*words, "--format", form), env=env,
                    capture_output=True, text=True, timeout=60, check=False)
                return re.sub(r"\b\d+s\b", "-", steady(done.stdout))
            wait_until(f"{command} {form} is the same",
                       lambda: told(env) == told(clean_environment()))


NO_BOARD = ["-i", "there-is-no-such-board"]
# Ways to come to an exit status, on a live board, besides those of all.
EXITS = {
    "show": {4: ["show", "EUX"], 5: ["show", "--max-age", "1ms"]},
    "get": {4: ["get", "EUR", "EUX"],
            5: ["get", "EUR", "USD", "--max-age", "1ms"]},
    "explain": {4: ["explain", "EUX", "EUR"]},
    "sources": {1: ["sources", "no-such-source"]},
    # A plugin's statuses are its own, and to metrics no board is news.
    "check": {2: None, 3: ["check", "--no-such-option"]},
    "metrics": {3: None, 0: [*NO_BOARD, "metrics", "-q"]},
    # It waits for a board.
    "wait": {1: [*NO_BOARD, "wait", "--timeout", "100ms"],
             2: ["wait", "--timeout", "10"], 3: None},
    "refresh": {4: ["refresh", "EUX"]},
    "accept": {0: None,  # nothing is held here: held.py
               1: ["accept", "EUR"], 4: ["accept", "EUX"]},
}
NEAREST = {
    "shwo": "show", "--fromat json show": "--format",
    "show --format jsom": "json", "show --color allways": "always",
    "get EUR USX": "USD", "show --symbols EUR,PLM": "PLN",
    "refresh CZX": "CZK", "explain NOX EUR": "NOK", "accept PLX": "PLN",
    "sources stup": "stub", "help statsu": "status",
    "show --json": "--format json", "show --csv=1": "--format csv",
    "check --published": "--clock published", "wait --timeot 5": "--timeout",
}
# A hint that is far from the word is worse than none.
FAR = {
    "foo": "see 'ratesctl --help'", "reload": "see 'ratesctl --help'",
    "help foo": "see 'ratesctl --help'",
    "show --nonsense": "see 'ratesctl --help'",
    "show --timeot 5": "see 'ratesctl --help'",  # it has none
    "show --down": "see 'ratesctl --help'",
    "show --": None, "show -X": "see 'ratesctl --help'",
    "show --color blue": "it is one of auto, always, never",
    "get EUR XXX": "no currency 'XXX' on the board\n",
    "sources elsewhere": "no source 'elsewhere' on the board\n",
    "-i x probe --file x": "'probe' must be the first word",
}


def exits(case, status, words, stdout=subprocess.PIPE):
    done = subprocess.run(
        case.ctl_arguments(*words), stdout=stdout, stderr=subprocess.PIPE,
        text=True, timeout=60, env=clean_environment(), check=False)
    equal(done.returncode, status, f"{words}: {done.stderr}")
    if status != 0 and not (status == 3 and done.stdout):
        equal(done.stderr.count("\n"), 1, f"{words}: lines of stderr")
        contains(done.stderr, "ratesctl: ")
    return done


def ways_of(command):
    """status -> how a command comes to it."""
    words = called(command)
    return {0: words, 2: [*words, "--no-such-option"],
            3: [*NO_BOARD, *words], **EXITS.get(command, {})}


def test_each_command_has_its_exit_statuses(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    time.sleep(0.01)  # for --max-age 1ms
    for command in KNOWN.keys() - ELSEWHERE.keys():
        for status, words in ways_of(command).items():
            if words:
                print("#", status, *words)
                exits(case, status, words)
        words = called(command)
        if KNOWN[command].required:
            exits(case, 2, words[:-1])
    exits(case, 2, ["get", "EUR", "USD", "PLN"])
    exits(case, 2, ["status", "all"])
    exits(case, 2, ["help", "no-such-command"])
    case.stop()
    for words in (["status"], ["refresh"], ["accept", "EUR"]):
        exits(case, 3, words)


def test_each_wrong_word_names_the_nearest_one(case):
    case.instance = "0" + case.instance[1:]  # among the first of all
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    for words, nearest in NEAREST.items():
        done = case.ctl(*words.split())
        assert done.returncode in (1, 2, 3, 4), words
        told = done.stderr or done.stdout  # of a plugin
        equal((done.stdout + done.stderr).count("\n"), 1, words)
        contains(told, f"did you mean '{nearest}'?")
    for words, told in FAR.items():
        done = case.ctl(*words.split())
        if told is None:
            equal(done.returncode, 0, words)
            continue
        equal((done.stdout, done.stderr.count("\n")), ("", 1), words)
        contains(done.stderr, told)
        assert "did you mean" not in done.stderr, done.stderr
    told = exits(case, 3, [*NO_BOARD, "show"]).stderr
    contains(told, "no board")
    contains(told, "running: ")
    contains(told, case.instance)
    case.stop()
    told = exits(case, 3, [*NO_BOARD, "show"]).stderr
    assert case.instance not in told, told


def test_a_full_disk_is_told(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    for command, words in {**CALLED, "help": ["help"]}.items():
        forms = sorted(KNOWN[command].formats)
        for form in [[], *(["--format", form] for form in forms)]:
            with open("/dev/full", "w", encoding="ascii") as full:
                done = exits(case, 1, [*words, *form], stdout=full)
            contains(done.stderr, "No space left on device")


run(globals())
