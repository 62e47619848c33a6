"""Every example in the manuals and in the README does what it says.

A line that begins with "$ " is run; a block of configuration is checked by
ratesd -t; C is compiled and run.  What can't be has its reason in examples.py.
"""

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time

from examples import (NOT_RUN, PAGES, blocks_of, blocks_of_readme, commands_of,
                      kind_of, page_named)
from harness import (BOOK, BUILD, PATIENCE, SOURCE, Skip, clean_environment,
                     contains, equal, run, wait_until)
from scripted import Server, tagged

# How a line begins: the status that it ends with, and why that is right.
STATUSES = {
    "ratesctl accept PLN": 1,  # nothing is held
}
NBP = """[{"table": "A", "effectiveDate": "2026-04-13", "rates": [
{"currency": "euro", "code": "EUR", "mid": 4.2543},
{"currency": "dolar", "code": "USD", "mid": 3.6411},
{"currency": "korona", "code": "CZK", "mid": 0.1745}]}]"""


# What a part of a program stands in.
AROUND = """#include <err.h>
#include <stdio.h>
#include <unistd.h>
#include <rates.h>
#define SECOND INT64_C(1000000000)
void look_up_indexes_again(struct rates *rates);
void look_at_rows(struct rates *rates);
void part(const char *name, struct rates *rates, unsigned eur, unsigned usd);
void part(const char *name, struct rates *rates, unsigned eur, unsigned usd)
{
	enum rates_result result = RATES_OK;
	double rate = 0;
	(void)name, (void)eur, (void)usd, (void)rate, (void)result;
%s
}
"""


# A struct of the header, and as a manual shows it: each member is the same.
SAME = """_Static_assert(offsetof(struct {name}, {member}) ==
    offsetof(struct shown_{name}, {member}), "{member}");
_Static_assert(_Generic(&((struct {name} *)0)->{member},
    __typeof__(&((struct shown_{name} *)0)->{member}): 1, default: 0),
    "{member}");
"""


# --- a world in which they run -----------------------------------------------


def programs(case):
    """A directory whose ratesd and ratesctl are of the case's instance."""
    place = case.directory / "bin"
    place.mkdir()
    options = " ".join(shlex.quote(str(word)) for word in (
        "-i", case.instance, "--runtime-dir", case.directory / "run",
        "--state-dir", case.directory / "state",
        "--source-dir", SOURCE / "etc/sources", "--log-level", "warning"))
    # What is given on the command line comes later, and so counts.
    (place / "ratesd").write_text(
        f'#!/bin/sh\nexec {shlex.quote(str(BUILD / "ratesd"))} {options} '
        '"$@"\n')
    (place / "ratesctl").write_text(
        f'#!/bin/sh\nexec {shlex.quote(str(BUILD / "ratesctl"))} "$@"\n')
    flags = f"-I{SOURCE}/src/board -L{BUILD}/.libs " \
        f"-Wl,-rpath,{BUILD}/.libs -lrates"
    (place / "pkg-config").write_text(f"#!/bin/sh\necho '{flags}'\n")
    for program in place.iterdir():
        program.chmod(0o755)
    return place


# Sources are asked here instead, and not slower than they like.
FETCH = """#!{python}
import os, sys
words = [word.replace("http://rates.example/latest", "{url}")
         for word in sys.argv[1:]]
os.execv("{program}", ["ratesfetch", "--source-dir", "{presets}", *words])
"""


def fetcher(case, url):
    """A ratesfetch that knows all presets by name, each on loopback."""
    presets = case.directory / "presets"
    presets.mkdir()
    for preset in (SOURCE / "etc/sources").glob("*.conf"):
        (presets / preset.name).write_text(
            f'url = "{url}?base={{base}}"\n')
    program = case.directory / "bin/ratesfetch"
    program.write_text(FETCH.format(
        python=sys.executable, url=url, presets=presets,
        program=BUILD / "ratesfetch"))
    program.chmod(0o755)


def environment(case):
    makefile = (BUILD / "Makefile").read_text()
    sanitize = re.search(r"^SANITIZE = *(.*)$", makefile, re.M)[1]
    compiler = re.search(r"^CC = *(.*)$", makefile, re.M)[1]
    (case.directory / "bin/cc").write_text(
        f'#!/bin/sh\nexec {compiler} {sanitize} "$@"\n')
    (case.directory / "bin/cc").chmod(0o755)
    return clean_environment(
        PATH=f"{case.directory}/bin:{os.environ['PATH']}",
        RATESD_INSTANCE=case.instance,
        RATESD_PROGRAM=str(case.directory / "bin/ratesd"),
        RATESD_PROBE=str(BUILD / "ratesd-probe"))


def shell(case, line):
    """Runs it as a user would, and wants it to succeed."""
    print("#", line)
    done = subprocess.run(
        ["sh", "-c", line], cwd=case.directory, env=environment(case),
        capture_output=True, text=True, timeout=60, check=False)
    wanted = next((status for words, status in STATUSES.items()
                   if line.startswith(words)), 0)
    equal(done.returncode, wanted, f"{line}: {done.stderr}")
    if wanted == 0:
        # With data on stdout ratesfetch tells there how long it took.
        equal(re.sub(r"^time elapsed: \d+\.\d\ds\n", "", done.stderr), "",
              line)
    return done.stdout


