"""The examples of the manuals and of the README, and which of them are run."""

import re

from harness import SOURCE

PAGES = sorted((SOURCE / "man").glob("*.[1-9]"))
README = SOURCE / "README.md"

# How a line begins: why it isn't run.
NOT_RUN = {
    "sudo apt-get update": "newcomer.py does so, in a container",
    "# systemd-sysusers": "into this machine; boot.py does so in another",
    "# systemctl": "the same, and newcomer.py",
    "# ratesd -t": "of the machine's own files; newcomer.py does so",
    "# cp -p": "of the service's state; newcomer.py does so",
    "# apt-get install": "as package_inside.py does with dpkg",
    "# journalctl": "of the service; boot_inside.py reads it",
    "./bootstrap && make": "what CI does with each checkout",
    "kill -KILL 365": "a pid of another day; make demo kills a worker",
    "ratesctl watch": "it goes on until it is ended: watch.py runs it",
    "file:line: what is wrong": "no command, but the form of a message",
    "key = value": "no configuration, but the form of one",
    "[Service]": "for systemd, which isn't asked here",
    "cc program.c": "the form of a command, of any program",
    "h = ": "a formula: layout_facts.py and board_reader.py compute it",
    "ratesd.conf:3:": "messages: test_messages_are_those_of_the_manual",
}


def plain(line):
    """A line of mdoc as a reader has it (mandoc_char(7))."""
    for escape, text in (("\\(dq", '"'), ("\\(aq", "'"), ("\\&", ""),
                         ("\\-", "-"), ("\\e", "\\")):
        line = line.replace(escape, text)
    assert not re.search(r"\\[(*&]", line), f"another escape: {line}"
    return line


def blocks_of(page):
    """The literal blocks of a manual: each display, and each .Dl line."""
    block = None
    for line in page.read_text().splitlines():
        if line.startswith(".Bd -literal"):
            block = []
        elif line == ".Ed":
            if block is not None:
                yield block
            block = None
        elif block is not None:
            block.append(plain(line))
        elif line.startswith(".Dl "):
            yield [plain(line[4:])]


def blocks_of_readme():
    """The indented ones."""
    block = []
    for line in README.read_text().splitlines() + ["."]:
        if line.startswith("    cc ") and block:
            yield block  # the program that it compiles
            block = []
        if line.startswith("    ") or (block and not line.strip()):
            block.append(line[4:])
        elif block:
            yield block
            block = []


def excused(line):
    return any(line.startswith(words) for words in NOT_RUN)


def kind_of(block):
    text = "\n".join(block)
    if excused(block[0]):
        return "excused"
    if block[0].startswith(("$ ", "ratesctl ", "ratesfetch ", "cc ")):
        return "shell"
    if "#include" in text:
        return "C"
    if re.match(r"struct \w+ \{", text):
        return "struct"
    if re.search(r"\brates_\w+\(.*;", text, re.S):
        return "part of C"
    if text.startswith("from rates import"):
        return "Python"
    if re.search(r"^(currencies|source|url)\b", text, re.M):
        return "conf"
    raise AssertionError(f"neither run nor excused: {text}")


def commands_of(block):
    """The lines to run; output that is shown below them is none."""
    shown = any(line.startswith("$ ") for line in block)
    lines = [line.removeprefix("$ ") for line in block
             if line.startswith("$ ") or (line and not shown)]
    return [line for line in lines if not excused(line)]


def page_named(name):
    return next(page for page in PAGES if page.name == name)
