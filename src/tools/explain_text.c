#include "tools/explain.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"

#define DAY (86400 * CLOCK_SECOND)

const char *
explain_why(const struct explain *e, char *buf, size_t size)
{
	char time[CLOCK_TEXT_MAX];
	const char *next = view_time(e->expected.next, time);

	switch (e->view.states[e->base]) {
	case FRESHNESS_EMPTY:
		return text_format(buf, size, "it was never fetched");
	case FRESHNESS_CLOSED:
		return text_format(buf, size,
		    "no publication is expected before %s",
		    next != NULL ? next : "?");
	case FRESHNESS_LATE:
		next = view_time(e->due, time);
		return text_format(buf, size,
		    "a publication was expected at %s",
		    next != NULL ? next : "?");
	case FRESHNESS_FROZEN:
		return text_format(buf, size,
		    "two expected publications brought no other number");
	case FRESHNESS_STALE:
		return text_format(buf, size, "it was fetched more than %s ago",
		    clock_format_age(
			e->view.feed.stale_after, time, sizeof(time)));
	default:
		if (next == NULL)
			return text_format(buf, size,
			    "it was fetched no more than %s ago",
			    clock_format_age(e->view.feed.stale_after, time,
				sizeof(time)));
		return text_format(
		    buf, size, "the next publication is expected at %s", next);
	}
}

/* ns from a time; unsigned on the way, for a hostile board's may be any. */
static int64_t
since(const struct explain *e, int64_t wall)
{
	return (int64_t)((uint64_t)e->view.read - (uint64_t)wall);
}

static const char *
ago(int64_t age, char *buf, size_t size)
{
	clock_format_age(age, buf, size);
	if (strcmp(buf, "now") != 0)
		text_append(buf, size, " ago");
	return buf;
}

/* A day has no time of day, so its age has none either. */
static void
print_published(const struct explain *e)
{
	char text[CLOCK_TEXT_MAX], age[CLOCK_TEXT_MAX];
	const struct rates_row *row = explain_row(e);
	const char *when = view_published(row, text);
	int64_t days;

	if (when == NULL) {
		printf("%-10s  %s\n", "published", "the source doesn't say");
		return;
	}
	days = e->view.read / DAY - row->published / DAY;
	if (row->published_form == RATES_PUBLISHED_TIME)
		ago(since(e, row->published), age, sizeof(age));
	else if (days == 0)
		text_format(age, sizeof(age), "today");
	else if (days == 1)
		text_format(age, sizeof(age), "yesterday");
	else if (days == -1)
		text_format(age, sizeof(age), "tomorrow");
	else
		text_format(age, sizeof(age), "%" PRId64 " days %s",
		    days < 0 ? -days : days, days < 0 ? "ahead" : "ago");
	printf("%-10s  %s (%s)\n", "published", when, age);
}

static void
print_time(const char *label, int64_t wall, int64_t age)
{
	char text[CLOCK_TEXT_MAX], words[CLOCK_TEXT_MAX];
	const char *when = view_time(wall, text);

	printf("%-10s  %s (%s)\n", label, when != NULL ? when : "?",
	    ago(age, words, sizeof(words)));
}

static void
print_quotient(const struct explain *e)
{
	char a[NUMBER_TEXT_MAX], b[NUMBER_TEXT_MAX], c[NUMBER_TEXT_MAX];
	const char *hub = e->more.hub, *base = e->view.codes[e->base];

	printf("derived from the %s row of %s: ", hub, explain_row(e)->source);
	if (!e->known) {
		puts(explain_hub(e) == -1
			? "that is not on this board"
			: "its numbers are of another answer now");
		return;
	}
	number_shortest(e->dividend, a, sizeof(a));
	number_shortest(e->divisor, b, sizeof(b));
	number_shortest(e->number, c, sizeof(c));
	if (e->origin == ORIGIN_INVERSE)
		printf("1 / %s->%s %s = %s, one division\n", hub, base, b, c);
	else
		printf("%s->%s %s / %s->%s %s = %s, one division\n", hub,
		    e->view.codes[e->quote], a, hub, base, b, c);
}

