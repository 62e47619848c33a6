"""The commands of ratesctl, by its own help and by its manual."""

import re
import subprocess

from harness import BUILD, SOURCE, clean_environment

MANUAL = SOURCE / "man/ratesctl.1"


class Command:
    """What help says that a command takes."""

    def __init__(self, word):
        text = help_of(word)
        # "get BASE QUOTE [-f FORMAT]"
        usage = re.match(rf"Usage: ratesctl {word}((?: [^-\s]+)*)$",
                         re.sub(r" \[.*", "", text.splitlines()[0]))
        self.required = re.findall(r"[A-Z]+", usage[1])
        options = re.findall(r"^  (?:(-\w), |    )(--[a-z-]+)", text, re.M)
        formats = re.search(r"^Formats: (.*)", text, re.M)
        self.options = {name for pair in options for name in pair if name}
        self.formats = set(formats[1].split(", ")) if formats else set()


def help_of(*words):
    return subprocess.run(
        [BUILD / "ratesctl", "help", *words], capture_output=True, text=True,
        check=True, timeout=60, env=clean_environment()).stdout


def commands():
    listed = re.search(r"\nCommands:\n(.*?)\n\n", help_of(), re.S)[1]
    words = [line.split()[0] for line in listed.splitlines()]
    return {word: Command(word) for word in words}


def members(word):
    """path -> what it can be, of a command's section in the manual."""
    section = re.search(rf"^\.Ss Data of {word}$(.*?)(?=^\.S[sh] )",
                        MANUAL.read_text(), re.S | re.M)
    assert section, f"ratesctl(1) has no section 'Data of {word}'"
    found = re.findall(r"^\.It Cm (\S+) Pq (.*)$", section[1], re.M)
    assert len(dict(found)) == len(found), f"a member of {word} twice"
    return dict(found)
