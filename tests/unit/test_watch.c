/*
 * When a worker counts as hung.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "daemon/watch.h"

#define LIMIT (10 * CLOCK_SECOND)
#define LOOK CLOCK_SECOND

static struct watch watch;
static int64_t now;

static int
begin(void **state)
{
	(void)state;
	watch = (struct watch){ 0 };
	now = 1000 * CLOCK_SECOND;
	return 0;
}

/* The verdict after looking once a second, count times. */
static enum watch_verdict
look(uint64_t progress, int count)
{
	enum watch_verdict verdict = WATCH_FINE;

	for (int i = 0; i < count; i++, now += LOOK)
		verdict = watch_look(&watch, progress, now, LIMIT);
	return verdict;
}

static void
a_worker_that_moves_is_fine(void **state)
{
	(void)state;
	for (uint64_t progress = 1; progress < 100; progress++)
		assert_int_equal(look(progress, 10), WATCH_FINE);
}

static void
one_that_stands_still_is_aborted_once(void **state)
{
	(void)state;
	assert_int_equal(look(1, 11), WATCH_FINE); /* ten seconds */
	assert_int_equal(look(1, 1), WATCH_ABORT);
	assert_int_equal(look(1, 2), WATCH_FINE);
	assert_true(watch.aborted);
}

static void
one_that_survives_it_is_killed(void **state)
{
	(void)state;
	assert_int_equal(look(1, 12), WATCH_ABORT);
	assert_int_equal(look(1, 2), WATCH_FINE);
	assert_int_equal(look(1, 1), WATCH_KILL);
	assert_int_equal(look(1, 1), WATCH_KILL);
}

static void
progress_after_the_abort_saves_nobody(void **state)
{
	(void)state;
	assert_int_equal(look(1, 12), WATCH_ABORT);
	assert_int_equal(look(2, 3), WATCH_KILL);
}

static void
the_pause_of_the_supervisor_does_not_count(void **state)
{
	(void)state;
	assert_int_equal(look(1, 5), WATCH_FINE);
	now += 3600 * CLOCK_SECOND;
	assert_int_equal(look(1, 1), WATCH_FINE);
	assert_int_equal(look(2, 1), WATCH_FINE);
	assert_int_equal(watch.quiet, 0);
}

static void
the_first_look_counts_nothing(void **state)
{
	(void)state;
	assert_int_equal(watch_look(&watch, 0, INT64_MAX / 2, LIMIT),
	    WATCH_FINE);
	assert_int_equal(watch.quiet, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_worker_that_moves_is_fine, begin),
		cmocka_unit_test_setup(
		    one_that_stands_still_is_aborted_once, begin),
		cmocka_unit_test_setup(one_that_survives_it_is_killed, begin),
		cmocka_unit_test_setup(
		    progress_after_the_abort_saves_nobody, begin),
		cmocka_unit_test_setup(
		    the_pause_of_the_supervisor_does_not_count, begin),
		cmocka_unit_test_setup(the_first_look_counts_nothing, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
