#include "base/decimal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

#define DIGITS "0123456789"
#define POWER_MAX 38 /* 10^38 is the last one below 2^128 */

const char *
decimal_fault_text(enum decimal_fault fault)
{
	static const char *const texts[] = {
#define X(id, text) text,
		DECIMAL_FAULTS(X)
#undef X
	};

	return texts[fault];
}

const char *
decimal_rounding_name(enum decimal_rounding rounding)
{
	static const char *const names[] = {
#define X(id, name) name,
		DECIMAL_ROUNDINGS(X)
#undef X
	};

	return names[rounding];
}

/* --- reading -------------------------------------------------------------- */

/* Appends digits, of which there are never more than there is room for. */
static void
append(decimal_magnitude *magnitude, const char *digits, size_t count)
{
	for (size_t i = 0; i < count; i++)
		*magnitude = *magnitude * 10 + (unsigned)(digits[i] - '0');
}

/* With no zeros at the end of its magnitude, and one form of zero. */
static struct decimal
normal(struct decimal number)
{
	if (number.magnitude == 0)
		return (struct decimal){ .magnitude = 0 };
	for (; number.magnitude % 10 == 0; number.exponent++)
		number.magnitude /= 10;
	return number;
}

/* The digits around a point. */
struct parts {
	const char *whole, *places, *rest;
	size_t whole_count, places_count;
};

static void
split(const char *text, struct parts *parts)
{
	parts->whole = text;
	parts->whole_count = strspn(text, DIGITS);
	parts->places = text + parts->whole_count;
	parts->places += *parts->places == '.';
	parts->places_count = strspn(parts->places, DIGITS);
	parts->rest = parts->places + parts->places_count;
}

/* Zeros before the first digit and behind the last one say nothing. */
static void
trim(struct parts *parts)
{
	while (parts->whole_count > 0 && *parts->whole == '0') {
		parts->whole++;
		parts->whole_count--;
	}
	while (parts->places_count > 0 &&
	    parts->places[parts->places_count - 1] == '0')
		parts->places_count--;
}

/* What is wrong with a text that goes on behind its number. */
static enum decimal_fault
fault_of_rest(const struct parts *parts)
{
	const char *rest = parts->rest;
	bool digits = parts->whole_count + parts->places_count > 0;

	if (*rest == '\0')
		return digits ? DECIMAL_NONE : DECIMAL_EMPTY;
	if (!digits)
		return DECIMAL_TEXT;
	/* Also the narrow blanks and apostrophes that are no ASCII. */
	if ((strchr(",.'_ ", *rest) != NULL || (unsigned char)*rest >= 0x80) &&
	    strpbrk(rest, DIGITS) != NULL)
		return DECIMAL_SEPARATOR;
	if (*rest == 'e' || *rest == 'E') {
		rest += 1 + (rest[1] == '-' || rest[1] == '+');
		if (*rest != '\0' && rest[strspn(rest, DIGITS)] == '\0')
			return DECIMAL_EXPONENT;
	}
	return DECIMAL_TEXT;
}

static size_t
significant(const struct parts *parts)
{
	size_t zeros = 0;

	if (parts->whole_count == 0)
		while (zeros < parts->places_count &&
		    parts->places[zeros] == '0')
			zeros++;
	return parts->whole_count + parts->places_count - zeros;
}

static enum decimal_fault
fault_of_size(const struct parts *parts)
{
	decimal_magnitude whole = 0;

	if (parts->whole_count > 16)
		return DECIMAL_TOO_LARGE;
	append(&whole, parts->whole, parts->whole_count);
	if (whole > DECIMAL_WHOLE_MAX ||
	    (whole == DECIMAL_WHOLE_MAX && parts->places_count > 0))
		return DECIMAL_TOO_LARGE;
	if (parts->places_count > DECIMAL_PLACES_MAX)
		return DECIMAL_TOO_FINE;
	return significant(parts) > DECIMAL_DIGITS_MAX ? DECIMAL_TOO_LONG
							: DECIMAL_NONE;
}

static void
join(const struct parts *parts, struct decimal *number)
{
	append(&number->magnitude, parts->whole, parts->whole_count);
	append(&number->magnitude, parts->places, parts->places_count);
	number->exponent -= (int)parts->places_count;
}

enum decimal_fault
decimal_parse(const char *text, struct decimal *out)
{
	struct decimal number = { .negative = *text == '-' };
	enum decimal_fault fault;
	struct parts parts;

	split(text + (*text == '-' || *text == '+'), &parts);
	fault = fault_of_rest(&parts);
	if (fault != DECIMAL_NONE)
		return fault;
	trim(&parts);
	fault = fault_of_size(&parts);
	if (fault != DECIMAL_NONE)
		return fault;
	join(&parts, &number);
	*out = normal(number);
	return DECIMAL_NONE;
}

