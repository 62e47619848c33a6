"""What ratesctl prints for programs, read back in each of its formats."""

import csv
import io
import json
import re
import subprocess

from commands import commands, members
from harness import equal

DATA = ("json", "csv", "keyvalue")
# What an argument that a command needs can be.
SAMPLES = {"BASE": "EUR", "QUOTE": "USD", "FROM": "EUR", "TO": "PLN",
           "AMOUNT": "1.5", "SOURCE": "stub"}
# Commands that are others' to test, each with the reason.
ELSEWHERE = {
    "check": "its statuses are those of a monitoring plugin",
    "help": "it looks at no board",
    "probe": "it is a program of its own: probe.py",
    "watch": "it doesn't end by itself",
}


def called(command):
    """How it is called with all that it needs, and no more."""
    return [command, *(SAMPLES[word] for word in KNOWN[command].required)]


KNOWN = commands()
# What prints data, and how that is called; a test may change it.
CALLED = {command: called(command) for command in KNOWN
          if "json" in KNOWN[command].formats and command not in ELSEWHERE}
# Those whose CSV is a table: the array that has the records.
RECORDS = {"show": "rows", "sources": "sources"}
# What an element of an array is called in a path.
NAMES = ("name", "slot", "base")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
KINDS = {
    "text": lambda v: isinstance(v, str) and v.isascii() and v.isprintable(),
    "count": lambda v: isinstance(v, Number) and re.fullmatch(r"\d+", v.text),
    "number": lambda v: isinstance(v, Number),
    "boolean": lambda v: isinstance(v, bool),
    "time": lambda v: isinstance(v, str) and TIME.fullmatch(v),
    "day": lambda v: isinstance(v, str) and DAY.fullmatch(v),
    "null": lambda v: v is None,
    "object": lambda v: isinstance(v, dict),
    "list of texts": lambda v: isinstance(v, list) and
    all(isinstance(each, str) for each in v),
}


class Number:
    """A number of a JSON document, as it stands there."""

    def __init__(self, text):
        self.text = text


def parse(text):
    equal(text.count("\n"), 1, "lines")
    return json.loads(text, parse_int=Number, parse_float=Number,
                      parse_constant=fail)


def fail(what):
    raise AssertionError(f"{what} is no JSON")


def leaves(value, path=""):
    """(path as the manual has it, value) of all that is no array's element."""
    if isinstance(value, dict):
        if path:
            yield path, value
        for key, inner in value.items():
            key = "CODE" if path.endswith("rates") else key
            yield from leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and not all(
            isinstance(each, str) for each in value):
        for inner in value:
            yield from leaves(inner, path + "[]")
    else:
        yield path, value


def plain(value):
    """A value as the flat formats write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Number):
        return value.text
    return ",".join(value) if isinstance(value, list) else value


def flat(value, lists, path=""):
    """(path, text) of each value, in order; lists: keys of lists of texts."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, lists, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and path.rpartition(".")[2] not in lists:
        for inner in value:
            name = next(plain(inner[key]) for key in NAMES if key in inner)
            yield from flat(inner, lists, f"{path}.{name}")
    else:
        yield path, plain(value)


def of_jq(text):
    """[path, value] of each value, as jq reads it."""
    done = subprocess.run(
        ["jq", "-c", 'paths(type != "object" and type != "array") as $p'
         " | [$p, getpath($p)]"],
        input=text, capture_output=True, text=True, check=True, timeout=60)
    return [json.loads(line) for line in done.stdout.splitlines()]


def of_python(value, path=()):
    if isinstance(value, (dict, list)):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            yield from of_python(inner, (*path, key))
    else:
        yield [list(path), value]


def steady(text):
    """The text without what another look at the board may change."""
    text = re.sub(r'(\bread["=,: ]+)\d{4}[^",\n]*Z', r"\1-", text)
    return re.sub(r'(\bage["=,: ]+)[\d.e-]+', r"\1-", text)


class Reader:
    """Asks for all formats at one state of the board."""

    def __init__(self, case, status=0):
        self.case = case
        self.status = status
        self.seen = {}  # command -> paths that were printed
        self.filled = {}  # command -> those that were more than null

    def ask(self, command, form, *more):
        told = self.case.ctl("-q", *CALLED[command], *more, "--format", form)
        wanted = self.status if command == "status" else 0
        equal((told.returncode, told.stderr), (wanted, ""),
              f"{command} {form}")
        return told.stdout

    def read(self, command, *more):
        """The document, after it was compared with the other formats."""
        texts = {}
        for _ in range(20):
            texts = {form: self.ask(command, form, *more) for form in DATA}
            again = self.ask(command, "json", *more)
            if steady(again) == steady(texts["json"]):
                break
        document = parse(texts["json"])
        self.compare(command, document, texts)
        self.check_kinds(command, document)
        equal(of_jq(texts["json"]), list(of_python(json.loads(
            texts["json"]))), f"{command}: jq and Python")
        return document

    def compare(self, command, document, texts):
        lists = {re.split(r"[.\]]", path)[-1] for path, kind
                 in members(command).items() if kind == "list of texts"}
        pairs = list(flat(parse(steady(texts["json"]).replace(
            '"age": -', '"age": 0')), lists))
        lines = steady(texts["keyvalue"]).replace("age=-", "age=0")
        equal([tuple(line.split("=", 1)) for line in lines.splitlines()],
              pairs, f"{command}: keyvalue")
        records = list(csv.reader(io.StringIO(
            steady(texts["csv"]).replace("age,-", "age,0"), newline="")))
        if command not in RECORDS:
            equal(records[0], ["key", "value"])
            equal([tuple(record) for record in records[1:]], pairs,
                  f"{command}: csv")
            return
        wanted = [{key: plain(value) for key, value in self.columns(row)}
                  for row in document[RECORDS[command]]]
        equal([dict(zip(records[0], record, strict=True))
               for record in records[1:]], wanted, f"{command}: csv")

    @staticmethod
    def columns(row):
        """A record's fields; the message of an error is for people."""
        for key, value in row.items():
            if key == "rates":
                yield from value.items()
            elif key != "error":
                yield key, value

    def check_kinds(self, command, document):
        wanted = members(command)
        seen = self.seen.setdefault(command, set())
        filled = self.filled.setdefault(command, set())
        for path, value in leaves(document):
            if isinstance(value, dict) and path not in wanted:
                continue  # it is in the names of its members
            if value == [] and path not in wanted:
                continue  # an array that has no element now
            assert path in wanted, \
                f"the manual doesn't name {path} of {command}"
            kinds = re.split(r", | or ", wanted[path])
            assert any(KINDS[kind](value) for kind in kinds), \
                f"{command}: {path} is {plain(value)!r}, not {wanted[path]}"
            seen.add(path)
            if value is not None:
                filled.add(path)

    def all(self):
        return {command: self.read(command) for command in CALLED}
