"""The board's words by their names in src/board/layout.h."""

import re
import struct

from harness import SOURCE

LAYOUT = (SOURCE / "src/board/layout.h").read_text()
EXPECTED = (SOURCE / "src/base/expected.h").read_text()
SIZES = {name: int(size) for name, size in
         re.findall(r"#define (BOARD_\w+) (\d+)\b", LAYOUT)}
# What stands before a source's words.
TEXTS = ("BOARD_SOURCE_MAX", "BOARD_TERMS_MAX", "BOARD_PUBLISHES_MAX")
CURRENCIES_AT, HEADER_SIZE_AT, SLOT, LOCK, SOURCE_SIZE = 40, 16, 128, 128, 960


def listed(text, name):
    """The fields of an X-macro: (name, how many words)."""
    body = re.search(rf"#define {name}\(X\)((?:.*\\\n)*.*)", text).group(1)
    for field, size in re.findall(r"\bX\((\w+)(?:, (\w+(?: / 8)?))?\)", body):
        words, _, divided = (size or "1").partition(" / ")
        count = SIZES[words] if words in SIZES else int(words)
        yield field, count // 8 if divided else count


ROW = list(listed(LAYOUT, "ROW_WORDS"))
META = sum(count for _, count in ROW)
SOURCE_WORDS = [field for part in ("SOURCE_BOOT_WORDS", "SOURCE_LASTING_WORDS",
                                   "SOURCE_FACTS")
                for field, _ in listed(LAYOUT, part)] + \
    ["expected_" + field for field, _ in listed(EXPECTED, "EXPECTED_WORDS")]


def up(size):
    return (size + 63) // 64 * 64


class Words:
    """One look at a board."""

    def __init__(self, case):
        self.bytes = case.board_file().read_bytes()
        (self.currencies, slots, sources,
         index) = struct.unpack_from("<4I", self.bytes, CURRENCIES_AT)
        self.codes_at = up(
            struct.unpack_from("<Q", self.bytes, HEADER_SIZE_AT)[0])
        self.sources_at = up(up(self.codes_at + 8 * self.currencies)
                             + 2 * index)
        self.rows_at = self.sources_at + SOURCE_SIZE * sources + \
            SLOT * slots + LOCK * self.currencies

    def text(self, at, size):
        return self.bytes[at:at + size].split(b"\0")[0].decode()

    def copy_at(self, code):
        """Where the copy of a row is that its readers see."""
        codes = [self.text(self.codes_at + 8 * i, 8)
                 for i in range(self.currencies)]
        copy = up(8 * (META + self.currencies))
        at = self.rows_at + codes.index(code) * (
            64 + 2 * copy + up(8 * self.currencies))
        seq = struct.unpack_from("=Q", self.bytes, at)[0]
        return at + 64 + (seq & 1) * copy

    def numbers_at(self, code):
        return self.copy_at(code) + 8 * META

    def row(self, code):
        """What its readers see: name -> number, or text."""
        at = self.copy_at(code)
        row = {}
        for field, count in ROW:
            row[field] = self.text(at, 8 * count) if count > 1 else \
                struct.unpack_from("=q", self.bytes, at)[0]
            at += 8 * count
        return row

    def source(self, number=0):
        at = self.sources_at + SOURCE_SIZE * number + sum(
            SIZES[size] for size in TEXTS)
        return dict(zip(SOURCE_WORDS, struct.unpack_from(
            f"={len(SOURCE_WORDS)}q", self.bytes, at)))
