#include "daemon/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

#include "dice.h"

#define REFRESH (60 * CLOCK_SECOND)
#define NOW (1000 * CLOCK_SECOND)
#define NEVER (INT64_MAX - 1)
#define NOTHING (-1)

static struct schedule *s;

static int
begin(void **state)
{
	(void)state;
	s = schedule_new(4, REFRESH);
	return s == NULL ? -1 : 0;
}

static int
end(void **state)
{
	(void)state;
	schedule_free(s);
	return 0;
}

/* The row that is due first at a time, or NOTHING. */
static int
due(int64_t now)
{
	enum job_reason reason;
	uint32_t attempt;
	unsigned row;

	return schedule_due(s, now, &row, &reason, &attempt) ? (int)row
							     : NOTHING;
}

static int
send_next(int64_t now)
{
	int row = due(now);

	if (row != NOTHING)
		schedule_sent(s, (unsigned)row, now);
	return row;
}

static void
send_all(int64_t now)
{
	while (send_next(now) != NOTHING)
		;
}

static bool
observe(unsigned row, uint64_t attempts, uint64_t failures, int64_t attempted,
    uint32_t random)
{
	const struct row_state seen = { .attempts = attempts,
		.failures = failures,
		.attempted = attempted,
		.fetched = failures == 0 ? attempted : 0 };

	return schedule_observe(s, row, &seen, random);
}

static void
all_rows_are_due_at_once_at_first(void **state)
{
	(void)state;
	assert_true(schedule_next(s) <= 0);
	for (int row = 0; row < 4; row++)
		assert_int_equal(send_next(1), row);
	assert_int_equal(due(NEVER), NOTHING);
	assert_true(schedule_next(s) == INT64_MAX);
}

static void
a_row_is_due_until_it_was_sent(void **state)
{
	(void)state;
	assert_int_equal(due(NOW), 0);
	assert_int_equal(due(NOW), 0);
	schedule_sent(s, 0, NOW);
	assert_int_equal(due(NOW), 1);
}

static void
a_fetched_row_is_due_a_refresh_later(void **state)
{
	const struct row_state fetched = { .attempts = 7,
		.attempted = NOW,
		.fetched = NOW };

	(void)state;
	schedule_begin(s, 2, &fetched, 0);
	send_all(NOW);
	assert_true(schedule_next(s) == NOW + REFRESH);
	assert_int_equal(due(NOW + REFRESH - 1), NOTHING);
	assert_int_equal(due(NOW + REFRESH), 2);
}

static void
a_row_that_failed_before_the_start_is_a_retry(void **state)
{
	const struct row_state failed = { .attempts = 9,
		.failures = 3,
		.attempted = NOW,
		.fetched = NOW - 1 };
	enum job_reason reason;
	uint32_t attempt;
	unsigned row;

	(void)state;
	schedule_begin(s, 3, &failed, UINT32_MAX);
	assert_false(schedule_due(s, NOW, &row, &reason, &attempt) && row == 3);
	assert_true(schedule_due(s, NOW + 8 * CLOCK_SECOND, &row, &reason,
	    &attempt));
	assert_int_equal(row, 3);
	assert_int_equal(reason, JOB_RETRY);
	assert_int_equal(attempt, 3);
}

static void
a_first_try_is_no_retry(void **state)
{
	enum job_reason reason;
	uint32_t attempt;
	unsigned row;

	(void)state;
	assert_true(schedule_due(s, NOW, &row, &reason, &attempt));
	assert_int_equal(reason, JOB_SCHEDULE);
	assert_int_equal(attempt, 0);
}

static void
a_good_attempt_counts_from_its_own_time(void **state)
{
	(void)state;
	send_all(NOW);
	observe(1, 1, 0, NOW + 5, UINT32_MAX);
	assert_true(schedule_next(s) == NOW + 5 + REFRESH);
	assert_int_equal(due(NOW + 5 + REFRESH - 1), NOTHING);
	assert_int_equal(due(NOW + 5 + REFRESH), 1);
}

/* Ceiling 2, 4, 8 ... s, and never above the refresh; the floor is 100 ms. */
static void
a_failure_is_retried_with_full_jitter(void **state)
{
	(void)state;
	send_all(NOW);
	for (unsigned failures = 1; failures < 100; failures++) {
		int64_t ceiling =
		    failures < 6 ? CLOCK_SECOND << failures : REFRESH;

		observe(0, 3 * failures, failures, NOW, 0);
		assert_true(schedule_next(s) == NOW + 100 * CLOCK_MS);
		observe(0, 3 * failures + 1, failures, NOW, UINT32_MAX);
		assert_true(schedule_next(s) == NOW + ceiling);
		observe(0, 3 * failures + 2, failures, NOW, 0x80000000);
		assert_in_range(schedule_next(s) - NOW, ceiling / 2,
		    ceiling / 2 + CLOCK_MS);
	}
}

