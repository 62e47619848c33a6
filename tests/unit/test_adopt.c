#include "board/adopt.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "made_board.h"

#define SOURCES "vatcomply frankfurter"

static const double three[] = { 1, 1.1684, 4.2467 };
static const double jump[] = { 1, 2.3368, 4.5 };

static void
put_held(const double *numbers)
{
	struct publication p = made_answer(ATTEMPT_HELD, numbers);

	p.source = "vatcomply";
	p.hash = 33;
	p.text = "USD would jump";
	assert_int_equal(made_publish(&p), 0);
}

/* EUR has numbers, and others that wait. */
static void
open_holding(void)
{
	struct publication p = made_answer(ATTEMPT_OK, three);

	p.hash = 22;
	p.etag = "\"first\"";
	p.modified = "Mon, 13 Apr 2026 00:00:00 GMT";
	made_open();
	assert_int_equal(made_publish(&p), 0);
	put_held(jump);
}

static struct row_last
next_last(uint32_t row, double *numbers, double *held)
{
	struct row_last last;
	uint64_t words[MADE_ROW_MAX];

	made_row(made_next, row, words); /* and it is sound */
	assert_int_equal(
	    board_row_last(made_next, row, &last, numbers, held), 0);
	return last;
}

static void
another_boot(void)
{
	snprintf(made->map->boot_id, BOARD_NAME_MAX, "another");
}

/* --- held numbers -------------------------------------------------------- */

static void
what_is_held_goes_on_waiting(void **state)
{
	double numbers[3], held[3];
	struct row_last last;

	(void)state;
	open_holding();
	for (int boot = 0; boot < 2; boot++) {
		made_adopt("EUR USD PLN", SOURCES);
		last = next_last(0, numbers, held);
		assert_memory_equal(numbers, three, sizeof(three));
		assert_memory_equal(held, jump, sizeof(jump));
		assert_int_equal(last.held_wall, 1000 * CLOCK_SECOND);
		assert_string_equal(last.held_source, "vatcomply");
		assert_int_equal(last.held_hash, 33);
		assert_false(last.accepted);
		another_boot();
	}
	assert_int_equal(next_last(1, NULL, NULL).held_wall, 0);
}

static void
held_numbers_follow_the_codes(void **state)
{
	double held[4];

	(void)state;
	open_holding();
	made_adopt("NOK USD EUR CZK", SOURCES);
	assert_int_equal(
	    next_last(2, NULL, held).held_wall, 1000 * CLOCK_SECOND);
	assert_true(isnan(held[0]) && isnan(held[3]));
	assert_true(held[1] == 2.3368 && held[2] == 1);
	assert_int_equal(next_last(0, NULL, held).held_wall, 0);
	made_adopt("PLN EUR", SOURCES);
	next_last(1, NULL, held);
	assert_true(held[0] == 4.5 && held[1] == 1);
}

static void
what_has_no_number_left_is_not_held(void **state)
{
	static const double one[] = { NAN, NAN, 4.5 };

	(void)state;
	made_open();
	put_held(one);
	made_adopt("EUR USD", SOURCES);
	assert_int_equal(next_last(0, NULL, NULL).held_wall, 0);
	assert_int_equal(made_word(made_next, 0, ROW_AT_held_wall), 0);
}

static void
an_impossible_number_is_not_held(void **state)
{
	static const double wild[] = { 1, -1, INFINITY };
	struct board_row *row;
	double held[3];

	(void)state;
	made_open();
	put_held(wild);
	made_adopt("EUR USD PLN", SOURCES);
	assert_int_not_equal(next_last(0, NULL, held).held_wall, 0);
	assert_true(held[0] == 1);
	row = board_row(made_next->map, &made_next->shape, 0);
	for (int i = 1; i < 3; i++)
		assert_true(board_row_held(row, &made_next->shape)[i] ==
		    BOARD_ABSENT);
}

static void
held_numbers_that_are_not_whole_are_left(void **state)
{
	struct board_row *row;
	double numbers[3];

	(void)state;
	open_holding();
	row = board_row(made->map, &made->shape, 0);
	atomic_fetch_xor(board_row_held(row, &made->shape) + 1, 1);
	made_adopt("EUR USD PLN", SOURCES);
	assert_int_equal(next_last(0, numbers, NULL).held_wall, 0);
	assert_memory_equal(numbers, three, sizeof(three));
	assert_int_equal(made_word(made_next, 0, ROW_AT_held_wall), 0);
}

