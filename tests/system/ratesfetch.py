"""ratesfetch: one matrix in every model, what fails, and what is left over."""

import json
import os
import pty
import signal
import subprocess
import time
import types
import xml.etree.ElementTree

from harness import (BUILD, alive, children, clean_environment, contains,
                     equal, run, wait_until)
from several import DAY, refused_url

MODELS = ["sync", "threads", "pool", "procs", "async", "executor"]
ORDER = ["USD", "EUR", "PLN", "NOK", "CZK"]
TWELVE = ORDER + ["GBP", "JPY", "CHF", "SEK", "DKK", "HUF", "RON"]


def arguments(case, *options):
    return [BUILD / "ratesfetch", "--url", case.stub.url(),
            *map(str, options)]


def fetch(case, *options, **environment):
    return subprocess.run(
        arguments(case, *options), capture_output=True, text=True, timeout=60,
        check=False, env=clean_environment(**environment))


def begin(case, *options, **more):
    """One in the background, in a group of its own."""
    process = subprocess.Popen(
        arguments(case, *options), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, env=clean_environment(),
        start_new_session=True, **more)
    case.started.append(process)
    return process


def line_of(base, rates, symbols):
    return f"1 {base} = " + ", ".join(
        f"{float(rates[quote]):7.03} {quote}" for quote in symbols)


def book(case, bases=ORDER, symbols=ORDER):
    return [line_of(base, case.stub.rates(base), symbols) for base in bases]


def elapsed(result):
    """The seconds that it tells."""
    line = result.stdout.splitlines()[-1]
    words = line.split()
    equal(words[:2], ["time", "elapsed:"])
    equal(len(words[2].partition(".")[2]), 3, line)
    return float(words[2].removesuffix("s"))


def lines(result, rows=5):
    """Those of the matrix, once what follows them is looked at."""
    matrix = result.stdout.splitlines()[:-1]
    assert elapsed(result) >= 0
    equal(len(matrix), rows, result.stdout)
    return matrix


# --- what it prints ----------------------------------------------------------

def test_every_model_prints_the_matrix_of_the_book(case):
    case.start_stub("--date", DAY)
    wanted = book(case)
    for model in MODELS:
        result = fetch(case, "--model", model)
        equal(result.stderr, "", model)
        equal(result.returncode, 0, model)
        equal(lines(result), wanted, model)


def test_it_prints_as_ratesctl_does(case):
    case.start_stub("--date", DAY)
    case.write_conf()
    case.start()
    for options in ([], ["--symbols", "EUR,CZK"]):
        got = case.ctl("show", *ORDER, *(options or
                                         ["--symbols", ",".join(ORDER)]),
                       "--format", "lines").stdout
        equal(lines(fetch(case, *options)), got.splitlines())
    row = json.loads(fetch(case, "-f", "json", "-b", "EUR").stdout)
    wanted = case.show("EUR")
    equal(sorted(row), sorted(wanted), "members")
    equal(sorted(row["rows"][0]), sorted(wanted["rows"][0]))
    equal(row["rows"][0]["rates"], {"EUR": 1})
    equal((row["rows"][0]["state"], row["rows"][0]["published"]),
          ("fresh", DAY))


def test_formats_for_programs_have_only_data_on_stdout(case):
    case.start_stub("--date", DAY)
    result = fetch(case, "--format", "csv")
    contains(result.stderr, "time elapsed: ")
    head, *rows = result.stdout.splitlines()
    equal(head, "base,state,source,published,fetched,changed,version,"
          + ",".join(ORDER))
    equal([row.split(",")[0] for row in rows], ORDER)
    result = fetch(case, "--format", "json")
    equal([row["base"] for row in json.loads(result.stdout)["rows"]], ORDER)
    contains(result.stderr, "time elapsed: ")
    table = fetch(case, "--format", "table").stdout.splitlines()
    equal(len(table), 7, table)
    contains(table[-1], "time elapsed: ")


def test_progress_is_for_a_terminal(case):
    case.start_stub()
    for options, shown in (([], True), (["--quiet"], False)):
        master, slave = pty.openpty()
        process = subprocess.Popen(
            arguments(case, "-m", "sync", *options), stderr=slave,
            stdout=subprocess.PIPE, text=True, env=clean_environment())
        os.close(slave)
        output = process.communicate(timeout=30)[0]
        try:
            said = os.read(master, 4096).decode()
        except OSError:  # nothing was written, and nobody can any more
            said = ""
        os.close(master)
        equal("3 of 5" in said, shown, said)
        assert "of 5" not in output


