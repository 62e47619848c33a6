#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "daemon/breaker.h"

#define NOW (1000 * CLOCK_SECOND)
#define PATIENCE (16 * CLOCK_SECOND)
#define HOUR (3600 * CLOCK_SECOND)
#define NO_DICE 0 /* nothing is taken off */

static struct board_source source;

static int
begin(void **state)
{
	(void)state;
	source = (struct board_source){ .name = "stub" };
	return 0;
}

static void
failures(int times, int64_t now)
{
	for (int i = 0; i < times; i++)
		breaker_bad(
		    &source, ATTEMPT_CONNECT, now, 30 * 24 * HOUR, NO_DICE);
}

static void
four_failures_change_nothing(void **state)
{
	(void)state;
	failures(4, NOW);
	assert_int_equal(breaker_wait(&source, NOW), 0);
	assert_true(breaker_enter(&source, NOW, PATIENCE));
	assert_true(breaker_enter(&source, NOW, PATIENCE));
}

static void
the_fifth_in_a_row_closes_it(void **state)
{
	(void)state;
	failures(5, NOW);
	assert_int_equal(breaker_wait(&source, NOW), CLOCK_SECOND);
	assert_false(breaker_enter(&source, NOW, PATIENCE));
	assert_int_equal(breaker_wait(&source, NOW + CLOCK_SECOND), 0);
}

static void
a_good_answer_begins_anew(void **state)
{
	(void)state;
	failures(4, NOW);
	breaker_good(&source);
	failures(4, NOW);
	assert_int_equal(breaker_wait(&source, NOW), 0);
}

static void
one_makes_the_probe(void **state)
{
	int64_t then = NOW + CLOCK_SECOND;

	(void)state;
	failures(5, NOW);
	assert_true(breaker_enter(&source, then, PATIENCE));
	assert_false(breaker_enter(&source, then, PATIENCE));
	/* It died: after its time somebody else does. */
	assert_false(breaker_enter(&source, then + PATIENCE - 1, PATIENCE));
	assert_true(breaker_enter(&source, then + PATIENCE, PATIENCE));
	breaker_good(&source);
	assert_true(breaker_enter(&source, then, PATIENCE));
	assert_true(breaker_enter(&source, then, PATIENCE));
}

static void
each_failed_probe_doubles_the_wait_up_to_a_minute(void **state)
{
	static const int seconds[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };
	int64_t now = NOW;

	(void)state;
	failures(4, now);
	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		failures(1, now);
		assert_int_equal(breaker_wait(&source, now),
		    seconds[i] * CLOCK_SECOND);
		now += seconds[i] * CLOCK_SECOND;
		assert_true(breaker_enter(&source, now, PATIENCE));
		assert_int_equal(breaker_wait(&source, now), PATIENCE);
	}
}

/* Of a request that was under way when the source was closed for long. */
static void
a_late_failure_shortens_nothing(void **state)
{
	(void)state;
	breaker_bad(&source, ATTEMPT_AUTH, NOW, HOUR, NO_DICE);
	failures(6, NOW);
	assert_int_equal(breaker_wait(&source, NOW), HOUR);
}

static void
dice_take_off_a_quarter_at_most(void **state)
{
	(void)state;
	failures(4, NOW);
	breaker_bad(&source, ATTEMPT_HTTP, NOW, HOUR, UINT32_MAX);
	assert_int_equal(breaker_wait(&source, NOW), CLOCK_SECOND * 3 / 4);
}

static void
what_the_operator_must_mend_closes_it_for_an_hour(void **state)
{
	(void)state;
	breaker_bad(&source, ATTEMPT_AUTH, NOW, HOUR, NO_DICE);
	assert_int_equal(breaker_wait(&source, NOW), HOUR);
	breaker_good(&source);
	assert_int_equal(breaker_wait(&source, NOW), 0);
	breaker_bad(&source, ATTEMPT_PLAN, NOW, HOUR, NO_DICE);
	assert_int_equal(breaker_wait(&source, NOW), HOUR);
}

static void
a_quota_ends_with_the_month(void **state)
{
	(void)state;
	breaker_bad(&source, ATTEMPT_QUOTA, NOW, HOUR / 2, NO_DICE);
	assert_int_equal(breaker_wait(&source, NOW), HOUR / 2);
	breaker_good(&source);
	breaker_bad(&source, ATTEMPT_QUOTA, NOW, 20 * 24 * HOUR, NO_DICE);
	assert_int_equal(breaker_wait(&source, NOW), 6 * HOUR);
}

static void
what_says_nothing_against_the_source_opens_it(void **state)
{
	static const enum attempt_class classes[] = { ATTEMPT_UNSUPPORTED,
		ATTEMPT_DATE, ATTEMPT_HELD, ATTEMPT_THROTTLED };

	(void)state;
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		failures(7, NOW);
		breaker_bad(&source, classes[i], NOW, HOUR, NO_DICE);
		assert_int_equal(source.streak, 0);
		assert_true(breaker_enter(&source, NOW, PATIENCE));
		assert_true(breaker_enter(&source, NOW, PATIENCE));
	}
}

static void
a_corrupt_word_closes_nothing(void **state)
{
	static const uint64_t words[] = { UINT64_MAX, INT64_MAX, 1,
		(uint64_t)INT64_MIN };

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		source.closed_till = words[i];
		assert_int_equal(breaker_wait(&source, NOW), 0);
		assert_true(breaker_enter(&source, NOW, PATIENCE));
	}
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup(function, begin)
	const struct CMUnitTest tests[] = {
		TEST(four_failures_change_nothing),
		TEST(the_fifth_in_a_row_closes_it),
		TEST(a_good_answer_begins_anew),
		TEST(one_makes_the_probe),
		TEST(each_failed_probe_doubles_the_wait_up_to_a_minute),
		TEST(a_late_failure_shortens_nothing),
		TEST(dice_take_off_a_quarter_at_most),
		TEST(what_the_operator_must_mend_closes_it_for_an_hour),
		TEST(a_quota_ends_with_the_month),
		TEST(what_says_nothing_against_the_source_opens_it),
		TEST(a_corrupt_word_closes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
