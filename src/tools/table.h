/*
 * A table for people: cells are added row by row, then columns are aligned.
 */
#ifndef RATESD_TOOLS_TABLE_H
#define RATESD_TOOLS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TABLE_GAP 2 /* blanks between two columns */

/* id, ANSI "select graphic rendition" (ECMA-48 section 8.3.117) */
#define TABLE_STYLES(X)                                                        \
	X(PLAIN, "")                                                           \
	X(HEAD, "1")                                                           \
	X(DIM, "2")                                                            \
	X(UP, "32")                                                            \
	X(DOWN, "35")                                                          \
	X(INVERSE, "7")                                                        \
	X(STALE, "33")                                                         \
	X(FAILED, "31")

enum table_style {
#define X(id, code) STYLE_##id,
	TABLE_STYLES(X)
#undef X
	STYLE_COUNT
};

/* The parameter of the escape sequence of a style, "" for none. */
const char *table_style_code(enum table_style style);

enum table_align { ALIGN_LEFT, ALIGN_RIGHT };

struct table_cell {
	uint32_t at; /* in text */
	uint32_t length;
	enum table_style style;
};

struct table_column {
	enum table_align align;
	bool hidden;
	unsigned width;
};

struct table {
	struct table_column *columns;
	size_t column_count;
	struct table_cell *cells;
	size_t cell_count, cell_room;
	char *text;
	size_t text_size, text_room;
	bool failed; /* no memory: table_print() says so */
};

/* An empty table; all columns are right-aligned and shown. */
void table_begin(struct table *table, size_t columns);

void table_align(struct table *table, size_t column, enum table_align align);

/* A column that isn't printed. */
void table_hide(struct table *table, size_t column);

/* The next cell: of the first row, from left to right, then of the next. */
void table_cell(struct table *table, enum table_style style, const char *text);

/* The columns that the whole table takes, hidden and empty ones left out. */
unsigned table_width(const struct table *table);

/* What a column adds to table_width(). */
unsigned table_column_width(const struct table *table, size_t column);

/* Prints every full row without blanks at its end: 0, or -1 with errno. */
int table_print(const struct table *table, FILE *out, bool color);

void table_free(struct table *table);

#endif