def today(exchange):
    """Any rates at all, published today."""
    day = time.strftime("%Y-%m-%d", time.gmtime())
    return exchange.reply(body=json.dumps(
        {"base": exchange.base, "date": day,
         "rates": tagged(exchange.base, exchange.server.codes)}).encode())


@contextlib.contextmanager
def live(case):
    """A daemon, and the files that examples name."""
    programs(case)
    (case.directory / "nbp.json").write_text(NBP)
    with Server([*BOOK, "JPY", "BHD"], default=today) as server:
        case.stub = server
        fetcher(case, server.url("/rates"))
        case.write_conf(server.codes, refresh="1h")
        case.start()
        yield


# --- tests -------------------------------------------------------------------


def test_every_page_is_looked_at(_):
    assert len(PAGES) >= 3, PAGES
    for page in PAGES:
        for block in blocks_of(page):
            kind_of(block)
    for block in blocks_of_readme():
        kind_of(block)
    used = {words for words in NOT_RUN
            for block in [*blocks_of_readme(),
                          *(b for page in PAGES for b in blocks_of(page))]
            for line in block if line.removeprefix("$ ").startswith(words)}
    equal(set(NOT_RUN) - used, set(), "excuses for nothing")


def test_commands_of_all_other_pages(case):
    if not shutil.which("jq"):
        raise Skip("no jq here")
    blocks = [block for page in PAGES if page.name != "ratesd.8"
              for block in blocks_of(page) if kind_of(block) == "shell"]
    with live(case):
        for block in blocks:
            for line in commands_of(block):
                shell(case, line)


def test_examples_print_what_they_say(case):
    """The status alone doesn't tell."""
    text = page_named("ratesctl.1").read_text()
    lines = [line for block in blocks_of(page_named("ratesctl.1"))
             for line in commands_of(block)]

    def told(part):
        found = [line for line in lines if part in line]
        equal(len(found), 1, f"examples with {part!r}")
        return shell(case, found[0])
    excused = text.count(".Dl $ ratesctl watch")
    equal(text.count(".Dl $") - excused, len(lines), "examples")
    with live(case):
        equal(told("--max-age 2h"), case.ctl("get", "EUR", "USD").stdout)
        equal(told("s/^source=").splitlines()[0], "stub")
        equal(told('!= "fresh"'), "")
        equal(told("startswith"), "")
        contains(told("nbp.json"), 'shape = "rows"')
        equal(len(told("--symbols PLN,NOK,CZK").splitlines()), 3)


def checked_struct(text):
    name = re.match(r"struct (\w+)", text)[1]
    members = re.findall(r"(\w+)(?:\[\w+\])?;", text)
    shown = text.replace(f"struct {name}", f"struct shown_{name}", 1)
    return "#include <stddef.h>\n#include <rates.h>\n" + shown + \
        "".join(SAME.format(name=name, member=member) for member in members) \
        + f"_Static_assert(sizeof(struct {name}) == " \
        f'sizeof(struct shown_{name}), "size");\n'


def source_of(case, kind, text):
    if kind == "struct":
        return checked_struct(text)
    if kind == "part of C":
        return AROUND % text
    return text.replace("(NULL,", f'("{case.instance}",')


def test_programs_of_the_manuals(case):
    """Whole ones run; what else there is of C compiles."""
    blocks = [(page.name, block) for page in PAGES
              for block in blocks_of(page)]
    flags = "-std=c11 -Wall -Wextra -Werror"
    with live(case):
        for name, block in blocks:
            kind, text = kind_of(block), "\n".join(block) + "\n"
            if kind not in ("C", "part of C", "struct"):
                continue
            (case.directory / "it.c").write_text(source_of(case, kind, text))
            if kind != "C":
                shell(case, f"cc {flags} $(pkg-config) -c it.c  # {name}")
            else:
                shell(case, f"cc {flags} -o it it.c $(pkg-config)  # {name}")
                contains(shell(case, "./it"), "1 EUR = ")


def daemon_lines(case):
    """ratesd.8's commands in their order, of an instance of the test's."""
    for block in blocks_of(page_named("ratesd.8")):
        if kind_of(block) == "shell":
            yield "\n".join(re.sub(r"\bmine\b", case.instance, line)
                            for line in commands_of(block))


def in_foreground(case, script):
    """Runs until it is told to stop, by the pid in its file."""
    print("#", script)
    with case.log.open("a") as log:
        process = subprocess.Popen(
            ["sh", "-c", script], cwd=case.directory, stderr=log,
            env=environment(case), stdout=subprocess.DEVNULL)
    case.started.append(process)
    pid_file = case.directory / "run" / f"{case.instance}.pid"
    wait_until("it runs", lambda: case.ctl("status").returncode == 0)
    os.kill(int(pid_file.read_text()), signal.SIGTERM)
    equal(process.wait(timeout=PATIENCE), 0, script)