static void
the_shortest_refresh_is_no_tight_loop(void **state)
{
	struct schedule *fast = schedule_new(1, 100 * CLOCK_MS);
	const struct row_state failed = { .attempts = 1,
		.failures = 1,
		.attempted = NOW };

	(void)state;
	assert_non_null(fast);
	schedule_observe(fast, 0, &failed, 0);
	assert_true(schedule_next(fast) == NOW + 100 * CLOCK_MS);
	schedule_free(fast);
}

static void
a_row_without_a_new_attempt_stays_as_it_is(void **state)
{
	(void)state;
	send_all(NOW);
	assert_true(observe(1, 1, 0, NOW, 0));
	assert_false(observe(1, 1, 5, NOW + 9, 0)); /* attempts alone tell */
	assert_true(schedule_next(s) == NOW + REFRESH);
	assert_false(observe(0, 0, 2, NOW, 0));
	assert_true(schedule_outstanding(s, 0, NEVER));
	assert_true(schedule_next(s) == NOW + REFRESH);
}

static void
a_sent_row_is_not_due(void **state)
{
	(void)state;
	send_all(NOW);
	for (unsigned row = 0; row < 4; row++)
		assert_true(schedule_outstanding(s, row, NEVER));
	assert_int_equal(due(NEVER), NOTHING);
}

static void
retries_come_before_the_schedule(void **state)
{
	(void)state;
	observe(2, 1, 1, NOW, UINT32_MAX);
	observe(3, 1, 1, NOW - 1, UINT32_MAX);
	assert_int_equal(send_next(NOW), 0); /* no retry is due yet */
	assert_int_equal(send_next(NOW + REFRESH), 3);
	assert_int_equal(send_next(NOW + REFRESH), 2);
	assert_int_equal(send_next(NOW + REFRESH), 1);
	assert_int_equal(send_next(NOW + REFRESH), NOTHING);
}

static void
who_has_waited_longest_comes_first(void **state)
{
	(void)state;
	for (unsigned row = 0; row < 4; row++)
		observe(row, 1, 0, NOW - row, 0);
	for (int row = 3; row >= 0; row--)
		assert_int_equal(send_next(NOW + REFRESH), row);
}

static void
the_attempt_fits_its_message(void **state)
{
	enum job_reason reason;
	uint32_t attempt;
	unsigned row;

	(void)state;
	observe(0, 1, UINT64_MAX, NOW, 0);
	assert_true(
	    schedule_due(s, NOW + REFRESH, &row, &reason, &attempt));
	assert_int_equal(reason, JOB_RETRY);
	assert_int_equal(attempt, 1000000);
}

static void
a_lost_job_is_due_again(void **state)
{
	(void)state;
	send_all(NOW);
	schedule_lost(s, 2, NOW + 7);
	assert_false(schedule_outstanding(s, 2, NEVER));
	assert_true(schedule_next(s) == NOW + 7);
	assert_true(schedule_due_at(s, 2) == NOW + 7);
	assert_true(schedule_due_at(s, 1) == INT64_MAX);
	assert_int_equal(due(NOW + 7), 2);
}

static void
a_job_is_outstanding_from_its_sending_to_its_attempt(void **state)
{
	(void)state;
	assert_false(schedule_outstanding(s, 0, NEVER));
	schedule_sent(s, 0, NOW);
	assert_false(schedule_outstanding(s, 0, NOW));
	assert_true(schedule_outstanding(s, 0, NOW + 1));
	observe(0, 1, 1, NOW + 1, 0);
	assert_false(schedule_outstanding(s, 0, NEVER));
}

static void
a_job_is_pending_while_it_is_due_or_out(void **state)
{
	(void)state;
	assert_true(schedule_pending(s, 0, NOW));
	schedule_sent(s, 0, NOW);
	assert_true(schedule_pending(s, 0, NOW));
	observe(0, 1, 0, NOW, 0);
	assert_false(schedule_pending(s, 0, NOW + REFRESH - 1));
	assert_true(schedule_pending(s, 0, NOW + REFRESH));
}

static void
three_deaths_set_a_job_aside(void **state)
{
	(void)state;
	send_all(NOW);
	for (int deaths = 0; deaths < 2; deaths++) {
		assert_int_equal(schedule_death(s, 1, NOW), 0);
		assert_int_equal(send_next(NOW), 1);
	}
	for (int turn = 0; turn < 2; turn++) { /* then one try a turn */
		assert_int_equal(schedule_death(s, 1, NOW), NOW + REFRESH);
		assert_false(schedule_outstanding(s, 1, NEVER));
		assert_int_equal(due(NOW + REFRESH - 1), NOTHING);
		assert_int_equal(due(NOW + REFRESH), 1);
	}
}