# --- how many at once --------------------------------------------------------

def held(case):
    return case.stub.json("/stats")["held"]


def in_flight(case, wanted, *options):
    """So many are held at once, and no more come."""
    case.stub.control("hold=1")
    process = begin(case, *options)
    wait_until(f"{wanted} in flight", lambda: held(case) == wanted)
    time.sleep(0.2)
    equal(held(case), wanted, f"{options}")
    if wanted == 5:
        equal(case.stub.json("/stats")["total"], 5)
    case.stub.control("hold=0")
    equal(process.wait(timeout=30), 0, f"{options}")


def test_each_model_has_as_many_requests_in_flight_as_it_says(case):
    case.start_stub()
    for wanted, *options in ((1, "-m", "sync"), (5, "-m", "threads", "-j2"),
                             (5, "-m", "pool", "-j5"),
                             (4, "-m", "pool", "-j4"),
                             (5, "-m", "procs", "-j5"),
                             (3, "-m", "procs", "-j3"), (5, "-m", "async"),
                             (2, "-m", "async", "-j2"),
                             (5, "-m", "executor", "-j5"),
                             (2, "-m", "executor", "-j2")):
        case.stub.control("reset=1")
        in_flight(case, wanted, *options)


def test_a_throttle_holds_in_every_model(case):
    case.start_stub()
    for model in MODELS:
        case.stub.control("reset=1")
        result = fetch(case, "-m", model, "--throttle", "10/s",
                       "--bases", ",".join(TWELVE))
        equal(result.returncode, 0, result.stderr)
        equal(case.stub.json("/stats")["total"], 12, "requests")
        # It starts empty.  How many come within a second says less: each may
        # be held up on its way.
        assert elapsed(result) >= 1.2, f"{model}: {elapsed(result)} s"


def test_a_throttle_is_shared_by_the_runs_of_a_comparison(case):
    case.start_stub()
    began = time.monotonic()
    result = fetch(case, "--compare", "--repeat", 1, "--throttle", "10/s",
                   "-b", "EUR,USD,PLN")
    took = time.monotonic() - began
    equal(result.returncode, 0, result.stderr)
    equal(case.stub.json("/stats")["total"], 18, "requests")
    assert took >= 1.8, f"18 requests in {took:.2f} s"


# --- what goes wrong ---------------------------------------------------------

FAULTS = {"500": "http: status 500", "hang": "timeout: ",
          "cut": "transfer: ", "garbage": "document: "}


def one_fails(case, kind, text):
    case.start_stub("--base-fail", f"PLN:{kind}")
    others = [base for base in ORDER if base != "PLN"]
    wanted = book(case, others)
    for model in MODELS:
        result = fetch(case, "-m", model, "--timeout",
                       "6s" if kind == "hang" else "20s")
        equal(result.returncode, 1, model)
        matrix = lines(result)
        equal([line for line in matrix if line[:5] != "1 PLN"], wanted, model)
        equal(matrix[2], "1 PLN = " + ", ".join(f"{'-':>7} {quote}"
                                                for quote in ORDER))
        contains(result.stderr, f"ratesfetch: PLN: {text}")
        equal(result.stderr.count("\n"), 1, result.stderr)


def test_one_500_costs_no_other_row(case):
    one_fails(case, "500", FAULTS["500"])


def test_one_that_hangs_costs_no_other_row(case):
    one_fails(case, "hang", FAULTS["hang"])


def test_one_that_is_cut_costs_no_other_row(case):
    one_fails(case, "cut", FAULTS["cut"])


def test_one_of_garbage_costs_no_other_row(case):
    one_fails(case, "garbage", FAULTS["garbage"])


def test_nobody_listens(case):
    place = refused_url()
    case.stub = types.SimpleNamespace(url=lambda: place)
    for model in MODELS:
        result = fetch(case, "-m", model)
        equal(result.returncode, 1, model)
        equal(result.stderr.count("connect: "), 5, result.stderr)


def test_the_death_of_a_process_costs_no_row(case):
    case.start_stub()
    wanted = book(case)
    case.stub.control("hold=1")
    process = begin(case, "-m", "procs", "-j5")
    wait_until("all are held", lambda: held(case) == 5)
    os.kill(children(process.pid)[2], signal.SIGKILL)
    wait_until("another asks",
               lambda: case.stub.json("/stats")["total"] == 5 + 5 + 1)
    case.stub.control("hold=0")
    output, errors = process.communicate(timeout=30)
    equal(process.returncode, 0)
    equal(output.splitlines()[:5], wanted)
    contains(errors, "a process died: signal 9")


