#include "source/gates.h"

#include <float.h>
#include <math.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/number.h"
#include "base/text.h"

#define HOUR (3600 * CLOCK_SECOND)
#define DAY (24 * HOUR)
#define TIME_AHEAD HOUR       /* what a source's clock may be wrong by */
#define DAY_AHEAD (14 * HOUR) /* UTC+14, where each day begins first */

/* --- dates --------------------------------------------------------------- */

static bool
has_date(const struct gate_row *row)
{
	return row->published_form != PUBLISHED_NONE;
}

static int64_t
day_of(int64_t time)
{
	return time / DAY - (time % DAY < 0);
}

static bool
in_future(const struct gate_row *row, int64_t now)
{
	bool day = row->published_form == PUBLISHED_DAY;
	int64_t ahead = day ? DAY_AHEAD : TIME_AHEAD;

	if (!has_date(row) || now > INT64_MAX - ahead)
		return false;
	return day ? day_of(row->published) > day_of(now + ahead) :
		     row->published > now + ahead;
}

/* Below 0 if a was published first, above 0 if b was.  Both have dates. */
static int
compare_dates(const struct gate_row *a, const struct gate_row *b)
{
	int64_t when_a = a->published, when_b = b->published;

	if (a->published_form == PUBLISHED_DAY ||
	    b->published_form == PUBLISHED_DAY) {
		when_a = day_of(when_a);
		when_b = day_of(when_b);
	}
	return (when_a > when_b) - (when_a < when_b);
}

/* What the row has forbids what is older, unless its date can't be right. */
static bool
last_counts(const struct gate_question *q)
{
	return q->last.numbers != NULL && has_date(&q->last) &&
	    !in_future(&q->last, q->now);
}

static bool
before_last(const struct gate_question *q, const struct gate_row *row)
{
	return last_counts(q) && has_date(row) &&
	    compare_dates(row, &q->last) < 0;
}

static bool
after_last(const struct gate_question *q, const struct gate_row *row)
{
	return !last_counts(q) || !has_date(row) ||
	    compare_dates(row, &q->last) > 0;
}

/* --- numbers ------------------------------------------------------------- */

/* What became of the numbers that the row has. */
struct changes {
	unsigned jumped, lost; /* how many */
	unsigned worst;        /* the largest jump's index */
	double ratio;          /* and size, above 1 */
	unsigned first_lost;   /* index */
};

static double
ratio_of(double a, double b)
{
	double ratio = a > b ? a / b : b / a;

	return ratio <= DBL_MAX ? ratio : DBL_MAX;
}

/*
 * Whether a number went no further than max_jump.  By a product, so that either
 * way round is the same; what can't be a rate is near nothing.
 */
static bool
near(const struct gate_question *q, double a, double b)
{
	double low = a < b ? a : b, high = a < b ? b : a;

	if (!(low > 0) || !(high <= DBL_MAX))
		return false;
	return q->max_jump == 0 || high <= low * (1 + q->max_jump);
}

static struct changes
find_changes(const struct gate_question *q)
{
	struct changes found = { .ratio = 0 };

	for (unsigned i = 0; i < q->count; i++) {
		double was = q->last.numbers[i], is = q->candidate.numbers[i];
		double ratio;

		if (i == q->base || isnan(was))
			continue;
		if (isnan(is)) {
			if (found.lost++ == 0)
				found.first_lost = i;
		} else if (!near(q, was, is)) {
			ratio = ratio_of(was, is);
			if (found.jumped++ == 0 || ratio > found.ratio) {
				found.worst = i;
				found.ratio = ratio;
			}
		}
	}
	return found;
}

/* --- confirmation -------------------------------------------------------- */

bool
gates_same_numbers(
    const struct gate_row *a, const struct gate_row *b, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		double x = a->numbers[i], y = b->numbers[i];

		if (isnan(x) != isnan(y) || x < y || x > y)
			return false;
	}
	return true;
}

bool
gates_same(const struct gate_row *a, const struct gate_row *b, unsigned count)
{
	if (a->hash != 0 && a->hash == b->hash)
		return true;
	if (a->source != b->source)
		return false;
	if (has_date(a) && has_date(b))
		return compare_dates(a, b) == 0;
	return gates_same_numbers(a, b, count);
}

/* Of a number that the row has, and the base has not. */
static bool
number_agrees(const struct gate_question *q, unsigned i, bool coverage)
{
	double was = q->last.numbers[i];
	double is = q->candidate.numbers[i], held = q->held.numbers[i];

	if (isnan(is) || isnan(held)) {
		if (coverage && !isnan(was) && isnan(is) != isnan(held))
			return false;
		return isnan(is) || isnan(was) || near(q, was, is);
	}
	return near(q, is, held);
}

