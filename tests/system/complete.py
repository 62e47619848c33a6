"""Completion in the shells themselves: what a press of a key inserts.

Each shell runs on a terminal of its own, with the files of etc/completion, and
a key that writes its command line into a file.
"""

import contextlib
import os
import pathlib
import pty
import select
import shlex
import shutil
import signal
import subprocess
import time

from commands import commands
from harness import (BUILD, PATIENCE, SOURCE, Skip, clean_environment,
                     contains, equal, run)
from words import SIZES, Words

FILES = SOURCE / "etc/completion"
PACKAGE = pathlib.Path("/usr/share/bash-completion/bash_completion")
CODES = {"EUR", "USD", "PLN", "NOK", "CZK"}


def surroundings(case):
    """What a shell is started with; its ratesd has the presets."""
    place = case.directory / "bin"
    if not place.exists():
        place.mkdir()
        (place / "ratesd").write_text(
            f"#!/bin/sh\nexec {shlex.quote(str(BUILD / 'ratesd'))} "
            f"--source-dir {shlex.quote(str(SOURCE / 'etc/sources'))} "
            '"$@"\n')
        (place / "ratesd").chmod(0o755)
        # fish wants to see a program before it completes it.
        (place / "check_rates").symlink_to(BUILD / "ratesctl")
    return clean_environment(
        HOME=str(case.directory), PATH=f"{place}:{BUILD}:/usr/bin:/bin",
        RATESD_PROGRAM=str(place / "ratesd"))


class Shell:
    """An interactive shell, spoken to by keys."""

    def __init__(self, case, words, **environment):
        self.out = case.directory / f"line-{words[0]}"
        pid, self.terminal = pty.fork()
        if pid == 0:
            try:
                os.chdir(case.directory)
                os.execvpe(words[0], words, {
                    **surroundings(case), "TERM": "dumb", "PS1": "> ",
                    "OUT": str(self.out), **environment})
            finally:
                os._exit(127)
        self.pid = pid

    def drain(self):
        with contextlib.suppress(OSError):
            while select.select([self.terminal], [], [], 0)[0]:
                os.read(self.terminal, 65536)

    def keys(self, text):
        os.write(self.terminal, text.encode())

    def wait(self, name):
        """For a file that the shell is to write: what is in it."""
        path = self.out.with_name(name)
        end = time.monotonic() + PATIENCE
        while not (path.exists() and path.read_text().endswith("\0")):
            self.drain()
            assert time.monotonic() < end, f"{name} is not written"
            time.sleep(0.01)
        text = path.read_text()[:-1]
        path.unlink()
        return text

    def command(self, text):
        """A command that is run to its end."""
        self.keys(f"{text}; printf 'done\\0' >$OUT.done\r")
        self.wait(self.out.name + ".done")

    def line(self, text):
        """The command line after all completions of text are put into it."""
        self.keys("\x15" + text + "\x18a\x18w")
        return self.wait(self.out.name)

    def session(self):
        """The shell and what it has forked: its own children outlive it."""
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                if os.getsid(int(pid)) == self.pid:
                    yield int(pid)

    def close(self):
        for pid in list(self.session()):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


def offered(shell, text):
    """What takes the place of the last word of text."""
    line = shell.line(text)
    before, _, last = text.rpartition(" ")
    assert line.startswith(before), f"{text!r} became {line!r}"
    words = set(line[len(before):].split())
    # What can't be completed stays as it is.
    return words - {last} if words == {last} else words


