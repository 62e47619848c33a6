#include "board/last.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "made_board.h"

static const double three[] = { 1, 1.1684, 4.2467 };
static const double jump[] = { 1, 2.3368, NAN };

static void
has_text(size_t at, const char *expected)
{
	char text[BOARD_ERROR_MAX];

	made_text(made, 0, at, text, sizeof(text));
	assert_string_equal(text, expected);
}

/* The first answer of the row, with all that an answer has. */
static struct publication
first_answer(void)
{
	struct publication p = made_answer(ATTEMPT_OK, three);

	p.hub = code_pack("EUR");
	p.recipe = 11;
	p.hash = 22;
	p.etag = "\"first\"";
	p.modified = "Mon, 13 Apr 2026 00:00:00 GMT";
	return p;
}

static void
put_first(void)
{
	struct publication p = first_answer();

	assert_int_equal(made_publish(&p), 0);
}

/* The time of a later attempt. */
static struct publication
later(struct publication p, int64_t seconds)
{
	p.fetched_wall = (1000 + seconds) * CLOCK_SECOND;
	p.fetched_boot = (1000 + seconds) * CLOCK_SECOND;
	return p;
}

static void
put_held(const double *numbers, int64_t seconds)
{
	struct publication p =
	    later(made_answer(ATTEMPT_HELD, numbers), seconds);

	p.source = "vatcomply";
	p.text = "USD would jump";
	p.hash = 33;
	p.published_form = PUBLISHED_TIME;
	p.published = 90000 * CLOCK_SECOND;
	assert_int_equal(made_publish(&p), 0);
}

static struct row_last
last_of(double *numbers, double *held)
{
	struct row_last last;

	assert_int_equal(board_row_last(made, 0, &last, numbers, held), 0);
	return last;
}

/* Nothing waits, and nothing is told of what did. */
static void
nothing_is_held(void)
{
	double held[3] = { 7, 7, 7 };
	struct row_last last = last_of(NULL, held);

	assert_int_equal(last.held_wall, 0);
	assert_false(last.accepted);
	assert_string_equal(last.held_source, "");
	assert_string_equal(last.held_text, "");
	assert_int_equal(last.held_form, PUBLISHED_NONE);
	assert_int_equal(last.held_published, 0);
	assert_int_equal(last.held_hash, 0);
	for (int i = 0; i < 3; i++)
		assert_true(isnan(held[i]));
}

/* --- the row, for who judges --------------------------------------------- */

static void
the_last_answer_is_told_in_all_fields(void **state)
{
	double numbers[3];
	struct row_last last;

	(void)state;
	made_open();
	last = last_of(numbers, NULL);
	assert_int_equal(last.version, 0);
	assert_int_equal(last.seq, 0);
	for (int i = 0; i < 3; i++)
		assert_true(isnan(numbers[i]));
	put_first();
	last = last_of(numbers, NULL);
	assert_int_equal(last.seq, 1);
	assert_int_equal(last.version, 1);
	assert_int_equal(last.fetched_boot, 1000 * CLOCK_SECOND);
	assert_string_equal(last.source, "frankfurter");
	assert_int_equal(last.form, PUBLISHED_DAY);
	assert_int_equal(last.published, 86400 * CLOCK_SECOND);
	assert_int_equal(last.recipe, 11);
	assert_int_equal(last.hash, 22);
	assert_string_equal(last.etag, "\"first\"");
	assert_string_equal(last.modified, "Mon, 13 Apr 2026 00:00:00 GMT");
	assert_memory_equal(numbers, three, sizeof(three));
	assert_int_equal(
	    made_word(made, 0, ROW_AT_hub), code_pack("EUR"));
	nothing_is_held();
}

static void
an_answer_without_validators_leaves_none(void **state)
{
	struct publication p = made_answer(ATTEMPT_OK, three);
	struct row_last last;

	(void)state;
	made_open();
	for (int i = 0; i < 3; i++) {
		put_first();
		assert_int_equal(made_publish(&p), 0);
		last = last_of(NULL, NULL);
		assert_string_equal(last.etag, "");
		assert_string_equal(last.modified, "");
		assert_int_equal(last.recipe, 0);
		assert_int_equal(last.hash, 0);
		assert_int_equal(made_word(made, 0, ROW_AT_hub), 0);
	}
}

