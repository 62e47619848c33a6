/*
 * Writers and readers on one mapping, in threads: so that the thread sanitizer
 * sees both sides.  (Processes have mappings of their own, which it takes for
 * different memory.)
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/code.h"
#include "board/handle.h"
#include "board/publish.h"
#include "fetch/throttle.h"

#define WRITERS 2
#define READERS 3
#define COUNT 24        /* currencies */
#define MEETINGS 2000   /* reads that find a newer row, before it ends */
#define LONGEST (60 * CLOCK_SECOND)
#define GRANTS_EACH 500 /* tries of each thread at one throttle */
#define PATIENCE CLOCK_SECOND
#define TRIES 60 /* a machine that pauses costs one of them */

static struct board *board;
static char instance[64];
static char error[256];
static atomic_uint writers_left;
static atomic_ullong reads, torn, backwards, met, locked_out;

static int
begin(void **state)
{
	static const struct board_plan_source sources[] = {
		{ .name = "stub" },
	};
	uint64_t codes[COUNT];
	char code[4] = "AAA";
	struct board_plan plan = { .instance = instance,
		.codes = codes,
		.currencies = COUNT,
		.sources = sources,
		.source_count = 1,
		.slots = WRITERS,
		.mode = 0600,
		.stale_after = CLOCK_SECOND };

	(void)state;
	alarm(240);
	snprintf(instance, sizeof(instance), "race-%ld", (long)getpid());
	for (int i = 0; i < COUNT; i++) {
		code[2] = (char)('A' + i);
		codes[i] = code_pack(code);
	}
	board = board_create(&plan, error, sizeof(error));
	if (board == NULL)
		fail_msg("%s", error);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	board_close(board); /* never published: that removes it */
	return 0;
}

/* All numbers of one publication are alike, and no two have the same. */
static void
write_row(uint64_t worker, uint32_t row, double value)
{
	double numbers[COUNT];
	struct publication p = { .worker = worker,
		.row = row,
		.source = "stub",
		.class = ATTEMPT_OK,
		.fetched_wall = clock_wall(),
		.fetched_boot = clock_boot(),
		.numbers = numbers };

	for (int i = 0; i < COUNT; i++)
		numbers[i] = value;
	for (int i = 0; i < TRIES; i++)
		if (publish(board, &p, clock_mono() + PATIENCE) == 0)
			return;
	atomic_fetch_add(&locked_out, 1);
}

static void *
writer(void *argument)
{
	uint32_t slot = (uint32_t)(uintptr_t)argument;

	int64_t until = clock_mono() + LONGEST;

	for (int i = 1; atomic_load(&met) < MEETINGS; i++) {
		write_row(worker_id(slot, 1), 0, i * 10.0 + slot + 1);
		if (clock_mono() > until)
			break;
	}
	atomic_fetch_sub(&writers_left, 1);
	return NULL;
}

static void
check_row(const double *numbers, uint64_t version, uint64_t *last)
{
	for (int i = 1; i < COUNT; i++)
		if (version != 0 && numbers[i] != numbers[0])
			atomic_fetch_add(&torn, 1);
	if (version < *last)
		atomic_fetch_add(&backwards, 1);
	if (version > *last)
		atomic_fetch_add(&met, 1);
	*last = version;
	atomic_fetch_add(&reads, 1);
}

static void
read_once(struct rates *r, uint64_t *last)
{
	struct rates_row row, rows[COUNT];
	double numbers[COUNT], all[COUNT * COUNT], one;

	if (rates_row(r, 0, &row, numbers) == RATES_OK)
		check_row(numbers, row.version, last);
	if (rates_snapshot(r, COUNT, rows, all) == RATES_OK)
		check_row(all, rows[0].version, last);
	if (rates_get(r, 0, 1, &one) == RATES_OK && one < 1)
		atomic_fetch_add(&torn, 1);
}

static void *
reader(void *argument)
{
	struct rates handle = { .board = { .map = board->map,
				    .shape = board->shape } };
	uint64_t last = 0;

	(void)argument;
	while (atomic_load(&writers_left) > 0)
		read_once(&handle, &last);
	return NULL;
}

static void
readers_never_see_half_a_row(void **state)
{
	pthread_t threads[WRITERS + READERS];

	(void)state;
	atomic_store(&writers_left, WRITERS);
	atomic_store(&board->map->state, BOARD_READY);
	for (uintptr_t i = 0; i < WRITERS + READERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
				     i < WRITERS ? writer : reader, (void *)i),
		    0);
	for (int i = 0; i < WRITERS + READERS; i++)
		pthread_join(threads[i], NULL);
	print_message("# %llu reads, %llu met a newer row\n",
	    (unsigned long long)reads, (unsigned long long)met);
	assert_int_equal(torn, 0);
	assert_int_equal(backwards, 0);
	assert_int_equal(locked_out, 0);
	assert_true(met >= MEETINGS);
}

/* --- the throttle -------------------------------------------------------- */

static board_word arrival, not_before;
static atomic_uint granted;

static void *
asker(void *argument)
{
	struct throttle throttle = { &arrival, &not_before, CLOCK_SECOND, 7 };

	(void)argument;
	for (int i = 0; i < GRANTS_EACH; i++)
		if (throttle_take(&throttle, 1000 * CLOCK_SECOND) == 0)
			atomic_fetch_add(&granted, 1);
	return NULL;
}

static void
a_throttle_grants_its_burst_and_no_more(void **state)
{
	pthread_t threads[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, asker, NULL), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(granted, 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    readers_never_see_half_a_row, begin, end),
		cmocka_unit_test(a_throttle_grants_its_burst_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
