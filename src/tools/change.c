#include "tools/change.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "tools/terminal.h"

const char *
change_name(enum change change)
{
	static const char *const names[] = {
#define X(id, name) name,
		CHANGES(X)
#undef X
	};

	return (unsigned)change < CHANGE_COUNT ? names[change] : "?";
}

bool
change_differs(double before, double after)
{
	if (isnan(before) || isnan(after))
		return isnan(before) != isnan(after);
	return before != after;
}

static bool
failed(const struct rates_row *row)
{
	return strcmp(row->attempt, "none") != 0 &&
	    strcmp(row->attempt, "ok") != 0;
}

static bool
same_failure(const struct rates_row *a, const struct rates_row *b)
{
	return failed(a) && strcmp(a->attempt, b->attempt) == 0 &&
	    a->http_status == b->http_status &&
	    strcmp(a->attempt_source, b->attempt_source) == 0 &&
	    strcmp(a->error, b->error) == 0;
}

static bool
other_publication(const struct rates_row *a, const struct rates_row *b)
{
	return a->published_form != b->published_form ||
	    (a->published_form != RATES_PUBLISHED_NONE &&
		a->published != b->published) ||
	    strcmp(a->source, b->source) != 0;
}

/* A lower version is that of a board which began anew. */
static unsigned
of_numbers(
    const struct rates_row *old, const struct rates_row *now, bool differ)
{
	if (differ)
		return CHANGE_BIT(NUMBERS);
	if (old->version == now->version)
		return 0;
	if (change_skipped(&(struct seen){ .row = *old },
		&(struct seen){ .row = *now }) > 0 &&
	    old->changed != now->changed)
		return CHANGE_BIT(NUMBERS);
	return other_publication(old, now) ? CHANGE_BIT(PUBLISHED)
					   : CHANGE_BIT(FETCHED);
}

static bool
is_held(const struct rates_row *row)
{
	return strcmp(row->attempt, "held") == 0;
}

/*
 * A held answer is an attempt without numbers too, and told as held: the two
 * come to the board one after the other.
 */
static unsigned
of_attempts(const struct seen *old, const struct seen *now)
{
	unsigned bits = 0;

	if (now->held && (!old->held || old->held_mark != now->held_mark))
		bits |= CHANGE_BIT(HELD);
	else if (now->held && now->accepted && !old->accepted)
		bits |= CHANGE_BIT(ACCEPTED);
	if (old->held && !now->held)
		bits |= CHANGE_BIT(RELEASED);
	if (old->row.attempts == now->row.attempts)
		return bits;
	if (!failed(&now->row))
		return failed(&old->row) && !is_held(&old->row)
		    ? bits | CHANGE_BIT(RECOVERED)
		    : bits;
	if (same_failure(&old->row, &now->row))
		return bits | CHANGE_BIT(AGAIN);
	return now->held && is_held(&now->row) ? bits
						: bits | CHANGE_BIT(FAILED);
}

/* That a row which was empty is so no more its numbers say. */
unsigned
change_of(const struct seen *old, const struct seen *now, bool numbers_differ)
{
	unsigned bits = of_numbers(&old->row, &now->row, numbers_differ) |
	    of_attempts(old, now);

	if (old->state == now->state ||
	    (old->state == FRESHNESS_EMPTY &&
		now->state == FRESHNESS_FRESH))
		return bits;
	return bits | CHANGE_BIT(STATE);
}

uint64_t
change_skipped(const struct seen *old, const struct seen *now)
{
	return now->row.version > old->row.version
	    ? now->row.version - old->row.version - 1
	    : 0;
}

double
change_percent_of(double before, double after)
{
	return (after - before) / before * 100;
}

/* Two digits after the point do, but for a movement that they don't show. */
static int
decimals(double size)
{
	int digits = 2;

	if (size >= 1000)
		return 0;
	for (; size < 0.05 && digits < 6; size *= 10)
		digits++;
	return digits;
}

const char *
change_percent(double before, double after, char *buf, size_t size)
{
	double percent;

	if (!change_differs(before, after))
		return text_format(buf, size, "0%%");
	if (isnan(before) || isnan(after))
		return text_format(
		    buf, size, "%s", isnan(before) ? "new" : "gone");
	percent = change_percent_of(before, after);
	if (fabs(percent) < 5e-6 || fabs(percent) >= 1e6)
		return text_format(buf, size, "%+.0e%%", percent);
	return text_format(
	    buf, size, "%+.*f%%", decimals(fabs(percent)), percent);
}

void
change_numbers(
    double before, double after, char *old, char *new, size_t size)
{
	terminal_number(before, old, size);
	terminal_number(after, new, size);
	if (strcmp(old, new) != 0 || !change_differs(before, after))
		return;
	number_shortest(before, old, size);
	number_shortest(after, new, size);
}
