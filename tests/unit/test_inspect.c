/*
 * What ratesctl reads besides rates: what a row holds and refused, and what is
 * known of a source; from an honest board, and from one that lies.
 */
#include "board/inspect.h"

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/code.h"
#include "board/expect.h"
#include "board/freshness.h"
#include "board/handle.h"
#include "board/last.h"
#include "board/publish.h"

#define PATIENCE (20 * CLOCK_SECOND)
#define HOUR (3600 * CLOCK_SECOND)
#define PUBLISHED (INT64_C(1776038400) * CLOCK_SECOND) /* 2026-04-13 */
#define COUNT 3

static const uint64_t me = (UINT64_C(1) << 48) | 1;
static struct board *board;
static struct rates handle;
static char instance[INSTANCE_TEXT_MAX];
static char error[256];

static int
begin(void **state)
{
	const uint64_t codes[COUNT] = { code_pack("EUR"), code_pack("USD"),
		code_pack("PLN") };
	const struct board_plan_source sources[] = {
		{ .name = "ecb",
		    .terms = "free, with the source named",
		    .publishes = "16:00 Europe/Berlin mon-fri target",
		    .base = code_pack("EUR"),
		    .interval = CLOCK_SECOND / 2,
		    .burst = 4,
		    .quota = 10 },
		{ .name = "any" },
	};
	const struct board_plan plan = { .instance = instance,
		.codes = codes,
		.currencies = COUNT,
		.sources = sources,
		.source_count = 2,
		.slots = 1,
		.mode = 0600,
		.stale_after = HOUR };

	(void)state;
	alarm(60);
	snprintf(instance, sizeof(instance), "inspect-%ld", (long)getpid());
	board = board_create(&plan, error, sizeof(error));
	if (board == NULL)
		fail_msg("%s", error);
	handle = (struct rates){ .board = { .map = board->map,
				     .shape = board->shape } };
	return 0;
}

static int
end(void **state)
{
	(void)state;
	board_close(board); /* never published: that removes it */
	return 0;
}

static struct publication
good(const double *numbers)
{
	return (struct publication){ .worker = me,
		.source = "ecb",
		.class = ATTEMPT_OK,
		.fetched_wall = clock_wall(),
		.fetched_boot = clock_boot(),
		.numbers = numbers,
		.published_form = PUBLISHED_DAY,
		.published = PUBLISHED,
		.hub = code_pack("EUR") };
}

static void
put(const struct publication *p)
{
	assert_int_equal(publish(board, p, clock_mono() + PATIENCE), 0);
}

static const double first[COUNT] = { 1, 1.1684, 4.2575 };
static const double jump[COUNT] = { 1, 1.1684, 42.575 };
static const double other[COUNT] = { 1, 1.1684, 43 };

static void
put_held(const double *numbers)
{
	struct publication p = good(numbers);

	p.class = ATTEMPT_HELD;
	p.hold = true;
	p.text = "PLN: 42.575\x1b[31m after 4.2575";
	put(&p);
}

static void
look(struct inspect_row *row)
{
	assert_int_equal(inspect_row(&handle, 0, row), RATES_OK);
}

static board_word *
row_word(size_t at)
{
	struct board_row *row = board_row(board->map, &board->shape, 0);

	return board_row_copy(row, &board->shape, row->seq) + at;
}

static struct board_source *
source_words(void)
{
	return board_source(board->map, &board->shape, 0);
}

/* --- rows ----------------------------------------------------------------- */

static void
an_empty_row_has_nothing_to_tell(void **state)
{
	struct inspect_row row;

	(void)state;
	look(&row);
	assert_int_equal(row.seq, 0);
	assert_string_equal(row.hub, "");
	assert_false(row.refused);
	assert_false(row.held);
	assert_false(row.accepted);
	assert_true(isnan(inspect_held(&handle, 0, 2)));
	assert_int_equal(
	    inspect_row(&handle, COUNT, &row), RATES_NO_CURRENCY);
	assert_true(isnan(inspect_held(&handle, COUNT, 0)));
	assert_true(isnan(inspect_held(&handle, 0, COUNT)));
	handle.changed = true;
	assert_int_equal(inspect_row(&handle, 0, &row), RATES_CHANGED);
}

