#include "base/decimal.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static char buf[DECIMAL_TEXT_MAX];

static struct decimal
parsed(const char *text)
{
	struct decimal number;
	enum decimal_fault fault = decimal_parse(text, &number);

	if (fault != DECIMAL_NONE)
		fail_msg("\"%s\": %s", text, decimal_fault_text(fault));
	return number;
}

static const char *
text_of(const struct decimal *number)
{
	return decimal_text(number, 0, buf);
}

/* --- reading -------------------------------------------------------------- */

static void
reads_amounts(void **state)
{
	static const struct {
		const char *text, *same;
	} amounts[] = { { "0", "0" }, { "-0", "0" }, { "-0.00", "0" },
		{ "5", "5" }, { "-5", "-5" }, { "+5", "5" }, { "5.", "5" },
		{ ".5", "0.5" }, { "-.50", "-0.5" }, { "007.70", "7.7" },
		{ "100", "100" }, { "1234567.891", "1234567.891" },
		{ "999999999999999.999999", "999999999999999.999999" },
		{ "1000000000000000", "1000000000000000" },
		{ "-1000000000000000.000000", "-1000000000000000" },
		{ "0.000000000000000001", "0.000000000000000001" },
		{ "123.456789012345678000000", "123.456789012345678" },
		{ "00000000000000000000000000000000001", "1" } };

	(void)state;
	for (size_t i = 0; i < COUNT(amounts); i++) {
		struct decimal number = parsed(amounts[i].text);

		assert_string_equal(text_of(&number), amounts[i].same);
	}
}

