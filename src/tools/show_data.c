#include "tools/show.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/number.h"
#include "base/text.h"
#include "tools/report.h"

#define SHOW_SCHEMA 1

int
show_lines(const struct show *show)
{
	char text[NUMBER_TEXT_MAX];
	unsigned base, symbol;
	double number;

	for (unsigned i = 0; i < show->base_count; i++) {
		base = show->bases[i];
		printf("1 %s = ", show->view.codes[base]);
		for (unsigned k = 0; k < show->symbol_count; k++) {
			symbol = show->symbols[k];
			number = show_number(show, base, symbol);
			if (isfinite(number))
				number_book(number, text, sizeof(text));
			else
				text_format(text, sizeof(text), "%7s", "-");
			printf("%s%s %s", k == 0 ? "" : ", ", text,
			    show->view.codes[symbol]);
		}
		putchar('\n');
	}
	return CTL_DONE;
}

/* A row's times and words, each NULL where there is none. */
struct facts {
	const char *source, *published, *fetched, *changed;
	char buf[3][CLOCK_TEXT_MAX];
};

static void
facts_of(const struct rates_row *row, struct facts *facts)
{
	facts->source = facts->published = NULL;
	facts->fetched = facts->changed = NULL;
	if (row->version == 0)
		return;
	if (row->source[0] != '\0')
		facts->source = row->source;
	facts->published = view_published(row, facts->buf[0]);
	facts->fetched = view_time(row->fetched, facts->buf[1]);
	facts->changed = view_time(row->changed, facts->buf[2]);
}

static void
tell_row(struct report *r, const struct show *show, unsigned base)
{
	const struct rates_row *row = &show->view.rows[base];
	char error[VIEW_ERROR_MAX];
	struct facts facts;

	facts_of(row, &facts);
	report_object(r, show->view.codes[base]);
	report_text(r, "base", show->view.codes[base]);
	report_text(r, "state", show_state(show, base));
	report_text(r, "source", facts.source);
	report_text(r, "published", facts.published);
	report_text(r, "fetched", facts.fetched);
	report_text(r, "changed", facts.changed);
	report_uint(r, "version", row->version);
	report_text(r, "error",
	    view_failed(row) ? view_error(row, error, sizeof(error)) : NULL);
	report_object(r, "rates");
	for (unsigned k = 0; k < show->symbol_count; k++)
		report_number(r, show->view.codes[show->symbols[k]],
		    show_number(show, base, show->symbols[k]));
	report_close(r);
	report_close(r);
}

static const char *
symbol(const void *context, unsigned i)
{
	const struct show *show = context;

	return show->view.codes[show->symbols[i]];
}

int
show_tree(const struct show *show)
{
	struct report r;

	report_begin(&r, show->ctl->format, stdout);
	report_head(&r, SHOW_SCHEMA, show->ctl->instance, show->view.read);
	report_list(&r, "currencies", show->symbol_count, symbol, show);
	report_array(&r, "rows");
	for (unsigned i = 0; i < show->base_count; i++)
		tell_row(&r, show, show->bases[i]);
	report_close(&r);
	report_end(&r);
	return CTL_DONE;
}

static void
csv_head(struct csv *csv, const struct show *show)
{
	static const char *const heads[] = { "base", "state", "source",
		"published", "fetched", "changed", "version" };

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		csv_field(csv, heads[i]);
	for (unsigned k = 0; k < show->symbol_count; k++)
		csv_field(csv, show->view.codes[show->symbols[k]]);
	csv_end(csv);
}

static void
csv_row(struct csv *csv, const struct show *show, unsigned base)
{
	const struct rates_row *row = &show->view.rows[base];
	char version[24];
	struct facts facts;

	facts_of(row, &facts);
	csv_field(csv, show->view.codes[base]);
	csv_field(csv, show_state(show, base));
	csv_field(csv, facts.source);
	csv_field(csv, facts.published);
	csv_field(csv, facts.fetched);
	csv_field(csv, facts.changed);
	csv_field(csv,
	    text_format(
		version, sizeof(version), "%" PRIu64, row->version));
	for (unsigned k = 0; k < show->symbol_count; k++)
		csv_number(csv, show_number(show, base, show->symbols[k]));
	csv_end(csv);
}

int
show_csv(const struct show *show)
{
	struct csv csv;

	csv_begin(&csv, stdout);
	csv_head(&csv, show);
	for (unsigned i = 0; i < show->base_count; i++)
		csv_row(&csv, show, show->bases[i]);
	return CTL_DONE;
}
