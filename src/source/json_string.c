#include "source/json_string.h"

#include <stdbool.h>
#include <string.h>

struct reader {
	const char *bytes;
	size_t size, at;
	char *out;
	size_t used;
};

/* The byte that is next, as a number; -1 at the end. */
static int
next(const struct reader *r)
{
	return r->at < r->size ? (unsigned char)r->bytes[r->at] : -1;
}

static const char *
fault_here(const struct reader *r)
{
	return r->at < r->size ? JSON_UNEXPECTED : JSON_CUT;
}

/* True if c is next, and then past it. */
static bool
take(struct reader *r, char c)
{
	if (next(r) != c)
		return false;
	r->at++;
	return true;
}

static void
put(struct reader *r, unsigned c)
{
	r->out[r->used++] = (char)c;
}

static void
put_utf8(struct reader *r, unsigned c)
{
	if (c < 0x80) {
		put(r, c);
		return;
	}
	if (c < 0x800) {
		put(r, 0xc0 | c >> 6);
	} else if (c < 0x10000) {
		put(r, 0xe0 | c >> 12);
		put(r, 0x80 | (c >> 6 & 0x3f));
	} else {
		put(r, 0xf0 | c >> 18);
		put(r, 0x80 | (c >> 12 & 0x3f));
		put(r, 0x80 | (c >> 6 & 0x3f));
	}
	put(r, 0x80 | (c & 0x3f));
}

/* The value of a hexadecimal digit, or -1. */
static int
hex_value(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits of an escape, after its 'u'. */
static const char *
read_hex(struct reader *r, unsigned *unit)
{
	*unit = 0;
	for (int i = 0; i < 4; i++, r->at++) {
		int digit = hex_value(next(r));

		if (digit < 0)
			return fault_here(r);
		*unit = *unit * 16 + (unsigned)digit;
	}
	return NULL;
}

/*
 * The escape of which "\u" is read.  Programs that end a text at a NUL would
 * take one code for another: none gets there.
 */
static const char *
read_unicode(struct reader *r)
{
	size_t start = r->at - 2;
	unsigned c = 0, low = 0;
	const char *fault = read_hex(r, &c);

	if (fault != NULL)
		return fault;
	if (c == 0) {
		r->at = start;
		return "a NUL";
	}
	if (c >= 0xd800 && c <= 0xdbff && take(r, '\\') && take(r, 'u'))
		fault = read_hex(r, &low);
	if (fault != NULL)
		return fault;
	if (low >= 0xdc00 && low <= 0xdfff)
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	if (c >= 0xd800 && c <= 0xdfff) {
		r->at = start;
		return "half of a surrogate pair";
	}
	put_utf8(r, c);
	return NULL;
}

/* The escape of which '\' is read. */
static const char *
read_escape(struct reader *r)
{
	static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	int c = next(r);
	const char *name = c > 0 ? strchr(names, c) : NULL;

	if (take(r, 'u'))
		return read_unicode(r);
	if (name == NULL)
		return fault_here(r);
	put(r, (unsigned char)meant[name - names]);
	r->at++;
	return NULL;
}

/* Bytes that stand for themselves, which most do. */
static void
read_plain(struct reader *r)
{
	const char *from = r->bytes + r->at, *end = r->bytes + r->size;
	char *to = r->out + r->used;

	while (from < end && *from != '"' && *from != '\\' &&
	    (unsigned char)*from >= ' ')
		*to++ = *from++;
	r->at = (size_t)(from - r->bytes);
	r->used = (size_t)(to - r->out);
}

/* What follows the first quote, with the second. */
static const char *
read_rest(struct reader *r)
{
	const char *fault = NULL;

	while (fault == NULL && (read_plain(r), !take(r, '"'))) {
		if (r->at == r->size)
			return JSON_CUT;
		if (!take(r, '\\'))
			return "a control character in a string";
		fault = read_escape(r);
	}
	return fault;
}

const char *
json_string_read(const char *bytes, size_t size, size_t *at, char *out,
    size_t *length)
{
	struct reader r = { bytes, size, *at, out, 0 };
	const char *fault = take(&r, '"') ? read_rest(&r) : fault_here(&r);

	*at = r.at;
	*length = r.used;
	out[r.used] = '\0';
	return fault;
}
