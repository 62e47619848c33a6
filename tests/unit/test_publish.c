#include "board/publish.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "board/lock.h"
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

static uint64_t
seq(void)
{
	uint64_t words[MADE_ROW_MAX];

	return made_row(made, 0, words);
}

/* --- judged -------------------------------------------------------------- */

/* What a judge saw, and is to say. */
struct bench {
	uint64_t owner, seq;
	bool yes;
	unsigned calls;
};

static bool
sit(void *context, struct publication *p)
{
	struct bench *bench = context;

	bench->calls++;
	bench->owner = atomic_load(
	    &board_lock_of(made->map, &made->shape, p->row)->owner);
	bench->seq = seq();
	p->numbers = jump;
	return bench->yes;
}

static int
publish_before(struct bench *bench)
{
	struct publication p = later(made_answer(ATTEMPT_OK, three), 60);

	return publish_judged(
	    made, &p, sit, bench, clock_mono() + 50 * CLOCK_MS);
}

static void
a_judge_has_the_lock_and_the_last_word(void **state)
{
	uint64_t before[MADE_ROW_MAX], after[MADE_ROW_MAX], seen;
	struct bench bench = { .yes = false };
	const struct board_lock *lock;

	(void)state;
	made_open();
	put_first();
	lock = board_lock_of(made->map, &made->shape, 0);
	seen = made_row(made, 0, before);
	assert_int_equal(publish_before(&bench), 1);
	assert_int_equal(bench.owner, MADE_WORKER);
	assert_int_equal(bench.seq, seen);
	assert_int_equal(made_row(made, 0, after), seen);
	assert_memory_equal(after, before, (ROW_META + 3) * 8);
	assert_int_equal(atomic_load(&lock->owner), 0);
	bench.yes = true;
	assert_int_equal(publish_before(&bench), 0);
	assert_int_equal(made_word(made, 0, ROW_AT_present), 2);
	assert_int_equal(atomic_load(&lock->owner), 0);
	assert_int_equal(bench.calls, 2);
}

static void
without_the_lock_nobody_judges(void **state)
{
	struct bench bench = { .yes = true };
	struct lock_tally tally = { 0 };
	struct board_lock *lock;

	(void)state;
	made_open();
	lock = board_lock_of(made->map, &made->shape, 0);
	assert_int_equal(lock_take(lock, worker_id(1, 9),
			     clock_mono() + MADE_PATIENCE, &tally),
	    0);
	assert_int_equal(publish_before(&bench), -1);
	assert_int_equal(bench.calls, 0);
	lock_release(lock, worker_id(1, 9));
	assert_int_equal(publish_before(&bench), 0);
}

/* --- unchanged ----------------------------------------------------------- */

/* The words that may differ between a row and the same answer once more. */
static bool
moves(size_t w)
{
	return w == ROW_AT_version || w == ROW_AT_fetched_wall ||
	    w == ROW_AT_fetched_boot || w == ROW_AT_check ||
	    (w >= ROW_AT_attempts && w < ROW_AT_source) ||
	    (w >= ROW_AT_attempt_source && w < ROW_AT_hub);
}

static void
an_unchanged_answer_is_the_row_fetched_anew(void **state)
{
	struct publication p = { .worker = MADE_WORKER,
		.source = "vatcomply",
		.class = ATTEMPT_OK,
		.http_status = 304,
		.unchanged = true };
	uint64_t before[MADE_ROW_MAX], after[MADE_ROW_MAX];

	(void)state;
	made_open();
	put_first();
	made_row(made, 0, before);
	for (int64_t i = 1; i <= 3; i++) { /* in both copies */
		p = later(p, 60 * i);
		assert_int_equal(made_publish(&p), 0);
		made_row(made, 0, after);
		for (size_t w = 0; w < ROW_META + 3; w++)
			if (!moves(w) && after[w] != before[w])
				fail_msg("word %zu", w);
		assert_int_equal(after[ROW_AT_version], 1 + i);
		assert_int_equal(after[ROW_AT_fetched_wall], p.fetched_wall);
		assert_int_equal(after[ROW_AT_fetched_boot], p.fetched_boot);
		assert_int_equal(
		    after[ROW_AT_changed_wall], 1000 * CLOCK_SECOND);
		assert_int_equal(after[ROW_AT_attempts], 1 + i);
		assert_int_equal(after[ROW_AT_attempt_http], 304);
	}
	has_text(ROW_AT_source, "frankfurter");
	has_text(ROW_AT_attempt_source, "vatcomply");
	has_text(ROW_AT_etag, "\"first\"");
}

