#include "tools/ratesfetch_advice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

#define MS CLOCK_MS

static void
runs_are_summed_up(void **state)
{
	struct fetch_sample odd[] = { { 30, 7, 100, 3, 0 }, { 10, 9, 300, 5, 1 },
		{ 20, 8, 200, 4, 0 } };
	struct fetch_sample even[] = { { 40, 4, 1, 1, 2 }, { 10, 1, 1, 1, 0 },
		{ 20, 3, 1, 1, 1 }, { 30, 2, 1, 1, 0 } };
	struct fetch_figures f;

	(void)state;
	fetch_sum_up(odd, 3, &f);
	assert_int_equal(f.runs, 3);
	assert_true(f.median == 20 && f.least == 10 && f.most == 30);
	assert_true(f.cpu == 8 && f.memory == 300);
	assert_int_equal(f.peak, 5);
	assert_int_equal(f.failed, 1);
	fetch_sum_up(even, 4, &f);
	assert_true(f.median == 25 && f.cpu == 2);
	assert_int_equal(f.failed, 3);
	fetch_sum_up(odd, 1, &f);
	assert_true(f.median == 10 && f.least == 10 && f.most == 10);
}

static void
speed_is_that_of_sync_over_it(void **state)
{
	const struct fetch_figures sync = { .runs = 1, .median = 100 };
	const struct fetch_figures fast = { .runs = 1, .median = 20 };
	const struct fetch_figures none = { .runs = 0 };

	(void)state;
	assert_true(fetch_speed_up(&sync, &fast) == 5.0);
	assert_true(fetch_speed_up(&sync, &none) == 0);
	assert_true(fetch_speed_up(&none, &fast) == 0);
}

static struct fetch_figures
made(int64_t median, int64_t cpu, unsigned peak, unsigned failed)
{
	return (struct fetch_figures){ .runs = 5,
		.median = median * MS,
		.least = median * MS,
		.most = median * MS,
		.cpu = cpu * MS,
		.peak = peak,
		.failed = failed };
}

/* procs and the like are no engines of a worker, however fast they are. */
static void
the_least_work_of_the_fast_ones_is_advised(void **state)
{
	struct fetch_figures f[ENGINE_COUNT] = {
		[ENGINE_sync] = made(1000, 1, 1, 0),
		[ENGINE_threads] = made(100, 1, 5, 0),
		[ENGINE_pool] = made(200, 5, 5, 0),
		[ENGINE_procs] = made(50, 1, 5, 0),
		[ENGINE_async] = made(210, 3, 5, 0),
		[ENGINE_executor] = made(100, 1, 5, 0),
	};
	struct fetch_advice a;

	(void)state;
	assert_int_equal(fetch_advise(f, 8, &a), 0);
	assert_int_equal(a.engine, ENGINE_async);
	assert_int_equal(a.workers, 2);
	assert_int_equal(a.concurrency, 3);
	assert_non_null(strstr(a.why, "4.8 times"));
	f[ENGINE_async] = made(300, 3, 5, 0);
	assert_int_equal(fetch_advise(f, 8, &a), 0);
	assert_int_equal(a.engine, ENGINE_pool);
}

static void
lost_rows_count_more_than_time(void **state)
{
	const struct fetch_figures f[ENGINE_COUNT] = {
		[ENGINE_sync] = made(1000, 1, 1, 0),
		[ENGINE_pool] = made(200, 5, 5, 9),
		[ENGINE_async] = made(210, 3, 5, 9),
	};
	struct fetch_advice a;

	(void)state;
	assert_int_equal(fetch_advise(f, 8, &a), 0);
	assert_int_equal(a.engine, ENGINE_sync);
	assert_int_equal(a.workers, 1);
	assert_int_equal(a.concurrency, 1);
}

/* 400 ms of a processor in 100 ms: four workers were not enough. */
static void
work_asks_for_workers_as_far_as_there_are_processors(void **state)
{
	const struct fetch_figures f[ENGINE_COUNT] = {
		[ENGINE_async] = made(100, 400, 100, 0),
	};
	struct fetch_advice a;

	(void)state;
	assert_int_equal(fetch_advise(f, 16, &a), 0);
	assert_int_equal(a.workers, 8);
	assert_int_equal(a.concurrency, 13);
	assert_int_equal(fetch_advise(f, 4, &a), 0);
	assert_int_equal(a.workers, 4);
	assert_int_equal(a.concurrency, 25);
	assert_int_equal(fetch_advise(f, 1, &a), 0);
	assert_int_equal(a.workers, 2);
}

static void
without_runs_there_is_no_advice(void **state)
{
	const struct fetch_figures f[ENGINE_COUNT] = {
		[ENGINE_procs] = made(50, 1, 5, 0),
	};
	struct fetch_advice a;

	(void)state;
	assert_int_equal(fetch_advise(f, 8, &a), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_are_summed_up),
		cmocka_unit_test(speed_is_that_of_sync_over_it),
		cmocka_unit_test(the_least_work_of_the_fast_ones_is_advised),
		cmocka_unit_test(lost_rows_count_more_than_time),
		cmocka_unit_test(
		    work_asks_for_workers_as_far_as_there_are_processors),
		cmocka_unit_test(without_runs_there_is_no_advice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
