#include "tools/show.h"

#include <stdio.h>
#include <string.h>

#include "base/code.h"
#include "base/text.h"
#include "tools/mark.h"
#include "tools/paint.h"
#include "tools/table.h"

#define NOTES_MAX 8 /* failed rows named below the table */
#define NARROW 64 /* columns that have no room for a list of them */
#define AFTER_QUOTES 3 /* columns: mark, age, source */
#define ROWS_FOLDED 4 /* so few rows have all their quotes, in several tables */

/* What the columns are: the base, the quotes, then those three. */
struct layout {
	unsigned width; /* of the terminal; 0: without limit */
	unsigned first; /* quote of this table */
	unsigned quotes; /* columns filled */
	unsigned shown;  /* and of them those that fit */
	bool color;
};

/* More quotes than this can't fit, however narrow their numbers are. */
static unsigned
most_quotes(const struct show *show, const struct layout *layout)
{
	unsigned left = show->symbol_count - layout->first;
	unsigned most = layout->width / (CODE_MIN + TABLE_GAP) + 1;

	return layout->width == 0 || most > left ? left : most;
}

static void
fill_head(
    struct table *table, const struct show *show, const struct layout *layout)
{
	table_cell(table, STYLE_HEAD, "");
	for (unsigned k = 0; k < layout->quotes; k++)
		table_cell(table, STYLE_HEAD,
		    show->view.codes[show->symbols[layout->first + k]]);
	table_cell(table, STYLE_HEAD, "");
	table_cell(table, STYLE_HEAD, "AGE");
	table_cell(table, STYLE_HEAD, "SOURCE");
}

static void
fill_row(struct table *table, const struct show *show,
    const struct layout *layout, unsigned base)
{
	const struct rates_row *row = &show->view.rows[base];
	enum freshness state = show->view.states[base];
	enum table_style style = mark_style(state);
	bool failed = view_failed(row), empty = state == FRESHNESS_EMPTY;
	char text[64];

	text_format(text, sizeof(text), "1 %s", show->view.codes[base]);
	table_cell(table, style, text);
	for (unsigned k = 0; k < layout->quotes; k++) {
		unsigned symbol = show->symbols[layout->first + k];

		table_cell(table, symbol == base ? STYLE_DIM : style,
		    terminal_number(show_number(show, base, symbol), text,
			sizeof(text)));
	}
	table_cell(
	    table, failed ? STYLE_FAILED : style, mark_of(state, failed));
	table_cell(table, style,
	    empty ? "never" : clock_format_age(row->age, text, sizeof(text)));
	table_cell(table, style, empty ? "" : row->source);
}

/* Hides quotes from the right until the rest fits; one always stays. */
static void
fit(struct table *table, struct layout *layout)
{
	layout->shown = layout->quotes;
	while (layout->width != 0 && layout->shown > 1 &&
	    table_width(table) > layout->width)
		table_hide(table, layout->shown--);
}

static void
fill(struct table *table, const struct show *show, struct layout *layout)
{
	unsigned quotes;

	layout->quotes = quotes = most_quotes(show, layout);
	table_begin(table, 1 + quotes + AFTER_QUOTES);
	table_align(table, 0, ALIGN_LEFT);
	table_align(table, 1 + quotes, ALIGN_LEFT);
	table_align(table, 1 + quotes + 2, ALIGN_LEFT);
	/* What is of the row stands in the first table alone. */
	for (unsigned i = 0; layout->first > 0 && i < AFTER_QUOTES; i++)
		table_hide(table, 1 + quotes + i);
	fill_head(table, show, layout);
	for (unsigned i = 0; i < show->base_count; i++)
		fill_row(table, show, layout, show->bases[i]);
	fit(table, layout);
}

static int
print_one(const struct show *show, struct layout *layout)
{
	struct table table;
	int status;

	fill(&table, show, layout);
	status = table_print(&table, stdout, layout->color);
	table_free(&table);
	return status;
}

