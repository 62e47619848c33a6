#include "base/text.h"

#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DISTANCE_MAX 32

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

const char *
text_clean(char *buf, size_t size, const char *text, size_t length)
{
	size_t used = 0;

	if (size == 0)
		return buf;
	for (size_t i = 0; i < length && used < size - 1; i++) {
		char c = text[i];

		if (!blank(c))
			buf[used++] = c > ' ' && c <= '~' ? c : '?';
		else if (used == 0 || buf[used - 1] != ' ')
			buf[used++] = ' ';
	}
	buf[used] = '\0';
	return buf;
}

const char *
text_format(char *buf, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(buf, size, format, args);
	va_end(args);
	return buf;
}

const char *
text_append(char *buf, size_t size, const char *format, ...)
{
	size_t used = strnlen(buf, size);
	va_list args;

	va_start(args, format);
	vsnprintf(buf + used, size - used, format, args);
	va_end(args);
	return buf;
}

static unsigned
smaller(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/*
 * The "optimal string alignment" form of the Damerau-Levenshtein distance:
 * no substring is edited twice.  cost[i][j] is the distance of a's first i
 * bytes from b's first j.
 */
unsigned
text_distance(const char *a, const char *b)
{
	unsigned cost[DISTANCE_MAX + 1][DISTANCE_MAX + 1];
	size_t m = strlen(a), n = strlen(b);

	if (m > DISTANCE_MAX || n > DISTANCE_MAX)
		return UINT_MAX;
	for (size_t i = 0; i <= m; i++)
		cost[i][0] = (unsigned)i;
	for (size_t j = 0; j <= n; j++)
		cost[0][j] = (unsigned)j;
	for (size_t i = 1; i <= m; i++) {
		for (size_t j = 1; j <= n; j++) {
			unsigned best = cost[i - 1][j - 1] +
			    (a[i - 1] != b[j - 1]);

			best = smaller(best, cost[i - 1][j] + 1);
			best = smaller(best, cost[i][j - 1] + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				best = smaller(best, cost[i - 2][j - 2] + 1);
			cost[i][j] = best;
		}
	}
	return cost[m][n];
}
