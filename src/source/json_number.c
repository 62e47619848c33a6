#include "source/json_number.h"

#include <string.h>

#include "base/digits.h"
#include "base/number.h"
#include "source/json_string.h"

static bool
is_digit(const char *p, const char *end)
{
	return p < end && *p >= '0' && *p <= '9';
}

/* Past one or more digits; NULL, with *fault there, if there is none. */
static const char *
past_digits(const char *p, const char *end, const char **fault)
{
	if (!is_digit(p, end)) {
		*fault = p;
		return NULL;
	}
	while (is_digit(p, end))
		p++;
	return p;
}

static bool
is_at(const char *p, const char *end, char c)
{
	return p < end && *p == c;
}

/* number = [ minus ] int [ frac ] [ exp ]: the end, or NULL and *fault. */
static const char *
past_number(const char *p, const char *end, const char **fault)
{
	p += is_at(p, end, '-');
	p = is_at(p, end, '0') ? p + 1 : past_digits(p, end, fault);
	if (p != NULL && is_at(p, end, '.'))
		p = past_digits(p + 1, end, fault);
	if (p != NULL && (is_at(p, end, 'e') || is_at(p, end, 'E'))) {
		p++;
		p += is_at(p, end, '+') || is_at(p, end, '-');
		p = past_digits(p, end, fault);
	}
	return p;
}

bool
json_number_begins(char c)
{
	return c == '-' || (c >= '0' && c <= '9');
}

const char *
json_number_read(const char *bytes, size_t size, size_t *at, char *scratch,
    double *value)
{
	const char *start = bytes + *at, *end = bytes + size, *fault;
	const char *behind = past_number(start, end, &fault);
	size_t length;

	if (behind == NULL) {
		*at = (size_t)(fault - bytes);
		return *at < size ? "number expected" : JSON_CUT;
	}
	length = (size_t)(behind - start);
	if (!digits_to_double(start, length, value)) {
		memcpy(scratch, start, length);
		scratch[length] = '\0';
		if (number_parse_double(scratch, value) == -1)
			return "a number out of range";
	}
	*at += length;
	return NULL;
}
