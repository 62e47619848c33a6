"""librates as others use it: installed, found by pkg-config, linked, run."""

import decimal
import os
import re
import shlex
import shutil
import signal
import subprocess
import time

from harness import (BUILD, PATIENCE, SOURCE, Skip, clean_environment,
                     contains, equal, run, wait_until)

CC = shlex.split(os.environ.get("CC", "cc"))
SANITIZE = shlex.split(os.environ.get("SANITIZE", ""))
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
PARTS = ["install-libLTLIBRARIES", "install-includeHEADERS",
         "install-pkgconfigDATA", "install-dist_examplesDATA"]


def make(*arguments):
    """make, as a user calls it: not as a part of the one that runs tests."""
    env = {k: v for k, v in clean_environment().items()
           if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "DESTDIR")}
    got = subprocess.run(["make", "-C", BUILD, *arguments], env=env, text=True,
                         capture_output=True, timeout=120)
    equal(got.returncode, 0, f"make: {got.stdout[-2000:]}{got.stderr[-2000:]}")


class Installed:
    """librates below a directory of its own."""

    def __init__(self, case):
        self.root = case.directory / "root"
        make(f"DESTDIR={self.root}", *PARTS)
        self.library = self.one("librates.so.0").parent
        self.examples = self.one("eurusd.c").parent
        self.directory = case.directory

    def one(self, name):
        found = list(self.root.rglob(name))
        equal(len(found), 1, f"installed files {name}: {found}")
        return found[0]

    def config(self, *options):
        if shutil.which("pkg-config") is None:
            raise Skip("pkg-config is not installed")
        got = subprocess.run(
            ["pkg-config", *options, "librates"], text=True,
            capture_output=True, timeout=30, env=clean_environment(
                PKG_CONFIG_LIBDIR=str(self.library / "pkgconfig"),
                PKG_CONFIG_SYSROOT_DIR=str(self.root),
                PKG_CONFIG_ALLOW_SYSTEM_CFLAGS="1",
                PKG_CONFIG_ALLOW_SYSTEM_LIBS="1"))
        equal((got.returncode, got.stderr), (0, ""), "pkg-config")
        return shlex.split(got.stdout)

    def build(self, compiler, source, *more):
        program = self.directory / source.stem
        got = subprocess.run(
            [*compiler, *SANITIZE, *STRICT, *self.config("--cflags"),
             "-o", program, source, *self.config("--libs"), *more],
            text=True, capture_output=True, timeout=120,
            env=clean_environment())
        equal((got.returncode, got.stderr), (0, ""), f"build of {source}")
        return program

    def environment(self):
        return clean_environment(LD_LIBRARY_PATH=str(self.library))

    def run(self, program, *arguments, **more):
        return subprocess.run(
            [program, *map(str, arguments)], text=True, capture_output=True,
            timeout=PATIENCE, env=self.environment(), **more)

    def example(self, name, *more):
        return self.build([*CC, "-std=c11", "-D_POSIX_C_SOURCE=200809L"],
                          self.examples / f"{name}.c", *more)


def start(case, *options, **keys):
    case.start_stub(*options)
    case.write_conf(**{"refresh": "1h", **keys})
    case.start()
    return Installed(case)


def test_one_number_is_printed_or_refused(case):
    there = start(case)
    eurusd = there.example("eurusd")
    got = there.run(eurusd, case.instance)
    equal((got.returncode, got.stderr), (0, ""))
    assert re.fullmatch(r"1 EUR = 1\.1684 USD \(stub, fetched \d+ s ago\)\n",
                        got.stdout), got.stdout
    got = there.run(eurusd, case.instance, 0)
    equal((got.returncode, got.stdout), (1, ""))
    contains(got.stderr, "older than allowed")
    got = there.run(eurusd, "no-such-instance")
    equal((got.returncode, got.stdout), (1, ""))
    contains(got.stderr, "no board")
    for wrong in (["x", "-1"], ["x", "1s"], ["x", "1", "y"],
                  ["x", "99999999999"]):
        equal(there.run(eurusd, *wrong).returncode, 2, str(wrong))


def test_old_numbers_are_read_on_after_the_daemon(case):
    """The board outlives the daemon, and its numbers get older."""
    there = start(case)
    eurusd = there.example("eurusd")
    equal(case.stop(), 0)
    equal(there.run(eurusd, case.instance).returncode, 0)
    time.sleep(1.1)
    got = there.run(eurusd, case.instance, 1)
    equal((got.returncode, got.stdout), (1, ""))
    contains(got.stderr, "older than allowed")


def test_every_change_is_followed(case):
    there = start(case, "--date", "2026-04-10")
    output, words = case.directory / "output", case.directory / "words"
    with output.open("w") as to, words.open("w") as errors:
        follower = subprocess.Popen(
            [there.example("follow"), case.instance], stdout=to,
            stderr=errors, env=there.environment())
    case.started.append(follower)

    def told():
        return output.read_text().splitlines()

    wait_until("all numbers are told", lambda: len(told()) == 25)
    contains(told(), "EUR/USD 1.1711 (stub)")
    case.stub.control("date=2026-04-13")
    equal(case.ctl("refresh", "--wait", "EUR").returncode, 0, "refresh")
    wait_until("the new one is", lambda: "EUR/USD 1.1684 (stub)" in told())
    # The base's own stays 1, and no other row was asked for.
    equal([line.split("/")[0] for line in told()[25:]], ["EUR"] * 4)
    case.daemon.send_signal(signal.SIGKILL)
    case.daemon.wait()
    wait_until("that nobody feeds it is",
               lambda: "nobody feeds the board" in words.read_text())
    case.start()
    wait_until("and that somebody does",
               lambda: "is fed again" in words.read_text())
    case.write_conf(["USD", "EUR"], refresh="1h")
    before = len(told())
    case.daemon.send_signal(signal.SIGHUP)
    wait_until("other currencies are told anew",
               lambda: "EUR/USD 1.1684 (stub)" in told()[before:])
    follower.terminate()
    equal(follower.wait(timeout=PATIENCE), 0, "exit status of follow")


