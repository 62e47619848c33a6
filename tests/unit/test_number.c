#include "base/number.h"

#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000000)
#define DAY (86400 * SECOND)
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* What Python 3.11 printed for f"{x:7.03}". */
static const struct {
	double value;
	const char *text;
} book[] = {
	{ 1.0, "    1.0" }, { 7.0, "    7.0" }, { 10.0, "   10.0" },
	{ 22.7, "   22.7" }, { 0.0394, " 0.0394" }, { 0.887, "  0.887" },
	{ 3.8, "    3.8" }, { 8.53, "   8.53" }, { 141.0, "1.41e+02" },
	{ 100.0, "  1e+02" }, { 99.9, "   99.9" }, { 99.5, "   99.5" },
	{ 99.949, "   99.9" }, { 99.95, "  1e+02" }, { 99.951, "  1e+02" },
	{ 14132.9, "1.41e+04" }, { 1.234e-05, "1.23e-05" },
	{ 0.00012345, "0.000123" }, { 0.0001, " 0.0001" },
	{ 9.999e-05, " 0.0001" }, { 9.99e-05, "9.99e-05" },
	{ 1e-05, "  1e-05" }, { 9.995, "   9.99" }, { 9.985, "   9.98" },
	{ 9.9949, "   9.99" }, { 9.996, "   10.0" }, { 10.05, "   10.1" },
	{ 12.35, "   12.3" }, { 1.005, "    1.0" }, { 4.125, "   4.12" },
	{ 0.5, "    0.5" }, { 0.05, "   0.05" }, { 0.1 + 0.2, "    0.3" },
	{ 1.0 / 3, "  0.333" }, { 2.0 / 3, "  0.667" }, { 1e16, "  1e+16" },
	{ 123456789.0, "1.23e+08" }, { 1e100, " 1e+100" },
	{ 1e-300, " 1e-300" }, { 5e-324, "4.94e-324" },
	{ DBL_MAX, "1.8e+308" }, { 0.0, "    0.0" }, { -0.0, "   -0.0" },
	{ -1.0, "   -1.0" }, { -0.0394, "-0.0394" }, { -141.0, "-1.41e+02" },
	{ -1e-7, " -1e-07" }, { NAN, "    nan" }, { INFINITY, "    inf" },
	{ -INFINITY, "   -inf" },
};

static void
book_writes_what_python_does(void **state)
{
	char buf[NUMBER_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(book); i++)
		assert_string_equal(number_book(book[i].value, buf,
		    sizeof(buf)), book[i].text);
}

static void
shortest_writes_no_digit_too_many(void **state)
{
	static const struct {
		double value;
		const char *text;
	} rows[] = { { 1, "1" }, { 1.1684, "1.1684" }, { 1e-7, "1e-07" },
		{ 0.1, "0.1" }, { 0.1 + 0.2, "0.30000000000000004" },
		{ 100, "100" }, { 1e15, "1e+15" }, { 123456789, "123456789" },
		{ 14132.9, "14132.9" }, { 1.0 / 3, "0.3333333333333333" },
		{ 9007199254740991.0, "9007199254740991" },
		{ 5e-324, "5e-324" }, { DBL_MAX, "1.7976931348623157e+308" },
		{ DBL_MIN, "2.2250738585072014e-308" }, { -2.5, "-2.5" },
		{ 0, "0" }, { NAN, "null" }, { INFINITY, "null" },
		{ -INFINITY, "null" } };
	char buf[NUMBER_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(number_shortest(rows[i].value, buf,
		    sizeof(buf)), rows[i].text);
}

/* A fixed sequence of bit patterns (xorshift64*): the same in every run. */
static double
next_double(uint64_t *x)
{
	uint64_t bits;
	double value;

	do {
		*x ^= *x >> 12;
		*x ^= *x << 25;
		*x ^= *x >> 27;
		bits = *x * UINT64_C(2685821657736338717);
		memcpy(&value, &bits, sizeof(value));
	} while (!isfinite(value));
	return value;
}

static void
shortest_reads_back(void **state)
{
	char buf[NUMBER_TEXT_MAX];
	uint64_t x = 88172645463325252;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		double value = next_double(&x), back = 0;

		number_shortest(value, buf, sizeof(buf));
		assert_int_equal(number_parse_double(buf, &back), 0);
		assert_memory_equal(&back, &value, sizeof(back));
	}
}