/* number_shortest() writes "-", digits with a point among them, "e-07". */
enum decimal_fault
decimal_from_double(double value, struct decimal *out)
{
	char text[NUMBER_TEXT_MAX];
	struct decimal number;
	struct parts parts;

	number_shortest(value, text, sizeof(text));
	number = (struct decimal){ .negative = *text == '-' };
	split(text + number.negative, &parts);
	/* "null"; or a locale's own point, without memory for the plain one */
	if (parts.whole_count == 0 ||
	    (*parts.rest != 'e' && *parts.rest != '\0'))
		return DECIMAL_NOT_FINITE;
	if (*parts.rest == 'e')
		number.exponent = (int)strtol(parts.rest + 1, NULL, 10);
	join(&parts, &number);
	*out = normal(number);
	return DECIMAL_NONE;
}

/* --- reckoning ------------------------------------------------------------ */

enum decimal_fault
decimal_product(const struct decimal *a, const struct decimal *b,
    struct decimal *out)
{
	struct decimal number = { .exponent = a->exponent + b->exponent,
		.negative = a->negative != b->negative };

	if (__builtin_mul_overflow(
		a->magnitude, b->magnitude, &number.magnitude))
		return DECIMAL_OVERFLOW;
	number = normal(number);
	if (abs(number.exponent) > DECIMAL_EXPONENT_MAX)
		return DECIMAL_OVERFLOW;
	*out = number;
	return DECIMAL_NONE;
}

static decimal_magnitude
power_of_ten(int exponent)
{
	decimal_magnitude power = 1;

	for (; exponent > 0; exponent--)
		power *= 10;
	return power;
}

/* Where in the gap between two neighbours a number is. */
enum gap { ON_LOWER, BELOW_HALF, HALF, ABOVE_HALF };

/* Divides by 10^shift, shift > 0: the quotient, and the place of the rest. */
static decimal_magnitude
divide(decimal_magnitude magnitude, int shift, enum gap *gap)
{
	decimal_magnitude power, rest, to_next;

	if (shift > POWER_MAX) { /* no magnitude is half of 10^39 */
		*gap = magnitude == 0 ? ON_LOWER : BELOW_HALF;
		return 0;
	}
	power = power_of_ten(shift);
	rest = magnitude % power;
	to_next = power - rest;
	if (rest == 0)
		*gap = ON_LOWER;
	else if (rest < to_next)
		*gap = BELOW_HALF;
	else
		*gap = rest == to_next ? HALF : ABOVE_HALF;
	return magnitude / power;
}

/* Whether a number that is on no neighbour takes the one away from zero. */
static bool
away(enum gap gap, bool odd, bool negative, enum decimal_rounding rounding)
{
	switch (rounding) {
	case DECIMAL_HALF_EVEN:
		return gap == ABOVE_HALF || (gap == HALF && odd);
	case DECIMAL_HALF_UP:
		return gap >= HALF;
	case DECIMAL_HALF_DOWN:
		return gap == ABOVE_HALF;
	case DECIMAL_UP:
		return true;
	case DECIMAL_CEILING:
		return !negative;
	case DECIMAL_FLOOR:
		return negative;
	case DECIMAL_DOWN:
	default:
		return false;
	}
}

struct decimal
decimal_round(const struct decimal *number, unsigned places,
    enum decimal_rounding rounding)
{
	struct decimal rounded = { .exponent = -(int)places,
		.negative = number->negative };
	enum gap gap;

	assert(places <= DECIMAL_PLACES_MAX);
	if (number->exponent >= rounded.exponent)
		return *number;
	rounded.magnitude = divide(number->magnitude,
	    rounded.exponent - number->exponent, &gap);
	if (gap != ON_LOWER)
		rounded.magnitude += away(gap, rounded.magnitude % 2 == 1,
		    number->negative, rounding);
	return normal(rounded);
}

/* --- writing -------------------------------------------------------------- */

/* The digits of a magnitude, most significant first; how many. */
static int
digits_of(decimal_magnitude magnitude, char digits[POWER_MAX + 1])
{
	char backwards[POWER_MAX + 1];
	int count = 0;

	do {
		backwards[count++] = (char)('0' + (int)(magnitude % 10));
		magnitude /= 10;
	} while (magnitude != 0);
	for (int i = 0; i < count; i++)
		digits[i] = backwards[count - 1 - i];
	return count;
}

const char *
decimal_text(
    const struct decimal *number, unsigned places, char buf[DECIMAL_TEXT_MAX])
{
	const struct decimal n = normal(*number);
	char digits[POWER_MAX + 1], *p = buf;
	int count = digits_of(n.magnitude, digits), last = -(int)places;
	int first = count - 1 + n.exponent; /* its power of ten */

	assert(places <= DECIMAL_PLACES_MAX);
	assert(abs(n.exponent) <= DECIMAL_EXPONENT_MAX);
	if (n.negative)
		*p++ = '-';
	if (n.exponent < last)
		last = n.exponent;
	for (int power = first > 0 ? first : 0; power >= last; power--) {
		bool there = power <= first && power >= n.exponent;

		if (power == -1)
			*p++ = '.';
		*p++ = there ? digits[first - power] : '0';
	}
	*p = '\0';
	return buf;
}
