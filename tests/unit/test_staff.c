/*
 * Locks and claims of workers that never were, as a damaged board has them.
 */
#include "daemon/staff.h"

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/log.h"

#define COUNT 3
#define ALIVE_SLOT 1
#define ALIVE_INCARNATION 7

static struct conf conf;
static struct world world;
static struct staff staff;
static char instance[64];

static int
begin(void **state)
{
	static const char *const names[COUNT] = { "EUR", "USD", "PLN" };
	static const struct board_plan_source sources[] = {
		{ .name = "stub" },
	};
	struct board_plan plan = { .instance = instance,
		.codes = conf.codes,
		.currencies = COUNT,
		.sources = sources,
		.source_count = 1,
		.slots = 2,
		.mode = 0600,
		.stale_after = CLOCK_SECOND };
	char error[256];

	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	snprintf(instance, sizeof(instance), "staff-%ld", (long)getpid());
	conf = (struct conf){ .currencies = COUNT,
		.workers = 2,
		.watchdog = 60 * CLOCK_SECOND };
	for (int i = 0; i < COUNT; i++)
		conf.codes[i] = code_pack(names[i]);
	world = (struct world){ .instance = instance, .conf = &conf };
	world.board = board_create(&plan, error, sizeof(error));
	if (world.board == NULL)
		fail_msg("%s", error);
	staff_begin(&staff, &world);
	/* A child that is there; it is looked at and never signalled. */
	staff.crew.children[ALIVE_SLOT].pid = getpid();
	staff.crew.children[ALIVE_SLOT].incarnation = ALIVE_INCARNATION;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	board_close(world.board);
	return 0;
}

static struct board_lock *
lock_of(uint32_t row)
{
	return board_lock_of(world.board->map, &world.board->shape, row);
}

static int
tokens(uint32_t row)
{
	int value = -1;

	assert_int_equal(sem_getvalue(&lock_of(row)->semaphore, &value), 0);
	return value;
}

static void
hold(uint32_t row, uint64_t worker)
{
	assert_int_equal(sem_trywait(&lock_of(row)->semaphore), 0);
	atomic_store(&lock_of(row)->owner, worker);
	atomic_store(&lock_of(row)->claim, worker);
}

static void
who_never_was_holds_nothing(void **state)
{
	static const uint64_t strangers[COUNT] = {
		/* a slot that there is, of another life */
		(UINT64_C(1) << 48) | (ALIVE_INCARNATION + 1),
		(UINT64_C(0) << 48) | 1,       /* one that is empty */
		(UINT64_C(0xffff) << 48) | 99, /* one that can't be */
	};

	(void)state;
	for (uint32_t i = 0; i < COUNT; i++)
		hold(i, strangers[i]);
	staff_watch(&staff, &world);
	staff_watch(&staff, &world);
	for (uint32_t i = 0; i < COUNT; i++) {
		assert_int_equal(atomic_load(&lock_of(i)->owner), 0);
		assert_int_equal(atomic_load(&lock_of(i)->claim), 0);
		assert_int_equal(tokens(i), 1);
	}
}

static void
who_is_alive_keeps_what_it_has(void **state)
{
	uint64_t worker = worker_id(ALIVE_SLOT, ALIVE_INCARNATION);

	(void)state;
	hold(0, worker);
	atomic_store(&lock_of(1)->claim, worker);
	for (int i = 0; i < 100; i++)
		staff_watch(&staff, &world);
	assert_int_equal(atomic_load(&lock_of(0)->owner), worker);
	assert_int_equal(atomic_load(&lock_of(0)->claim), worker);
	assert_int_equal(tokens(0), 0);
	assert_int_equal(atomic_load(&lock_of(1)->claim), worker);
}

static void
a_stranger_takes_nothing_from_who_is_alive(void **state)
{
	uint64_t worker = worker_id(ALIVE_SLOT, ALIVE_INCARNATION);

	(void)state;
	hold(0, worker);
	atomic_store(&lock_of(0)->claim, worker_id(0, 3));
	staff_watch(&staff, &world);
	staff_watch(&staff, &world);
	assert_int_equal(atomic_load(&lock_of(0)->owner), worker);
	assert_int_equal(atomic_load(&lock_of(0)->claim), 0);
	assert_int_equal(tokens(0), 0);
}

/* Who writes is somebody, whatever it calls itself; once it stops, it is not. */
static void
who_moves_the_row_keeps_its_lock(void **state)
{
	uint64_t stranger = worker_id(62, 1);
	struct board_row *row =
	    board_row(world.board->map, &world.board->shape, 0);

	(void)state;
	hold(0, stranger);
	for (int i = 0; i < 100; i++) {
		staff_watch(&staff, &world);
		assert_int_equal(atomic_load(&lock_of(0)->owner), stranger);
		atomic_fetch_add(&row->seq, 1);
	}
	staff_watch(&staff, &world);
	staff_watch(&staff, &world);
	assert_int_equal(atomic_load(&lock_of(0)->owner), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    who_never_was_holds_nothing, begin, end),
		cmocka_unit_test_setup_teardown(
		    who_is_alive_keeps_what_it_has, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_stranger_takes_nothing_from_who_is_alive, begin, end),
		cmocka_unit_test_setup_teardown(
		    who_moves_the_row_keeps_its_lock, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