def test_a_portfolio_is_valued_from_one_snapshot(case):
    there = start(case)
    portfolio = there.example("portfolio", "-lm")
    positions = [("1000", "USD"), ("-250.50", "PLN"), ("0.10", "EUR"),
                 ("33333.3", "CZK")]
    text = "".join(f"{amount} {code}\n" for amount, code in positions)
    got = there.run(portfolio, "EUR", case.instance, input=text)
    equal((got.returncode, got.stderr), (0, ""))
    total = sum(
        (decimal.Decimal(amount) * decimal.Decimal(case.stub.rates(code)["EUR"])
         ).quantize(decimal.Decimal("0.01"), decimal.ROUND_HALF_UP)
        for amount, code in positions)
    lines = got.stdout.splitlines()
    equal(lines[-1], f"{total} EUR in all")
    equal(len(lines), len(positions) + 1)
    contains(lines[0], "1000.00 USD at 0.855")
    contains(lines[0], "(stub, fetched ")
    # A sum with a position left out would be a wrong number.
    for wrong in ("1 XXX\n", "1.234 USD\n", "1e5 USD\n", "USD\n", ". USD\n",
                  "1 USD 2\n", "99999999999999 USD\n",
                  "1 USD" + " " * 122 + "1 USD\n", "\0 1 USD\n\n"):
        got = there.run(portfolio, "EUR", case.instance, input=text + wrong)
        equal(got.returncode, 1, wrong)
        assert "in all" not in got.stdout, wrong
    got = there.run(portfolio, "EUR", case.instance, 0, input=text)
    equal(got.returncode, 1)
    contains(got.stderr, "older than allowed")
    equal(there.run(portfolio, "XXX", case.instance, input="").returncode, 1)
    equal(there.run(portfolio).returncode, 2)
    got = there.run("/bin/sh", "-c", 'exec "$@" >/dev/full', "sh", portfolio,
                    "EUR", case.instance, input=text)
    equal(got.returncode, 1, "a full disk")


def cxx():
    """The compiler of C++ that goes with the one of C."""
    clang = "clang" in CC[0]
    names = [os.environ.get("CXX", ""),
             *(["clang++"] if clang else ["g++", "c++"])]
    for words in map(shlex.split, filter(None, names)):
        if shutil.which(words[0]):
            return words
    raise Skip("no compiler of C++ here")


def test_every_call_works_from_cxx(case):
    compiler = cxx()
    there = start(case)
    program = there.build([*compiler, "-std=c++11"],
                          SOURCE / "tests/system/library.cc")
    got = there.run(program, case.instance)
    equal((got.returncode, got.stdout, got.stderr), (0, "1.1684\n", ""))


def test_the_readmes_program_runs(case):
    there = start(case)
    text = (SOURCE / "README.md").read_text()
    code = re.search(r"(?ms)^    #include <stdio\.h>\n    #include <rates\.h>"
                     r".*?^    }$", text).group()
    source = case.directory / "readme.c"
    source.write_text(re.sub(r"(?m)^    ", "", code) + "\n")
    program = there.build([*CC, "-std=c11"], source)
    got = there.run(program)
    # Whether or not there is a board of that name on this machine.
    assert got.returncode in (0, 1), got
    source.write_text(source.read_text().replace(
        "rates_open(NULL,", f'rates_open("{case.instance}",'))
    got = there.run(there.build([*CC, "-std=c11"], source))
    equal((got.returncode, got.stdout), (0, "1 EUR = 1.1684 USD\n"))


UNNAMED = r"""
#include <stdio.h>
#include <sys/auxv.h>
#include <rates.h>

int
main(void)
{
	struct rates *rates;
	double rate = 0;
	enum rates_result result = rates_open(NULL, &rates);

	if (result == RATES_OK)
		rates_get_code(rates, "EUR", "USD", &rate);
	printf("%d %s %g\n", getauxval(AT_SECURE) != 0,
	    rates_strerror(result), rate);
	rates_close(rates);
	return 0;
}
"""


def test_a_board_that_is_not_named_is_that_of_the_environment(case):
    there = start(case)
    source = case.directory / "unnamed.c"
    source.write_text(UNNAMED)
    program = there.build([*CC, "-std=gnu11"], source,
                          f"-Wl,-rpath,{there.library}")

    def told(instance):
        got = subprocess.run(
            [program], text=True, capture_output=True, timeout=PATIENCE,
            env=clean_environment(RATESD_INSTANCE=instance))
        equal((got.returncode, got.stderr), (0, ""))
        return got.stdout

    equal(told(case.instance), "0 done 1.1684\n")
    contains(told("a/b"), "instance name")
    # Whether or not there is a board of that name on this machine.
    usual = told("")
    assert "1.1684" not in usual and "instance name" not in usual, usual
    equal(told("default"), usual)
    if os.geteuid() != 0:
        return
    # With a group that its caller has not, whose word counts for nothing.
    os.chown(program, 0, 65534)
    program.chmod(0o2755)
    secure = told(case.instance)
    if secure.startswith("1 "):
        equal(secure[1:], usual[1:], "in a set-group-ID program")
    else:
        print("# set-group-ID programs don't work there")


run(globals())
