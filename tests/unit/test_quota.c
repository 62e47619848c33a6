#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "daemon/quota.h"

#define AT(seconds) (INT64_C(seconds) * CLOCK_SECOND)
#define APRIL_13 AT(1776038400)       /* 2026-04-13T00:00:00Z */
#define APRIL_END AT(1777593599)      /* 2026-04-30T23:59:59Z */
#define MAY_1 AT(1777593600)          /* 2026-05-01T00:00:00Z */
#define DECEMBER_31 AT(1798761599)    /* 2026-12-31T23:59:59Z */

static struct board_source source;

static int
begin(void **state)
{
	(void)state;
	source = (struct board_source){ .name = "stub" };
	return 0;
}

static void
so_many_and_no_more(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(quota_left(&source, 100, APRIL_13), 100 - i);
		assert_true(quota_take(&source, 100, APRIL_13));
	}
	assert_int_equal(quota_left(&source, 100, APRIL_13), 0);
	assert_false(quota_take(&source, 100, APRIL_13));
	assert_false(quota_take(&source, 100, APRIL_END));
	assert_int_equal(source.used, 100);
}

static void
a_month_begins_anew(void **state)
{
	(void)state;
	while (quota_take(&source, 3, APRIL_END))
		;
	assert_int_equal(quota_left(&source, 3, MAY_1), 3);
	assert_true(quota_take(&source, 3, MAY_1));
	assert_int_equal(quota_left(&source, 3, MAY_1), 2);
}

static void
a_clock_set_back_gives_nothing_back(void **state)
{
	(void)state;
	while (quota_take(&source, 3, MAY_1))
		;
	assert_int_equal(quota_left(&source, 3, APRIL_13), 0);
	assert_false(quota_take(&source, 3, APRIL_13));
}

#define JANUARY_2031 AT(1925000000)
#define EPOCH AT(86400)

static void
a_clock_that_was_ahead_does_not_end_it_for_ever(void **state)
{
	(void)state;
	while (quota_take(&source, 3, JANUARY_2031))
		;
	quota_heal(&source, APRIL_13);
	assert_int_equal(source.used, 3);
	assert_int_equal(quota_left(&source, 3, APRIL_END), 0);
	assert_int_equal(quota_left(&source, 3, MAY_1), 3);
	assert_true(quota_take(&source, 3, MAY_1));
}

static void
a_host_without_a_clock_begins_nothing_anew(void **state)
{
	(void)state;
	while (quota_take(&source, 3, APRIL_13))
		;
	quota_heal(&source, EPOCH);
	assert_false(quota_take(&source, 3, EPOCH));
	assert_false(quota_take(&source, 3, APRIL_13));
}

static void
without_a_limit_all_are_counted(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_true(quota_take(&source, 0, APRIL_13));
	assert_int_equal(source.used, 1000);
	assert_true(quota_left(&source, 0, APRIL_13) == UINT64_MAX);
}

static void
knows_when_the_month_ends(void **state)
{
	(void)state;
	assert_int_equal(quota_month_left(APRIL_END), CLOCK_SECOND);
	assert_int_equal(quota_month_left(MAY_1), 31 * 86400 * CLOCK_SECOND);
	assert_int_equal(quota_month_left(DECEMBER_31), CLOCK_SECOND);
	assert_int_equal(
	    quota_month_left(APRIL_13), 18 * 86400 * CLOCK_SECOND);
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup(function, begin)
	const struct CMUnitTest tests[] = {
		TEST(so_many_and_no_more),
		TEST(a_month_begins_anew),
		TEST(a_clock_set_back_gives_nothing_back),
		TEST(a_clock_that_was_ahead_does_not_end_it_for_ever),
		TEST(a_host_without_a_clock_begins_nothing_anew),
		TEST(without_a_limit_all_are_counted),
		TEST(knows_when_the_month_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