static void
shortest_keeps_errno(void **state)
{
	char buf[NUMBER_TEXT_MAX];

	(void)state;
	errno = ENOENT;
	number_shortest(DBL_MIN / 3, buf, sizeof(buf));
	assert_int_equal(errno, ENOENT);
}

/* Makes one, for a minimal system has none.  NULL without localedef(1). */
static const char *
made_locale(const char *name)
{
	char directory[] = "/tmp/ratesd-locale-XXXXXX", command[256];
	const char *found = NULL;

	if (mkdtemp(directory) == NULL)
		return NULL;
	snprintf(command, sizeof(command),
	    "localedef -i de_DE -f UTF-8 %s/%s >/dev/null 2>&1", directory,
	    name);
	if (system(command) == 0 && setenv("LOCPATH", directory, 1) == 0)
		found = setlocale(LC_ALL, name);
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	return system(command) == 0 ? found : NULL;
}

static const char *
comma_locale(void)
{
	static const char *const names[] = { "de_DE.UTF-8", "de_DE.utf8",
		"fr_FR.UTF-8", "pl_PL.UTF-8", "nb_NO.UTF-8", "cs_CZ.UTF-8" };
	const char *found = NULL;

	for (size_t i = 0; i < COUNT(names) && found == NULL; i++)
		found = setlocale(LC_ALL, names[i]);
	return found != NULL ? found : made_locale("de_DE.UTF-8");
}

static void
a_comma_locale_changes_nothing(void **state)
{
	char number[NUMBER_TEXT_MAX], three[NUMBER_TEXT_MAX], plain[16];
	double back = 0;
	int parsed, comma;

	(void)state;
	if (comma_locale() == NULL) {
		print_message("no locale with a comma, and no localedef\n");
		return;
	}
	snprintf(plain, sizeof(plain), "%.1f", 1.5);
	number_shortest(1.1684, number, sizeof(number));
	number_book(22.7, three, sizeof(three));
	parsed = number_parse_double("1.1684", &back);
	comma = number_parse_double("1,1684", &back);
	setlocale(LC_ALL, "C");
	assert_string_equal(plain, "1,5");
	assert_string_equal(number, "1.1684");
	assert_string_equal(three, "   22.7");
	assert_int_equal(parsed, 0);
	assert_int_equal(comma, -1);
	assert_true(back == 1.1684);
}

static void
parses_json_numbers(void **state)
{
	static const struct {
		const char *text;
		double value;
	} rows[] = { { "0", 0 }, { "1", 1 }, { "-1.5", -1.5 },
		{ "1.1684", 1.1684 }, { "1e5", 1e5 }, { "1E+05", 1e5 },
		{ "10e-1", 1 }, { "0.0", 0 }, { "0e999", 0 }, { "-0.0e9", 0 },
		{ "1.7976931348623157e308", DBL_MAX }, { "5e-324", 5e-324 },
		{ "18446744073709551616", 18446744073709551616.0 } };
	double value;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(number_parse_double(rows[i].text, &value), 0);
		assert_true(value == rows[i].value);
	}
}

static void
parses_no_other_numbers(void **state)
{
	static const char *const texts[] = { "", " ", "-", "+1", "01", "-01",
		"1.", ".5", "1.e5", "1e", "1e+", "1e1.5", " 1", "1 ", "1x",
		"0x10", "nan", "NaN", "inf", "Infinity", "-Infinity", "1,5",
		"1_000", "--1", "1e999", "-1e999", "1e-400", "-0.1e-999",
		"1\n" };
	double value = 7;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		if (number_parse_double(texts[i], &value) != -1)
			fail_msg("\"%s\" was a number", texts[i]);
	}
	assert_true(value == 7);
}

static void
parses_ints_within_bounds(void **state)
{
	static const char *const bad[] = { "", "-", "+1", " 1", "1 ", "1x",
		"0x1", "1.0", "1e1", "--1", "-11", "11",
		"9223372036854775808", "99999999999999999999999" };
	int64_t value = 0;

	(void)state;
	assert_int_equal(number_parse_int("10", -10, 10, &value), 0);
	assert_true(value == 10);
	assert_int_equal(number_parse_int("-10", -10, 10, &value), 0);
	assert_true(value == -10);
	assert_int_equal(number_parse_int("007", 0, 10, &value), 0);
	assert_true(value == 7);
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (number_parse_int(bad[i], -10, 10, &value) != -1)
			fail_msg("\"%s\" was a number", bad[i]);
	}
	assert_true(value == 7);
	assert_int_equal(number_parse_int("-9223372036854775808", INT64_MIN,
	    INT64_MAX, &value), 0);
	assert_true(value == INT64_MIN);
}

