"""What was measured, beside its yardstick: as a table, and as JSON."""

import json
import os
import platform
import statistics
import time

# Nanoseconds in each unit, largest first.
UNITS = [("s", 1e9), ("ms", 1e6), ("us", 1e3), ("ns", 1.0)]
UNIT_OF = {"duration": "ns", "plain": "count", "mebibytes": "bytes"}
COLUMNS = ["what", "measured", "min .. max", "yardstick", "ratio", "target",
           "verdict"]


# Between these the committed page has the figures.
PAGE_BEGIN, PAGE_END = "<!-- figures -->", "<!-- end of figures -->"


def machine():
    """In one line."""
    model = next((line.split(":")[1].strip()
                  for line in open("/proc/cpuinfo", encoding="utf-8")
                  if line.startswith("model name")), platform.machine())
    day = time.strftime("%Y-%m-%d", time.gmtime())
    return (f"{model}, {os.cpu_count()} processors, Linux "
            f"{platform.release()}, {day}")


def duration(ns):
    # Not 1e+03 us: what rounds to a whole larger unit is shown in it.
    name, size = next((u for u in UNITS if ns >= 0.9995 * u[1]), UNITS[-1])
    return f"{ns / size:.3g} {name}"


def plain(value):
    return f"{value:.3g}"


class Series:
    """The values of one thing, a round each; middle and spread of them."""

    def __init__(self, name, values):
        self.name = name
        self.values = list(values)
        self.median = statistics.median(self.values)
        self.least = min(self.values)
        self.most = max(self.values)

    def per(self, other):
        """The ratio round by round where rounds belong together, so that a
        disturbance of one round is a disturbance of one ratio."""
        if len(self.values) != len(other.values):
            return self.median / other.median
        return statistics.median(
            a / b for a, b in zip(self.values, other.values))

    def data(self):
        return {"name": self.name, "median": self.median,
                "min": self.least, "max": self.most,
                "rounds": len(self.values)}


def judged(value, best, limit):
    """The verdict on the middle and the best of what should be small.  Other work on the machine only ever makes things slower, so what a
    quiet moment showed counts too, but is called by its name."""
    if value <= limit:
        return "target met"
    return "met at best" if best <= limit else "target missed"


class Report:
    """Rows in the order in which they were measured."""

    def __init__(self):
        self.rows = []
        self.notes = []
        self.began = time.time()

    def note(self, text):
        self.notes.append(text)

    def row(self, measured, yardstick=None, at_most=None, times=None,
            of=None, at_least=None, show=duration):
        """at_most, at_least: a target for the value; times: one for the ratio
        to the yardstick, or to another series (of)."""
        ratio = None if yardstick is None else measured.per(yardstick)
        target = verdict = "-"
        if at_least is not None:
            target = ">= " + show(at_least)
            verdict = judged(-measured.median, -measured.most, -at_least)
        elif at_most is not None:
            target = "<= " + show(at_most)
            verdict = judged(measured.median, measured.least, at_most)
        elif times is not None:
            base = of or yardstick
            target = f"<= {plain(times)} x" + (f" {of.name}" if of else "")
            verdict = judged(measured.median / base.median if of else ratio,
                             measured.least / base.least, times)
        self.rows.append({
            "measured": measured, "yardstick": yardstick, "ratio": ratio,
            "target": target, "verdict": verdict, "show": show})

    def cells(self, row):
        measured, yardstick, show = (
            row["measured"], row["yardstick"], row["show"])
        return [measured.name, show(measured.median),
                f"{show(measured.least)} .. {show(measured.most)}",
                "-" if yardstick is None
                else f"{yardstick.name} {show(yardstick.median)}",
                "-" if row["ratio"] is None else plain(row["ratio"]),
                row["target"], row["verdict"]]

    def table(self):
        lines = [COLUMNS] + [self.cells(row) for row in self.rows]
        widths = [max(map(len, column)) for column in zip(*lines)]
        for line in lines:
            yield "  ".join(
                cell.ljust(width) for cell, width in zip(line, widths)
            ).rstrip()

    def markdown(self):
        """The table, and what machine it is of."""
        for cells in [COLUMNS, ["---"] * len(COLUMNS),
                      *map(self.cells, self.rows)]:
            yield "| " + " | ".join(cells) + " |"
        yield ""
        for note in self.notes:
            yield f"- {note}"
        yield f"- {self.summary()}"
        yield f"- {machine()}"

    def summary(self):
        verdicts = [row["verdict"] for row in self.rows]
        return (f"targets: {verdicts.count('target met')} met, "
                f"{verdicts.count('met at best')} met at best, "
                f"{verdicts.count('target missed')} missed; load "
                f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} processors; "
                f"{time.time() - self.began:.0f} s in all")

    def write_page(self, path):
        """Puts the table where the page has the last one."""
        text = path.read_text()
        before, rest = text.split(PAGE_BEGIN, 1)
        after = rest.split(PAGE_END, 1)[1]
        path.write_text(before + PAGE_BEGIN + "\n" +
                        "\n".join(self.markdown()) + "\n" + PAGE_END + after)

    def show(self):
        for line in self.table():
            print(line)
        for note in self.notes:
            print("note:", note)
        print(self.summary())

    def save(self, path):
        rows = [{"measured": row["measured"].data(),
                 "unit": UNIT_OF.get(row["show"].__name__),
                 "yardstick": row["yardstick"] and row["yardstick"].data(),
                 "ratio": row["ratio"], "target": row["target"],
                 "verdict": row["verdict"]} for row in self.rows]
        path.write_text(json.dumps({
            "schema": 1, "began": self.began, "kernel": platform.release(),
            "machine": platform.machine(), "processors": os.cpu_count(),
            "load": os.getloadavg(), "notes": self.notes,
            "rows": rows}, indent=1) + "\n")
