"""The output of a monitoring plugin, read by the grammar of the guideline.

Monitoring Plugins Development Guidelines, sections "Plugin Output",
"Threshold and Ranges" and "Performance data".
"""

import re

NAMES = {0: "OK", 1: "WARNING", 2: "CRITICAL", 3: "UNKNOWN"}
NUMBER = r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
RANGE = re.compile(rf"(@?)(?:(~|{NUMBER})?:)?({NUMBER})?\Z")
LABEL = re.compile(r"'((?:[^'=|]|'')+)'=|([^ '=|]+)=")
VALUE = re.compile(
    rf"(U|{NUMBER})(s|us|ms|%|B|KB|MB|TB|c|)"
    rf"(?:;([^; ]*))?(?:;([^; ]*))?(?:;({NUMBER})?)?(?:;({NUMBER})?)?(?= |\Z)")


class Wrong(AssertionError):
    pass


def read_range(text):
    """(inside, start, end), or Wrong."""
    found = RANGE.match(text)
    if not found or text in ("@", ""):
        raise Wrong(f"no range: {text!r}")
    start = found[2]
    if start is None:
        start = 0
    elif start == "~":
        start = float("-inf")
    end = float("inf") if found[3] is None else float(found[3])
    if float(start) > end:
        raise Wrong(f"a range that ends before it starts: {text!r}")
    return bool(found[1]), float(start), end


def alerts(text, value):
    inside, start, end = read_range(text)
    return (start <= value <= end) == inside


class Datum:
    def __init__(self, label, found):
        self.label = label
        self.value = None if found[1] == "U" else float(found[1])
        self.unit = found[2]
        self.warn, self.crit = found[3] or "", found[4] or ""
        self.min = None if not found[5] else float(found[5])
        self.max = None if not found[6] else float(found[6])
        if self.value is None and self.unit:
            raise Wrong(f"{label}: U has no unit")
        for text in filter(None, (self.warn, self.crit)):
            read_range(text)
        for bound, past in ((self.min, lambda a, b: a < b),
                            (self.max, lambda a, b: a > b)):
            if None not in (bound, self.value) and past(self.value, bound):
                raise Wrong(f"{label}: {self.value} is past {bound}")
        if self.unit == "c" and self.value != int(self.value):
            raise Wrong(f"{label}: a counter is whole")

    def status(self):
        """What its own ranges say of it."""
        if self.value is not None and self.crit and \
                alerts(self.crit, self.value):
            return 2
        return int(self.value is not None and bool(self.warn)
                   and alerts(self.warn, self.value))


def read_data(text):
    """Label -> Datum, of all that stands behind the bar."""
    data = {}
    text = text.strip(" ")
    while text:
        label = LABEL.match(text)
        if not label:
            raise Wrong(f"no label: {text!r}")
        name = (label[1] or label[2]).replace("''", "'")
        found = VALUE.match(text, label.end())
        if not found:
            raise Wrong(f"{name}: no value: {text!r}")
        if name in data:
            raise Wrong(f"{name}: twice")
        data[name] = Datum(name, found)
        text = text[found.end():].lstrip(" ")
    return data


class Output:
    """Of one run: status, text, data (label -> Datum), details (lines)."""

    def __init__(self, result):
        self.status = result.returncode
        if self.status not in NAMES:
            raise Wrong(f"exit status {self.status}: {result}")
        if result.stderr:
            raise Wrong(f"on standard error: {result.stderr!r}")
        if not result.stdout.endswith("\n") or not result.stdout.isascii():
            raise Wrong(f"no lines: {result.stdout!r}")
        first, *self.details = result.stdout[:-1].split("\n")
        begin = f"RATES {NAMES[self.status]} - "
        if not first.startswith(begin) or first.count("|") > 1:
            raise Wrong(f"not {begin!r}...: {first!r}")
        if any("|" in line for line in self.details):
            raise Wrong(f"more data: {self.details}")
        self.text, _, data = first[len(begin):].partition("|")
        self.data = read_data(data)
