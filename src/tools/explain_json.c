#include "tools/explain.h"

#include <math.h>
#include <stdio.h>

#include "tools/writer.h"

#define EXPLAIN_SCHEMA 1

static const char *
text_or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static void
member_time(struct json *json, const char *key, int64_t wall)
{
	char buf[CLOCK_TEXT_MAX];

	json_member(json, key, view_time(wall, buf));
}

static void
member_number(struct json *json, const char *key, double number)
{
	json_key(json, key);
	json_number(json, number);
}

/* What the row says, its three clocks among it. */
static void
json_row(struct json *json, const struct explain *e)
{
	const struct rates_row *row = explain_row(e);
	char buf[CLOCK_TEXT_MAX], why[EXPLAIN_WHY_MAX];
	bool filled = row->version != 0;

	json_member(json, "state", freshness_name(e->view.states[e->base]));
	json_member(json, "why", explain_why(e, why, sizeof(why)));
	json_member(
	    json, "source", filled ? text_or_null(row->source) : NULL);
	json_member(json, "published", view_published(row, buf));
	member_time(json, "fetched", filled ? row->fetched : 0);
	member_time(json, "changed", filled ? row->changed : 0);
	json_key(json, "version");
	json_uint(json, row->version);
	member_time(json, "expected", e->due);
	member_time(json, "next", e->expected.next);
}

static void
json_origin(struct json *json, const struct explain *e)
{
	bool derived =
	    e->origin == ORIGIN_INVERSE || e->origin == ORIGIN_CROSS;

	json_member(json, "origin", explain_origin_name(e->origin));
	json_member(json, "hub", derived ? e->more.hub : NULL);
	member_number(json, "dividend", e->known ? e->dividend : NAN);
	member_number(json, "divisor", e->known ? e->divisor : NAN);
}

static void
json_refused(struct json *json, const struct inspect_row *more)
{
	json_key(json, "refused");
	if (!more->refused) {
		json_null(json);
		return;
	}
	json_object(json);
	member_time(json, "at", more->refused_at);
	json_member(json, "source", text_or_null(more->refused_source));
	json_member(json, "class", more->refused_class);
	json_key(json, "http");
	if (more->refused_http != 0)
		json_uint(json, more->refused_http);
	else
		json_null(json);
	json_member(json, "text", more->refused_text);
	json_close(json);
}

static void
json_held(struct json *json, const struct explain *e)
{
	const struct inspect_row *more = &e->more;
	char buf[CLOCK_TEXT_MAX];

	json_key(json, "held");
	if (!more->held) {
		json_null(json);
		return;
	}
	json_object(json);
	member_time(json, "since", more->held_since);
	json_member(json, "source", text_or_null(more->held_source));
	json_member(json, "published",
	    view_day(more->held_form, more->held_published, buf));
	member_number(json, "rate", e->held);
	json_member(json, "text", more->held_text);
	json_key(json, "accepted");
	json_bool(json, more->accepted);
	json_close(json);
}

void
explain_json(const struct explain *e)
{
	struct json json;

	json_begin(&json, stdout);
	json_object(&json);
	json_key(&json, "schema");
	json_int(&json, EXPLAIN_SCHEMA);
	json_member(&json, "instance", e->ctl->instance);
	member_time(&json, "read", e->view.read);
	json_member(&json, "base", e->view.codes[e->base]);
	json_member(&json, "quote", e->view.codes[e->quote]);
	member_number(&json, "rate", e->number);
	json_origin(&json, e);
	json_row(&json, e);
	json_key(&json, "failures");
	json_uint(&json, explain_row(e)->failures);
	json_refused(&json, &e->more);
	json_held(&json, e);
	json_close(&json);
	json_end(&json);
}