static bool
held_agrees(const struct gate_question *q, const struct changes *changes)
{
	bool coverage = changes->lost > 0 && !q->stale;

	for (unsigned i = 0; i < q->count; i++)
		if (i != q->base && !number_agrees(q, i, coverage))
			return false;
	return true;
}

/* Whether what is held is a second witness, and not the same one again. */
static bool
held_testifies(const struct gate_question *q)
{
	const struct gate_row *candidate = &q->candidate, *held = &q->held;

	if (gates_same(candidate, held, q->count))
		return false;
	if (candidate->source != held->source)
		return true;
	if (has_date(candidate) && has_date(held) &&
	    compare_dates(candidate, held) < 0)
		return false;
	return after_last(q, held);
}

static bool
confirmed(const struct gate_question *q, const struct changes *changes)
{
	if (q->held.numbers == NULL || before_last(q, &q->held))
		return false;
	return (q->accepted || held_testifies(q)) && held_agrees(q, changes);
}

bool
gates_replaces(const struct gate_question *q)
{
	const struct gate_row *candidate = &q->candidate, *held = &q->held;

	if (held->numbers == NULL || before_last(q, held))
		return true;
	if (gates_same(candidate, held, q->count))
		return false;
	if (candidate->source <= held->source)
		return true;
	return has_date(candidate) && has_date(held) &&
	    compare_dates(candidate, held) > 0;
}

/* --- what is said -------------------------------------------------------- */

static const char *
date_text(const struct gate_row *row, char *buf, size_t size)
{
	return row->published_form == PUBLISHED_DAY ?
	    clock_format_day(row->published, buf, size) :
	    clock_format_utc(row->published, buf, size);
}

static void
tell_future(const struct gate_question *q, char *error, size_t size)
{
	char date[CLOCK_TEXT_MAX];

	text_format(error, size, "published %s, in the future",
	    date_text(&q->candidate, date, sizeof(date)));
}

static void
tell_before(const struct gate_question *q, char *error, size_t size)
{
	char date[CLOCK_TEXT_MAX], last[CLOCK_TEXT_MAX];

	text_format(error, size, "published %s, before the %s of the row",
	    date_text(&q->candidate, date, sizeof(date)),
	    date_text(&q->last, last, sizeof(last)));
}

/* A ratio from 1 on as people say it: "1.25", "82", "1230". */
static double
rounded(double ratio)
{
	double parts = ratio < 10 ? 100 : ratio < 100 ? 10 : 1;

	if (ratio >= 1e15) /* whole already, and maybe no int64_t */
		return ratio;
	return (double)(int64_t)(ratio * parts + 0.5) / parts;
}

static void
tell_jump(const struct gate_question *q, const struct changes *changes,
    char *error, size_t size)
{
	double was = q->last.numbers[changes->worst];
	double is = q->candidate.numbers[changes->worst];
	char code[CODE_TEXT_MAX], from[NUMBER_TEXT_MAX], to[NUMBER_TEXT_MAX];
	char ratio[NUMBER_TEXT_MAX];

	text_format(error, size, "%s: %s jumped to %s (%c%s)",
	    code_unpack(q->codes[changes->worst], code),
	    number_shortest(was, from, sizeof(from)),
	    number_shortest(is, to, sizeof(to)), is > was ? 'x' : '/',
	    number_shortest(rounded(changes->ratio), ratio, sizeof(ratio)));
}

static void
tell_held(const struct gate_question *q, const struct changes *changes,
    char *error, size_t size)
{
	unsigned more = changes->jumped > 0 ? changes->jumped : changes->lost;
	char code[CODE_TEXT_MAX];

	if (changes->jumped > 0)
		tell_jump(q, changes, error, size);
	else
		text_format(error, size, "%s is missing, the row has it",
		    code_unpack(q->codes[changes->first_lost], code));
	if (more > 1)
		text_append(error, size, ", and %u more", more - 1);
	text_append(error, size, ": held until confirmed");
}

/* --- judgement ----------------------------------------------------------- */

enum attempt_class
gates_judge(const struct gate_question *q, char *error, size_t error_size)
{
	struct changes changes;

	text_format(error, error_size, "%s", "");
	if (in_future(&q->candidate, q->now)) {
		tell_future(q, error, error_size);
		return ATTEMPT_DATE;
	}
	if (q->last.numbers == NULL)
		return ATTEMPT_OK;
	if (before_last(q, &q->candidate)) {
		tell_before(q, error, error_size);
		return ATTEMPT_DATE;
	}
	changes = find_changes(q);
	if (changes.jumped == 0 && (changes.lost == 0 || q->stale))
		return ATTEMPT_OK;
	if (confirmed(q, &changes))
		return ATTEMPT_OK;
	tell_held(q, &changes, error, error_size);
	return ATTEMPT_HELD;
}
