#include "board/claim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "made_board.h"

#define ROW 0
#define WORKER 7
#define OTHER 8

static board_word *
asked_word(void)
{
	return &board_lock_of(made->map, &made->shape, ROW)->asked;
}

static void
goes_on_if_somebody_asked_meanwhile(void **state)
{
	int64_t ended;

	(void)state;
	made_open();
	ended = clock_boot();
	assert_true(claim_ask(made, ROW, WORKER, ended - 1));
	assert_false(claim_ask(made, ROW, OTHER, ended + 1));
	assert_true(claim_pass(made, ROW, WORKER, ended));
	assert_false(claim_pass(made, ROW, WORKER, ended + 1));
}

/* Else its worker would go on for ever, and ask the source each time. */
static void
nobody_asked_in_a_time_to_come(void **state)
{
	(void)state;
	made_open();
	assert_true(claim_take(made, ROW, WORKER));
	atomic_store(asked_word(), UINT64_MAX);
	assert_false(claim_pass(made, ROW, WORKER, clock_boot()));
	atomic_store(asked_word(), (uint64_t)clock_boot() + CLOCK_CENTURY);
	assert_true(claim_take(made, ROW, WORKER));
	assert_false(claim_pass(made, ROW, WORKER, clock_boot()));
}

static void
who_asks_mends_the_word(void **state)
{
	int64_t ended;

	(void)state;
	made_open();
	ended = clock_boot();
	atomic_store(asked_word(), UINT64_MAX);
	assert_true(claim_take(made, ROW, WORKER));
	assert_false(claim_ask(made, ROW, OTHER, ended + 1));
	assert_true(claim_pass(made, ROW, WORKER, ended));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, made_begin, made_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(goes_on_if_somebody_asked_meanwhile),
		TEST(nobody_asked_in_a_time_to_come),
		TEST(who_asks_mends_the_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