static void
an_unchanged_answer_may_have_other_validators(void **state)
{
	struct publication p = { .worker = MADE_WORKER,
		.source = "vatcomply",
		.class = ATTEMPT_OK,
		.http_status = 200,
		.unchanged = true,
		.etag = "\"second\"",
		.modified = "" };

	(void)state;
	made_open();
	put_first();
	p = later(p, 60);
	assert_int_equal(made_publish(&p), 0);
	has_text(ROW_AT_etag, "\"second\"");
	has_text(ROW_AT_modified, "");
}

static void
an_unchanged_answer_ends_the_failures(void **state)
{
	struct publication p = made_answer(ATTEMPT_HTTP, NULL);

	(void)state;
	made_open();
	put_first();
	assert_int_equal(made_publish(&p), 0);
	assert_int_equal(made_word(made, 0, ROW_AT_failures), 1);
	p = made_answer(ATTEMPT_OK, NULL);
	p.unchanged = true;
	assert_int_equal(made_publish(&p), 0);
	assert_int_equal(made_word(made, 0, ROW_AT_failures), 0);
	assert_int_equal(made_word(made, 0, ROW_AT_present), 3);
}

/* --- refused ------------------------------------------------------------- */

static void
refused(int64_t wall, enum attempt_class class, uint64_t http,
    const char *source, const char *text)
{
	assert_int_equal(made_word(made, 0, ROW_AT_refused_wall), wall);
	assert_int_equal(made_word(made, 0, ROW_AT_refused_class), class);
	assert_int_equal(made_word(made, 0, ROW_AT_refused_http), http);
	has_text(ROW_AT_refused_source, source);
	has_text(ROW_AT_refused_text, text);
}

static void
a_failure_is_remembered_after_a_good_answer(void **state)
{
	struct publication p = later(made_answer(ATTEMPT_HTTP, NULL), 60);

	(void)state;
	made_open();
	put_first();
	refused(0, ATTEMPT_NONE, 0, "", "");
	p.http_status = 500;
	p.source = "vatcomply";
	p.text = "HTTP 500";
	assert_int_equal(made_publish(&p), 0);
	refused(1060 * CLOCK_SECOND, ATTEMPT_HTTP, 500, "vatcomply",
	    "HTTP 500");
	for (int i = 0; i < 3; i++) {
		put_first();
		refused(1060 * CLOCK_SECOND, ATTEMPT_HTTP, 500, "vatcomply",
		    "HTTP 500");
		has_text(ROW_AT_attempt_text, "");
	}
	p = later(made_answer(ATTEMPT_HELD, jump), 120);
	p.text = "USD would jump";
	assert_int_equal(made_publish(&p), 0);
	refused(1120 * CLOCK_SECOND, ATTEMPT_HELD, 200, "frankfurter",
	    "USD would jump");
}

static void
a_refusal_before_a_good_answer_is_remembered(void **state)
{
	static const struct refusal before = { .source = "vatcomply",
		.class = ATTEMPT_QUOTA,
		.http_status = 429,
		.text = "used up",
		.wall = 999 * CLOCK_SECOND };
	struct publication p = first_answer();

	(void)state;
	made_open();
	p.refused = &before;
	assert_int_equal(made_publish(&p), 0);
	refused(before.wall, ATTEMPT_QUOTA, 429, "vatcomply", "used up");
	assert_int_equal(made_word(made, 0, ROW_AT_failures), 0);
	assert_int_equal(
	    made_word(made, 0, ROW_AT_attempt_class), ATTEMPT_OK);
	p = later(made_answer(ATTEMPT_TIMEOUT, NULL), 60);
	p.refused = &before; /* its own is later */
	p.http_status = 0;
	assert_int_equal(made_publish(&p), 0);
	refused(1060 * CLOCK_SECOND, ATTEMPT_TIMEOUT, 0, "frankfurter", "");
}