static void
a_row_tells_its_hub_and_when_it_changed(void **state)
{
	struct publication p = good(first);
	struct rates_row whole;
	struct inspect_row row;

	(void)state;
	p.fetched_boot -= 60 * CLOCK_SECOND;
	put(&p);
	p = good(first);
	put(&p);
	look(&row);
	assert_int_equal(rates_row(&handle, 0, &whole, NULL), RATES_OK);
	assert_int_equal(row.seq, whole.seq);
	assert_string_equal(row.hub, "EUR");
	assert_true(row.changed_age >= 60 * CLOCK_SECOND);
	assert_true(whole.age < 60 * CLOCK_SECOND);
}

static void
what_is_held_is_told_until_it_is_confirmed(void **state)
{
	struct publication p = good(first);
	struct inspect_row row;

	(void)state;
	put(&p);
	put_held(jump);
	look(&row);
	assert_true(row.held);
	assert_true(row.held_since != 0);
	assert_int_equal(row.held_form, RATES_PUBLISHED_DAY);
	assert_true(row.held_published == PUBLISHED);
	assert_string_equal(row.held_source, "ecb");
	assert_string_equal(row.held_text, "PLN: 42.575?[31m after 4.2575");
	assert_true(inspect_held(&handle, 0, 2) == 42.575);
	assert_true(row.refused);
	assert_string_equal(row.refused_class, "held");
	assert_false(row.accepted);

	assert_true(row.held_mark == row.held_since);
	board_row_accept(board, 0, row.held_mark);
	look(&row);
	assert_true(row.accepted);
	put_held(other); /* another one, that nobody has looked at */
	look(&row);
	assert_true(row.held);
	assert_false(row.accepted);

	p = good(jump);
	p.forget = true;
	put(&p);
	look(&row);
	assert_false(row.held);
	assert_true(row.refused); /* it still was, once */
	assert_true(isnan(inspect_held(&handle, 0, 2)));
}

static void
what_a_death_left_in_pieces_is_not_held(void **state)
{
	struct publication p = good(first);
	struct inspect_row row;

	(void)state;
	put(&p);
	put_held(jump);
	atomic_fetch_xor(
	    board_row_held(
		board_row(board->map, &board->shape, 0), &board->shape) +
		1,
	    1);
	look(&row);
	assert_false(row.held);
	assert_true(isnan(inspect_held(&handle, 0, 2)));
}

static void
a_refusal_outlives_the_answer_after_it(void **state)
{
	struct publication p = good(first);
	const struct refusal refusal = { .source = "any",
		.class = ATTEMPT_HTTP,
		.http_status = 500,
		.text = "500",
		.wall = clock_wall() };
	struct inspect_row row;

	(void)state;
	p.refused = &refusal;
	put(&p);
	look(&row);
	assert_true(row.refused);
	assert_true(row.refused_at == refusal.wall);
	assert_string_equal(row.refused_class, "http");
	assert_int_equal(row.refused_http, 500);
	assert_string_equal(row.refused_source, "any");
	assert_string_equal(row.refused_text, "500");
}

static void
a_row_that_lies_is_not_believed(void **state)
{
	struct publication p = good(first);
	struct inspect_row row;

	(void)state;
	put(&p);
	put_held(jump);
	for (size_t w = 0; w < ROW_META; w++)
		if (w != ROW_AT_held_check)
			atomic_store(row_word(w), UINT64_MAX);
	look(&row);
	assert_false(row.held);
	atomic_store(row_word(ROW_AT_held_wall), INT64_MAX);
	look(&row);
	assert_string_equal(row.hub, "");
	assert_true(row.changed_age >= 0);
	assert_true(row.refused);
	assert_int_equal(row.refused_at, 0);
	assert_string_equal(row.refused_class, "?");
	assert_int_equal(row.refused_http, 0);
	assert_int_equal(strlen(row.refused_source), RATES_SOURCE_MAX - 1);
	assert_int_equal(strlen(row.refused_text), RATES_ERROR_MAX - 1);
	assert_int_equal(row.refused_text[0], '?');
	assert_true(row.held);
	assert_int_equal(row.held_since, 0);
	assert_int_equal(row.held_form, RATES_PUBLISHED_NONE);
	assert_int_equal(strlen(row.held_text), RATES_ERROR_MAX - 1);

	/* Two days ahead no clock was; an hour ahead it may have been. */
	atomic_store(row_word(ROW_AT_refused_wall),
	    (uint64_t)(clock_wall() + 48 * HOUR));
	look(&row);
	assert_int_equal(row.refused_at, 0);
	atomic_store(row_word(ROW_AT_refused_wall),
	    (uint64_t)(clock_wall() + HOUR));
	look(&row);
	assert_true(row.refused_at > clock_wall());
}

