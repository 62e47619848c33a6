#include "source/gates.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/code.h"

#include "dice.h"

#define COUNT 4 /* EUR, USD, PLN, BGN */
#define HOUR (3600 * CLOCK_SECOND)
#define DAY (24 * HOUR)
#define DAY_10 (INT64_C(1775779200) * CLOCK_SECOND) /* 2026-04-10 */
#define DAY_13 (DAY_10 + 3 * DAY)
#define NOW (DAY_13 + 16 * HOUR)

static uint64_t codes[COUNT];
static char error[GATES_ERROR_MAX];

static const double friday[] = { 1, 1.1684, 4.2543, 1.9558 };
static const double monday[] = { 1, 1.1711, 4.2435, 1.9558 };
static const double jumped[] = { 1, 95.8, 4.2435, 1.9558 };
static const double jumped_too[] = { 1, 95.3, 4.25, 1.9558 };
static const double jumped_more[] = { 1, 95.8, 42.4, 1.9558 };
static const double jumped_second[] = { 1, 2, 42.4, 1.9558 };
static const double poor[] = { 1, 1.1711, 4.2435, NAN };
static const double poor_too[] = { 1, 1.172, 4.25, NAN };
static const double poorer[] = { 1, 1.172, NAN, NAN };
static const double poor_jumped[] = { 1, 95.8, 4.2435, NAN };

static int
pack(void **state)
{
	static const char *const names[] = { "EUR", "USD", "PLN", "BGN" };

	(void)state;
	for (unsigned i = 0; i < COUNT; i++)
		codes[i] = code_pack(names[i]);
	return 0;
}

static struct gate_row
row_of(const double *numbers, unsigned source, enum published_form form,
    int64_t published)
{
	return (struct gate_row){ .numbers = numbers,
		.source = source,
		.published_form = form,
		.published = published };
}

static struct gate_row
day(const double *numbers, unsigned source, int64_t published)
{
	return row_of(numbers, source, PUBLISHED_DAY, published);
}

static struct gate_row
hour(const double *numbers, unsigned source, int64_t published)
{
	return row_of(numbers, source, PUBLISHED_TIME, published);
}

static struct gate_row
undated(const double *numbers, unsigned source, uint64_t hash)
{
	struct gate_row row = row_of(numbers, source, PUBLISHED_NONE, 0);

	row.hash = hash;
	return row;
}

/* A row of Friday's, and nothing held. */
static struct gate_question
question(struct gate_row candidate)
{
	return (struct gate_question){ .count = COUNT,
		.codes = codes,
		.base = 0,
		.candidate = candidate,
		.last = day(friday, 0, DAY_10),
		.max_jump = 0.2,
		.now = NOW };
}

static struct gate_question
question_held(struct gate_row candidate, struct gate_row held)
{
	struct gate_question q = question(candidate);

	q.held = held;
	return q;
}

static void
comes_to(const struct gate_question *q, enum attempt_class class,
    const char *text)
{
	enum attempt_class is = gates_judge(q, error, sizeof(error));

	assert_string_equal(error, text);
	assert_int_equal(is, class);
}

static void
passes(struct gate_question q)
{
	comes_to(&q, ATTEMPT_OK, "");
}

static void
is_held(struct gate_question q)
{
	enum attempt_class is = gates_judge(&q, error, sizeof(error));

	assert_int_equal(is, ATTEMPT_HELD);
	assert_non_null(strstr(error, ": held until confirmed"));
}

/* --- dates --------------------------------------------------------------- */

static void
a_day_is_in_the_future_until_it_begins_somewhere(void **state)
{
	struct gate_question q = question(day(monday, 0, DAY_13 + 30 * DAY));

	(void)state;
	comes_to(&q, ATTEMPT_DATE, "published 2026-05-13, in the future");
	q.candidate.published = DAY_13;
	q.now = DAY_13 - 14 * HOUR;
	passes(q);
	q.now--;
	comes_to(&q, ATTEMPT_DATE, "published 2026-04-13, in the future");
}

static void
a_time_may_be_an_hour_ahead(void **state)
{
	struct gate_question q = question(hour(monday, 0, NOW + HOUR));

	(void)state;
	passes(q);
	q.candidate.published++;
	comes_to(&q, ATTEMPT_DATE,
	    "published 2026-04-13T17:00:00Z, in the future");
}