static void
an_interim_outcome_is_no_attempt(void **state)
{
	struct publication p = later(made_answer(ATTEMPT_HELD, jump), 60);

	(void)state;
	made_open();
	put_first();
	p.source = "vatcomply";
	p.text = "USD would jump";
	p.interim = true;
	assert_int_equal(made_publish(&p), 0);
	assert_int_equal(made_word(made, 0, ROW_AT_attempts), 1);
	assert_int_equal(made_word(made, 0, ROW_AT_failures), 0);
	assert_int_equal(
	    made_word(made, 0, ROW_AT_attempt_class), ATTEMPT_OK);
	assert_int_equal(
	    made_word(made, 0, ROW_AT_attempt_boot), 1000 * CLOCK_SECOND);
	has_text(ROW_AT_attempt_text, "");
	/* But it waits, and is told of. */
	assert_int_equal(
	    made_word(made, 0, ROW_AT_held_wall), 1060 * CLOCK_SECOND);
	has_text(ROW_AT_held_text, "USD would jump");
	refused(1060 * CLOCK_SECOND, ATTEMPT_HELD, 200, "vatcomply",
	    "USD would jump");
}

/* Tried twice, and nothing else. */
static void
row_is_empty(void)
{
	uint64_t words[MADE_ROW_MAX];

	made_row(made, 0, words);
	assert_int_equal(words[ROW_AT_attempts], 2);
	assert_int_equal(words[ROW_AT_version], 0);
	assert_int_equal(words[ROW_AT_present], 0);
	assert_int_equal(words[ROW_AT_fetched_wall], 0);
	for (int i = 0; i < 3; i++)
		assert_true(words[ROW_META + i] == BOARD_ABSENT);
	has_text(ROW_AT_source, "");
	has_text(ROW_AT_etag, "");
}

static void
a_failure_makes_no_damage_whole(void **state)
{
	struct publication p = later(made_answer(ATTEMPT_TIMEOUT, NULL), 60);

	(void)state;
	made_open();
	put_first();
	made_damage();
	assert_int_equal(made_publish(&p), 0);
	row_is_empty();
	assert_int_equal(made_word(made, 0, ROW_AT_failures), 1);
	refused(1060 * CLOCK_SECOND, ATTEMPT_TIMEOUT, 200, "frankfurter", "");
}

static void
nor_does_the_same_answer(void **state)
{
	struct publication p = later(first_answer(), 60);

	(void)state;
	made_open();
	put_first();
	made_damage();
	p.unchanged = true;
	p.numbers = NULL;
	assert_int_equal(made_publish(&p), 0);
	row_is_empty();
}

static void
numbers_that_come_replace_the_damage(void **state)
{
	struct publication p = later(first_answer(), 60);

	(void)state;
	made_open();
	put_first();
	made_damage();
	assert_int_equal(made_publish(&p), 0);
	assert_int_equal(made_word(made, 0, ROW_AT_version), 1);
	assert_int_equal(made_word(made, 0, ROW_AT_present), 3);
	assert_int_equal(
	    made_word(made, 0, ROW_AT_changed_wall), 1060 * CLOCK_SECOND);
}

#define test(name) cmocka_unit_test_setup_teardown(name, made_begin, made_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_judge_has_the_lock_and_the_last_word),
		test(without_the_lock_nobody_judges),
		test(an_unchanged_answer_is_the_row_fetched_anew),
		test(an_unchanged_answer_may_have_other_validators),
		test(an_unchanged_answer_ends_the_failures),
		test(a_failure_is_remembered_after_a_good_answer),
		test(a_refusal_before_a_good_answer_is_remembered),
		test(an_interim_outcome_is_no_attempt),
		test(a_failure_makes_no_damage_whole),
		test(nor_does_the_same_answer),
		test(numbers_that_come_replace_the_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
