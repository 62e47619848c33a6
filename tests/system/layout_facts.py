"""What the C compiler makes of rates.h and of the board's layout.

A small C program is written from the headers' own structs, lists and
constants, compiled with $CC, and asked.
"""

import os
import pathlib
import re
import shlex
import subprocess
import tempfile

from harness import SOURCE

HEADERS = ("board/layout.h", "board/rates.h", "base/hash.h")
STRUCTS = ("rates_row", "rates_feed", "board_header", "board_slot",
           "board_source", "board_lock", "board_row")
# X-macro: the prefix of its enum.
ENUMS = {"BOARD_STATES": "BOARD_", "SLOT_STATES": "SLOT_",
         "SANDBOX_STATES": "SANDBOX_", "ATTEMPT_CLASSES": "ATTEMPT_",
         "RATES_RESULTS": "RATES_"}
CONSTANTS = ("BOARD_MAGIC", "BOARD_LAYOUT_VERSION", "BOARD_BYTE_ORDER",
             "BOARD_ALIGN", "BOARD_CURRENCIES_MAX", "BOARD_SLOTS_MAX",
             "BOARD_SOURCES_MAX", "BOARD_ABSENT", "BOARD_SILENCE_MAX",
             "HASH_START", "ROW_META")

# What board_shape() is asked for: currencies, slots, sources.
SHAPES = [(1, 1, 1), (2, 4, 3), (5, 4, 1), (33, 7, 12), (128, 8, 4),
          (129, 64, 32), (1000, 3, 2), (1024, 64, 32)]
SHAPE = ("index_size", "row_size", "codes_at", "index_at", "sources_at",
         "slots_at", "locks_at", "rows_at", "total_size")
# What board_shape() and board_layout_hash() are made of.
SOURCES = ("board/layout.c", "base/code.c", "base/hash.c")

HEAD = "".join(f'#include "{header}"\n' for header in HEADERS)
PROGRAM = HEAD + r"""
#include <stdio.h>
#define FIELD(type, field) printf("field " #type " " #field " %zu %zu\n", \
    offsetof(struct type, field), sizeof(((struct type *)0)->field));
#define SIZE(type) printf("struct " #type " %zu\n", sizeof(struct type));
#define CONSTANT(name) printf("constant " #name " %llu\n", \
    (unsigned long long)name);
int
main(void)
{
%s
#define X(name, words) printf("row " #name " %%d %%zu\n", ROW_AT_##name, \
    sizeof(((struct row_meta_shape *)0)->name) / 8);
	ROW_WORDS(X)
#undef X
#define X(name) printf("counter " #name " %%d\n", COUNTER_##name);
	BOARD_COUNTERS(X)
#undef X
	printf("constant layout_hash %%llu\n",
	    (unsigned long long)board_layout_hash());
	return 0;
}
"""


def compiler():
    # Whatever sanitizes the build is nothing to this program.
    return shlex.split(os.environ.get("CC", "cc")) + [
        "-std=c11", "-D_GNU_SOURCE", f"-I{SOURCE / 'src'}"]


def fields(text, name):
    """The fields of a struct, in preprocessed C."""
    body = re.search(rf"struct {name} \{{([^}}]*)\}};", text).group(1)
    for statement in body.split(";"):
        statement = re.sub(r"\[[^]]*\]", "", statement).strip()
        if statement:
            first, *others = statement.split(",")
            yield first.split()[-1].lstrip("*")
            yield from (other.strip() for other in others)


def preprocessed():
    """The headers with their macros expanded."""
    return subprocess.run(
        compiler() + ["-E", "-P", "-x", "c", "-"], input=HEAD, check=True,
        capture_output=True, text=True).stdout


def program():
    text = preprocessed()
    lines = []
    for name in STRUCTS:
        lines.append(f"SIZE({name})")
        # What has no size of its own: the copies of a row.
        lines += [f"FIELD({name}, {field})" for field in fields(text, name)
                  if field != "copies"]
    for macro, prefix in ENUMS.items():
        lines.append(f'#define X(id, text) printf("enum {macro} %d " #id " '
                     f'%s\\n", {prefix}##id, text);\n{macro}(X)\n#undef X')
    lines += [f"CONSTANT({name})" for name in CONSTANTS]
    lines.append("struct board_shape s;")
    for dimensions in SHAPES:
        key = ",".join(map(str, dimensions))
        lines.append(f"if (board_shape({key}, &s) == -1)\n\treturn 1;")
        lines += [f'printf("shape {key} {name} %zu\\n", (size_t)s.{name});'
                  for name in (*SHAPE, "copy_words")]
    return PROGRAM.replace("%s\n#define", "\n".join(lines) + "\n#define", 1) \
        .replace("%%", "%")


class Facts:
    """structs: name -> size; fields: name -> {field: (offset, size)};
    row: word -> (number, words); counters: name -> number;
    enums: list -> [(value, ID, text)]; constants: name -> value;
    shapes: dimensions -> {name: value}."""

    def __init__(self):
        self.structs, self.fields, self.row = {}, {}, {}
        self.counters, self.enums, self.constants = {}, {}, {}
        self.shapes = {}
        with tempfile.TemporaryDirectory() as directory:
            source = pathlib.Path(directory, "facts.c")
            source.write_text(program())
            binary = source.with_suffix("")
            subprocess.run(
                compiler() + ["-o", binary, source] +
                [SOURCE / "src" / name for name in SOURCES], check=True)
            told = subprocess.run([binary], check=True, capture_output=True,
                                  text=True).stdout
        for line in told.splitlines():
            kind, *words = line.split(" ")
            getattr(self, "take_" + kind)(*words)

    def take_struct(self, name, size):
        self.structs[name] = int(size)

    def take_field(self, struct, name, offset, size):
        self.fields.setdefault(struct, {})[name] = (int(offset), int(size))

    def take_row(self, name, number, words):
        self.row[name] = (int(number), int(words))

    def take_counter(self, name, number):
        self.counters[name] = int(number)

    def take_enum(self, macro, value, name, *text):
        self.enums.setdefault(macro, []).append(
            (int(value), name, " ".join(text)))

    def take_constant(self, name, value):
        self.constants[name] = int(value)

    def take_shape(self, dimensions, name, value):
        key = tuple(map(int, dimensions.split(",")))
        self.shapes.setdefault(key, {})[name] = int(value)
