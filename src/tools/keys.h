/*
 * What was typed, from the bytes that a terminal sends for it.
 */
#ifndef RATESD_TOOLS_KEYS_H
#define RATESD_TOOLS_KEYS_H

#include <stdbool.h>

/* id, as the help names it, what it does */
#define KEYS(X)                                                                \
	X(QUIT, "q", "quit")                                                   \
	X(HELP, "?", "show or leave this help")                                \
	X(UP, "up k", "one row up")                                            \
	X(DOWN, "down j", "one row down")                                      \
	X(LEFT, "left h", "one column to the left")                            \
	X(RIGHT, "right l", "one column to the right")                         \
	X(PAGE_UP, "PgUp b", "a page up")                                      \
	X(PAGE_DOWN, "PgDn f", "a page down")                                  \
	X(HOME, "Home g", "to the first row and column")                       \
	X(END, "End G", "to the last row")                                     \
	X(VIEW, "Tab", "matrix, or a line a pair")                             \
	X(PAUSE, "space", "pause, or go on")                                   \
	X(HALT, "-", "pause")                                                  \
	X(RESUME, "+", "go on")                                                \
	X(REDRAW, "Ctrl-L", "draw all anew")

enum key {
	KEY_NONE,
#define X(id, name, help) KEY_##id,
	KEYS(X)
#undef X
};

/* Where in an escape sequence the next byte stands; begins as all 0. */
struct keys {
	unsigned char place;
	unsigned char number; /* the first parameter */
};

/*
 * The key that ends with this byte; NONE in the middle of one, and for one that
 * nothing is bound to.  ECMA-48 section 5.4 and xterm's cursor keys.
 */
enum key keys_next(struct keys *keys, char byte);

#endif