static void
the_future_is_refused_for_an_empty_row_too(void **state)
{
	struct gate_question q = question(day(monday, 0, DAY_13 + 2 * DAY));

	(void)state;
	q.last = (struct gate_row){ .numbers = NULL };
	comes_to(&q, ATTEMPT_DATE, "published 2026-04-15, in the future");
}

static void
what_is_older_is_refused_of_any_source(void **state)
{
	(void)state;
	for (unsigned source = 0; source < 3; source++) {
		struct gate_question q = question(day(monday, source, DAY_10));

		q.last = day(friday, 1, DAY_13);
		comes_to(&q, ATTEMPT_DATE,
		    "published 2026-04-10, before the 2026-04-13 of the row");
		q.accepted = q.stale = true;
		q.held = q.candidate;
		comes_to(&q, ATTEMPT_DATE,
		    "published 2026-04-10, before the 2026-04-13 of the row");
		q.candidate.published = DAY_13;
		passes(q);
	}
}

static void
times_are_compared_by_the_nanosecond(void **state)
{
	struct gate_question q = question(hour(monday, 0, DAY_13 + HOUR - 1));

	(void)state;
	q.last = hour(friday, 0, DAY_13 + HOUR);
	comes_to(&q, ATTEMPT_DATE,
	    "published 2026-04-13T00:59:59Z, before the 2026-04-13T01:00:00Z "
	    "of the row");
	q.candidate.published++;
	passes(q);
}

static void
a_day_and_a_time_are_compared_by_day(void **state)
{
	struct gate_question q = question(day(monday, 0, DAY_13));

	(void)state;
	q.last = hour(friday, 0, DAY_13 + 15 * HOUR);
	passes(q);
	q.candidate = hour(monday, 0, DAY_13);
	q.last = day(friday, 0, DAY_13);
	passes(q);
	q.candidate.published--;
	comes_to(&q, ATTEMPT_DATE,
	    "published 2026-04-12T23:59:59Z, before the 2026-04-13 of the "
	    "row");
}

static void
days_before_1970_are_days_too(void **state)
{
	struct gate_question q = question(hour(monday, 0, -1));

	(void)state;
	q.last = day(friday, 0, 0);
	comes_to(&q, ATTEMPT_DATE,
	    "published 1969-12-31T23:59:59Z, before the 1970-01-01 of the "
	    "row");
	q.last.published = -DAY;
	passes(q);
}

static void
no_date_is_before_nothing(void **state)
{
	struct gate_question q = question(undated(monday, 1, 1));

	(void)state;
	passes(q);
	q.last = q.candidate;
	q.candidate = day(friday, 0, DAY_10);
	passes(q);
}

/* A clock that was wrong once must not close the row for good. */
static void
a_row_from_the_future_refuses_nothing(void **state)
{
	struct gate_question q = question(day(monday, 0, DAY_13));

	(void)state;
	q.last.published = DAY_13 + 2 * DAY;
	passes(q);
	q.candidate.numbers = jumped;
	is_held(q);
	q.held = day(jumped, 1, DAY_13);
	passes(q);
}

static void
any_date_can_be_judged(void **state)
{
	static const int64_t ends[] = { INT64_MIN, -1, 0, NOW, INT64_MAX };

	(void)state;
	for (int i = 0; i < 5 * 5 * 5 * 4; i++) {
		struct gate_question q = question(hour(monday, 0, ends[i % 5]));

		q.last.published = ends[i / 5 % 5];
		q.now = ends[i / 25 % 5];
		q.held = day(poor, 0, ends[i % 5]);
		if (i / 125 % 2 == 1)
			q.candidate.published_form = PUBLISHED_DAY;
		if (i / 250 == 1)
			q.last.published_form = PUBLISHED_TIME;
		gates_judge(&q, error, sizeof(error));
	}
}

/* --- what is held -------------------------------------------------------- */

static void
small_moves_pass(void **state)
{
	struct gate_question q = question(day(monday, 0, DAY_13));

	(void)state;
	passes(q);
	q.last.numbers = NULL;
	q.candidate.numbers = jumped;
	passes(q); /* nothing to hold it against */
}

