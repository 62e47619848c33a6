#include "tools/watch.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "tools/report.h"
#include "tools/view.h"

#define WATCH_SCHEMA 1

/* The quotes that changed, in the order asked for. */
static bool
changed(const struct happening *h, unsigned quote)
{
	return h->change == CHANGE_NUMBERS &&
	    change_differs(h->before[quote], h->after[quote]);
}

static void
tell_change(struct report *r, const struct watch *watch,
    const struct happening *h, unsigned quote)
{
	double before = h->before[quote], after = h->after[quote];

	report_object(r, watch->follow.codes[quote]);
	report_text(r, "quote", watch->follow.codes[quote]);
	report_number(r, "old", before);
	report_number(r, "new", after);
	report_number(r, "percent", change_percent_of(before, after));
	report_close(r);
}

static void
tell_row(
    struct report *r, const struct watch *watch, const struct happening *h)
{
	const struct rates_row *row = &h->now->row;
	const struct choice *quotes = &watch->follow.quotes;
	char buf[CLOCK_TEXT_MAX];

	report_text(r, "state", freshness_name(h->now->state));
	report_text(r, "source",
	    row->version != 0 && row->source[0] != '\0' ? row->source : NULL);
	report_text(r, "published", view_published(row, buf));
	report_time(r, "fetched", row->version != 0 ? row->fetched : 0);
	report_uint(r, "version", row->version);
	report_uint(r, "skipped", h->skipped);
	report_uint(r, "failures", row->failures);
	report_array(r, "changes");
	for (unsigned k = 0; k < quotes->count; k++)
		if (changed(h, quotes->list[k]))
			tell_change(r, watch, h, quotes->list[k]);
	report_close(r);
}

/* A block of lines is ended by an empty one. */
void
watch_tree(struct watch *watch, const struct happening *h)
{
	struct report r;

	report_begin(&r, watch->ctl->format, stdout);
	report_head(&r, WATCH_SCHEMA, watch->ctl->instance, h->at);
	report_text(&r, "event", change_name(h->change));
	report_text(&r, "base",
	    h->base != FOLLOW_BOARD ? watch->follow.codes[h->base] : NULL);
	if (h->base != FOLLOW_BOARD)
		tell_row(&r, watch, h);
	report_text(&r, "text", h->text[0] != '\0' ? h->text : NULL);
	report_end(&r);
	if (watch->ctl->format == FORMAT_KEYVALUE)
		putchar('\n');
}

static void
csv_head(struct watch *watch)
{
	if (!watch->headed)
		puts("time,event,base,quote,old,new,percent,state,source,"
		     "published,version,skipped,text");
	watch->headed = true;
}

static void
csv_count(struct csv *csv, uint64_t value)
{
	char text[24];

	csv_field(csv, text_format(text, sizeof(text), "%" PRIu64, value));
}

static void
csv_row_facts(struct csv *csv, const struct happening *h)
{
	char buf[CLOCK_TEXT_MAX];

	csv_field(csv, freshness_name(h->now->state));
	csv_field(csv, h->now->row.version != 0 ? h->now->row.source : NULL);
	csv_field(csv, view_published(&h->now->row, buf));
	csv_count(csv, h->now->row.version);
	csv_count(csv, h->skipped);
}

/* A record of one number, or with quote FOLLOW_BOARD of none. */
static void
csv_record(
    const struct watch *watch, const struct happening *h, unsigned quote)
{
	bool number = quote != FOLLOW_BOARD, row = h->base != FOLLOW_BOARD;
	char buf[CLOCK_TEXT_MAX];
	struct csv csv;

	csv_begin(&csv, stdout);
	csv_field(&csv, view_time(h->at, buf));
	csv_field(&csv, change_name(h->change));
	csv_field(&csv, row ? watch->follow.codes[h->base] : NULL);
	csv_field(&csv, number ? watch->follow.codes[quote] : NULL);
	csv_number(&csv, number ? h->before[quote] : NAN);
	csv_number(&csv, number ? h->after[quote] : NAN);
	csv_number(&csv,
	    number ? change_percent_of(h->before[quote], h->after[quote])
		   : NAN);
	if (row)
		csv_row_facts(&csv, h);
	else
		for (int empty = 0; empty < 5; empty++)
			csv_field(&csv, NULL);
	csv_field(&csv, h->text[0] != '\0' ? h->text : NULL);
	csv_end(&csv);
}

void
watch_csv(struct watch *watch, const struct happening *h)
{
	const struct choice *quotes = &watch->follow.quotes;
	bool any = false;

	csv_head(watch);
	for (unsigned k = 0; k < quotes->count; k++) {
		if (h->base == FOLLOW_BOARD || !changed(h, quotes->list[k]))
			continue;
		csv_record(watch, h, quotes->list[k]);
		any = true;
	}
	if (!any)
		csv_record(watch, h, FOLLOW_BOARD);
}