static void
an_attempt_between_deaths_forgives_them(void **state)
{
	(void)state;
	send_all(NOW);
	assert_int_equal(schedule_death(s, 1, NOW), 0);
	assert_int_equal(schedule_death(s, 1, NOW), 0);
	observe(1, 1, 1, NOW, 0);
	assert_int_equal(schedule_death(s, 1, NOW), 0);
	assert_int_equal(schedule_death(s, 1, NOW), 0);
	assert_int_equal(schedule_death(s, 1, NOW), NOW + REFRESH);
}

static void
deaths_count_for_their_own_row(void **state)
{
	(void)state;
	send_all(NOW);
	for (unsigned row = 0; row < 4; row++) {
		assert_int_equal(schedule_death(s, row, NOW), 0);
		assert_int_equal(schedule_death(s, row, NOW), 0);
	}
	assert_int_equal(schedule_death(s, 0, NOW), NOW + REFRESH);
}

#define ROWS 8

struct rows {
	uint64_t attempts[ROWS];
};

static void
do_something(struct schedule *random, struct rows *rows, int64_t now)
{
	unsigned row = (unsigned)dice_below(ROWS), due_row;
	struct row_state seen = { .attempts = rows->attempts[row],
		.failures = dice_below(2) * dice_below(70),
		.attempted = now - (int64_t)dice_below((uint64_t)(2 * REFRESH)),
		.fetched = (int64_t)dice_below((uint64_t)now) };
	enum job_reason reason;
	uint32_t attempt;

	switch (dice_below(6)) {
	case 0:
		schedule_begin(random, row, &seen, 0);
		break;
	case 1:
		seen.attempts = rows->attempts[row] += dice_below(3);
		schedule_observe(
		    random, row, &seen, (uint32_t)dice_below(1L << 32));
		break;
	case 2:
		schedule_lost(random, row, now);
		break;
	case 3:
		schedule_death(random, row, now);
		break;
	default:
		if (schedule_due(random, now, &due_row, &reason, &attempt))
			schedule_sent(random, due_row, now);
	}
}

/* A refresh later every row was due, or its job is out; never both. */
static void
check_all_rows(struct schedule *random, int64_t now)
{
	bool is_out[ROWS], was_due[ROWS] = { false };
	enum job_reason reason;
	uint32_t attempt;
	unsigned row;

	for (row = 0; row < ROWS; row++) {
		is_out[row] = schedule_outstanding(random, row, NEVER);
		assert_true(schedule_pending(random, row, now + REFRESH));
	}
	while (schedule_due(random, now + REFRESH, &row, &reason, &attempt)) {
		assert_in_range(row, 0, ROWS - 1);
		assert_false(was_due[row]);
		was_due[row] = true;
		schedule_sent(random, row, now);
	}
	for (row = 0; row < ROWS; row++) {
		if (is_out[row] == was_due[row])
			fail_msg("row %u is %s", row,
			    was_due[row] ? "out twice" : "lost");
	}
}

static void
no_row_is_ever_lost(void **state)
{
	struct schedule *random = schedule_new(ROWS, REFRESH);
	struct rows rows = { { 0 } };
	int64_t now = NOW;

	(void)state;
	dice_seed();
	assert_non_null(random);
	for (int round = 0; round < 20000; round++) {
		for (uint64_t steps = dice_below(30); steps > 0; steps--) {
			now += (int64_t)dice_below((uint64_t)REFRESH / 10);
			do_something(random, &rows, now);
		}
		check_all_rows(random, now);
	}
	schedule_free(random);
}

#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(all_rows_are_due_at_once_at_first),
		test(a_row_is_due_until_it_was_sent),
		test(a_fetched_row_is_due_a_refresh_later),
		test(a_row_that_failed_before_the_start_is_a_retry),
		test(a_first_try_is_no_retry),
		test(a_good_attempt_counts_from_its_own_time),
		test(a_failure_is_retried_with_full_jitter),
		test(the_shortest_refresh_is_no_tight_loop),
		test(a_row_without_a_new_attempt_stays_as_it_is),
		test(a_sent_row_is_not_due),
		test(retries_come_before_the_schedule),
		test(who_has_waited_longest_comes_first),
		test(the_attempt_fits_its_message),
		test(a_lost_job_is_due_again),
		test(a_job_is_outstanding_from_its_sending_to_its_attempt),
		test(a_job_is_pending_while_it_is_due_or_out),
		test(three_deaths_set_a_job_aside),
		test(an_attempt_between_deaths_forgives_them),
		test(deaths_count_for_their_own_row),
		cmocka_unit_test(no_row_is_ever_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