/* Cut, it would be another one. */
static void
a_validator_without_room_is_not_kept(void **state)
{
	struct publication p = made_answer(ATTEMPT_OK, three);
	char etag[BOARD_ETAG_MAX + 1], modified[BOARD_MODIFIED_MAX + 1];
	struct row_last last;

	(void)state;
	made_open();
	memset(etag, 'e', sizeof(etag));
	memset(modified, 'm', sizeof(modified));
	etag[BOARD_ETAG_MAX - 1] = modified[BOARD_MODIFIED_MAX - 1] = '\0';
	p.etag = etag;
	p.modified = modified;
	assert_int_equal(made_publish(&p), 0);
	last = last_of(NULL, NULL);
	assert_string_equal(last.etag, etag);
	assert_string_equal(last.modified, modified);
	etag[BOARD_ETAG_MAX - 1] = modified[BOARD_MODIFIED_MAX - 1] = 'x';
	etag[BOARD_ETAG_MAX] = modified[BOARD_MODIFIED_MAX] = '\0';
	assert_int_equal(made_publish(&p), 0);
	last = last_of(NULL, NULL);
	assert_string_equal(last.etag, "");
	assert_string_equal(last.modified, "");
}

/* Texts without an end, forms that are none, numbers that no rate is. */
static void
hostile_words_are_told_as_harmless(void **state)
{
	double numbers[3], held[3];
	struct row_last last;
	struct board_row *row;
	board_word *copy;

	(void)state;
	made_open();
	put_held(jump, 60);
	row = board_row(made->map, &made->shape, 0);
	copy = board_row_copy(row, &made->shape, atomic_load(&row->seq));
	for (size_t w = 0; w < ROW_META + 3; w++)
		atomic_store(copy + w, UINT64_MAX);
	for (size_t q = 0; q < 3; q++)
		atomic_store(
		    board_row_held(row, &made->shape) + q, UINT64_MAX - q);
	atomic_store(copy + ROW_AT_held_check,
	    board_held_check(board_row_held(row, &made->shape), &made->shape));
	atomic_store(
	    copy + ROW_AT_check, board_row_check(copy, &made->shape));
	last = last_of(numbers, held);
	assert_int_equal(strlen(last.source), BOARD_SOURCE_MAX - 1);
	assert_int_equal(strlen(last.etag), BOARD_ETAG_MAX - 1);
	assert_int_equal(strlen(last.modified), BOARD_MODIFIED_MAX - 1);
	assert_int_equal(strlen(last.held_source), BOARD_SOURCE_MAX - 1);
	assert_int_equal(strlen(last.held_text), BOARD_ERROR_MAX - 1);
	assert_int_equal(last.form, PUBLISHED_NONE);
	assert_int_equal(last.held_form, PUBLISHED_NONE);
	for (int i = 0; i < 3; i++)
		assert_true(isnan(numbers[i]) && isnan(held[i]));
}

static void
a_damaged_row_is_empty(void **state)
{
	double numbers[3];
	struct row_last last;

	(void)state;
	made_open();
	put_first();
	made_damage();
	last = last_of(numbers, NULL);
	assert_int_equal(last.version, 0);
	assert_int_equal(last.hash, 0);
	assert_string_equal(last.etag, "");
	assert_string_equal(last.source, "");
	for (int i = 0; i < 3; i++)
		assert_true(isnan(numbers[i]));
}

/* --- held ---------------------------------------------------------------- */

static void
a_held_answer_waits_beside_the_row(void **state)
{
	double numbers[3], held[3];
	struct row_last last;

	(void)state;
	made_open();
	put_first();
	put_held(jump, 60);
	last = last_of(numbers, held);
	assert_memory_equal(numbers, three, sizeof(three));
	assert_int_equal(last.version, 1);
	assert_int_equal(last.fetched_boot, 1000 * CLOCK_SECOND);
	assert_string_equal(last.source, "frankfurter");
	assert_int_equal(last.hash, 22);
	assert_int_equal(last.held_wall, 1060 * CLOCK_SECOND);
	assert_string_equal(last.held_source, "vatcomply");
	assert_string_equal(last.held_text, "USD would jump");
	assert_int_equal(last.held_form, PUBLISHED_TIME);
	assert_int_equal(last.held_published, 90000 * CLOCK_SECOND);
	assert_int_equal(last.held_hash, 33);
	assert_true(held[0] == 1 && held[1] == 2.3368 && isnan(held[2]));
	has_text(ROW_AT_held_text, "USD would jump");
	assert_int_equal(made_word(made, 0, ROW_AT_failures), 1);
	assert_int_equal(made_word(made, 0, ROW_AT_attempt_class),
	    ATTEMPT_HELD);
}

static void
a_good_answer_may_end_the_wait(void **state)
{
	struct publication p = later(made_answer(ATTEMPT_OK, jump), 120);

	(void)state;
	made_open();
	put_first();
	for (int unchanged = 0; unchanged < 2; unchanged++) {
		put_held(jump, 60);
		p.unchanged = unchanged;
		p.forget = false;
		for (int i = 0; i < 2; i++) {
			assert_int_equal(made_publish(&p), 0);
			assert_int_not_equal(last_of(NULL, NULL).held_wall, 0);
		}
		p.forget = true;
		assert_int_equal(made_publish(&p), 0);
		nothing_is_held();
		assert_int_equal(made_publish(&p), 0);
		nothing_is_held(); /* in the other copy as well */
	}
}

