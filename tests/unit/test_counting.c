/*
 * Counting by many at once: what loses counts, what doesn't, and the board's
 * own counters.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../bench/counting.h"
#include "board/inspect.h"
#include "boards.h"

#if defined(__SANITIZE_THREAD__)
#define SLOWER 50
#elif defined(__SANITIZE_ADDRESS__)
#define SLOWER 10
#else
#define SLOWER 1
#endif

#define THREADS 100
#define THREAD_TIMES (100000 / SLOWER)
#define PROCESSES 8
#define PROCESS_TIMES (1000000 / SLOWER)
#define SEMAPHORE_TIMES (THREAD_TIMES / 50) /* each one may be a sleep */
#define TRIES 20

static uint32_t
times_of(const struct counting_way *way, uint32_t times)
{
	return way->add == counting_ways[2].add ? SEMAPHORE_TIMES : times;
}

static void
with_a_lock_or_an_atomic_none_is_lost(void **state)
{
	(void)state;
	assert_string_equal(counting_ways[2].name, "semaphore");
	for (unsigned i = 0; i < COUNTING_WAY_COUNT; i++) {
		const struct counting_way *way = &counting_ways[i];
		uint32_t a = times_of(way, THREAD_TIMES);
		uint32_t b = times_of(way, PROCESS_TIMES);

		if (!way->exact)
			continue;
		assert_int_equal(counting_threads(way, THREADS, a),
		    (int64_t)THREADS * a);
		assert_int_equal(counting_processes(way, PROCESSES, b),
		    (int64_t)PROCESSES * b);
	}
}

/* Never more than all; and now and then fewer, or there was no race. */
static void
a_plain_counter_loses_some(void **state)
{
	const struct counting_way *plain = &counting_ways[0];
	const int64_t all = (int64_t)THREADS * THREAD_TIMES;
	int64_t value = all;

	(void)state;
	assert_false(plain->exact);
	for (int i = 0; value == all && i < TRIES; i++) {
		value = counting_threads(plain, THREADS, THREAD_TIMES);
		assert_in_range(value, 1, all);
	}
	assert_true(value < all);
}

static void
count_on_the_board(uint32_t slot)
{
	for (uint32_t i = 0; i < PROCESS_TIMES; i++) {
		board_count(board, COUNTER_jobs_done, 1);
		board_count(board,
		    (enum board_counter)((slot + i) % COUNTER_COUNT), 1);
	}
}

static void
the_boards_counters_are_exact_under_eight_processes(void **state)
{
	pid_t children[PROCESSES];
	uint64_t sum = 0;
	struct rates *rates;

	(void)state;
	publish_board(board = create("EUR USD"));
	for (uint32_t i = 0; i < PROCESSES; i++) {
		children[i] = fork();
		assert_int_not_equal(children[i], -1);
		if (children[i] == 0) {
			count_on_the_board(i);
			_exit(0);
		}
	}
	for (int i = 0; i < PROCESSES; i++)
		assert_int_equal(
		    waitpid(children[i], NULL, 0), children[i]);
	assert_int_equal(rates_open(instance, &rates), RATES_OK);
	for (unsigned i = 0; i < COUNTER_COUNT; i++)
		sum += inspect_counter(rates, (enum board_counter)i);
	rates_close(rates);
	assert_int_equal(sum, (uint64_t)2 * PROCESSES * PROCESS_TIMES);
}

static int
begin(void **state)
{
	(void)state;
	return boards_begin("count", 120);
}

static int
end(void **state)
{
	(void)state;
	return boards_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_a_lock_or_an_atomic_none_is_lost),
		cmocka_unit_test(a_plain_counter_loses_some),
		cmocka_unit_test_setup_teardown(
		    the_boards_counters_are_exact_under_eight_processes,
		    begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