static void
print_origin(const struct explain *e)
{
	printf("%-10s  ", "origin");
	switch (e->origin) {
	case ORIGIN_NONE:
		printf("%s gives none\n", explain_row(e)->source);
		break;
	case ORIGIN_IDENTITY:
		puts("1 by definition");
		break;
	case ORIGIN_SOURCE:
		printf("as %s gave it\n", explain_row(e)->source);
		break;
	default:
		print_quotient(e);
	}
}

/* What is held was refused too, and has lines of its own. */
static void
print_refused(const struct explain *e)
{
	const struct inspect_row *more = &e->more;
	char age[CLOCK_TEXT_MAX];
	const struct rates_row *row = explain_row(e);

	if (!more->refused ||
	    (more->held && strcmp(more->refused_class, "held") == 0))
		return;
	printf("%-10s  ", "refused");
	if (more->refused_at == 0)
		fputs("at an unknown time", stdout);
	else
		fputs(ago(since(e, more->refused_at), age, sizeof(age)),
		    stdout);
	if (more->refused_source[0] != '\0')
		printf(", from %s", more->refused_source);
	printf(": %s", more->refused_class);
	if (more->refused_text[0] != '\0')
		printf(": %s", more->refused_text);
	else if (more->refused_http != 0)
		printf(": %u", more->refused_http);
	if (row->failures > 1)
		printf(", %" PRIu64 " failures in a row", row->failures);
	putchar('\n');
	if (explain_over(e))
		printf("%-10s  that is over: %s has answered %s\n", "",
		    row->source,
		    strcmp(row->source, more->refused_source) == 0
			? "since"
			: "instead");
}

static void
print_held(const struct explain *e)
{
	char text[NUMBER_TEXT_MAX], age[CLOCK_TEXT_MAX];
	const struct inspect_row *more = &e->more;
	const char *base = e->view.codes[e->base];
	const char *when = view_time(more->held_since, text);

	if (!more->held)
		return;
	printf("%-10s  since %s", "held", when != NULL ? when : "?");
	if (when != NULL)
		printf(" (%s)", ago(since(e, more->held_since), age,
				    sizeof(age)));
	if (more->held_source[0] != '\0')
		printf(", from %s", more->held_source);
	when = view_day(more->held_form, more->held_published, text);
	if (when != NULL)
		printf(", published %s", when);
	printf(": %s\n", more->held_text);
	if (isfinite(e->held))
		printf("%-10s  it says 1 %s = %s %s\n", "", base,
		    number_shortest(e->held, text, sizeof(text)),
		    e->view.codes[e->quote]);
	if (more->accepted)
		printf("%-10s  an operator has accepted it; it is asked for "
		       "again\n",
		    "");
	else
		printf("%-10s  until another source, or a later publication, "
		       "agrees, or: ratesctl accept %s\n",
		    "", base);
}

void
explain_text(const struct explain *e)
{
	char text[EXPLAIN_WHY_MAX];
	const struct rates_row *row = explain_row(e);

	if (isfinite(e->number))
		printf("1 %s = %s %s\n", e->view.codes[e->base],
		    number_shortest(e->number, text, sizeof(text)),
		    e->view.codes[e->quote]);
	else
		printf("no number for %s/%s\n", e->view.codes[e->base],
		    e->view.codes[e->quote]);
	if (row->version != 0) {
		printf("%-10s  %s\n", "source", row->source);
		print_origin(e);
		print_published(e);
		print_time("fetched", row->fetched, row->age);
		print_time("changed", row->changed, e->more.changed_age);
	}
	printf("%-10s  %s: %s\n", "state",
	    freshness_name(e->view.states[e->base]),
	    explain_why(e, text, sizeof(text)));
	print_refused(e);
	print_held(e);
	if (!e->view.feed.fed)
		printf("%-10s  %s\n", "supervisor",
		    view_silence(&e->view.feed, text, sizeof(text)));
}