static void
a_failure_leaves_what_waits(void **state)
{
	struct publication p = later(made_answer(ATTEMPT_HTTP, NULL), 90);
	double held[3];

	(void)state;
	made_open();
	put_first();
	put_held(jump, 60);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(made_publish(&p), 0);
		assert_int_equal(
		    last_of(NULL, held).held_wall, 1060 * CLOCK_SECOND);
		assert_true(held[1] == 2.3368);
	}
	has_text(ROW_AT_held_text, "USD would jump");
}

static void
other_numbers_wait_anew_and_the_same_since_they_came(void **state)
{
	static const double other[] = { 1, 3, 4 };
	double held[3];

	(void)state;
	made_open();
	put_held(jump, 60);
	put_held(jump, 120);
	assert_int_equal(last_of(NULL, held).held_wall, 1060 * CLOCK_SECOND);
	put_held(other, 180);
	assert_int_equal(last_of(NULL, held).held_wall, 1180 * CLOCK_SECOND);
	assert_memory_equal(held, other, sizeof(other));
	put_held(jump, 240);
	assert_int_equal(last_of(NULL, held).held_wall, 1240 * CLOCK_SECOND);
}

/* As a writer leaves them that died in the midst of the next ones. */
static void
held_numbers_that_are_not_whole_are_none(void **state)
{
	struct board_row *row;
	board_word *held;

	(void)state;
	made_open();
	put_first();
	put_held(jump, 60);
	row = board_row(made->map, &made->shape, 0);
	held = board_row_held(row, &made->shape);
	for (size_t i = 0; i < 3; i++)
		for (unsigned bit = 0; bit < 64; bit++) {
			atomic_fetch_xor(held + i, UINT64_C(1) << bit);
			nothing_is_held();
			atomic_fetch_xor(held + i, UINT64_C(1) << bit);
		}
	assert_int_equal(
	    last_of(NULL, NULL).held_wall, 1060 * CLOCK_SECOND);
}

/* Up to the last store before the sequence: the row is as it was. */
static void
who_dies_holding_leaves_nothing_held(void **state)
{
	static const double other[] = { 2, 3, 4 };
	double numbers[3];
	board_word *held;
	uint64_t bits;

	(void)state;
	made_open();
	put_first();
	put_held(jump, 60);
	held = board_row_held(
	    board_row(made->map, &made->shape, 0), &made->shape);
	for (size_t i = 0; i < 3; i++) {
		memcpy(&bits, &other[i], sizeof(bits));
		atomic_store(held + i, bits);
		nothing_is_held();
	}
	assert_int_equal(last_of(numbers, NULL).version, 1);
	assert_memory_equal(numbers, three, sizeof(three));
	put_held(other, 120); /* nobody had told of them */
	assert_int_equal(
	    last_of(NULL, NULL).held_wall, 1120 * CLOCK_SECOND);
}

static void
what_is_held_can_be_accepted(void **state)
{
	(void)state;
	made_open();
	put_held(jump, 60);
	assert_false(last_of(NULL, NULL).accepted);
	board_row_accept(made, 0, 1059 * CLOCK_SECOND);
	assert_false(last_of(NULL, NULL).accepted);
	board_row_accept(made, 1, 1060 * CLOCK_SECOND);
	assert_false(last_of(NULL, NULL).accepted);
	board_row_accept(made, 0, 1060 * CLOCK_SECOND);
	assert_true(last_of(NULL, NULL).accepted);
	put_held(jump, 120); /* the same numbers */
	assert_true(last_of(NULL, NULL).accepted);
	put_held(three, 180);
	assert_false(last_of(NULL, NULL).accepted);
}

static void
nothing_held_is_nothing_accepted(void **state)
{
	(void)state;
	made_open();
	put_first();
	board_row_accept(made, 0, 0);
	nothing_is_held();
}

#define test(name) cmocka_unit_test_setup_teardown(name, made_begin, made_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_last_answer_is_told_in_all_fields),
		test(an_answer_without_validators_leaves_none),
		test(a_validator_without_room_is_not_kept),
		test(hostile_words_are_told_as_harmless),
		test(a_damaged_row_is_empty),
		test(a_held_answer_waits_beside_the_row),
		test(a_good_answer_may_end_the_wait),
		test(a_failure_leaves_what_waits),
		test(other_numbers_wait_anew_and_the_same_since_they_came),
		test(held_numbers_that_are_not_whole_are_none),
		test(who_dies_holding_leaves_nothing_held),
		test(what_is_held_can_be_accepted),
		test(nothing_held_is_nothing_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
