#include "tools/explain.h"

#include <math.h>
#include <stdio.h>

#include "tools/report.h"

#define EXPLAIN_SCHEMA 1

static const char *
text_or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

/* What the row says, its three clocks among it. */
static void
tell_row(struct report *r, const struct explain *e)
{
	const struct rates_row *row = explain_row(e);
	char buf[CLOCK_TEXT_MAX], why[EXPLAIN_WHY_MAX];
	bool filled = row->version != 0;

	report_text(r, "state", freshness_name(e->view.states[e->base]));
	report_text(r, "why", explain_why(e, why, sizeof(why)));
	report_text(r, "source", filled ? text_or_null(row->source) : NULL);
	report_text(r, "published", view_published(row, buf));
	report_time(r, "fetched", filled ? row->fetched : 0);
	report_time(r, "changed", filled ? row->changed : 0);
	report_uint(r, "version", row->version);
	report_time(r, "expected", e->due);
	report_time(r, "next", e->expected.next);
}

static void
tell_origin(struct report *r, const struct explain *e)
{
	bool derived =
	    e->origin == ORIGIN_INVERSE || e->origin == ORIGIN_CROSS;

	report_text(r, "origin", explain_origin_name(e->origin));
	report_text(r, "hub", derived ? e->more.hub : NULL);
	report_number(r, "dividend", e->known ? e->dividend : NAN);
	report_number(r, "divisor", e->known ? e->divisor : NAN);
}

static void
tell_refused(struct report *r, const struct explain *e)
{
	const struct inspect_row *more = &e->more;

	if (!more->refused) {
		report_null(r, "refused");
		return;
	}
	report_object(r, "refused");
	report_time(r, "at", more->refused_at);
	report_text(r, "source", text_or_null(more->refused_source));
	report_text(r, "class", more->refused_class);
	report_known(r, "http", more->refused_http != 0, more->refused_http);
	report_text(r, "text", more->refused_text);
	report_bool(r, "over", explain_over(e));
	report_close(r);
}

static void
tell_held(struct report *r, const struct explain *e)
{
	const struct inspect_row *more = &e->more;
	char buf[CLOCK_TEXT_MAX];

	if (!more->held) {
		report_null(r, "held");
		return;
	}
	report_object(r, "held");
	report_time(r, "since", more->held_since);
	report_text(r, "source", text_or_null(more->held_source));
	report_text(r, "published",
	    view_day(more->held_form, more->held_published, buf));
	report_number(r, "rate", e->held);
	report_text(r, "text", more->held_text);
	report_bool(r, "accepted", more->accepted);
	report_close(r);
}

void
explain_data(const struct explain *e)
{
	struct report r;

	report_begin(&r, e->ctl->format, stdout);
	report_head(&r, EXPLAIN_SCHEMA, e->ctl->instance, e->view.read);
	report_text(&r, "base", e->view.codes[e->base]);
	report_text(&r, "quote", e->view.codes[e->quote]);
	report_number(&r, "rate", e->number);
	tell_origin(&r, e);
	tell_row(&r, e);
	report_uint(&r, "failures", explain_row(e)->failures);
	tell_refused(&r, e);
	tell_held(&r, e);
	report_end(&r);
}
