/*
 * Exact decimal numbers, for money: what binary floating point can't keep.
 *
 * A number is a whole magnitude below 2^128 times a power of ten.  That holds
 * the product of any amount that decimal_parse() takes (21 digits) and any
 * finite double's shortest text (17 digits), for 10^38 is below 2^128.  What
 * does not fit is refused; nothing is ever rounded but by decimal_round().
 */
#ifndef RATESD_BASE_DECIMAL_H
#define RATESD_BASE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

/* The limits of decimal_parse(); their texts are in DECIMAL_FAULTS. */
#define DECIMAL_WHOLE_MAX 1000000000000000 /* either side of zero */
#define DECIMAL_PLACES_MAX 18              /* digits after the point */
#define DECIMAL_DIGITS_MAX 21              /* without zeros at the ends */

/* No exponent is further from zero: 18 + 340 is the most that is needed. */
#define DECIMAL_EXPONENT_MAX 400

/* Enough for the text of any number. */
#define DECIMAL_TEXT_MAX 480

__extension__ typedef unsigned __int128 decimal_magnitude;

/* magnitude * 10^exponent; one that is zero is never negative. */
struct decimal {
	decimal_magnitude magnitude;
	int exponent;
	bool negative;
};

#define DECIMAL_FAULTS(X)                                                      \
	X(NONE, "no fault")                                                    \
	X(EMPTY, "it has no digits")                                           \
	X(TEXT, "it is no decimal number such as 1234.56")                     \
	X(SEPARATOR, "separators between digits and decimal commas are not "   \
		     "understood; write it as 1234567.89")                     \
	X(EXPONENT, "exponents are not understood; write all its digits")      \
	X(TOO_LARGE, "it is above 1000000000000000 (10^15)")                   \
	X(TOO_FINE, "it has more than 18 decimals")                            \
	X(TOO_LONG, "it has more than 21 digits")                              \
	X(NOT_FINITE, "it is infinite or no number")                           \
	X(OVERFLOW, "it has more than the 38 digits that can be kept exactly")

enum decimal_fault {
#define X(id, text) DECIMAL_##id,
	DECIMAL_FAULTS(X)
#undef X
};

/*
 * How to choose between the two neighbours of a number that lies between them.
 * The names are those of RoundingMode in Java and of the module decimal in
 * Python, with '-' for '_'.
 */
#define DECIMAL_ROUNDINGS(X)                                                   \
	X(HALF_EVEN, "half-even") /* nearest; of two, the one that is even */  \
	X(HALF_UP, "half-up")     /* nearest; of two, away from zero */        \
	X(HALF_DOWN, "half-down") /* nearest; of two, towards zero */          \
	X(UP, "up")               /* away from zero */                         \
	X(DOWN, "down")           /* towards zero */                           \
	X(CEILING, "ceiling")     /* towards plus infinity */                  \
	X(FLOOR, "floor")         /* towards minus infinity */

enum decimal_rounding {
#define X(id, name) DECIMAL_##id,
	DECIMAL_ROUNDINGS(X)
#undef X
	DECIMAL_ROUNDING_COUNT
};

/* What a fault is, of "it"; static text. */
const char *decimal_fault_text(enum decimal_fault fault);

/* The name of a rounding; static text. */
const char *decimal_rounding_name(enum decimal_rounding rounding);

/*
 * All of text as a number: a sign or none, digits with or without a point
 * ("-5", "+1234.50", ".5", "5."), within the limits above; zeros at the ends
 * don't count.  *out is set only without a fault.
 */
enum decimal_fault decimal_parse(const char *text, struct decimal *out);

/*
 * The number that the shortest text of a double (number_shortest) says, which
 * is what its source published, if that had up to 15 digits: no fault, or
 * DECIMAL_NOT_FINITE.
 */
enum decimal_fault decimal_from_double(double value, struct decimal *out);

/* a * b, exactly: no fault, or DECIMAL_OVERFLOW and *out as it was. */
enum decimal_fault decimal_product(const struct decimal *a,
    const struct decimal *b, struct decimal *out);

/* The number with no more than that many digits after the point. */
struct decimal decimal_round(const struct decimal *number, unsigned places,
    enum decimal_rounding rounding);

/*
 * All its digits, without an exponent; at least that many after the point (up
 * to DECIMAL_PLACES_MAX), and otherwise no zeros at their end.  Returns buf, of
 * DECIMAL_TEXT_MAX bytes.
 */
const char *decimal_text(const struct decimal *number, unsigned places,
    char buf[DECIMAL_TEXT_MAX]);

#endif
