#include "base/digits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dice.h"

#define MANY 500000

/* What strtod reads of it, bit by bit. */
static void
assert_as_strtod(const char *text)
{
	double value = 7, wanted = strtod(text, NULL);

	if (!digits_to_double(text, strlen(text), &value))
		fail_msg("\"%s\" was left to strtod", text);
	if (memcmp(&value, &wanted, sizeof(value)) != 0)
		fail_msg("\"%s\" gave %.17g, strtod %.17g", text, value,
		    wanted);
}

/* digits with a point before the last places of them. */
static void
assert_decimal(uint64_t digits, unsigned places, bool minus)
{
	char text[32], whole[24];
	int length = snprintf(whole, sizeof(whole), "%0*llu", (int)places + 1,
	    (unsigned long long)digits);

	if (length > 19)
		return;
	snprintf(text, sizeof(text), "%s%.*s%s%s", minus ? "-" : "",
	    length - (int)places, whole, places > 0 ? "." : "",
	    whole + length - places);
	assert_as_strtod(text);
}

static void
reads_what_strtod_reads(void **state)
{
	(void)state;
	for (int i = 0; i < MANY; i++) {
		uint64_t digits = dice_next() >> dice_below(64);

		assert_decimal(
		    digits, (unsigned)dice_below(19), dice_below(2) != 0);
	}
}

/*
 * Halves, which round to the even neighbour, and what is just beside them: odd
 * numbers of 54 bits divided by a power of two.
 */
static void
rounds_halves_to_even(void **state)
{
	uint64_t fives = 1;

	(void)state;
	for (unsigned places = 0; places <= 4; places++, fives *= 5) {
		for (int i = 0; i < MANY / 50; i++) {
			uint64_t odd = UINT64_C(1) << 53 | dice_next() >> 11 | 1;

			assert_decimal(odd * fives, places, false);
			assert_decimal(odd * fives - 1, places, false);
			assert_decimal(odd * fives + 1, places, false);
		}
	}
}

static void
reads_written_doubles(void **state)
{
	char text[40];

	(void)state;
	for (int i = 0; i < MANY / 5; i++) {
		double value = (double)(dice_next() >> 11) /
		    (double)(UINT64_C(1) << (40 + dice_below(13)));

		snprintf(text, sizeof(text), "%.17g", value);
		if (strchr(text, 'e') == NULL && strlen(text) <= 19)
			assert_as_strtod(text);
	}
}

static void
reads_the_ends(void **state)
{
	static const char *const texts[] = { "0", "-0", "0.0", "-0.0",
		"0.000000000000000000", "1", "9999999999999999999",
		"9.999999999999999999", "0.000000000000000001",
		"-0.999999999999999999", "9007199254740993",
		"9007199254740992", "9007199254740991.5",
		"1.0850000000000002", "9223372036854775807",
		"9223372036854775808", "9223372036854775809" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_as_strtod(texts[i]);
}

static void
leaves_the_rest_to_strtod(void **state)
{
	static const char *const texts[] = { "1e5", "1E-5", "1.5e0",
		"12345678901234567890", "1.2345678901234567890",
		"-0.0000000000000000001", "18446744073709551616" };
	double value = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(digits_to_double(
		    texts[i], strlen(texts[i]), &value));
	assert_true(value == 7);
}

/* Only what it was given: here a number goes on behind it. */
static void
reads_no_further(void **state)
{
	double value;

	(void)state;
	assert_true(digits_to_double("1.16847", 6, &value));
	assert_true(value == 1.1684);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_strtod_reads),
		cmocka_unit_test(rounds_halves_to_even),
		cmocka_unit_test(reads_written_doubles),
		cmocka_unit_test(reads_the_ends),
		cmocka_unit_test(leaves_the_rest_to_strtod),
		cmocka_unit_test(reads_no_further),
	};

	dice_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