/* All of the quotes, in several tables below each other, of a few rows. */
static int
print_all(const struct show *show, struct layout *layout)
{
	int status = print_one(show, layout);

	while (status == 0 && show->base_count <= ROWS_FOLDED &&
	    layout->first + layout->shown < show->symbol_count) {
		layout->first += layout->shown;
		putchar('\n');
		status = print_one(show, layout);
	}
	return status;
}

static void
note(const struct layout *layout, enum table_style style, const char *text)
{
	struct paint p;

	paint_begin(&p, 0, layout->color);
	paint_text(&p, style, "%s", text);
	paint_print(&p, stdout);
}

static void
note_failures(const struct show *show, const struct layout *layout)
{
	char error[VIEW_ERROR_MAX], text[VIEW_ERROR_MAX + RATES_CODE_MAX + 2];
	unsigned failed = 0;

	for (unsigned i = 0; i < show->base_count; i++) {
		const struct rates_row *row =
		    &show->view.rows[show->bases[i]];

		if (!view_failed(row) || failed++ >= NOTES_MAX)
			continue;
		note(layout, STYLE_FAILED,
		    text_format(text, sizeof(text), "%s: %s",
			show->view.codes[show->bases[i]],
			view_error(row, error, sizeof(error))));
	}
	if (failed > NOTES_MAX)
		note(layout, STYLE_FAILED,
		    text_format(text, sizeof(text),
			"and %u more rows failed; --format json has all",
			failed - NOTES_MAX));
}

static void
note_silence(const struct show *show, const struct layout *layout)
{
	char silence[VIEW_SILENCE_MAX], text[VIEW_SILENCE_MAX + 32];

	if (!show->view.feed.fed)
		note(layout, STYLE_STALE,
		    text_format(text, sizeof(text), "%s; ages are true",
			view_silence(
			    &show->view.feed, silence, sizeof(silence))));
}

/* Appends codes from the first hidden one on while they fit into room. */
static void
list_hidden(const struct show *show, unsigned first, size_t room, char *text,
    size_t size)
{
	size_t used = strlen(" ...");
	const char *code;

	for (unsigned k = first; k < show->symbol_count; k++) {
		code = show->view.codes[show->symbols[k]];
		used += 1 + strlen(code);
		if (used > room) {
			text_append(text, size, " ...");
			return;
		}
		text_append(text, size, " %s", code);
	}
}

static void
note_hidden(const struct show *show, const struct layout *layout)
{
	unsigned first = layout->first + layout->shown;
	unsigned hidden = show->symbol_count - first;
	char text[512], end[64];
	size_t used;

	if (hidden == 0)
		return;
	if (layout->width < NARROW) {
		note(layout, STYLE_DIM,
		    text_format(text, sizeof(text),
			"%u quotes not shown: --symbols", hidden));
		return;
	}
	text_format(text, sizeof(text), "%u quote currenc%s not shown:",
	    hidden, hidden == 1 ? "y" : "ies");
	text_format(end, sizeof(end), " (--symbols chooses, --wide)");
	used = strlen(text) + strlen(end);
	list_hidden(show, first,
	    used < layout->width ? layout->width - used : 0, text,
	    sizeof(text) - sizeof(end));
	text_append(text, sizeof(text), "%s", end);
	note(layout, STYLE_DIM, text);
}

int
show_table(const struct show *show)
{
	struct layout layout = {
		.width = ctl_given(show->ctl, OPTION_WIDE) ? 0
							    : terminal_width(),
		.color = terminal_color(show->ctl->color),
	};

	if (print_all(show, &layout) == -1)
		return ctl_complain(CTL_FAILED, "%m");
	if (ctl_given(show->ctl, OPTION_QUIET))
		return CTL_DONE;
	if (!show->told)
		note_failures(show, &layout);
	note_silence(show, &layout);
	note_hidden(show, &layout);
	return CTL_DONE;
}