/* --- sources -------------------------------------------------------------- */

static void
a_source_tells_what_the_configuration_says(void **state)
{
	struct inspect_source source;

	(void)state;
	assert_int_equal(inspect_source_count(&handle), 2);
	inspect_source(&handle, 0, &source);
	assert_string_equal(source.name, "ecb");
	assert_string_equal(source.terms, "free, with the source named");
	assert_string_equal(
	    source.publishes, "16:00 Europe/Berlin mon-fri target");
	assert_string_equal(source.base, "EUR");
	assert_true(source.interval == CLOCK_SECOND / 2);
	assert_int_equal(source.burst, 4);
	assert_int_equal(source.quota, 10);
	assert_string_equal(source.state, "ok");
	assert_int_equal(source.until, 0);
	assert_int_equal(source.good, 0);
	assert_int_equal(source.bad, 0);
	inspect_source(&handle, 1, &source);
	assert_string_equal(source.name, "any");
	assert_string_equal(source.base, "");
	assert_int_equal(source.quota, 0);
	assert_string_equal(source.state, "ok");
}

static void
expect_state(const char *name, int64_t wait)
{
	struct inspect_source source;
	int64_t left;

	inspect_source(&handle, 0, &source);
	assert_string_equal(source.state, name);
	left = source.until - clock_wall();
	if (wait == 0)
		assert_int_equal(source.until, 0);
	else
		assert_true(left <= wait && left > wait - HOUR);
}

/* The one that lasts longest is not asked for: the one who says it is. */
static void
a_source_tells_why_it_is_left_alone(void **state)
{
	struct board_source *s = source_words();
	uint64_t month = board_month(clock_wall());

	(void)state;
	atomic_store(&s->closed_till, (uint64_t)(clock_boot() + 2 * HOUR));
	expect_state("left alone", 2 * HOUR);
	atomic_store(&s->not_before, (uint64_t)(clock_boot() + HOUR));
	expect_state("throttled", HOUR);
	atomic_store(&s->month, month);
	atomic_store(&s->used, 10);
	expect_state("quota used up", 0);
	atomic_store(&s->used, 9);
	expect_state("throttled", HOUR);
	atomic_store(&s->used, 10);
	atomic_store(&s->month, month - 1);
	expect_state("throttled", HOUR);
	atomic_store(&s->not_before, 1);
	expect_state("left alone", 2 * HOUR);
	atomic_store(&s->closed_till, 1);
	expect_state("ok", 0);
	/* Nobody is left alone for so long. */
	atomic_store(&s->closed_till, (uint64_t)(clock_boot() + 7 * HOUR));
	atomic_store(&s->not_before, UINT64_MAX);
	expect_state("ok", 0);
	atomic_store(&s->not_before, (uint64_t)(clock_boot() + 3 * HOUR));
	expect_state("ok", 0);
}

static void
a_source_tells_what_it_did(void **state)
{
	struct board_source *s = source_words();
	int64_t now = clock_wall();
	struct inspect_source source;

	(void)state;
	atomic_store(&s->requests, 12);
	atomic_store(&s->failures, 3);
	atomic_store(&s->streak, 2);
	atomic_store(&s->good_wall, (uint64_t)(now - HOUR));
	atomic_store(&s->bad_wall, (uint64_t)now);
	atomic_store(&s->bad_class, ATTEMPT_HTTP);
	atomic_store(&s->bad_http, 503);
	atomic_store(&s->month, board_month(now));
	atomic_store(&s->used, 7);
	inspect_source(&handle, 0, &source);
	assert_int_equal(source.requests, 12);
	assert_int_equal(source.failures, 3);
	assert_int_equal(source.streak, 2);
	assert_true(source.good == now - HOUR);
	assert_true(source.bad == now);
	assert_string_equal(source.bad_class, "http");
	assert_int_equal(source.bad_http, 503);
	assert_int_equal(source.used, 7);
	atomic_store(&s->month, board_month(now) - 1);
	inspect_source(&handle, 0, &source);
	assert_int_equal(source.used, 0);
}