static void
a_jump_is_told_with_both_numbers(void **state)
{
	struct gate_question q = question(day(jumped, 0, DAY_13));

	(void)state;
	comes_to(&q, ATTEMPT_HELD,
	    "USD: 1.1684 jumped to 95.8 (x82): held until confirmed");
	q.candidate.numbers = friday;
	q.last.numbers = jumped;
	comes_to(&q, ATTEMPT_HELD,
	    "USD: 95.8 jumped to 1.1684 (/82): held until confirmed");
	q.candidate.numbers = jumped_more;
	q.last.numbers = friday;
	comes_to(&q, ATTEMPT_HELD,
	    "USD: 1.1684 jumped to 95.8 (x82), and 1 more: held until "
	    "confirmed");
	q.candidate.numbers = jumped_second;
	q.last.numbers = monday; /* the larger one is told */
	comes_to(&q, ATTEMPT_HELD,
	    "PLN: 4.2435 jumped to 42.4 (x9.99), and 1 more: held until "
	    "confirmed");
}

static void
a_loss_is_told(void **state)
{
	struct gate_question q = question(day(poor, 0, DAY_13));

	(void)state;
	comes_to(&q, ATTEMPT_HELD,
	    "BGN is missing, the row has it: held until confirmed");
	q.candidate.numbers = poorer;
	comes_to(&q, ATTEMPT_HELD,
	    "PLN is missing, the row has it, and 1 more: held until "
	    "confirmed");
	q.candidate.numbers = poor_jumped;
	comes_to(&q, ATTEMPT_HELD,
	    "USD: 1.1684 jumped to 95.8 (x82): held until confirmed");
}

