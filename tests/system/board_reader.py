"""A reader of boards made of rates-board(5) alone: its tables, read from the
manual's source, and its prose, as Python.

It has mmap and struct, and neither librates nor a header of ours.  Python
reads an aligned word by one load, and in order, as the manual asks of hosts of
the x86 kind.
"""

import mmap
import os
import re
import stat
import struct
import time

TRIES = 64
WORD = 2**64 - 1
FORMATS = {"u32": "I", "u64": "Q", "i64": "q", "f64": "d", "code": "Q"}
DAY = 86400 * 10**9
CENTURY = 36525 * DAY


class Refused(Exception):
    """Not a board that the manual describes; says why."""


class Manual:
    """The manual's tables: subsection -> [{column: cell}]."""

    def __init__(self, path):
        self.tables = {}
        title = rows = None
        for line in path.read_text().splitlines():
            if line.startswith(".Ss "):
                title = line[4:]
            elif line.startswith(".Bl -column"):
                rows, columns = [], None
                self.tables[title] = rows
            elif line == ".El":
                rows = None
            elif rows is not None and line.startswith(".It "):
                cells = [re.sub(r"^(Va|Em) ", "", cell.strip())
                         for cell in re.split(r" Ta\b", line[4:])]
                if columns is None:
                    columns = cells
                else:
                    rows.append(dict(zip(columns, cells)))

    def column(self, title, value, key="Name"):
        """key's cell -> value's cell, in the table of a subsection."""
        return {row[key]: row[value] for row in self.tables[title]}

    def constants(self):
        return {name: int(value, 0) for name, value
                in self.column("Constants", "Value").items()}

    def fields(self, title):
        """name -> (offset, type); of a row, offsets are words' numbers."""
        place = "Word" if title == "Words of a row" else "Offset"
        return {row["Name"]: (int(row[place]), row["Type"])
                for row in self.tables[title]}

    def names(self, title, key="Value"):
        """value -> name"""
        return {int(value): name for value, name
                in self.column(title, "Name", key).items()}


def size_of(kind):
    """The bytes of a type."""
    words = kind.split()
    if words[0] == "text":
        return int(words[1])
    count = int(words[0]) if len(words) == 2 else 1
    return count * struct.calcsize(FORMATS[words[-1]])


def text_of(data):
    """A text: what is before the first NUL."""
    return data.split(b"\0")[0].decode("utf-8", "replace")


def value_of(kind, data):
    """What bytes of a type say."""
    words = kind.split()
    if words[0] == "text":
        return text_of(data)
    if words[0] == "code":
        return unpacked(struct.unpack("Q", data)[0])
    if len(words) == 2:
        return struct.unpack(words[0] + FORMATS[words[1]], data)
    return struct.unpack(FORMATS[words[0]], data)[0]


def packed(code):
    return sum(ord(c) << (8 * i) for i, c in enumerate(code))


def unpacked(word):
    return text_of(word.to_bytes(8, "little"))


def hash_of(code):
    """Subsection Index."""
    h = code
    h = h ^ (h >> 33)
    h = h * 0xff51afd7ed558ccd & WORD
    h = h ^ (h >> 33)
    h = h * 0xc4ceb9fe1a85ec53 & WORD
    h = h ^ (h >> 33)
    return h