static void
a_source_that_lies_is_not_believed(void **state)
{
	struct inspect_source source;
	struct expected words;
	char name[BOARD_SOURCE_MAX + 1];

	(void)state;
	memset((void *)source_words(), 0xff, sizeof(struct board_source));
	inspect_source(&handle, 0, &source);
	assert_int_equal(strlen(source.name), RATES_SOURCE_MAX - 1);
	assert_int_equal(strlen(source.terms), BOARD_TERMS_MAX - 1);
	assert_int_equal(strlen(source.publishes), BOARD_PUBLISHES_MAX - 1);
	assert_int_equal(source.terms[0], '?');
	assert_string_equal(source.base, "");
	assert_int_equal(source.interval, 0);
	assert_int_equal(source.good, 0);
	assert_int_equal(source.bad, 0);
	assert_string_equal(source.bad_class, "?");
	assert_int_equal(source.bad_http, 0);
	assert_int_equal(source.until, 0);
	memset(name, 0xff, sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	inspect_expected(&handle, name, &words);
	assert_false(inspect_expected(&handle, "nobody", &words));
	assert_int_equal(words.next, 0);
}

/* --- calendars ------------------------------------------------------------ */

static void
a_calendar_is_found_by_its_source(void **state)
{
	const struct expected put = { .last = 1, .next = 2, .before_that = 3 };
	struct expected words;

	(void)state;
	assert_false(inspect_expected(&handle, "ecb", &words));
	board_expect(source_words(), &put);
	assert_true(inspect_expected(&handle, "ecb", &words));
	assert_memory_equal(&words, &put, sizeof(put));
	assert_false(inspect_expected(&handle, "any", &words));
	assert_int_equal(words.next, 0);
	atomic_store(&source_words()->expected_next, 5); /* half a change */
	assert_false(inspect_expected(&handle, "ecb", &words));
	assert_int_equal(words.next, 0);
}

static void
an_impossible_grace_is_the_default(void **state)
{
	(void)state;
	atomic_store(&board->map->late_after, HOUR);
	assert_true(inspect_grace(&handle) == HOUR);
	atomic_store(&board->map->late_after, INT64_MIN);
	assert_true(inspect_grace(&handle) == FRESHNESS_GRACE);
	atomic_store(&board->map->late_after, INT64_MAX);
	assert_true(inspect_grace(&handle) == FRESHNESS_GRACE);
}

/* year * 12 + month, which words on the disk of other hosts have too. */
static void
months_are_counted_in_utc(void **state)
{
	const int64_t may = INT64_C(1777593600) * CLOCK_SECOND;

	(void)state;
	assert_int_equal(board_month(0), 1970 * 12 + 1);
	assert_int_equal(board_month(may - 1), 2026 * 12 + 4);
	assert_int_equal(board_month(may), 2026 * 12 + 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_row_has_nothing_to_tell),
		TEST(a_row_tells_its_hub_and_when_it_changed),
		TEST(what_is_held_is_told_until_it_is_confirmed),
		TEST(what_a_death_left_in_pieces_is_not_held),
		TEST(a_refusal_outlives_the_answer_after_it),
		TEST(a_row_that_lies_is_not_believed),
		TEST(a_source_tells_what_the_configuration_says),
		TEST(a_source_tells_why_it_is_left_alone),
		TEST(a_source_tells_what_it_did),
		TEST(a_source_that_lies_is_not_believed),
		TEST(a_calendar_is_found_by_its_source),
		TEST(an_impossible_grace_is_the_default),
		cmocka_unit_test(months_are_counted_in_utc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