def bash(case, *, package=False, strict=False):
    if not shutil.which("bash"):
        raise Skip("no bash here")
    if package and not PACKAGE.exists():
        raise Skip("bash-completion is not installed")
    shell = Shell(case, ["bash", "--norc", "--noprofile", "-i"],
                  INPUTRC="/dev/null")
    if strict:
        shell.command("set -u")
    if package:
        # It finds them by itself, by the names that they are installed under.
        (case.directory / "completions").mkdir()
        for path in FILES.glob("*.bash"):
            shutil.copyfile(path, case.directory / "completions" / path.name)
        shell.command(f"BASH_COMPLETION_USER_DIR={case.directory}")
        shell.command(f". {PACKAGE}")
    else:
        shell.command(f". {FILES}/ratesd.bash")
    shell.command("bind '\"\\C-xa\": insert-completions'")
    shell.command("bind -x '\"\\C-xw\": "
                  "printf \"%s\\0\" \"$READLINE_LINE\" >$OUT'")
    return shell


def zsh(case):
    if not shutil.which("zsh"):
        raise Skip("no zsh here")
    shell = Shell(case, ["zsh", "-f", "-i"])
    # The prompt's own line editor may not be up yet.
    shell.command(f"fpath=({FILES} $fpath); autoload -Uz compinit; "
                  "compinit -u -D")
    shell.command("zstyle ':completion:all-matches::::' completer "
                  "_all_matches _complete; "
                  "zstyle ':completion:all-matches:*' insert yes; "
                  "zle -C all-matches complete-word _generic; "
                  "bindkey '^Xa' all-matches")
    shell.command("tell() { printf '%s\\0' \"$BUFFER\" >$OUT }; "
                  "zle -N tell; bindkey '^Xw' tell; bindkey '^U' kill-buffer")
    return shell


class Fish:
    """Completes without a terminal: fish has a command for that."""

    def __init__(self, case):
        if not shutil.which("fish"):
            raise Skip("no fish here")
        self.environment = surroundings(case)
        self.directory = case.directory

    def offered(self, text):
        done = subprocess.run(
            ["fish", "--no-config", "-c",
             f"set fish_complete_path {FILES}; complete -C $argv[1]", text],
            capture_output=True, text=True, timeout=60, check=False,
            env=self.environment, cwd=self.directory)
        equal(done.stderr, "", f"errors of {text!r}")
        return {line.split("\t")[0] for line in done.stdout.splitlines()}

    def close(self):
        pass


# --- what each shell must offer ----------------------------------------------


def check_words(offer):
    """Commands, their options and the values of those, from the table."""
    known = commands()
    equal(offer("ratesctl "), set(known), "commands")
    equal(offer("ratesctl st"), {"status"}, "a command's beginning")
    equal(offer("ratesctl -q st"), {"status"}, "after an option")
    equal(offer("ratesctl help st"), {"status"}, "of help")
    for command, told in known.items():
        print("#", command)
        # The last one keeps its sign in zsh, if it takes a value.
        equal({word.rstrip("=") for word in offer(f"ratesctl {command} --")},
              {name for name in told.options if name.startswith("--")},
              f"options of {command}")
        if told.formats:
            for words in ("--format ", "-f ", "--format="):
                found = offer(f"ratesctl {command} {words}")
                equal({word.rpartition("=")[2] for word in found}, told.formats,
                      f"formats of {command} after {words!r}")
    equal(offer("ratesctl --color a"), {"always", "auto"}, "modes")
    equal(offer("ratesctl show --format k"), {"keyvalue"}, "one format")
    equal(offer("ratesctl show --max-age "), set(), "an age is one's own")
    equal({word.rstrip("=") for word in offer("ratesd --l")},
          {"--log-level"}, "ratesd's options")
    equal({word.rstrip("=") for word in offer("check_rates --mo")},
          {"--mode"}, "the plugin's options")
    equal(offer("check_rates --mode f"), {"frozen"}, "its modes")
    equal(offer("ratesd --log-level "),
          {"error", "warning", "info", "debug"}, "levels")