def parts(manual, currencies, slots, sources):
    """Subsection Parts: its formulas, computed in their order."""
    align = manual.constants()["align"]
    known = {**manual.constants(), "currencies": currencies, "slots": slots,
             "sources": sources, "__builtins__": {},
             "up": lambda x: -(-x // align) * align,
             "power": lambda x: 1 << (x - 1).bit_length()}
    for name, formula in manual.column("Parts", "Value").items():
        known[name] = eval(formula, known)  # of our own manual
    return known


class Board:
    """A mapped board."""

    def __init__(self, instance, manual):
        self.manual = manual
        self.constants = manual.constants()
        fd = os.open(f"/dev/shm/ratesd.{instance}", os.O_RDONLY |
                     os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(fd)
            self.look_at_object(status)
            self.map = mmap.mmap(fd, status.st_size, mmap.MAP_SHARED,
                                 mmap.PROT_READ)
        finally:
            os.close(fd)
        self.words = memoryview(self.map).cast("Q")
        self.look_at_header(status.st_size)
        self.codes = [unpacked(self.words[self.parts["codes_at"] // 8 + i])
                      for i in range(self.header("currencies"))]

    # --- Object, Header ------------------------------------------------------

    def look_at_object(self, status):
        if not stat.S_ISREG(status.st_mode):
            raise Refused("no regular file")
        if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise Refused("others may write it")
        if status.st_size < self.constants["header_size"]:
            raise Refused("shorter than a header")

    def look_at_header(self, length):
        for name in ("magic", "layout_version", "byte_order", "layout_hash",
                     "header_size"):
            if self.header(name) != self.constants[name]:
                raise Refused(f"{name} is {self.header(name):#x}, not "
                              f"{self.constants[name]:#x}")
        dimensions = [self.header(name)
                      for name in ("currencies", "slots", "sources")]
        for name, value in zip(("currencies", "slots", "sources"), dimensions):
            if not 1 <= value <= self.constants["max_" + name]:
                raise Refused(f"{name} is {value}")
        self.parts = parts(self.manual, *dimensions)
        for name in ("index_size", "total_size"):
            if self.header(name) != self.parts[name]:
                raise Refused(f"{name} is {self.header(name)}, not "
                              f"{self.parts[name]}")
        if length != self.header("total_size"):
            raise Refused(f"{length} bytes")

    def at(self, offset, kind):
        """A value of its own moment."""
        return value_of(kind, self.map[offset:offset + size_of(kind)])

    def header(self, name):
        return self.at(*self.manual.fields("Header")[name])

    def table(self, title, part, size, number):
        """The words of a slot, a lock or a source."""
        begin = self.parts[part] + self.constants[size] * number
        return {name: self.at(begin + offset, kind) for name, (offset, kind)
                in self.manual.fields(title).items()}

    def slot(self, number):
        return self.table("Slots", "slots_at", "slot_size", number)

    def lock(self, number):
        return self.table("Locks", "locks_at", "lock_size", number)

    def source(self, number):
        return self.table("Sources", "sources_at", "source_size", number)

    def state(self):
        return self.manual.names("Board states").get(self.header("state"))

    def fed(self):
        beat = self.header("heartbeat")
        return self.state() == "ready" and beat != 0 and \
            time.monotonic_ns() - beat <= self.constants["silence"]

    def counters(self):
        values = self.header("counters")
        return {name: values[number] for number, name
                in self.manual.names("Counters", "Number").items()}

    # --- Index ---------------------------------------------------------------

    def find(self, code):
        """The place of a code, or None."""
        size = self.parts["index_size"]
        first = hash_of(packed(code))
        for step in range(size):
            at = self.parts["index_at"] + 2 * ((first + step) % size)
            entry = struct.unpack_from("H", self.map, at)[0]
            if entry == 0 or entry > len(self.codes):
                return None
            if self.codes[entry - 1] == code:
                return entry - 1
        return None

    # --- Rows ----------------------------------------------------------------

    def row_at(self, place):
        """The number of the first word of a row."""
        return (self.parts["rows_at"] + place * self.parts["row_size"]) // 8

    def sequence(self, place):
        return self.words[self.row_at(place)]

    def copy(self, place):
        """All words of a row that its readers see, from one moment."""
        row, size = self.row_at(place), self.parts["copy_size"] // 8
        count = self.constants["row_meta"] + len(self.codes)
        for _ in range(TRIES):
            before = self.words[row]
            at = row + self.constants["row_head"] // 8 + before % 2 * size
            words = list(self.words[at:at + count])
            if self.words[row] == before:
                return words
        raise Refused("the row is busy")

    def checksum(self, words):
        h = self.constants["hash_start"]
        for w in words:
            h = (h ^ w) * self.constants["hash_prime"] & WORD
            h = h ^ (h >> 32)
        return h

    def row(self, place):
        """name -> value, and rates: code -> number or None."""
        words = self.copy(place)
        meta = self.constants["row_meta"]
        data = struct.pack(f"{len(words)}Q", *words)
        row = {name: value_of(kind, data[8 * word:8 * word + size_of(kind)])
               for name, (word, kind)
               in self.manual.fields("Words of a row").items()}
        check = self.manual.fields("Words of a row")["check"][0]
        row["sound"] = row["check"] == self.checksum(
            words[:check] + words[check + 1:])
        row["rates"] = dict(zip(self.codes, map(
            self.number, words[meta:])))
        return row

    def number(self, word):
        number = struct.unpack("d", struct.pack("Q", word))[0]
        return number if 0 < number < float("inf") else None

    def held(self, place, check):
        """The numbers that a row holds, or None if they aren't whole."""
        at = self.row_at(place) + (self.constants["row_head"] +
                                   2 * self.parts["copy_size"]) // 8
        words = list(self.words[at:at + len(self.codes)])
        return dict(zip(self.codes, map(self.number, words))) \
            if self.checksum(words) == check else None

    # --- Freshness -----------------------------------------------------------

    def calendar(self, name):
        """The words of a source's calendar, or None."""
        for number in range(self.header("sources")):
            source = self.source(number)
            words = [value for key, value in source.items()
                     if key.startswith("expected_")]
            if source["name"] == name and source["expected_next"] != 0 and \
                    self.checksum(w & WORD for w in words[:-1]) == words[-1]:
                return source
        return None

    def freshness(self, row, now):
        if row["version"] == 0:
            return "empty"
        age = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - row["fetched_boot"]
        if max(age, 0) > self.header("stale_after") or age < -1_000_000_000:
            return "stale"
        calendar = self.calendar(row["source"])
        return self.by_calendar(row, calendar, now) if calendar else "fresh"

    def by_calendar(self, row, calendar, now):
        late = self.header("late_after")
        late = late if 0 <= late <= CENTURY else 7200 * 10**9
        word = {name.removeprefix("expected_"): value
                for name, value in calendar.items()}
        if now >= word["next"] + late:
            days = (word["next_begin"] - word["last_begin"] + DAY // 2) // DAY
            due = (word["last_day"] + days * DAY, word["next_begin"],
                   word["before"])
        elif now >= word["last"] + late:
            due = (word["last_day"], word["last_begin"], word["before_that"])
        else:
            due = None
        if due:
            day, begin, two_before = due
            if not {1: row["published"] >= day,
                    2: row["published"] >= begin}.get(
                        row["published_form"], row["fetched_wall"] >= begin):
                return "late"
            if row["changed_wall"] < two_before + late:
                return "frozen"
        if word["last_end"] <= now < word["next_begin"]:
            return "closed"
        return "fresh"