static void
refuses_what_is_no_amount(void **state)
{
	static const struct {
		enum decimal_fault fault;
		const char *text;
	} wrong[] = {
		{ DECIMAL_EMPTY, "" }, { DECIMAL_EMPTY, "-" },
		{ DECIMAL_EMPTY, "." }, { DECIMAL_EMPTY, "-." },
		{ DECIMAL_TEXT, "x" }, { DECIMAL_TEXT, "--5" },
		{ DECIMAL_TEXT, "5x" }, { DECIMAL_TEXT, " 5" },
		{ DECIMAL_TEXT, "5 " }, { DECIMAL_TEXT, "0x10" },
		{ DECIMAL_TEXT, "inf" }, { DECIMAL_TEXT, "nan" },
		{ DECIMAL_TEXT, "$5" }, { DECIMAL_TEXT, "5\n" },
		{ DECIMAL_TEXT, "5." "-" }, { DECIMAL_TEXT, "1e" },
		{ DECIMAL_TEXT, "1e+" }, { DECIMAL_TEXT, "1ex" },
		{ DECIMAL_TEXT, "\xe2\x82\xac" "5" },
		{ DECIMAL_TEXT, "5\xe2\x82\xac" }, { DECIMAL_TEXT, ",5" },
		{ DECIMAL_SEPARATOR, "1,000" }, { DECIMAL_SEPARATOR, "1,5" },
		{ DECIMAL_SEPARATOR, "1,000.50" },
		{ DECIMAL_SEPARATOR, "1.000,50" },
		{ DECIMAL_SEPARATOR, "1.000.000" },
		{ DECIMAL_SEPARATOR, "1 000" }, { DECIMAL_SEPARATOR, "1'000" },
		{ DECIMAL_SEPARATOR, "1_000" },
		{ DECIMAL_SEPARATOR, "1\xc2\xa0" "000" },
		{ DECIMAL_EXPONENT, "1e3" }, { DECIMAL_EXPONENT, "1.5E-3" },
		{ DECIMAL_TOO_LARGE, "1000000000000000.000001" },
		{ DECIMAL_TOO_LARGE, "1000000000000001" },
		{ DECIMAL_TOO_LARGE, "-9999999999999999" },
		{ DECIMAL_TOO_LARGE,
		    "340282366920938463463374607431768211457" }, /* 2^128 + 1 */
		{ DECIMAL_TOO_FINE, "0.0000000000000000001" },
		{ DECIMAL_TOO_LONG, "1234.567890123456789012" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct decimal number = { .magnitude = 42 };
		enum decimal_fault fault =
		    decimal_parse(wrong[i].text, &number);

		if (fault != wrong[i].fault)
			fail_msg("\"%s\": %s", wrong[i].text,
			    decimal_fault_text(fault));
		assert_true(number.magnitude == 42);
	}
}

static void
reads_the_shortest_text_of_doubles(void **state)
{
	static const struct {
		double value;
		const char *text;
	} rates[] = { { 1, "1" }, { 1.1684, "1.1684" }, { 0.1, "0.1" },
		{ 1e-7, "0.0000001" }, { 157.25, "157.25" },
		{ 3.643871961656967, "3.643871961656967" },
		{ 0.30000000000000004, "0.30000000000000004" },
		{ 1e22, "10000000000000000000000" },
		{ 1.5e-10, "0.00000000015" }, { 123456789012345678.0,
		"123456789012345680" }, { -2.5, "-2.5" }, { -0.0, "0" } };
	struct decimal number;

	(void)state;
	for (size_t i = 0; i < COUNT(rates); i++) {
		assert_int_equal(decimal_from_double(rates[i].value, &number),
		    DECIMAL_NONE);
		assert_string_equal(text_of(&number), rates[i].text);
	}
	assert_int_equal(
	    decimal_from_double(NAN, &number), DECIMAL_NOT_FINITE);
	assert_int_equal(
	    decimal_from_double(-INFINITY, &number), DECIMAL_NOT_FINITE);
}

/* --- reckoning ------------------------------------------------------------ */

static void
multiplies_the_largest_and_the_smallest(void **state)
{
	static const double ends[] = { DBL_MAX, DBL_MIN, DBL_TRUE_MIN, 1e300,
		1e-300 };
	struct decimal amount = parsed("999999999999999.999999"), rate, out;
	struct decimal fine = parsed("-0.123456789012345678");

	(void)state;
	for (size_t i = 0; i < COUNT(ends); i++) {
		assert_int_equal(
		    decimal_from_double(ends[i], &rate), DECIMAL_NONE);
		assert_int_equal(
		    decimal_product(&amount, &rate, &out), DECIMAL_NONE);
		assert_true(strlen(text_of(&out)) < DECIMAL_TEXT_MAX);
		assert_int_equal(
		    decimal_product(&fine, &rate, &out), DECIMAL_NONE);
		assert_true(strlen(text_of(&out)) < DECIMAL_TEXT_MAX);
	}
	assert_int_equal(
	    decimal_from_double(0.99999999999999989, &rate), DECIMAL_NONE);
	assert_int_equal(
	    decimal_product(&amount, &rate, &out), DECIMAL_NONE);
	assert_string_equal(
	    text_of(&out), "999999999999999.8999990000000000000001");
}

static void
refuses_a_product_that_does_not_fit(void **state)
{
	struct decimal a = parsed("999999999999999.999999"), out = a, far;

	(void)state;
	assert_int_equal(decimal_product(&a, &a, &out), DECIMAL_OVERFLOW);
	assert_true(out.magnitude == a.magnitude);
	assert_int_equal(decimal_from_double(1e-300, &far), DECIMAL_NONE);
	assert_int_equal(decimal_product(&far, &far, &out), DECIMAL_OVERFLOW);
	assert_int_equal(decimal_from_double(1e300, &far), DECIMAL_NONE);
	assert_int_equal(decimal_product(&far, &far, &out), DECIMAL_OVERFLOW);
}

/*
 * The table in the documentation of Java's RoundingMode, with a digit after the
 * point each: 5.5, 2.5, 1.6, 1.1, 1.0 and their negatives.
 */
static void
rounds_as_java_does(void **state)
{
	static const char *const inputs[] = { "5.5", "2.5", "1.6", "1.1", "1.0",
		"-1.0", "-1.1", "-1.6", "-2.5", "-5.5" };
	static const char *const wanted[DECIMAL_ROUNDING_COUNT][10] = {
		[DECIMAL_UP] = { "6", "3", "2", "2", "1", "-1", "-2", "-2",
		    "-3", "-6" },
		[DECIMAL_DOWN] = { "5", "2", "1", "1", "1", "-1", "-1", "-1",
		    "-2", "-5" },
		[DECIMAL_CEILING] = { "6", "3", "2", "2", "1", "-1", "-1",
		    "-1", "-2", "-5" },
		[DECIMAL_FLOOR] = { "5", "2", "1", "1", "1", "-1", "-2", "-2",
		    "-3", "-6" },
		[DECIMAL_HALF_UP] = { "6", "3", "2", "1", "1", "-1", "-1",
		    "-2", "-3", "-6" },
		[DECIMAL_HALF_DOWN] = { "5", "2", "2", "1", "1", "-1", "-1",
		    "-2", "-2", "-5" },
		[DECIMAL_HALF_EVEN] = { "6", "2", "2", "1", "1", "-1", "-1",
		    "-2", "-2", "-6" },
	};

	(void)state;
	for (unsigned mode = 0; mode < DECIMAL_ROUNDING_COUNT; mode++)
		for (size_t i = 0; i < COUNT(inputs); i++) {
			struct decimal number = parsed(inputs[i]);

			number = decimal_round(&number, 0, mode);
			if (strcmp(text_of(&number), wanted[mode][i]) != 0)
				fail_msg("%s of %s: %s",
				    decimal_rounding_name(mode), inputs[i],
				    buf);
		}
}

static void
rounds_what_is_far_below_the_unit(void **state)
{
	struct decimal tiny, zero = parsed("0"), number;

	(void)state;
	assert_int_equal(decimal_from_double(-1e-300, &tiny), DECIMAL_NONE);
	number = decimal_round(&tiny, 2, DECIMAL_HALF_EVEN);
	assert_string_equal(decimal_text(&number, 2, buf), "0.00");
	number = decimal_round(&tiny, 2, DECIMAL_FLOOR);
	assert_string_equal(decimal_text(&number, 2, buf), "-0.01");
	number = decimal_round(&tiny, 2, DECIMAL_CEILING);
	assert_string_equal(decimal_text(&number, 2, buf), "0.00");
	number = decimal_round(&zero, 2, DECIMAL_UP);
	assert_string_equal(decimal_text(&number, 2, buf), "0.00");
}

/* 38 digits, all of them below the unit. */
static void
rounds_as_many_digits_as_there_can_be(void **state)
{
	struct decimal amount = parsed("999.999999999999999999"), rate, out;

	(void)state;
	assert_int_equal(decimal_from_double(5.6809604577071665e-05, &rate),
	    DECIMAL_NONE);
	assert_int_equal(
	    decimal_product(&amount, &rate, &out), DECIMAL_NONE);
	assert_string_equal(
	    text_of(&out), "0.056809604577071664999943190395422928335");
	out = decimal_round(&out, 1, DECIMAL_HALF_EVEN);
	assert_string_equal(text_of(&out), "0.1");
}

static void
takes_a_number_with_zeros_at_its_end(void **state)
{
	const struct decimal number = { .magnitude = 1000, .exponent = -3 };
	struct decimal rounded = decimal_round(&number, 2, DECIMAL_UP);

	(void)state;
	assert_string_equal(text_of(&rounded), "1");
	assert_string_equal(text_of(&number), "1");
}

static void
a_carry_goes_all_the_way(void **state)
{
	struct decimal number = parsed("999999999999999.995");

	(void)state;
	number = decimal_round(&number, 2, DECIMAL_HALF_UP);
	assert_string_equal(
	    decimal_text(&number, 2, buf), "1000000000000000.00");
}

static void
writes_the_places_that_it_is_told(void **state)
{
	struct decimal number = parsed("-1200");

	(void)state;
	assert_string_equal(decimal_text(&number, 0, buf), "-1200");
	assert_string_equal(decimal_text(&number, 3, buf), "-1200.000");
	number = parsed("0.0625");
	assert_string_equal(decimal_text(&number, 2, buf), "0.0625");
	assert_string_equal(decimal_text(&number, 6, buf), "0.062500");
	number = parsed("0");
	assert_string_equal(decimal_text(&number, 2, buf), "0.00");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_amounts),
		cmocka_unit_test(refuses_what_is_no_amount),
		cmocka_unit_test(reads_the_shortest_text_of_doubles),
		cmocka_unit_test(multiplies_the_largest_and_the_smallest),
		cmocka_unit_test(refuses_a_product_that_does_not_fit),
		cmocka_unit_test(rounds_as_java_does),
		cmocka_unit_test(rounds_what_is_far_below_the_unit),
		cmocka_unit_test(rounds_as_many_digits_as_there_can_be),
		cmocka_unit_test(takes_a_number_with_zeros_at_its_end),
		cmocka_unit_test(a_carry_goes_all_the_way),
		cmocka_unit_test(writes_the_places_that_it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