static void
what_is_accepted_stays_so(void **state)
{
	(void)state;
	open_holding();
	board_row_accept(made, 0, 1000 * CLOCK_SECOND);
	made_adopt("PLN EUR USD", SOURCES);
	assert_true(next_last(1, NULL, NULL).accepted);
	assert_false(next_last(0, NULL, NULL).accepted);
}

/* --- answers ------------------------------------------------------------- */

static void
an_answer_stays_known(void **state)
{
	struct row_last last;

	(void)state;
	open_holding();
	made_adopt("USD EUR", SOURCES);
	last = next_last(1, NULL, NULL);
	assert_int_equal(last.hash, 22);
	assert_string_equal(last.etag, "\"first\"");
	assert_string_equal(last.modified, "Mon, 13 Apr 2026 00:00:00 GMT");
}

/* Else the row would lack the new currency until the source has other news. */
static void
an_answer_read_without_a_new_currency_is_not_known(void **state)
{
	double numbers[4];
	struct row_last last;

	(void)state;
	open_holding();
	made_adopt("EUR USD PLN NOK", SOURCES);
	last = next_last(0, numbers, NULL);
	assert_int_equal(last.version, 1);
	assert_memory_equal(numbers, three, sizeof(three));
	assert_int_equal(last.hash, 0);
	assert_string_equal(last.etag, "");
	assert_string_equal(last.modified, "");
}

/* --- sources ------------------------------------------------------------- */

/* Each word of a source another number. */
static void
fill_source(struct board_source *source, uint64_t number)
{
#define X(name) atomic_store(&source->name, number++);
	SOURCE_WORDS(X)
	SOURCE_FACTS(X)
#undef X
#define X(name, count)                                                         \
	for (size_t i = 0; i < (count); i++)                                   \
		atomic_store(&source->name[i], number++);
	SOURCE_TALLIES(X)
#undef X
}

static void
open_sources(void)
{
	made_open();
	fill_source(board_source(made->map, &made->shape, 0), 100);
	fill_source(board_source(made->map, &made->shape, 1), 200);
}

/* The words of made's source from, as far as they go over. */
static void
came_over(uint32_t to, uint32_t from, bool same_boot)
{
	struct board_source *was = board_source(made->map, &made->shape, from);
	struct board_source *is =
	    board_source(made_next->map, &made_next->shape, to);

	assert_int_equal(is->claim, 0);
	atomic_store(&was->claim, 0);
#define X(name) assert_int_equal(is->name, same_boot ? was->name : 0);
	SOURCE_BOOT_WORDS(X)
#undef X
#define X(name) assert_int_equal(is->name, was->name);
	SOURCE_LASTING_WORDS(X)
#undef X
#define X(name, count)                                                         \
	for (size_t i = 0; i < (count); i++)                                   \
		assert_int_equal(is->name[i], was->name[i]);
	SOURCE_TALLIES(X)
#undef X
#define X(name) assert_int_equal(is->name, 0); /* of its own configuration */
	SOURCE_FACTS(X)
#undef X
}

static void
sources_go_over_by_their_names(void **state)
{
	(void)state;
	open_sources();
	made_adopt("EUR", "frankfurter other vatcomply");
	came_over(0, 1, true);
	came_over(2, 0, true);
#define X(name)                                                                \
	assert_int_equal(                                                      \
	    board_source(made_next->map, &made_next->shape, 1)->name, 0);
	SOURCE_WORDS(X)
#undef X
}

static void
only_what_lasts_goes_over_a_boot(void **state)
{
	(void)state;
	open_sources();
	another_boot();
	made_adopt("EUR USD PLN", SOURCES);
	came_over(0, 0, false);
	came_over(1, 1, false);
}

#define test(name) cmocka_unit_test_setup_teardown(name, made_begin, made_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(what_is_held_goes_on_waiting),
		test(held_numbers_follow_the_codes),
		test(what_has_no_number_left_is_not_held),
		test(an_impossible_number_is_not_held),
		test(held_numbers_that_are_not_whole_are_left),
		test(what_is_accepted_stays_so),
		test(an_answer_stays_known),
		test(an_answer_read_without_a_new_currency_is_not_known),
		test(sources_go_over_by_their_names),
		test(only_what_lasts_goes_over_a_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
