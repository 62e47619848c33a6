#include "base/clock.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#define DAY (86400 * CLOCK_SECOND)

static void
clocks_go_forward(void **state)
{
	int64_t mono = clock_mono(), boot = clock_boot(), wall = clock_wall();
	struct timespec now;

	(void)state;
	/* Not time(2), whose clock is a tick behind. */
	clock_gettime(CLOCK_REALTIME, &now);
	assert_true(mono > 0 && clock_mono() >= mono);
	assert_true(boot > 0 && clock_boot() >= boot);
	assert_true(wall / CLOCK_SECOND <= (int64_t)now.tv_sec);
	assert_true(wall / CLOCK_SECOND > (int64_t)now.tv_sec - 60);
}

static void
formats_utc(void **state)
{
	static const struct {
		int64_t seconds, ns;
		const char *text;
	} rows[] = {
		{ 0, 0, "1970-01-01T00:00:00Z" },
		{ 0, -1, "1969-12-31T23:59:59Z" },
		{ -1, 0, "1969-12-31T23:59:59Z" },
		{ 1776088800, 0, "2026-04-13T14:00:00Z" },
		{ 1776088800, 999999999, "2026-04-13T14:00:00Z" },
		{ 951782399, 0, "2000-02-28T23:59:59Z" },
		{ 951782400, 0, "2000-02-29T00:00:00Z" },
		{ 4102444800, 0, "2100-01-01T00:00:00Z" },
	};
	char buf[CLOCK_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(clock_format_utc(
		    rows[i].seconds * CLOCK_SECOND + rows[i].ns, buf,
		    sizeof(buf)), rows[i].text);
	assert_string_equal(clock_format_utc(INT64_MAX, buf, sizeof(buf)),
	    "2262-04-11T23:47:16Z");
	assert_string_equal(clock_format_utc(INT64_MIN, buf, sizeof(buf)),
	    "1677-09-21T00:12:43Z");
}

static void
formats_a_day(void **state)
{
	char buf[CLOCK_TEXT_MAX], small[5];

	(void)state;
	assert_string_equal(clock_format_day(1776088800 * CLOCK_SECOND, buf,
	    sizeof(buf)), "2026-04-13");
	assert_string_equal(clock_format_day(-1, buf, sizeof(buf)),
	    "1969-12-31");
	assert_string_equal(clock_format_day(0, small, sizeof(small)), "1970");
}

static void
formats_an_age_in_two_units(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = { { -5, "now" }, { 0, "now" }, { 1, "1s" }, { 59, "59s" },
		{ 60, "1m 0s" }, { 190, "3m 10s" }, { 3599, "59m 59s" },
		{ 3600, "1h 0m" }, { 7510, "2h 5m" }, { 86399, "23h 59m" },
		{ 86400, "1d 0h" }, { 273600, "3d 4h" },
		{ 9223372036, "106751d 23h" } };
	char buf[CLOCK_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(clock_format_age(rows[i].seconds *
		    CLOCK_SECOND, buf, sizeof(buf)), rows[i].text);
	assert_string_equal(clock_format_age(CLOCK_SECOND - 1, buf,
	    sizeof(buf)), "now");
	assert_string_equal(
	    clock_format_age(CLOCK_AGE_UNKNOWN, buf, sizeof(buf)), "?");
	assert_string_equal(clock_format_age(INT64_MIN, buf, sizeof(buf)),
	    "now");
	assert_string_equal(clock_format_ago(CLOCK_SECOND - 1, buf,
	    sizeof(buf)), "just now");
	assert_string_equal(clock_format_ago(190 * CLOCK_SECOND, buf,
	    sizeof(buf)), "3m 10s ago");
	assert_string_equal(clock_format_ago(CLOCK_AGE_UNKNOWN, buf,
	    sizeof(buf)), "some time ago");
}

/* Every day of four centuries, against the C library's calendar. */
static void
parses_every_day_that_it_formats(void **state)
{
	char buf[CLOCK_TEXT_MAX];
	int64_t days;

	(void)state;
	for (int64_t day = -73000; day < 73000; day++) {
		clock_format_day(day * DAY, buf, sizeof(buf));
		assert_int_equal(clock_parse_day(buf, &days), 0);
		assert_true(days == day);
	}
}

static void
parses_the_ends_of_the_calendar(void **state)
{
	int64_t days;

	(void)state;
	assert_int_equal(clock_parse_day("0001-01-01", &days), 0);
	assert_true(days == -719162);
	assert_int_equal(clock_parse_day("9999-12-31", &days), 0);
	assert_true(days == 2932896);
}

static void
parses_no_day_that_is_none(void **state)
{
	static const char *const texts[] = { "", "2026", "2026-04", "2026-4-13",
		"2026-04-13T", "2026-04-13 ", " 2026-04-13", "2026-04-1x",
		"2026/04-13", "2026-04/13", "2026-00-10", "2026-13-10",
		"2026-04-00", "2026-04-31", "2026-02-29", "1900-02-29",
		"0000-01-01", "-001-01-01", "20260413--", "+026-04-13",
		"2026-04--1" };
	int64_t days = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (clock_parse_day(texts[i], &days) != -1)
			fail_msg("\"%s\" was a day", texts[i]);
	}
	assert_true(days == 77);
	assert_int_equal(clock_parse_day("2024-02-29", &days), 0);
	assert_int_equal(clock_parse_day("2000-02-29", &days), 0);
}

static void
polls_for_no_less_than_what_remains(void **state)
{
	(void)state;
	assert_int_equal(clock_poll_ms(INT64_MIN), 0);
	assert_int_equal(clock_poll_ms(0), 0);
	assert_int_equal(clock_poll_ms(1), 1);
	assert_int_equal(clock_poll_ms(CLOCK_MS), 1);
	assert_int_equal(clock_poll_ms(CLOCK_MS + 1), 2);
	assert_int_equal(clock_poll_ms(INT_MAX * CLOCK_MS), INT_MAX);
	assert_int_equal(clock_poll_ms(INT_MAX * CLOCK_MS + 1), INT_MAX);
	assert_int_equal(clock_poll_ms(INT64_MAX), INT_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks_go_forward),
		cmocka_unit_test(formats_utc),
		cmocka_unit_test(formats_a_day),
		cmocka_unit_test(formats_an_age_in_two_units),
		cmocka_unit_test(parses_every_day_that_it_formats),
		cmocka_unit_test(parses_the_ends_of_the_calendar),
		cmocka_unit_test(parses_no_day_that_is_none),
		cmocka_unit_test(polls_for_no_less_than_what_remains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
