#include "tools/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/number.h"
#include "base/text.h"

#define COLUMNS_MAX 100000

bool
terminal_forced_rule(const char *variable)
{
	return variable != NULL && *variable != '\0' &&
	    strcmp(variable, "0") != 0;
}

bool
terminal_color_rule(enum color_when when, bool tty, const char *term,
    const char *no_color, bool forced)
{
	if (when != COLOR_AUTO)
		return when == COLOR_ALWAYS;
	if (no_color != NULL && *no_color != '\0')
		return false;
	return forced || (tty && term != NULL && strcmp(term, "dumb") != 0);
}

unsigned
terminal_width_rule(unsigned tty_columns, const char *columns)
{
	int64_t value;

	if (tty_columns != 0)
		return tty_columns;
	if (columns == NULL ||
	    number_parse_int(columns, 1, COLUMNS_MAX, &value) == -1)
		return 0;
	return (unsigned)value;
}

bool
terminal_color(enum color_when when)
{
	return terminal_color_rule(when, isatty(STDOUT_FILENO) == 1,
	    getenv("TERM"), getenv("NO_COLOR"),
	    terminal_forced_rule(getenv("CLICOLOR_FORCE")) ||
		terminal_forced_rule(getenv("FORCE_COLOR")));
}

bool
terminal_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool utf8;

	if (locale == (locale_t)0)
		return false;
	utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
	freelocale(locale);
	return utf8;
}

unsigned
terminal_width(void)
{
	struct winsize size;
	unsigned columns = 0;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		columns = size.ws_col;
	return terminal_width_rule(columns, getenv("COLUMNS"));
}

/* Digits after the point. */
static int
decimals(double size)
{
	int digits;

	if (size >= 1e6)
		return 0;
	if (size >= 1e3)
		return 2;
	if (size >= 1) {
		for (digits = 5; size >= 10; size /= 10)
			digits--;
		return digits;
	}
	for (digits = 4; size < 1; size *= 10)
		digits++;
	return digits;
}

/*
 * Points stand below each other in a column of like sizes because zeros are
 * kept; far below one they don't anyway, and the zeros only cost width.
 */
static void
strip_zeros(char *text)
{
	size_t length = strlen(text);

	while (length > 0 && text[length - 1] == '0')
		text[--length] = '\0';
}

const char *
terminal_number(double value, char *buf, size_t size)
{
	double magnitude = fabs(value);

	if (!isfinite(value))
		return text_format(buf, size, "-");
	if (value == 0 || value == 1)
		return text_format(buf, size, "%.0f", value);
	if (magnitude >= 1e10 || magnitude < 1e-7)
		return text_format(buf, size, "%.4e", value);
	text_format(buf, size, "%.*f", decimals(magnitude), value);
	if (magnitude < 0.01)
		strip_zeros(buf);
	return buf;
}
