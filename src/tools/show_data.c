#include "tools/show.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/number.h"
#include "base/text.h"
#include "tools/writer.h"

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
json_row(struct json *json, const struct show *show, unsigned base)
{
	const struct rates_row *row = &show->view.rows[base];
	char error[VIEW_ERROR_MAX];
	struct facts facts;

	facts_of(row, &facts);
	json_object(json);
	json_member(json, "base", show->view.codes[base]);
	json_member(json, "state", show_state(show, base));
	json_member(json, "source", facts.source);
	json_member(json, "published", facts.published);
	json_member(json, "fetched", facts.fetched);
	json_member(json, "changed", facts.changed);
	json_key(json, "version");
	json_uint(json, row->version);
	json_member(json, "error",
	    view_failed(row) ? view_error(row, error, sizeof(error)) : NULL);
	json_key(json, "rates");
	json_object(json);
	for (unsigned k = 0; k < show->symbol_count; k++) {
		json_key(json, show->view.codes[show->symbols[k]]);
		json_number(
		    json, show_number(show, base, show->symbols[k]));
	}
	json_close(json);
	json_close(json);
}

int
show_json(const struct show *show)
{
	char buf[CLOCK_TEXT_MAX];
	struct json json;

	json_begin(&json, stdout);
	json_object(&json);
	json_key(&json, "schema");
	json_int(&json, SHOW_SCHEMA);
	json_member(&json, "instance", show->ctl->instance);
	json_member(&json, "read", view_time(show->view.read, buf));
	json_key(&json, "currencies");
	json_array(&json);
	for (unsigned k = 0; k < show->symbol_count; k++)
		json_string(&json, show->view.codes[show->symbols[k]]);
	json_close(&json);
	json_key(&json, "rows");
	json_array(&json);
	for (unsigned i = 0; i < show->base_count; i++)
		json_row(&json, show, show->bases[i]);
	json_close(&json);
	json_close(&json);
	json_end(&json);
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
