/*
 * Ranges of monitoring plugins: read, judged, and written as they were meant.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tools/range.h"

/* The examples of the guideline, and what is left out in them. */
static void
test_alerts(void **state)
{
	static const struct {
		const char *range;
		double value;
		bool alert;
	} rows[] = {
		{ "10", 10, false }, { "10", 10.001, true }, { "10", 0, false },
		{ "10", -0.001, true }, { "10:", 9, true },
		{ "10:", 10, false }, { "10:", 1e300, false },
		{ "~:10", -1e300, false }, { "~:10", 11, true },
		{ "10:20", 9, true }, { "10:20", 10, false },
		{ "10:20", 20, false }, { "10:20", 21, true },
		{ "@10:20", 9, false }, { "@10:20", 10, true },
		{ "@10:20", 20, true }, { "@10:20", 21, false },
		{ "@10", 0, true }, { "@10", -1, false }, { "~:", 5, false },
		{ ":5", 6, true }, { ":5", -1, true }, { "-5:-1", -3, false },
		{ "-5:-1", 0, true }, { "0", 0, false }, { "0", 1, true },
		{ "@~:0", -1, true }, { "10", NAN, true }
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct range range;

		assert_int_equal(
		    range_parse(rows[i].range, false, &range), 0);
		if (range_alert(&range, rows[i].value) != rows[i].alert)
			fail_msg("%s: %g", rows[i].range, rows[i].value);
	}
	assert_false(range_alert(&(struct range){ 0 }, 5));
}

static void
test_texts(void **state)
{
	static const char *const texts[][2] = { { "10", "10" },
		{ "0:10", "10" }, { ":10", "10" }, { "10:", "10:" },
		{ "0:", "0:" }, { "~:10", "~:10" }, { "@5:5.50", "@5:5.5" },
		{ "~:", "~:" }, { "26h", "93600" }, { "90s:3d", "90:259200" },
		{ "~:1500ms", "~:1.5" }, { "@1h:", "@3600:" },
		{ "-0", "0" }, { "1e3", "1000" }, { "0.0000004", "0" } };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char text[RANGE_TEXT_MAX];
		struct range range, again;

		assert_int_equal(range_parse(texts[i][0], true, &range), 0);
		assert_string_equal(
		    range_text(&range, text), texts[i][1]);
		assert_int_equal(range_parse(text, false, &again), 0);
	}
}

static void
test_what_is_none(void **state)
{
	static const char *const texts[] = { "", "@", "x", "1:2:3", "5:3",
		"10,5", " 10", "10 ", "+5", "~", "5:~", "26h", "1e400", "nan",
		"inf", "0x10", "2000000000000", "--5", "@@5", "5@" };
	char longest[RANGE_TEXT_MAX + 1];
	struct range range;

	(void)state;
	memset(longest, '0', sizeof(longest));
	longest[0] = '1';
	longest[1] = '.';
	longest[RANGE_TEXT_MAX] = '\0';
	assert_int_equal(range_parse(longest, false, &range), -1);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (range_parse(texts[i], false, &range) == 0)
			fail_msg("'%s' was read", texts[i]);
	assert_int_equal(range_parse("26x", true, &range), -1);
	assert_int_equal(range_parse("-26h", true, &range), -1);
}

static void
test_numbers(void **state)
{
	static const struct {
		double value;
		const char *text;
	} rows[] = { { 0, "0" }, { -0.0, "0" }, { 100, "100" },
		{ 66.66, "66.66" }, { 1e12, "1000000000000" },
		{ -1.5, "-1.5" }, { 1e-7, "0" }, { -1e-9, "0" }, { NAN, "U" },
		{ INFINITY, "U" } };
	char text[RANGE_NUMBER_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(
		    range_number(rows[i].value, text), rows[i].text);
	/* Cut, if it must be, after its digits. */
	assert_true(strlen(range_number(-1.8e19, text)) < sizeof(text));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alerts),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_what_is_none),
		cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