def check_board(case, offer):
    """Instances, and what is on the board of the one that is named."""
    name = case.instance
    contains(offer("ratesctl -i "), name)
    contains(offer("ratesctl show --instance "), name)
    contains(offer("ratesd -i "), name)
    for words in (f"-i {name} show ", f"--instance {name} show ",
                  f"--instance={name} show ", f"-qi {name} show ",
                  f"-i{name} show ", f"show -i {name} ",
                  f"-i {name} --color never explain ",
                  f"-i {name} get EUR ", f"-i {name} refresh --wait EUR "):
        found = offer("ratesctl " + words)
        equal(found | {"EUR"}, CODES, words)
    equal(offer(f"ratesctl -i {name} get P"), {"PLN"}, "a code's beginning")
    equal(offer(f"ratesctl -i {name} get EUR USD "), set(), "no third one")
    equal(offer(f"ratesctl -i {name} sources "), {"stub"}, "sources")
    equal(offer(f"ratesctl -i {name} status "), set(), "no argument")
    for words in (f"check_rates -i {name} ", f"ratesctl -i {name} check "):
        equal(offer(words), CODES | {"stub"}, words)
        equal(offer(words + "USD EUR/"), {f"EUR/{code}" for code in CODES},
              words)
        equal(offer(words + "EUR/P"), {"EUR/PLN"}, words)
    words = f"ratesctl -i {name} metrics --rates "
    equal(offer(words + "P"), {"PLN/"}, "the first half of a pair")
    equal(offer(words + "EUR/PLN,CZK/U"), {"EUR/PLN,CZK/USD"}, "the other")
    lists = offer(f"ratesctl -i {name} show --symbols EUR,")
    equal({word.rstrip(",").rpartition(",")[2] for word in lists} - {""},
          CODES - {"EUR"}, "what is not in the list yet")


def check_files(case, offer):
    (case.directory / "answer.json").write_text("{}")
    contains(offer("ratesctl probe --file ans"), "answer.json")
    contains(offer("ratesd -c ans"), "answer.json")
    for words in ("ratesd --sources fran", "ratesctl sources --presets fran"):
        equal(offer(words), {"frankfurter", "frankfurter-v2"}, words)
    (case.directory / "folder").mkdir(exist_ok=True)
    contains({word.rstrip("/") for word in offer("ratesd --state-dir fol")},
             "folder")


def check_nothing(case, offer):
    """Without a board: nothing, and not a word."""
    equal(offer("ratesctl -i there-is-none get "), set(), "no board")
    equal(offer("ratesctl -i ../x get "), set(), "no instance's name")
    equal(offer("ratesctl no-such-command "), set(), "no such command")
    offer("ratesctl -i $(>evaluated) get ")
    offer("ratesctl -i `>evaluated` show --symbols ")
    assert not (case.directory / "evaluated").exists(), "a word was run"


def check_hostile(case, offer):
    """What another user's board may say is not put on the line to be run."""
    case.stop()
    with case.board_file().open("r+b") as board:
        board.seek(Words(case).sources_at)
        board.write(b"$(>evaluated)".ljust(SIZES["BOARD_SOURCE_MAX"], b"\0"))
    found = offer(f"ratesctl -i {case.instance} sources ")
    assert not {word for word in found if word.startswith("$")}, found


def check_all(case, shell, offer=None):
    offer = offer or (lambda text: offered(shell, text))
    try:
        check_words(offer)
        check_files(case, offer)
        check_nothing(case, offer)
        case.start_stub()
        case.write_conf(refresh="1h")
        case.start()
        check_board(case, offer)
        check_hostile(case, offer)
    finally:
        shell.close()


def test_bash(case):
    check_all(case, bash(case))


def test_bash_with_set_u(case):
    check_all(case, bash(case, strict=True))


def test_bash_with_its_package(case):
    check_all(case, bash(case, package=True))


def test_zsh(case):
    shell = zsh(case)

    def offer(text):
        # Where no argument may stand it offers options by itself.
        found = offered(shell, text)
        asked = text.rpartition(" ")[2].startswith("-")
        return found if asked else {w for w in found if w[0] != "-"}
    check_all(case, shell, offer)


def test_fish(case):
    fish = Fish(case)
    check_all(case, fish, fish.offered)


run(globals())
