#include "base/text.h"

#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DISTANCE_MAX 32
#define PART_MIN 4 /* bytes of a secret: fewer say nothing */
#define NEAR_PART_MIN 3 /* bytes of a word that is a part of another */
#define CUT_MIN 12 /* as many of its first, amid a text, are no accident */
#define MASK "***"

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

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* How many bytes of text are the byte c in a URL; 0: it is another one. */
static size_t
encoded_byte(const char *text, char c)
{
	int high, low;

	if (*text != '%')
		return *text == c || (c == ' ' && *text == '+') ? 1 : 0;
	high = hex_digit(text[1]);
	low = high < 0 ? -1 : hex_digit(text[2]);
	return low >= 0 && high * 16 + low == (unsigned char)c ? 3 : 0;
}

/* The same in plain text. */
static size_t
plain_byte(const char *text, char c)
{
	return *text == c ? 1 : 0;
}

/* True where text ends, be it amid a byte that is percent-encoded. */
static bool
ends_here(const char *text)
{
	return text[0] == '\0' ||
	    (text[0] == '%' && (text[1] == '\0' || text[2] == '\0'));
}

/* How far the secret goes at the start of text; 0: it isn't there. */
static size_t
secret_length(const char *text, const char *secret,
    size_t (*byte)(const char *, char))
{
	const char *p = text;

	for (const char *s = secret; *s != '\0'; s++) {
		size_t length = byte(p, *s);

		if (length == 0 && s - secret >= PART_MIN && ends_here(p))
			return strlen(text);
		if (length == 0)
			return s - secret >= CUT_MIN ? (size_t)(p - text) : 0;
		p += length;
	}
	return (size_t)(p - text);
}

/* Puts the mask for length bytes at `at`; the place behind it. */
static size_t
mask(char *buf, size_t size, size_t at, size_t length)
{
	size_t rest = strlen(buf + at + length), put = strlen(MASK);

	if (put > size - 1 - at)
		put = size - 1 - at;
	if (rest > size - 1 - at - put)
		rest = size - 1 - at - put;
	memmove(buf + at + put, buf + at + length, rest);
	memcpy(buf + at, MASK, put);
	buf[at + put + rest] = '\0';
	return at + put;
}

const char *
text_redact(char *buf, size_t size, const char *secret)
{
	size_t at = 0;

	if (secret[0] == '\0')
		return buf;
	while (buf[at] != '\0') {
		size_t plain = secret_length(buf + at, secret, plain_byte);
		size_t encoded = secret_length(buf + at, secret, encoded_byte);
		size_t length = plain > encoded ? plain : encoded;

		at = length > 0 ? mask(buf, size, at, length) : at + 1;
	}
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

bool
text_near(const char *word, const char *candidate, unsigned *edits)
{
	size_t length = strlen(word);

	*edits = text_distance(word, candidate);
	return *edits <= (length + 1) / 3 ||
	    (length >= NEAR_PART_MIN && strstr(candidate, word) != NULL);
}
