#include "source/derive.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/number.h"

#define COUNT 30 /* EUR and the 29 of 2026-04-13 */

__extension__ typedef __int128 wide;

/* A published decimal: units / tens, exactly. */
struct decimal {
	int64_t units, tens;
};

static struct decimal exact[COUNT];
static double hub[COUNT];

static bool
same(double a, double b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

static struct decimal
parse(const char *text)
{
	struct decimal d = { 0, 1 };
	bool after_point = false;

	for (; *text != '\0'; text++) {
		if (*text == '.') {
			after_point = true;
			continue;
		}
		assert_in_range(*text, '0', '9');
		d.units = 10 * d.units + (*text - '0');
		d.tens *= after_point ? 10 : 1;
		assert_true(d.units < 10000000000 && d.tens <= 100000);
	}
	return d;
}

/* The ECB's numbers of 2026-04-13, and 1 for the euro at the end. */
static int
load(void **state)
{
	FILE *csv = fopen(TEST_DATA "/ecb-rates.csv", "re");
	char line[1024], *rest = line, *field;
	unsigned count = 0;

	(void)state;
	if (csv == NULL)
		return -1;
	for (int i = 0; i < 2; i++)
		if (fgets(line, sizeof(line), csv) == NULL)
			line[0] = '\0';
	fclose(csv);
	if (strcmp(strsep(&rest, ","), "2026-04-13") != 0)
		return -1;
	while ((field = strsep(&rest, ",")) != NULL && *field != '\n') {
		if (strcmp(field, "N/A") == 0)
			continue;
		if (count == COUNT - 1 ||
		    number_parse_double(field, &hub[count]) == -1)
			return -1;
		exact[count++] = parse(field);
	}
	exact[count] = parse("1");
	hub[count] = 1;
	return count == COUNT - 1 ? 0 : -1;
}

/*
 * Whether number is within parts * 2^-53 of a / b, in whole numbers: with
 * number = m / 2^s, and a = A / x, b = B / y: of m B x against A y 2^s.
 */
static bool
close_to_quotient(double number, struct decimal a, struct decimal b, int parts)
{
	int exponent;
	int64_t m = (int64_t)ldexp(frexp(number, &exponent), DBL_MANT_DIG);
	int shift = DBL_MANT_DIG - exponent;
	wide is = (wide)m * b.units * a.tens;
	wide should = (wide)a.units * b.tens, off;

	assert_in_range(shift, 0, 80);
	assert_true(should < (wide)1 << (124 - shift)); /* room for 3 */
	should <<= shift;
	off = is < should ? should - is : is - should;
	return off <= parts * should >> DBL_MANT_DIG;
}

/* The euro itself is exact, and so costs nothing. */
static int
roundings(unsigned base, unsigned quote)
{
	if (base == quote)
		return 0;
	return 1 + (base != COUNT - 1) + (quote != COUNT - 1);
}

static void
each_cross_is_the_quotient_of_the_published_decimals(void **state)
{
	double numbers[COUNT];

	(void)state;
	for (unsigned base = 0; base < COUNT; base++) {
		assert_int_equal(
		    derive_row(hub, COUNT - 1, base, numbers, COUNT), COUNT);
		for (unsigned quote = 0; quote < COUNT; quote++)
			if (!close_to_quotient(numbers[quote], exact[quote],
				exact[base], roundings(base, quote)))
				fail_msg("%u/%u: %a", quote, base,
				    numbers[quote]);
	}
}

static void
the_check_sees_an_error_of_a_few_units(void **state)
{
	struct decimal one = parse("1"), three = parse("3");

	(void)state;
	assert_true(close_to_quotient(1.0 / 3, one, three, 1));
	assert_false(close_to_quotient(
	    1.0 / 3 * (1 + 3 * DBL_EPSILON), one, three, 3));
	assert_false(close_to_quotient(
	    1.0 / 3 * (1 - 3 * DBL_EPSILON), one, three, 3));
}

static void
the_hub_row_is_as_published(void **state)
{
	double numbers[COUNT];

	(void)state;
	assert_int_equal(
	    derive_row(hub, COUNT - 1, COUNT - 1, numbers, COUNT), COUNT);
	for (unsigned i = 0; i < COUNT; i++)
		assert_true(same(numbers[i], hub[i]));
}

static void
a_currency_is_exactly_one_of_itself(void **state)
{
	double numbers[COUNT];

	(void)state;
	for (unsigned base = 0; base < COUNT; base++) {
		derive_row(hub, COUNT - 1, base, numbers, COUNT);
		assert_true(same(numbers[base], 1));
	}
}

/* As they are not if the base's inverse is rounded on the way. */
static void
whole_quotients_are_exact(void **state)
{
	(void)state;
	for (unsigned base = 1; base <= 100; base++)
		for (unsigned n = 1; n <= 100; n++) {
			const double numbers[] = { base, base * n };
			double row[2];

			derive_row(numbers, 2, 0, row, 2);
			assert_true(same(row[1], n));
		}
}

static void
there_and_back_is_one(void **state)
{
	double there[COUNT], back[COUNT];

	(void)state;
	for (unsigned a = 0; a < COUNT; a++)
		for (unsigned b = 0; b < COUNT; b++) {
			derive_row(hub, COUNT - 1, a, there, COUNT);
			derive_row(hub, COUNT - 1, b, back, COUNT);
			assert_true(fabs(there[b] * back[a] - 1) <=
			    2 * DBL_EPSILON);
		}
}

static void
the_hub_is_one_whatever_its_place_says(void **state)
{
	const double said[] = { NAN, 2, 4 }, wrong[] = { 7, 2, 4 };
	double a[3], b[3];

	(void)state;
	for (unsigned base = 0; base < 3; base++) {
		assert_int_equal(derive_row(said, 0, base, a, 3), 3);
		assert_int_equal(derive_row(wrong, 0, base, b, 3), 3);
		assert_memory_equal(a, b, sizeof(a));
	}
	assert_true(same(a[0], 0.25) && same(a[1], 0.5) && same(a[2], 1));
}

static void
the_hub_need_not_be_on_the_board(void **state)
{
	const double numbers[] = { 2, 8 };
	double row[2];

	(void)state;
	assert_int_equal(derive_row(numbers, 2, 0, row, 2), 2);
	assert_true(same(row[0], 1) && same(row[1], 4));
}

static void
what_the_hub_lacks_is_absent(void **state)
{
	const double numbers[] = { 2, NAN, 8 };
	double row[3];

	(void)state;
	assert_int_equal(derive_row(numbers, 3, 0, row, 3), 2);
	assert_true(isnan(row[1]) && same(row[2], 4));
	assert_int_equal(derive_row(numbers, 3, 1, row, 3), 0);
	for (unsigned i = 0; i < 3; i++)
		assert_true(isnan(row[i]));
}

static void
a_base_that_is_not_on_the_board_has_no_row(void **state)
{
	const double numbers[] = { 2, 8 };
	double row[] = { 5, 5 };

	(void)state;
	assert_int_equal(derive_row(numbers, 2, 2, row, 2), 0);
	assert_true(isnan(row[0]) && isnan(row[1]));
}

static void
what_is_no_normal_double_is_absent(void **state)
{
	static const double bad[] = { 0, -1, -0.0, INFINITY, -INFINITY,
		DBL_MIN / 2, -DBL_MIN };
	const double low[] = { 0.125, DBL_MIN / 2 };
	const double far[] = { DBL_MAX, 0.5, DBL_MIN, 2 };
	double row[4];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const double numbers[] = { 2, bad[i] };

		assert_int_equal(derive_row(numbers, 2, 0, row, 2), 1);
		assert_true(isnan(row[1]));
		assert_int_equal(derive_row(numbers, 2, 1, row, 2), 0);
	}
	assert_int_equal(derive_row(low, 2, 0, row, 2), 1);
	assert_true(isnan(row[1])); /* though the quotient is normal */
	assert_int_equal(derive_row(far, 4, 1, row, 4), 3);
	assert_true(isnan(row[0]) && same(row[2], 2 * DBL_MIN));
	assert_int_equal(derive_row(far, 4, 3, row, 4), 3);
	assert_true(isnan(row[2]) && same(row[0], DBL_MAX / 2));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    each_cross_is_the_quotient_of_the_published_decimals),
		cmocka_unit_test(the_check_sees_an_error_of_a_few_units),
		cmocka_unit_test(the_hub_row_is_as_published),
		cmocka_unit_test(a_currency_is_exactly_one_of_itself),
		cmocka_unit_test(whole_quotients_are_exact),
		cmocka_unit_test(there_and_back_is_one),
		cmocka_unit_test(the_hub_is_one_whatever_its_place_says),
		cmocka_unit_test(the_hub_need_not_be_on_the_board),
		cmocka_unit_test(what_the_hub_lacks_is_absent),
		cmocka_unit_test(a_base_that_is_not_on_the_board_has_no_row),
		cmocka_unit_test(what_is_no_normal_double_is_absent),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