static void
parses_modes(void **state)
{
	static const char *const bad[] = { "", "08", "1777", "01000", "00644",
		"-644", "+644", " 644", "644 ", "0o644", "rw" };
	unsigned mode = 0;

	(void)state;
	assert_int_equal(number_parse_mode("0644", &mode), 0);
	assert_int_equal(mode, 0644);
	assert_int_equal(number_parse_mode("777", &mode), 0);
	assert_int_equal(mode, 0777);
	assert_int_equal(number_parse_mode("0", &mode), 0);
	assert_int_equal(mode, 0);
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (number_parse_mode(bad[i], &mode) != -1)
			fail_msg("\"%s\" was a mode", bad[i]);
	}
}

static void
parses_durations(void **state)
{
	static const char *const bad[] = { "", "60", "s", "1.5h", "-1s", "+1s",
		" 1s", "1s ", "1 s", "1S", "1w", "1min", "3653d", "87649h",
		"9223372036854775807s", "99999999999999999999999999s" };
	int64_t ns;

	(void)state;
	assert_int_equal(number_parse_duration("250ms", &ns), 0);
	assert_true(ns == SECOND / 4);
	assert_int_equal(number_parse_duration("60s", &ns), 0);
	assert_true(ns == 60 * SECOND);
	assert_int_equal(number_parse_duration("15m", &ns), 0);
	assert_true(ns == 900 * SECOND);
	assert_int_equal(number_parse_duration("26h", &ns), 0);
	assert_true(ns == 26 * 3600 * SECOND);
	assert_int_equal(number_parse_duration("3652d", &ns), 0);
	assert_true(ns == 3652 * DAY);
	assert_int_equal(number_parse_duration("0s", &ns), 0);
	assert_true(ns == 0);
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (number_parse_duration(bad[i], &ns) != -1)
			fail_msg("\"%s\" was a duration", bad[i]);
	}
}

/* Short numbers are read in another way than by strtod; to the same double. */
static void
parses_decimals_as_strtod_does(void **state)
{
	char text[NUMBER_TEXT_MAX];
	uint64_t x = 88172645463325252, bits;
	double value, wanted;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		next_double(&x);
		memcpy(&bits, &x, sizeof(bits));
		snprintf(text, sizeof(text), "%s%llu.%0*llu",
		    bits % 2 != 0 ? "-" : "",
		    (unsigned long long)((bits >> 8) %
			(uint64_t[]){ 1, 10, 100000, 1000000000 }[i % 4]),
		    1 + i % 12, (unsigned long long)((bits >> 20) % 10000000));
		wanted = strtod(text, NULL);
		if (number_parse_double(text, &value) == -1 ||
		    memcmp(&value, &wanted, sizeof(value)) != 0)
			fail_msg("\"%s\" gave %.17g", text, value);
	}
}

static void
parses_rates(void **state)
{
	static const char *const bad[] = { "", "2", "2/", "/s", "0/s", "-2/s",
		"2/ms", "2/w", "2 /s", "2/s ", "2/ss", "1000001/s", "2s",
		"0.5/s" };
	int64_t ns;

	(void)state;
	assert_int_equal(number_parse_rate("10/s", &ns), 0);
	assert_true(ns == SECOND / 10);
	assert_int_equal(number_parse_rate("2/m", &ns), 0);
	assert_true(ns == 30 * SECOND);
	assert_int_equal(number_parse_rate("100/h", &ns), 0);
	assert_true(ns == 36 * SECOND);
	assert_int_equal(number_parse_rate("500/d", &ns), 0);
	assert_true(ns == DAY / 500);
	assert_int_equal(number_parse_rate("1000000/s", &ns), 0);
	assert_true(ns == 1000);
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (number_parse_rate(bad[i], &ns) != -1)
			fail_msg("\"%s\" was a rate", bad[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(book_writes_what_python_does),
		cmocka_unit_test(shortest_writes_no_digit_too_many),
		cmocka_unit_test(shortest_reads_back),
		cmocka_unit_test(shortest_keeps_errno),
		cmocka_unit_test(a_comma_locale_changes_nothing),
		cmocka_unit_test(parses_json_numbers),
		cmocka_unit_test(parses_no_other_numbers),
		cmocka_unit_test(parses_ints_within_bounds),
		cmocka_unit_test(parses_modes),
		cmocka_unit_test(parses_durations),
		cmocka_unit_test(parses_decimals_as_strtod_does),
		cmocka_unit_test(parses_rates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
