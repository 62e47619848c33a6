#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "tools/ratesfetch_compare.h"
#include "tools/report.h"
#include "tools/table.h"

#define SCHEMA 1
#define COLUMNS 9
#define CELL_MAX 48

/* --- for people ----------------------------------------------------------- */

static const char *
seconds(int64_t ns, char *buf, size_t size)
{
	return text_format(buf, size, "%.3f s", (double)ns / CLOCK_SECOND);
}

static void
times_cells(struct table *table, const struct comparison *c,
    const struct fetch_figures *f)
{
	char text[CELL_MAX];
	double gain = fetch_speed_up(&c->figures[ENGINE_sync], f);

	table_cell(table, STYLE_PLAIN, seconds(f->median, text, sizeof(text)));
	table_cell(table, STYLE_PLAIN,
	    text_format(text, sizeof(text), "%.3f to %.3f s",
		(double)f->least / CLOCK_SECOND,
		(double)f->most / CLOCK_SECOND));
	table_cell(table, STYLE_PLAIN,
	    gain > 0 ? text_format(text, sizeof(text), "%.1fx", gain) : "-");
}

static void
cost_cells(struct table *table, const struct comparison *c,
    const struct fetch_figures *f)
{
	char text[CELL_MAX];

	table_cell(table, STYLE_PLAIN,
	    text_format(text, sizeof(text), "%u", f->peak));
	table_cell(table, STYLE_PLAIN,
	    text_format(text, sizeof(text), "%.1f ms",
		(double)f->cpu / CLOCK_MS));
	table_cell(table, STYLE_PLAIN,
	    text_format(text, sizeof(text), "%.1f MiB",
		(double)f->memory / (1024 * 1024)));
	table_cell(table, f->failed > 0 ? STYLE_FAILED : STYLE_PLAIN,
	    text_format(text, sizeof(text), "%u of %u", f->failed,
		f->runs * c->rows));
}

static void
fill_row(struct table *table, const struct comparison *c, unsigned id)
{
	const struct fetch_figures *f = &c->figures[id];

	table_cell(table, STYLE_PLAIN, engine_at(id)->name);
	if (f->runs == 0) {
		table_cell(table, STYLE_PLAIN, "not run");
		for (unsigned i = 2; i < COLUMNS - 1; i++)
			table_cell(table, STYLE_PLAIN, "");
	} else {
		times_cells(table, c, f);
		cost_cells(table, c, f);
	}
	table_cell(table, STYLE_PLAIN, engine_at(id)->what);
}

static void
print_advice(const struct comparison *c)
{
	if (c->error[0] != '\0')
		printf("\nThe first row that was lost: %s\n", c->error);
	if (!c->advised)
		return;
	printf("\nFor ratesd.conf, with %s:\n", c->source->name);
	printf("    workers     = %u\n", c->advice.workers);
	printf("    engine      = \"%s\"\n",
	    engine_at(c->advice.engine)->name);
	printf("    concurrency = %u\n", c->advice.concurrency);
	printf("for %s.\n", c->advice.why);
}

static void
print_table(const struct comparison *c)
{
	static const char *const heads[COLUMNS] = { "MODEL", "MEDIAN",
		"SPREAD", "SPEED-UP", "IN FLIGHT", "CPU", "MEMORY", "LOST",
		"" };
	struct table table;

	table_begin(&table, COLUMNS);
	table_align(&table, 0, ALIGN_LEFT);
	table_align(&table, COLUMNS - 1, ALIGN_LEFT);
	for (unsigned i = 0; i < COLUMNS; i++)
		table_cell(&table, STYLE_HEAD, heads[i]);
	for (unsigned id = 0; id < ENGINE_COUNT; id++)
		fill_row(&table, c, id);
	printf("%u row%s from %s, up to %u request%s at once, %u run%s of "
	       "each model:\n\n",
	    c->rows, c->rows == 1 ? "" : "s", c->source->name,
	    c->options->concurrency, c->options->concurrency == 1 ? "" : "s",
	    c->options->repeat, c->options->repeat == 1 ? "" : "s");
	if (table_print(&table, stdout, terminal_color(COLOR_AUTO)) == -1)
		fetch_exit(1, "can't write the output");
	table_free(&table);
	print_advice(c);
}

/* --- for programs --------------------------------------------------------- */

static void
report_model(struct report *r, const struct comparison *c, unsigned id)
{
	const struct fetch_figures *f = &c->figures[id];

	report_object(r, engine_at(id)->name);
	report_text(r, "model", engine_at(id)->name);
	report_uint(r, "runs", f->runs);
	if (f->runs > 0) {
		report_seconds(r, "median", f->median);
		report_seconds(r, "least", f->least);
		report_seconds(r, "most", f->most);
		report_number(r, "speed_up",
		    fetch_speed_up(&c->figures[ENGINE_sync], f));
		report_uint(r, "in_flight", f->peak);
		report_seconds(r, "cpu", f->cpu);
		report_uint(r, "memory", f->memory);
		report_uint(r, "lost", f->failed);
	}
	report_close(r);
}

static void
report_all(const struct comparison *c, enum ctl_format format)
{
	struct report r;

	report_begin(&r, format, stdout);
	report_uint(&r, "schema", SCHEMA);
	report_text(&r, "source", c->source->name);
	report_uint(&r, "rows", c->rows);
	report_uint(&r, "requests", c->requests);
	report_uint(&r, "jobs", c->options->concurrency);
	report_array(&r, "models");
	for (unsigned id = 0; id < ENGINE_COUNT; id++)
		report_model(&r, c, id);
	report_close(&r);
	report_text(&r, "error", c->error[0] != '\0' ? c->error : NULL);
	if (c->advised) {
		report_object(&r, "advice");
		report_uint(&r, "workers", c->advice.workers);
		report_text(
		    &r, "engine", engine_at(c->advice.engine)->name);
		report_uint(&r, "concurrency", c->advice.concurrency);
		report_text(&r, "why", c->advice.why);
		report_close(&r);
	}
	report_end(&r);
}

void
compare_print(const struct comparison *c)
{
	if (c->options->format == FORMAT_JSON ||
	    c->options->format == FORMAT_CSV)
		report_all(c, c->options->format);
	else
		print_table(c);
}