def family(pid):
    found = [pid]
    for child in children(pid):
        found += family(child)
    return found


def test_ctrl_c_leaves_nothing_running(case):
    case.start_stub()
    case.stub.control("hold=1")
    for options in (*(["-m", model] for model in MODELS), ["--compare"]):
        for whom in ("group", "one"):
            process = begin(case, *options)
            wait_until("it asks", lambda: held(case) > 0)
            pids = family(process.pid)
            if whom == "group":
                os.killpg(process.pid, signal.SIGINT)
            else:
                process.send_signal(signal.SIGINT)
            equal(process.wait(timeout=10), -signal.SIGINT, f"{options}")
            wait_until(f"all are gone: {options}",
                       lambda: not any(map(alive, pids)))
            wait_until("connections too", lambda: held(case) == 0)


def test_wrong_command_lines(case):
    case.start_stub()
    for options, said in (
            (["--model", "magic"], "'magic' is none of: sync threads pool"),
            (["-j", "0"], "whole number from 1 to 256"),
            (["-j", "257"], "whole number from 1 to 256"),
            (["--bases", "EUR,,USD"], "'' is not a currency code"),
            (["--bases", "eur"], "'eur' is not a currency code"),
            (["--throttle", "fast"], "'fast' is no rate"),
            (["--timeout", "1"], "'1' is not a time"),
            (["--format", "keyvalue"], "none of: lines table json csv"),
            (["--source", "ecb"], "only one of them"),
            (["--repeat", "3"], "goes with --compare"),
            (["--svg", "x.svg"], "goes with --compare"),
            (["--nonsense"], "no such option"),
            (["--model"], "needs an argument"),
            (["EUR"], "one argument too many")):
        result = fetch(case, *options)
        equal((result.returncode, result.stdout), (2, ""), f"{options}")
        contains(result.stderr, said)
    for url, said in (("http://127.0.0.1/rates", "{base}"),
                      ("ftp://127.0.0.1/{base}", "http"),
                      ("http://127.0.0.1/{basis}", "{basis}")):
        result = subprocess.run([BUILD / "ratesfetch", "--url", url],
                                capture_output=True, text=True, check=False)
        equal(result.returncode, 2, url)
        contains(result.stderr, said)


# --- sources -----------------------------------------------------------------

def preset(case, name, *keys):
    (case.directory / f"{name}.conf").write_text("\n".join(keys) + "\n")


def fetch_source(case, name, *options, **environment):
    return subprocess.run(
        [BUILD / "ratesfetch", "--source-dir", case.directory, "--source",
         name, *map(str, options)],
        capture_output=True, text=True, timeout=60, check=False,
        env=clean_environment(**environment))


def test_a_preset_is_asked_as_the_daemon_does(case):
    case.start_stub("--date", DAY)
    preset(case, "mine", f'url = "{case.stub.url()}"')
    result = fetch_source(case, "mine")
    equal(result.stderr, "")
    equal(lines(result), book(case))
    result = fetch_source(case, "mime")
    equal(result.returncode, 2)
    contains(result.stderr, "did you mean 'mine'?")
    preset(case, "bad", 'url = "nonsense"')
    result = fetch_source(case, "bad")
    equal(result.returncode, 2)
    contains(result.stderr, "bad.conf:1: ")


def test_one_answer_makes_all_rows_of_a_source_with_one_base(case):
    case.start_stub("--date", DAY)
    preset(case, "euro", f'url = "{case.stub.url("/rates")}"', 'base = "EUR"')
    wanted = book(case)
    for model in MODELS:
        case.stub.control("reset=1")
        equal(lines(fetch_source(case, "euro", "-m", model)), wanted)
        equal(case.stub.json("/stats")["total"], 1)
    case.stub.control("fail=500:100")
    result = fetch_source(case, "euro")
    equal(result.returncode, 1)
    equal(result.stderr.count("http: status 500"), 5)


def test_a_mirror_has_what_does_not_come(case):
    case.start_stub()
    preset(case, "twice", 'url = "http://127.0.0.1:9/{base}"',
           f'mirrors = {{"{case.stub.url()}"}}')
    wanted = book(case)
    for model in MODELS:
        result = fetch_source(case, "twice", "-m", model)
        equal(result.stderr, "")
        equal(lines(result), wanted)


