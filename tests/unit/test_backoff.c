#include "daemon/backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

#include "dice.h"

#define MINUTE (60 * CLOCK_SECOND)
#define START (1000 * CLOCK_SECOND)

static void
a_ready_worker_restarts_at_once(void **state)
{
	(void)state;
	for (unsigned streak = 0; streak < 40; streak++) {
		struct backoff b = { .streak = streak };

		assert_true(backoff_after_death(&b, true, 0, 0) == 0);
		assert_true(
		    backoff_after_death(&b, true, 0, UINT32_MAX) == 0);
	}
}

static void
waits_double_to_a_minute(void **state)
{
	static const int64_t seconds[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };
	struct backoff least = { 0 }, most = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		int64_t quarter = seconds[i] * CLOCK_SECOND / 4;

		assert_true(
		    backoff_after_death(&least, false, 0, 0) == 3 * quarter);
		assert_true(backoff_after_death(
				&most, false, 0, UINT32_MAX) == 5 * quarter);
	}
}

static void
waits_stay_at_a_minute_for_ever(void **state)
{
	struct backoff b = { .streak = UINT32_MAX - 3 };

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(backoff_after_death(&b, false, 0, UINT32_MAX) ==
		    75 * CLOCK_SECOND);
}

static void
all_bits_of_the_dice_count(void **state)
{
	struct backoff b[4] = { { 6 }, { 6 }, { 6 }, { 6 } };
	int64_t none = backoff_after_death(&b[0], false, 0, 0);
	int64_t low = backoff_after_death(&b[1], false, 0, 0xffff);
	int64_t middle = backoff_after_death(&b[2], false, 0, 0x80000000);
	int64_t high = backoff_after_death(&b[3], false, 0, 0xffff0000);

	(void)state;
	assert_true(none < low && low < middle && middle < high);
	assert_in_range(middle, MINUTE - CLOCK_MS, MINUTE + CLOCK_MS);
}

static void
a_minute_of_health_resets_the_waits(void **state)
{
	struct backoff b = { .streak = 5 };

	(void)state;
	assert_true(backoff_after_death(&b, false, MINUTE - 1, 0) >=
	    24 * CLOCK_SECOND);
	assert_true(
	    backoff_after_death(&b, false, MINUTE, 0) == 750 * CLOCK_MS);
	assert_true(backoff_after_death(&b, false, 0, 0) == 1500 * CLOCK_MS);
}

static void
health_of_a_ready_worker_resets_them_too(void **state)
{
	struct backoff b = { .streak = 9 };

	(void)state;
	assert_true(backoff_after_death(&b, true, MINUTE, 0) == 0);
	assert_true(backoff_after_death(&b, false, 0, 0) == 750 * CLOCK_MS);
}

static void
allows_the_limit_and_not_one_more(void **state)
{
	static const unsigned limits[] = { 1, 2, 10, 999, 1000 };

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct deaths d = { .count = 0 };

		for (unsigned n = 0; n < limits[i]; n++)
			assert_false(deaths_note(&d, START + n, limits[i]));
		assert_true(
		    deaths_note(&d, START + MINUTE - 1, limits[i]));
	}
}

static void
a_death_counts_for_a_minute(void **state)
{
	struct deaths d = { .count = 0 };

	(void)state;
	assert_false(deaths_note(&d, START, 1));
	assert_false(deaths_note(&d, START + MINUTE, 1));
	assert_true(deaths_note(&d, START + 2 * MINUTE - 1, 1));
}

/* Three a minute for ever, which is just allowed. */
static void
old_deaths_fall_out(void **state)
{
	struct deaths d = { .count = 0 };

	(void)state;
	for (int i = 0; i < 5000; i++)
		assert_false(deaths_note(&d, START + i * (MINUTE / 3), 3));
	assert_true(
	    deaths_note(&d, START + 4999 * (MINUTE / 3) + CLOCK_SECOND, 3));
}

static void
the_largest_limit_goes_round_its_ring(void **state)
{
	struct deaths d = { .count = 0 };
	int64_t now = START;

	(void)state;
	for (int i = 0; i < 2500; i++, now += 60 * CLOCK_MS)
		assert_false(deaths_note(&d, now, DEATHS_MAX));
	assert_true(deaths_note(&d, now - 1, DEATHS_MAX));
}

/* Also the death that was one too many is a death. */
static void
a_death_too_many_is_noted_too(void **state)
{
	struct deaths d = { .count = 0 };

	(void)state;
	assert_false(deaths_note(&d, START, 1));
	for (int i = 1; i < 10; i++)
		assert_true(deaths_note(&d, START + i, 1));
}

static bool
too_many(const int64_t *at, unsigned count, unsigned limit)
{
	unsigned recent = 0;

	for (unsigned i = 0; i < count; i++)
		recent += at[count - 1] - at[i] < MINUTE;
	return recent > limit;
}

static void
agrees_with_counting_all_deaths(void **state)
{
	int64_t at[300], now = START;
	unsigned gave_up = 0;

	(void)state;
	dice_seed();
	for (int round = 0; round < 300; round++) {
		unsigned limit = 1 + (unsigned)(dice_next() % 40);
		int64_t step = 2 * MINUTE / limit;
		struct deaths d = { .count = 0 };
		bool over = false;

		for (unsigned n = 0; n < 300 && !over; n++) {
			now += (int64_t)(dice_next() % (uint64_t)step);
			at[n] = now;
			over = deaths_note(&d, now, limit);
			assert_int_equal(over, too_many(at, n + 1, limit));
		}
		gave_up += over;
	}
	assert_in_range(gave_up, 1, 300);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ready_worker_restarts_at_once),
		cmocka_unit_test(waits_double_to_a_minute),
		cmocka_unit_test(waits_stay_at_a_minute_for_ever),
		cmocka_unit_test(all_bits_of_the_dice_count),
		cmocka_unit_test(a_minute_of_health_resets_the_waits),
		cmocka_unit_test(health_of_a_ready_worker_resets_them_too),
		cmocka_unit_test(allows_the_limit_and_not_one_more),
		cmocka_unit_test(a_death_counts_for_a_minute),
		cmocka_unit_test(old_deaths_fall_out),
		cmocka_unit_test(the_largest_limit_goes_round_its_ring),
		cmocka_unit_test(a_death_too_many_is_noted_too),
		cmocka_unit_test(agrees_with_counting_all_deaths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
