"""Prometheus' text format, read strictly; and the table of metrics."""

import os
import re
import shutil
import subprocess

from harness import SOURCE, Skip

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (\S+)\Z")
LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(,|\Z)')
NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?(?:e[+-]\d+)?)\Z")


class Wrong(AssertionError):
    pass


def unescape(text):
    return re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), text)


def read_labels(text):
    labels, at = {}, 0
    while at < len(text):
        found = LABEL.match(text, at)
        if not found or found[1] in labels or \
                (found[3] == "," and found.end() == len(text)):
            raise Wrong(f"labels: {text!r}")
        labels[found[1]] = unescape(found[2])
        at = found.end()
    return labels


class Metric:
    def __init__(self, name, text):
        self.name, self.help, self.type = name, text, None
        self.samples = {}  # (suffix, sorted labels) -> value

    def add(self, suffix, labels, value):
        key = suffix, tuple(sorted(labels.items()))
        if key in self.samples:
            raise Wrong(f"{self.name}: {key} comes twice")
        self.samples[key] = value

    def get(self, suffix="", **labels):
        return self.samples[suffix, tuple(sorted(labels.items()))]

    def sum(self, **labels):
        return sum(value for (_, of), value in self.samples.items()
                   if set(labels.items()) <= set(of))

    def check(self):
        if self.type not in ("gauge", "counter", "histogram"):
            raise Wrong(f"{self.name}: type {self.type}")
        if (self.type == "counter") != self.name.endswith("_total"):
            raise Wrong(f"{self.name}: a {self.type} of that name")
        if not self.samples:
            raise Wrong(f"{self.name}: no samples")
        if self.type == "histogram":
            self.check_histogram()

    def check_histogram(self):
        groups = {}
        for (suffix, labels), value in self.samples.items():
            rest = tuple(label for label in labels if label[0] != "le")
            groups.setdefault(rest, {})[suffix, dict(labels).get("le")] = value
        for rest, group in groups.items():
            ends = [le for suffix, le in group if suffix == "_bucket"]
            counts = [group["_bucket", le] for le in ends]
            if ends[-1] != "+Inf" or sorted(ends, key=float) != ends or \
                    sorted(counts) != counts or \
                    group["_count", None] != counts[-1] or \
                    group["_sum", None] < 0 or \
                    len(group) != len(ends) + 2:
                raise Wrong(f"{self.name}{rest}: no histogram: {group}")


def read_sample(metric, line, instance):
    found = SAMPLE.match(line)
    if not found or metric is None:
        raise Wrong(f"no sample: {line!r}")
    suffix = found[1].removeprefix(metric.name)
    wanted = ("_bucket", "_sum", "_count") if metric.type == "histogram" \
        else ("",)
    if not found[1].startswith(metric.name) or suffix not in wanted:
        raise Wrong(f"{found[1]} among those of {metric.name}")
    if not NUMBER.match(found[3]):
        raise Wrong(f"no number: {line!r}")
    labels = read_labels(found[2] or "")
    if labels.pop("ratesd_instance", None) != instance:
        raise Wrong(f"not of the instance {instance}: {line!r}")
    metric.add(suffix, labels, float(found[3]))


def read(text, instance=None):
    """Name -> Metric; or Wrong.  No time stamps, no other comments.

    The label that tells instances apart must be that, and is left out.
    """
    metrics, metric = {}, None
    if not text.endswith("\n") or "\n\n" in text:
        raise Wrong("an empty line, or a last one without its end")
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            name, _, told = line[7:].partition(" ")
            if name in metrics or not told:
                raise Wrong(f"twice, or no help: {line!r}")
            metric = metrics[name] = Metric(name, told)
        elif line.startswith("# TYPE "):
            name, _, kind = line[7:].partition(" ")
            if metric is None or name != metric.name or metric.type:
                raise Wrong(f"out of place: {line!r}")
            metric.type = kind
        else:
            read_sample(metric, line, instance)
    for each in metrics.values():
        each.check()
    return metrics


def table():
    """What src/tools/metrics.h says there is: name -> (type, labels, help)."""
    text = (SOURCE / "src/tools/metrics.h").read_text()
    body = re.search(r"#define METRICS\(X\)((?:.*\\\n)*.*)", text)[1]
    body = re.sub(r"\s*\\\n\s*", " ", body)
    rows = re.findall(r'X\((\w+), (\w+), "([\w,]*)", "([^"]*)"\)', body)
    if len(rows) != body.count("X("):
        raise Wrong("metrics.h: a row that is not understood")
    return {"ratesd_" + name: (kind, labels.split(",") if labels else [], told)
            for name, kind, labels, told in rows}


def promtool():
    path = os.environ.get("PROMTOOL") or shutil.which("promtool")
    if not path:
        raise Skip("promtool is not installed (package prometheus)")
    return path


def lint(text):
    """What promtool says of it must be nothing."""
    told = subprocess.run([promtool(), "check", "metrics"], input=text,
                          capture_output=True, text=True, check=False,
                          timeout=60)
    if told.returncode != 0 or told.stdout or told.stderr:
        raise Wrong(f"promtool: {told.stdout}{told.stderr}")