def test_commands_of_ratesd(case):
    programs(case)
    case.start_stub()
    case.write_conf(refresh="1h")
    for name in ("ratesd.conf", f"{case.instance}.conf"):
        if not (case.directory / name).exists():
            shutil.copy(case.conf, case.directory / name)
    seen = ""
    for script in daemon_lines(case):
        seen += script
        if "ratesd -f" in script:
            in_foreground(case, script)
            shutil.rmtree(case.directory / "run")
            shutil.rmtree(case.directory / "state", ignore_errors=True)
        else:
            shell(case, script)
    for part in ("--purge", "ratesd -f", "kill", "wait"):
        contains(seen, part)
    assert not case.board_file().exists(), "what is left behind"


def readme_lines(case):
    """The README's commands, once the program that they compile is there."""
    for block in blocks_of_readme():
        if kind_of(block) == "C":
            (case.directory / "eurusd.c").write_text("\n".join(block).replace(
                "rates_open(NULL,", f'rates_open("{case.instance}",') + "\n")
        elif kind_of(block) == "shell":
            yield from commands_of(block)


def test_commands_of_the_readme(case):
    told = {}
    with live(case):
        for line in readme_lines(case):
            words = line.partition("  # ")[0].strip()
            told[words.split()[0]] = shell(case, words)
    contains(told["./eurusd"], "1 EUR = ")
    contains(told["./eurusd"], " USD\n")


def test_python_of_the_readme(case):
    library = BUILD / ".libs/librates.so.0"
    if "asan" in subprocess.run(["ldd", library], capture_output=True,
                                text=True, check=False).stdout:
        raise Skip("a sanitized librates can't be loaded: python.py")
    text = next("\n".join(block) for block in blocks_of_readme()
                if kind_of(block) == "Python")
    with live(case):
        env = {**environment(case), "RATESD_LIBRATES": str(library),
               "PYTHONPATH": str(SOURCE / "src/python"),
               "PYTHONDONTWRITEBYTECODE": "1"}
        reader = subprocess.Popen(
            [sys.executable, "-c", text.rstrip().replace(
                "Board()", f"Board({case.instance!r})") + "\n        break"],
            env=env, stdout=subprocess.PIPE, text=True)
        case.started.append(reader)

        def ended():
            equal(case.ctl("refresh", "--wait").returncode, 0)
            return reader.poll() is not None
        wait_until("a change is printed", ended)
        contains(reader.stdout.read(), "'USD': ")
        equal(reader.returncode, 0)


def check_conf(case, text):
    case.conf.write_text(text)
    done = case.run("-t", "--source-dir", SOURCE / "etc/sources")
    equal((done.returncode, done.stderr), (0, ""), text)


def whole(case, text):
    """The configuration that an example is of, or is a part of."""
    if re.search(r"^currencies", text, re.M):
        return text
    match = re.match(r'source "(\S+)"', text)
    if match:
        key = case.directory / "key"
        key.write_text("k3y\n")
        key.chmod(0o600)
        return 'currencies = {"EUR", "USD"}\nsources = {"' + match[1] + \
            '"}\n' + re.sub(r'credential = ".*"', f'credential = "{key}"',
                            text)
    assert re.match(r"url\b", text), text
    return 'currencies = {"EUR", "PLN"}\nsources = {"nbp"}\n' \
        f'source "nbp" {{\n{text}\n}}\n'


def test_configurations(case):
    blocks = [block for page in PAGES for block in blocks_of(page)]
    count = 0
    for block in [*blocks, *blocks_of_readme()]:
        if kind_of(block) == "conf":
            count += 1
            check_conf(case, whole(case, "\n".join(block) + "\n"))
    assert count >= 5, count


def test_a_preset_of_the_manual_is_one(case):
    """In a file of its own it reads the bank's answer."""
    places = case.directory / "presets"
    places.mkdir()
    blocks = ["\n".join(block) for block in
              blocks_of(page_named("ratesd.conf.5"))]
    text = next(text for text in blocks if "nbp.pl" in text)
    (places / "nbp.conf").write_text(text + "\n")
    case.conf.write_text('currencies = {"EUR", "PLN"}\nsources = {"nbp"}\n')
    done = case.run("-t", "--source-dir", places)
    equal((done.returncode, done.stderr), (0, ""))


def test_messages_are_those_of_the_manual(case):
    """The errors of DIAGNOSTICS, in the lines that they name."""
    wanted = next(block for block in blocks_of(page_named("ratesd.conf.5"))
                  if block[0].startswith("ratesd.conf:3:"))
    lines = ["# 1", "# 2", 'currencies = {"EUR", "usd"}', "# 4",
             "wokers = 2", "# 6", "# 7", "# 8", 'sources = {"ebc"}']
    case.conf.write_text("\n".join(lines) + "\n")
    done = case.run("-t", "--source-dir", SOURCE / "etc/sources")
    equal(done.returncode, 78)
    told = [re.sub(r"^(ratesd: )?\S*/ratesd\.conf", "ratesd.conf", line)
            for line in done.stderr.splitlines()]
    equal(told, wanted)


run(globals())
