/*
 * What the terminal can show: its width, its colours, and numbers for people.
 */
#ifndef RATESD_TOOLS_TERMINAL_H
#define RATESD_TOOLS_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#define COLOR_WHENS(X)                                                         \
	X(AUTO, "auto")                                                        \
	X(ALWAYS, "always")                                                    \
	X(NEVER, "never")

enum color_when {
#define X(id, name) COLOR_##id,
	COLOR_WHENS(X)
#undef X
	COLOR_WHEN_COUNT
};

/*
 * Whether to use colours: as --color says; by itself only with NO_COLOR
 * (no-color.org) unset or empty, and then if forced, or on a terminal whose
 * TERM is set and not "dumb".
 */
bool terminal_color_rule(enum color_when when, bool tty, const char *term,
    const char *no_color, bool forced);

/* Whether a variable as CLICOLOR_FORCE is set, and neither empty nor "0". */
bool terminal_forced_rule(const char *variable);

/*
 * How many columns: those of the terminal unless 0, else $COLUMNS if that is a
 * number from 1 to 100,000, else 0: without limit.
 */
unsigned terminal_width_rule(unsigned tty_columns, const char *columns);

/* Whether the environment's locale writes UTF-8.  Sets no locale. */
bool terminal_utf8(void);

/* The two rules, for stdout and this process's environment. */
bool terminal_color(enum color_when when);
unsigned terminal_width(void);

#define TERMINAL_NUMBER_MAX 32

/*
 * A number to read: six significant digits from 1 up (to the hundredth below a
 * million), five below 1; "1" alone for exactly one, "-" for none.  Returns
 * buf.
 */
const char *terminal_number(double value, char *buf, size_t size);

#endif
