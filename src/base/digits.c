#include "base/digits.h"

#include <float.h>
#include <math.h>
#include <stdint.h>

#define DIGITS_MAX 19 /* of any digits, they are below 2^64 */
#define PRECISION DBL_MANT_DIG
#define QUOTIENT_BITS 63

__extension__ typedef unsigned __int128 wide;

static const uint64_t tens[DIGITS_MAX + 1] = {
	1u, 10u, 100u, 1000u, 10000u, 100000u, 1000000u, 10000000u,
	100000000u, 1000000000u, 10000000000u, 100000000000u,
	1000000000000u, 10000000000000u, 100000000000000u,
	1000000000000000u, 10000000000000000u, 100000000000000000u,
	1000000000000000000u, 10000000000000000000u,
};

/*
 * quotient * 2^power, to the nearest double, and of two the even one; rest: it
 * is more than that by less than one unit.  quotient is 2^62 or more.
 */
static double
nearest(uint64_t quotient, bool rest, int power)
{
	int drop = (quotient >> 63 != 0 ? 64 : 63) - PRECISION;
	uint64_t half = UINT64_C(1) << (drop - 1);
	uint64_t dropped = quotient & (2 * half - 1);
	uint64_t kept = quotient >> drop;

	if (dropped > half || (dropped == half && (rest || kept & 1)))
		kept++;
	return ldexp((double)kept, power + drop);
}

/*
 * Both are given their highest bit first: then the quotient is between 2^62
 * and 2^64, so that it has all the bits that a double can keep, and one more.
 */
static double
divide(uint64_t digits, uint64_t divisor)
{
	int up = __builtin_clzll(digits), down = __builtin_clzll(divisor);
	wide dividend = (wide)(digits << up) << QUOTIENT_BITS;
	uint64_t by = divisor << down, quotient = (uint64_t)(dividend / by);
	bool rest = dividend - (wide)quotient * by != 0;

	return nearest(quotient, rest, down - up - QUOTIENT_BITS);
}

static double
quotient(uint64_t digits, unsigned places)
{
	if (digits == 0)
		return 0;
	/* Wider registers would round twice. */
	if (FLT_EVAL_METHOD == 0 && digits <= UINT64_C(1) << PRECISION)
		return (double)digits / (double)tens[places];
	return divide(digits, tens[places]);
}

bool
digits_to_double(const char *text, size_t size, double *value)
{
	bool minus = text[0] == '-';
	uint64_t digits = 0;
	size_t point = size, count;

	/* A point, too. */
	if (size - minus > DIGITS_MAX + 1)
		return false;
	for (size_t i = minus; i < size; i++) {
		if (text[i] >= '0' && text[i] <= '9')
			digits = digits * 10 + (uint64_t)(text[i] - '0');
		else if (text[i] == '.')
			point = i;
		else
			return false;
	}
	count = size - minus - (point < size);
	if (count > DIGITS_MAX)
		return false;
	*value = quotient(digits, point < size ? (unsigned)(size - point - 1)
					       : 0);
	if (minus)
		*value = -*value;
	return true;
}
