/*
 * A line for a terminal: text in styles, cut to a width.
 */
#ifndef RATESD_TOOLS_PAINT_H
#define RATESD_TOOLS_PAINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "tools/table.h"

struct paint {
	char *text;
	size_t length, room;
	unsigned width; /* columns at most; 0: without limit */
	unsigned used;
	bool color;
	bool failed; /* no memory */
};

/* An empty line of at most width columns, 0 for any number of them. */
void paint_begin(struct paint *paint, unsigned width, bool color);

/*
 * Appends a text of up to 1,023 bytes, cut to what fits.  Each character is one
 * column wide: it is ASCII, or UTF-8 of our own.
 */
void paint_text(struct paint *paint, enum table_style style,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Appends blanks up to a column, counted from 0; none if it is past. */
void paint_to(struct paint *paint, unsigned column);

/* The columns that are left; UINT_MAX without a limit. */
unsigned paint_left(const struct paint *paint);

/*
 * The text without blanks at its end, for the caller to free; NULL without
 * memory.
 */
char *paint_end(struct paint *paint);

/* Ends it as a line to a stream. */
void paint_print(struct paint *paint, FILE *out);

#endif