def test_a_sources_own_rate_holds(case):
    case.start_stub()
    preset(case, "slow", f'url = "{case.stub.url()}"', 'rate-limit = "10/s"')
    began = time.monotonic()
    result = fetch_source(case, "slow", "-b", ",".join(TWELVE))
    took = time.monotonic() - began
    equal(result.returncode, 0)
    equal(case.stub.json("/stats")["total"], 12, "requests")
    assert took >= 1.2, f"{took:.2f} s"


def test_a_key_is_used_and_never_told(case):
    case.start_stub("--fail", "500:100")
    preset(case, "keyed", f'url = "{case.stub.url()}"',
           'auth = "query apikey"')
    result = fetch_source(case, "keyed")
    equal(result.returncode, 1)
    contains(result.stderr, "keyed: the key: ")
    keys = case.directory / "keys"
    keys.mkdir()
    (keys / "keyed").write_text("s3cretOfTest\n")
    (keys / "keyed").chmod(0o600)
    result = fetch_source(case, "keyed", CREDENTIALS_DIRECTORY=keys)
    equal(result.stderr.count("status 500"), 5)
    assert "s3cret" not in result.stdout + result.stderr


# --- comparisons -------------------------------------------------------------

def test_a_picture_replaces_only_a_file(case):
    case.start_stub()
    link = case.directory / "link.svg"
    link.symlink_to(case.directory / "target")
    result = fetch(case, "--compare", "--svg", link)
    equal((result.returncode, result.stdout), (1, ""))
    contains(result.stderr, "no regular file")
    assert link.is_symlink(), "it stays"
    equal(case.stub.json("/stats")["total"], 0, "requests before it is told")


def test_a_comparison_measures_every_model(case):
    case.start_stub("--latency", 250)
    picture = case.directory / "picture.svg"
    result = fetch(case, "--compare", "--repeat", 3, "-j5", "-f", "json",
                   "--svg", picture)
    equal((result.returncode, result.stderr), (0, ""))
    equal(case.stub.json("/stats")["total"], 6 * 3 * 5)
    found = json.loads(result.stdout)
    models = {model["model"]: model for model in found["models"]}
    equal(list(models), MODELS)
    for name, model in models.items():
        equal((model["runs"], model["lost"]), (3, 0), name)
        equal(model["in_flight"], 1 if name == "sync" else 5, name)
        assert 0.25 <= model["least"] <= model["median"] <= model["most"]
        assert model["cpu"] > 0 and model["memory"] > 1 << 20, model
        assert name == "sync" or model["speed_up"] > 1, model
    assert models["sync"]["least"] >= 5 * 0.25, models["sync"]
    advice = found["advice"]
    assert advice["engine"] in ("async", "pool"), advice
    assert advice["workers"] * advice["concurrency"] >= 5, advice
    tree = xml.etree.ElementTree.parse(picture)
    bars = tree.findall("{http://www.w3.org/2000/svg}rect")
    equal(len(bars), 1 + 6, "the ground and six bars")
    text = picture.read_text()
    for name in MODELS:
        contains(text, f">{name}<")


def test_a_comparison_for_people(case):
    case.start_stub("--base-fail", "PLN:500")
    result = fetch(case, "--compare", "--repeat", 2)
    equal(result.returncode, 1)
    for name in MODELS:
        contains(result.stdout, f"\n{name}")
    contains(result.stdout, "2 of 10")
    contains(result.stdout, "PLN: http: status 500")
    contains(result.stdout, "engine      = \"")


def test_one_thread_an_item_has_its_bound(case):
    case.start_stub("--synthetic", 300)
    codes = ",".join(case.stub.json("/codes"))
    result = fetch(case, "-m", "threads", "-b", codes, "-s", "EUR")
    equal((result.returncode, result.stdout), (1, ""))
    contains(result.stderr, "256 items at most: take pool, async or executor")
    equal(result.stderr.count("\n"), 1, result.stderr)
    equal(case.stub.json("/stats")["total"], 0)
    result = fetch(case, "-m", "pool", "-b", codes, "-s", "EUR")
    equal(result.returncode, 0)
    lines(result, 300)
    result = fetch(case, "--compare", "-k1", "-b", codes, "-s", "EUR",
                   "-f", "json")
    equal(result.returncode, 0, result.stderr)
    runs = {model["model"]: model["runs"]
            for model in json.loads(result.stdout)["models"]}
    equal(runs, {name: int(name != "threads") for name in MODELS})


run(globals())