static void
a_ratio_is_told_as_people_say_it(void **state)
{
	static const struct {
		double is;
		const char *text;
	} cases[] = {
		{ 2.504, "USD: 2 jumped to 2.504 (x1.25): held until "
			 "confirmed" },
		{ 25, "USD: 2 jumped to 25 (x12.5): held until confirmed" },
		{ 2468.9, "USD: 2 jumped to 2468.9 (x1234): held until "
			  "confirmed" },
		{ 2e20, "USD: 2 jumped to 2e+20 (x1e+20): held until "
			"confirmed" },
		{ 0.5, "USD: 2 jumped to 0.5 (/4): held until confirmed" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const double last[] = { 1, 2, NAN, NAN };
		const double numbers[] = { 1, cases[i].is, NAN, NAN };
		struct gate_question q = question(day(numbers, 0, DAY_13));

		q.last.numbers = last;
		comes_to(&q, ATTEMPT_HELD, cases[i].text);
	}
}

static void
the_longest_reason_is_cut_to_fit(void **state)
{
	const double last[] = { 1, 2.2250738585072014e-308, NAN, 3 };
	const double numbers[] = { 1, 1.7976931348623157e308, NAN, 7 };
	struct gate_question q = question(day(numbers, 0, DAY_13));
	char small[8];

	(void)state;
	q.last.numbers = last;
	assert_int_equal(
	    gates_judge(&q, error, sizeof(error)), ATTEMPT_HELD);
	assert_int_equal(
	    gates_judge(&q, small, sizeof(small)), ATTEMPT_HELD);
	assert_string_equal(small, "USD: 2.");
}

static void
zero_lets_any_jump_pass_and_no_loss(void **state)
{
	struct gate_question q = question(day(jumped, 0, DAY_13));

	(void)state;
	q.max_jump = 0;
	passes(q);
	q.candidate.numbers = poor_jumped;
	is_held(q);
}

static void
the_limit_itself_is_no_jump(void **state)
{
	const double one[] = { 1, 1, 4, 1 }, more[] = { 1, 1.25, 5, 0.8 };
	const double beyond[] = { 1, 1.25, 5.000001, 0.8 };
	struct gate_question q = question(day(more, 0, DAY_13));

	(void)state;
	q.last.numbers = one;
	q.max_jump = 0.25;
	passes(q);
	q.candidate.numbers = beyond;
	is_held(q);
}

static void
the_base_is_not_looked_at(void **state)
{
	const double without[] = { NAN, 1.1711, 4.2435, 1.9558 };
	const double odd[] = { 7, 95.8, 4.2435, 1.9558 };
	struct gate_question q = question(day(without, 0, DAY_13));

	(void)state;
	passes(q);
	q.base = COUNT;
	is_held(q);
	q = question_held(day(jumped, 0, DAY_13), day(jumped, 1, DAY_13));
	q.held.numbers = odd;
	passes(q);
}

static void
a_number_that_is_new_passes(void **state)
{
	struct gate_question q = question(day(monday, 0, DAY_13));

	(void)state;
	q.last.numbers = poor;
	passes(q);
}

static void
a_stale_row_may_lose_numbers_and_not_jump(void **state)
{
	struct gate_question q = question(day(poor, 0, DAY_13));

	(void)state;
	q.stale = true;
	passes(q);
	q.candidate.numbers = jumped;
	is_held(q);
	q.candidate.numbers = poor_jumped;
	is_held(q);
	q.held = day(jumped_too, 1, DAY_13); /* of which none is missing */
	passes(q);
}

static void
what_no_source_can_send_does_not_pass(void **state)
{
	static const double bad[] = { 0, -1, INFINITY, -INFINITY };

	(void)state;
	for (unsigned i = 0; i < 4 * 2; i++) {
		const double numbers[] = { 1, bad[i / 2], 4.2, 1.9558 };
		struct gate_question q = question(day(numbers, 0, DAY_13));

		q.max_jump = i % 2 * 0.2;
		is_held(q);
		q.held = day(numbers, 1, DAY_13);
		is_held(q);
		q.last.numbers = numbers; /* nor does it keep a good one out */
		q.candidate.numbers = monday;
		q.held = day(friday, 1, DAY_13);
		passes(q);
	}
}

/* --- what confirms it ---------------------------------------------------- */

static void
a_later_publication_confirms_a_jump(void **state)
{
	struct gate_row held = day(jumped, 0, DAY_13 - DAY);

	(void)state;
	passes(question_held(day(jumped, 0, DAY_13), held));
	passes(question_held(day(jumped_too, 0, DAY_13), held));
	is_held(question_held(day(jumped_more, 0, DAY_13), held));
	is_held(question_held(day(jumped_too, 0, DAY_13 - DAY), held));
	is_held(question_held(day(jumped_too, 0, DAY_13 - 2 * DAY), held));
	is_held(question_held(day(jumped_too, 0, DAY_13), day(monday, 0, 0)));
}

static void
another_source_confirms_a_jump(void **state)
{
	struct gate_row held = day(jumped, 1, DAY_13);

	(void)state;
	passes(question_held(day(jumped_too, 0, DAY_13), held));
	passes(question_held(day(jumped_too, 2, DAY_13 - DAY), held));
	is_held(question_held(day(jumped_more, 0, DAY_13), held));
	is_held(question_held(day(poor_jumped, 0, DAY_13), held));
	held.numbers = poor_jumped; /* of which the jump can be seen */
	passes(question_held(day(jumped_too, 0, DAY_13), held));
}

static void
a_number_that_is_not_held_confirms_nothing(void **state)
{
	const double blind[] = { 1, NAN, 4.2435, 1.9558 };

	(void)state;
	is_held(question_held(day(jumped, 0, DAY_13), day(blind, 1, DAY_13)));
}

static void
the_same_answer_from_two_places_is_one(void **state)
{
	struct gate_question q = question_held(
	    day(jumped, 0, DAY_13), day(jumped, 1, DAY_13));

	(void)state;
	q.candidate.hash = q.held.hash = 7;
	is_held(q);
	q.held.hash = 8;
	passes(q);
}

/* BGN, 2026-01-01. */
static void
a_retired_currency_goes_with_the_second_publication(void **state)
{
	const double few[] = { 1, 1.1684, NAN, 1.9558 };
	struct gate_question q;
	struct gate_row held = day(poor, 0, DAY_13 - DAY);

	(void)state;
	is_held(question(held));
	is_held(question_held(held, held));
	passes(question_held(day(poor_too, 0, DAY_13), held));
	passes(question_held(day(poor_too, 1, DAY_13 - DAY), held));
	is_held(question_held(day(poorer, 0, DAY_13), held));
	held.numbers = poorer;
	is_held(question_held(day(poor_too, 0, DAY_13), held));
	q = question_held(day(poor_too, 0, DAY_13), held);
	q.last.numbers = few; /* the row lacks the other one too */
	passes(q);
}

static void
back_to_the_last_good_numbers_passes_at_once(void **state)
{
	struct gate_row held = day(jumped, 0, DAY_13 - DAY);

	(void)state;
	passes(question_held(day(monday, 0, DAY_13), held));
	passes(question_held(day(monday, 0, DAY_13 - DAY), held));
}

static void
what_is_older_than_the_row_confirms_nothing(void **state)
{
	struct gate_question q = question_held(
	    day(jumped, 0, DAY_13), day(jumped, 1, DAY_10 - DAY));

	(void)state;
	is_held(q);
	q.accepted = true;
	is_held(q);
	q.held.published = DAY_10;
	passes(q);
	q.accepted = false;
	passes(q);
}

/* A sends nonsense, B does not; the next day A sends it again. */
static void
a_source_that_was_contradicted_does_not_confirm_itself(void **state)
{
	struct gate_question q = question_held(
	    day(jumped, 0, DAY_13), day(jumped, 0, DAY_13 - DAY));

	(void)state;
	q.last = day(monday, 1, DAY_13 - DAY);
	is_held(q);
	q.last.published--; /* B's numbers were of the day before */
	passes(q);
}

static void
an_operator_confirms_what_is_held_and_no_more(void **state)
{
	struct gate_row held = day(jumped, 0, DAY_13);
	struct gate_question q = question_held(held, held);

	(void)state;
	q.candidate.hash = q.held.hash = 7;
	is_held(q);
	q.accepted = true;
	passes(q);
	q.candidate.numbers = jumped_more;
	is_held(q);
	q.candidate.numbers = poor_jumped;
	is_held(q);
	q.held.numbers = NULL;
	is_held(q);
}

static void
without_dates_other_bytes_and_numbers_are_later(void **state)
{
	static const double none[] = { 1, 95.8, 4.2435, 1.9558 };
	struct gate_row held = undated(jumped, 0, 7);

	(void)state;
	passes(question_held(undated(jumped_too, 0, 8), held));
	passes(question_held(undated(jumped_too, 0, 0), held));
	is_held(question_held(undated(jumped_too, 0, 7), held));
	is_held(question_held(undated(none, 0, 8), held));
	passes(question_held(undated(none, 1, 8), held));
	passes(question_held(day(jumped_too, 0, DAY_13), held));
	passes(question_held(
	    undated(jumped_too, 0, 8), day(jumped, 0, DAY_13)));
}

/* Seconds later: what a time says is taken at its word. */
static void
a_source_of_ever_new_times_confirms_itself(void **state)
{
	(void)state;
	passes(question_held(
	    hour(jumped, 0, NOW), hour(jumped, 0, NOW - CLOCK_SECOND)));
	is_held(question_held(hour(jumped, 0, NOW), hour(jumped, 0, NOW)));
	is_held(question_held(hour(jumped, 0, NOW), day(jumped, 0, DAY_13)));
}

/* --- what takes whose place ---------------------------------------------- */

static bool
replaces(struct gate_row candidate, struct gate_row held)
{
	struct gate_question q = question_held(candidate, held);

	return gates_replaces(&q);
}

static void
a_worse_source_waits_for_a_better_one(void **state)
{
	struct gate_row none = { .numbers = NULL };

	(void)state;
	assert_true(replaces(day(jumped, 1, DAY_13), none));
	assert_true(replaces(day(jumped, 0, DAY_13), day(poor, 1, DAY_13)));
	assert_false(replaces(day(jumped, 1, DAY_13), day(poor, 0, DAY_13)));
	assert_true(
	    replaces(day(jumped, 1, DAY_13), day(poor, 0, DAY_13 - DAY)));
	assert_true(
	    replaces(day(jumped, 0, DAY_13), day(poor, 0, DAY_13 - DAY)));
	assert_true(
	    replaces(day(jumped, 1, DAY_10), day(poor, 0, DAY_10 - DAY)));
	assert_true(
	    replaces(undated(jumped, 1, 1), day(poor, 0, DAY_10 - DAY)));
	assert_false(replaces(day(jumped, 0, DAY_13), day(jumped, 0, DAY_13)));
	assert_false(
	    replaces(undated(jumped, 0, 1), undated(jumped, 0, 2)));
	assert_true(
	    replaces(undated(jumped, 0, 1), undated(jumped_too, 0, 2)));
	assert_false(replaces(undated(jumped, 1, 1), undated(poor, 0, 2)));
}

/* --- by chance ----------------------------------------------------------- */

#define ROUNDS 100000

static double
chance(void)
{
	return (double)(dice_next() >> 11) / 9007199254740992.0;
}

/* Numbers near 1, some of which jump or are missing. */
static void
roll_numbers(double *numbers)
{
	for (unsigned i = 0; i < COUNT; i++) {
		uint64_t what = dice_below(12);

		numbers[i] = 0.95 + 0.1 * chance();
		if (what == 0)
			numbers[i] *= 1.5 + chance();
		else if (what == 1)
			numbers[i] /= 1.5 + chance();
		else if (what == 2)
			numbers[i] = NAN;
	}
}

static struct gate_row
roll_row(double *numbers)
{
	struct gate_row row = { .numbers = numbers,
		.source = (unsigned)dice_below(2),
		.published_form = (enum published_form)dice_below(3),
		.published = DAY_13 + (int64_t)dice_below(3) * 9 * HOUR,
		.hash = dice_below(20) };

	roll_numbers(numbers);
	return row;
}

struct roll {
	double candidate[COUNT], last[COUNT], held[COUNT];
	struct gate_question q;
};

static void
roll(struct roll *r)
{
	r->q = (struct gate_question){ .count = COUNT,
		.codes = codes,
		.base = (unsigned)dice_below(COUNT + 1),
		.candidate = roll_row(r->candidate),
		.last = roll_row(r->last),
		.held = roll_row(r->held),
		.accepted = dice_below(8) == 0,
		.stale = dice_below(4) == 0,
		.max_jump = 0.3,
		.now = NOW };
	if (dice_below(2) == 0) /* or few would ever agree */
		for (unsigned i = 0; i < COUNT; i++)
			r->held[i] = r->candidate[i] * (1 + 0.01 * chance());
	if (dice_below(8) == 0)
		r->q.held.numbers = NULL;
}

static double
steps(double a, double b)
{
	return fabs(log(a / b)) / log(1.3);
}

/* Said otherwise than in the code: each number that passes has its reason. */
static bool
has_a_witness(const struct roll *r, unsigned i)
{
	double is = r->candidate[i], was = r->last[i], held = r->held[i];
	bool other = r->q.held.source != r->q.candidate.source;
	bool new = r->q.held.published != r->q.candidate.published ||
	    r->q.held.published_form == PUBLISHED_NONE ||
	    r->q.candidate.published_form == PUBLISHED_NONE;

	if (i == r->q.base || isnan(was))
		return true;
	if (isnan(is) && r->q.stale)
		return true;
	if (!isnan(is) && steps(is, was) <= 1)
		return true;
	if (r->q.held.numbers == NULL || !(other || new || r->q.accepted))
		return false;
	if (isnan(is))
		return isnan(held);
	return !isnan(held) && steps(is, held) <= 1;
}

static void
nothing_passes_without_a_witness(void **state)
{
	unsigned seen[ATTEMPT_CLASS_COUNT] = { 0 };
	struct roll r;

	(void)state;
	dice_seed();
	for (int round = 0; round < ROUNDS; round++) {
		enum attempt_class class;

		roll(&r);
		class = gates_judge(&r.q, error, sizeof(error));
		seen[class]++;
		assert_int_equal(error[0] == '\0', class == ATTEMPT_OK);
		for (unsigned i = 0; class == ATTEMPT_OK && i < COUNT; i++)
			assert_true(has_a_witness(&r, i));
	}
	assert_true(seen[ATTEMPT_OK] > ROUNDS / 20);
	assert_true(seen[ATTEMPT_HELD] > ROUNDS / 20);
	assert_true(seen[ATTEMPT_DATE] > ROUNDS / 20);
}

static void
invert(double *numbers)
{
	for (unsigned i = 0; i < COUNT; i++)
		numbers[i] = 1 / numbers[i];
}

static void
inverses_are_judged_the_same(void **state)
{
	struct roll r;

	(void)state;
	dice_seed();
	for (int round = 0; round < ROUNDS; round++) {
		enum attempt_class class;

		roll(&r);
		class = gates_judge(&r.q, error, sizeof(error));
		invert(r.candidate);
		invert(r.last);
		invert(r.held);
		assert_int_equal(
		    gates_judge(&r.q, error, sizeof(error)), class);
	}
}

static void
more_tolerance_holds_no_more(void **state)
{
	static const double tolerances[] = { 0.01, 0.1, 0.5, 1, 2, 100, 0 };
	struct roll r;

	(void)state;
	dice_seed();
	for (int round = 0; round < ROUNDS; round++) {
		bool passed = false;

		roll(&r);
		for (unsigned i = 0; i < 7; i++) {
			bool ok;

			r.q.max_jump = tolerances[i];
			ok = gates_judge(&r.q, error, sizeof(error)) ==
			    ATTEMPT_OK;
			assert_true(ok || !passed);
			passed = ok;
		}
	}
}

/* A source that stays with what it says is believed, after what was held. */
static void
whoever_says_it_twice_passes(void **state)
{
	unsigned held = 0;
	struct roll r;

	(void)state;
	dice_seed();
	for (int round = 0; round < ROUNDS; round++) {
		double again[COUNT];

		roll(&r);
		r.q.held.numbers = NULL;
		r.q.candidate.published_form = PUBLISHED_DAY;
		r.q.candidate.published = DAY_13 + DAY;
		r.q.now = NOW + 10 * DAY;
		if (gates_judge(&r.q, error, sizeof(error)) == ATTEMPT_OK)
			continue;
		held++;
		r.q.held = r.q.candidate;
		assert_int_equal(
		    gates_judge(&r.q, error, sizeof(error)), r.q.accepted ?
			ATTEMPT_OK : ATTEMPT_HELD);
		for (unsigned i = 0; i < COUNT; i++)
			again[i] = r.candidate[i] * (1 + 0.2 * chance());
		r.q.candidate.numbers = again;
		r.q.candidate.published += DAY;
		r.q.candidate.hash += 100;
		assert_int_equal(
		    gates_judge(&r.q, error, sizeof(error)), ATTEMPT_OK);
	}
	assert_true(held > ROUNDS / 20);
}

/* --- histories ----------------------------------------------------------- */

/* A source: at which hour it publishes, and what from which day on. */
struct teller {
	int hour, lag; /* lag: how many days old its news are */
	int jumps_on;  /* day */
	double factor;
};

/* The row as its caller keeps it. */
struct keeper {
	struct gate_row last, held;
	double last_numbers[2], held_numbers[2], numbers[2];
};

static struct gate_row
ask(const struct teller *teller, unsigned source, int64_t now, double *numbers)
{
	int64_t today = (now - teller->hour * HOUR) / DAY;
	int date = (int)(today - teller->lag);

	numbers[0] = 1;
	numbers[1] = 1.1 + 0.01 * (date % 7);
	if (date >= teller->jumps_on)
		numbers[1] *= teller->factor;
	return day(numbers, source, date * DAY);
}

static void
keep(struct gate_row *where, double *numbers, const struct gate_row *row)
{
	memcpy(numbers, row->numbers, 2 * sizeof(*numbers));
	*where = *row;
	where->numbers = numbers;
}

static bool
try(struct keeper *k, const struct teller *teller, unsigned source, int64_t now)
{
	struct gate_question q = { .count = 2,
		.codes = codes,
		.candidate = ask(teller, source, now, k->numbers),
		.last = k->last,
		.held = k->held,
		.max_jump = 0.2,
		.now = now };
	enum attempt_class class = gates_judge(&q, error, sizeof(error));

	if (class == ATTEMPT_HELD && gates_replaces(&q))
		keep(&k->held, k->held_numbers, &q.candidate);
	if (class != ATTEMPT_OK)
		return false;
	if (q.last.numbers != NULL && !gates_same(&q.candidate, &q.last, 2))
		k->held.numbers = NULL;
	keep(&k->last, k->last_numbers, &q.candidate);
	return true;
}

/* Asks the first, and the second where that one is not believed. */
static double
live(struct teller tellers[2], int days)
{
	struct keeper k = { .last = { .numbers = NULL } };
	double most = 0;

	for (int64_t now = 100 * DAY; now < (100 + days) * DAY;
	     now += (int64_t)dice_below(HOUR)) {
		if (!try(&k, &tellers[0], 0, now))
			try(&k, &tellers[1], 1, now);
		if (k.last_numbers[1] > most)
			most = k.last_numbers[1];
	}
	return most;
}

static struct teller
roll_teller(int jumps_on, double factor)
{
	return (struct teller){ .hour = (int)dice_below(20),
		.jumps_on = jumps_on,
		.factor = factor };
}

static void
a_source_alone_with_its_nonsense_is_never_believed(void **state)
{
	(void)state;
	dice_seed();
	for (int round = 0; round < 200; round++) {
		struct teller tellers[] = { roll_teller(103, 82),
			roll_teller(1000, 1) };

		/* The other one speaks on the same day, at any hour. */
		assert_true(live(tellers, 10) < 2);
	}
}

static void
a_new_parity_is_believed_whoever_is_late(void **state)
{
	(void)state;
	dice_seed();
	for (int round = 0; round < 200; round++) {
		struct teller tellers[] = { roll_teller(103, 82),
			roll_teller(103, 82) };

		tellers[dice_below(2)].lag = (int)dice_below(3);
		assert_true(live(tellers, 8) > 2);
	}
}

static void
a_late_source_keeps_no_news_out(void **state)
{
	(void)state;
	dice_seed();
	for (int round = 0; round < 200; round++) {
		struct teller tellers[] = { roll_teller(103, 82),
			roll_teller(1000, 1) };

		tellers[1].lag = 3 + (int)dice_below(3);
		assert_true(live(tellers, 8) > 2);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_day_is_in_the_future_until_it_begins_somewhere),
		cmocka_unit_test(a_time_may_be_an_hour_ahead),
		cmocka_unit_test(the_future_is_refused_for_an_empty_row_too),
		cmocka_unit_test(what_is_older_is_refused_of_any_source),
		cmocka_unit_test(times_are_compared_by_the_nanosecond),
		cmocka_unit_test(a_day_and_a_time_are_compared_by_day),
		cmocka_unit_test(days_before_1970_are_days_too),
		cmocka_unit_test(no_date_is_before_nothing),
		cmocka_unit_test(a_row_from_the_future_refuses_nothing),
		cmocka_unit_test(any_date_can_be_judged),
		cmocka_unit_test(small_moves_pass),
		cmocka_unit_test(a_jump_is_told_with_both_numbers),
		cmocka_unit_test(a_loss_is_told),
		cmocka_unit_test(a_ratio_is_told_as_people_say_it),
		cmocka_unit_test(the_longest_reason_is_cut_to_fit),
		cmocka_unit_test(zero_lets_any_jump_pass_and_no_loss),
		cmocka_unit_test(the_limit_itself_is_no_jump),
		cmocka_unit_test(the_base_is_not_looked_at),
		cmocka_unit_test(a_number_that_is_new_passes),
		cmocka_unit_test(a_stale_row_may_lose_numbers_and_not_jump),
		cmocka_unit_test(what_no_source_can_send_does_not_pass),
		cmocka_unit_test(a_later_publication_confirms_a_jump),
		cmocka_unit_test(another_source_confirms_a_jump),
		cmocka_unit_test(a_number_that_is_not_held_confirms_nothing),
		cmocka_unit_test(the_same_answer_from_two_places_is_one),
		cmocka_unit_test(
		    a_retired_currency_goes_with_the_second_publication),
		cmocka_unit_test(back_to_the_last_good_numbers_passes_at_once),
		cmocka_unit_test(what_is_older_than_the_row_confirms_nothing),
		cmocka_unit_test(
		    a_source_that_was_contradicted_does_not_confirm_itself),
		cmocka_unit_test(an_operator_confirms_what_is_held_and_no_more),
		cmocka_unit_test(
		    without_dates_other_bytes_and_numbers_are_later),
		cmocka_unit_test(a_source_of_ever_new_times_confirms_itself),
		cmocka_unit_test(a_worse_source_waits_for_a_better_one),
		cmocka_unit_test(nothing_passes_without_a_witness),
		cmocka_unit_test(inverses_are_judged_the_same),
		cmocka_unit_test(more_tolerance_holds_no_more),
		cmocka_unit_test(whoever_says_it_twice_passes),
		cmocka_unit_test(
		    a_source_alone_with_its_nonsense_is_never_believed),
		cmocka_unit_test(a_new_parity_is_believed_whoever_is_late),
		cmocka_unit_test(a_late_source_keeps_no_news_out),
	};

	return cmocka_run_group_tests(tests, pack, NULL);
}
