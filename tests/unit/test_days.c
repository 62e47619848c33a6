#include "base/days.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* Every day from 1800 to 2200, and some around years 0 and 9999. */
static const struct {
	int64_t first, last;
} ranges[] = {
	{ -62091, 84006 },
	{ -720000, -718000 },
	{ 2931000, 2934000 },
};

static void
dates_are_those_of_the_c_library(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ranges); i++)
		for (int64_t at = ranges[i].first; at <= ranges[i].last; at++) {
			time_t seconds = (time_t)(at * DAYS_SECONDS);
			int64_t year, month, day;
			struct tm tm;

			assert_non_null(gmtime_r(&seconds, &tm));
			days_split(at, &year, &month, &day);
			assert_int_equal(year, tm.tm_year + 1900);
			assert_int_equal(month, tm.tm_mon + 1);
			assert_int_equal(day, tm.tm_mday);
			assert_int_equal(
			    days_weekday(at), (tm.tm_wday + 6) % 7);
			assert_int_equal(
			    days_since_1970(year, month, day), at);
			assert_true(day <= days_in_month(year, month));
		}
}

static void
a_day_beyond_the_month_counts_on(void **state)
{
	(void)state;
	assert_int_equal(
	    days_since_1970(2026, 4, 31), days_since_1970(2026, 5, 1));
	assert_int_equal(
	    days_since_1970(2026, 4, 0), days_since_1970(2026, 3, 31));
}

static void
seconds_round_down_to_their_day(void **state)
{
	(void)state;
	assert_int_equal(days_of_seconds(-1), -1);
	assert_int_equal(days_of_seconds(0), 0);
	assert_int_equal(days_of_seconds(86399), 0);
	assert_int_equal(days_of_seconds(86400), 1);
	assert_int_equal(days_of_seconds(-86400), -1);
	assert_int_equal(days_of_seconds(-86401), -2);
}

/* From the church calendars; 1818 and 1943 are the earliest and latest. */
static void
easter_falls_where_it_did(void **state)
{
	static const int64_t easters[][3] = { { 1818, 3, 22 }, { 1943, 4, 25 },
		{ 1954, 4, 18 }, { 1981, 4, 19 }, { 2000, 4, 23 },
		{ 2024, 3, 31 }, { 2025, 4, 20 }, { 2026, 4, 5 },
		{ 2027, 3, 28 }, { 2028, 4, 16 }, { 2029, 4, 1 },
		{ 2030, 4, 21 }, { 2031, 4, 13 }, { 2032, 3, 28 },
		{ 2033, 4, 17 }, { 2034, 4, 9 }, { 2035, 3, 25 },
		{ 2038, 4, 25 } };

	(void)state;
	for (size_t i = 0; i < COUNT(easters); i++)
		assert_int_equal(days_easter(easters[i][0]),
		    days_since_1970(
			easters[i][0], easters[i][1], easters[i][2]));
}

static void
easter_is_a_sunday_in_its_five_weeks(void **state)
{
	(void)state;
	for (int64_t year = 1583; year < 4000; year++) {
		int64_t easter = days_easter(year);

		assert_int_equal(days_weekday(easter), 6);
		assert_in_range(
		    easter - days_since_1970(year, 3, 22), 0, 34);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_are_those_of_the_c_library),
		cmocka_unit_test(a_day_beyond_the_month_counts_on),
		cmocka_unit_test(seconds_round_down_to_their_day),
		cmocka_unit_test(easter_falls_where_it_did),
		cmocka_unit_test(easter_is_a_sunday_in_its_five_weeks),
	};

	return cmocka_run_group_tests_name("days", tests, NULL, NULL);
}
