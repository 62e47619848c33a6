#include "tools/show.h"

#include <stdio.h>
#include <string.h>

#include "base/code.h"
#include "base/text.h"
#include "tools/table.h"

#define NOTES_MAX 8 /* failed rows named below the table */
#define CODES_ROOM 8 /* for a code and "..." in the line of hidden quotes */
#define AFTER_QUOTES 3 /* columns: mark, age, source */

/* What the columns are: the base, the quotes, then those three. */
struct layout {
	unsigned width; /* of the terminal; 0: without limit */
	unsigned quotes; /* columns filled */
	unsigned shown;  /* and of them those that fit */
};

/* More quotes than this can't fit, however narrow their numbers are. */
static unsigned
most_quotes(const struct show *show, unsigned width)
{
	unsigned most = width / (CODE_MIN + TABLE_GAP) + 1;

	return width == 0 || most > show->symbol_count ? show->symbol_count
						       : most;
}

static void
fill_head(struct table *table, const struct show *show, unsigned quotes)
{
	table_cell(table, STYLE_HEAD, "");
	for (unsigned k = 0; k < quotes; k++)
		table_cell(
		    table, STYLE_HEAD, show->view.codes[show->symbols[k]]);
	table_cell(table, STYLE_HEAD, "");
	table_cell(table, STYLE_HEAD, "AGE");
	table_cell(table, STYLE_HEAD, "SOURCE");
}

/* Letters, so that they are there without colour too. */
static const char *
mark_of(enum freshness state, bool failed)
{
	static const char *const marks[FRESHNESS_COUNT][2] = {
		[FRESHNESS_FRESH] = { "", "!" },
		[FRESHNESS_CLOSED] = { "C", "C!" },
		[FRESHNESS_LATE] = { "L", "L!" },
		[FRESHNESS_FROZEN] = { "F", "F!" },
		[FRESHNESS_STALE] = { "S", "S!" },
		[FRESHNESS_EMPTY] = { "E", "E!" },
	};

	return marks[state][failed];
}

/* A weekend is nothing to look at; an empty row has a word for it. */
static enum table_style
style_of(enum freshness state)
{
	return state == FRESHNESS_LATE || state == FRESHNESS_FROZEN ||
		state == FRESHNESS_STALE
	    ? STYLE_STALE
	    : STYLE_PLAIN;
}

static void
fill_row(struct table *table, const struct show *show, unsigned quotes,
    unsigned base)
{
	const struct rates_row *row = &show->view.rows[base];
	enum freshness state = show->view.states[base];
	enum table_style style = style_of(state);
	bool failed = view_failed(row), empty = state == FRESHNESS_EMPTY;
	char text[64];

	text_format(text, sizeof(text), "1 %s", show->view.codes[base]);
	table_cell(table, style, text);
	for (unsigned k = 0; k < quotes; k++)
		table_cell(table, style,
		    terminal_number(show_number(show, base, show->symbols[k]),
			text, sizeof(text)));
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
	unsigned quotes = layout->quotes;

	table_begin(table, 1 + quotes + AFTER_QUOTES);
	table_align(table, 0, ALIGN_LEFT);
	table_align(table, 1 + quotes, ALIGN_LEFT);
	table_align(table, 1 + quotes + 2, ALIGN_LEFT);
	fill_head(table, show, quotes);
	for (unsigned i = 0; i < show->base_count; i++)
		fill_row(table, show, quotes, show->bases[i]);
	fit(table, layout);
}

static void
note_failures(const struct show *show)
{
	char error[VIEW_ERROR_MAX];
	unsigned failed = 0;

	for (unsigned i = 0; i < show->base_count; i++) {
		const struct rates_row *row =
		    &show->view.rows[show->bases[i]];

		if (view_failed(row) && failed++ < NOTES_MAX)
			printf("%s: %s\n", show->view.codes[show->bases[i]],
			    view_error(row, error, sizeof(error)));
	}
	if (failed > NOTES_MAX)
		printf("and %u more rows failed; --format json has all\n",
		    failed - NOTES_MAX);
}

/* Prints codes from the first hidden one on while they fit into room. */
static void
print_hidden(const struct show *show, unsigned first, size_t room)
{
	size_t used = strlen(" ...");
	const char *code;

	for (unsigned k = first; k < show->symbol_count; k++) {
		code = show->view.codes[show->symbols[k]];
		used += 1 + strlen(code);
		if (used > room) {
			fputs(" ...", stdout);
			return;
		}
		printf(" %s", code);
	}
}

static void
note_hidden(const struct show *show, const struct layout *layout)
{
	unsigned hidden = show->symbol_count - layout->shown;
	char start[64], end[64];
	size_t used;

	if (hidden == 0)
		return;
	text_format(start, sizeof(start), "%u quote currenc%s not shown:",
	    hidden, hidden == 1 ? "y" : "ies");
	text_format(end, sizeof(end), " (%u columns; --symbols chooses)",
	    layout->width);
	if (strlen(start) + strlen(end) + CODES_ROOM > layout->width)
		text_format(end, sizeof(end), " (--symbols chooses)");
	used = strlen(start) + strlen(end);
	fputs(start, stdout);
	print_hidden(show, layout->shown,
	    used < layout->width ? layout->width - used : 0);
	puts(end);
}

int
show_table(const struct show *show)
{
	struct layout layout = { .width = terminal_width() };
	const struct rates_feed *feed = &show->view.feed;
	char silence[VIEW_SILENCE_MAX];
	struct table table;
	int status;

	layout.quotes = most_quotes(show, layout.width);
	fill(&table, show, &layout);
	status = table_print(
	    &table, stdout, terminal_color(show->ctl->color));
	table_free(&table);
	if (status == -1)
		return ctl_complain(CTL_FAILED, "%m");
	if (ctl_given(show->ctl, OPTION_QUIET))
		return CTL_DONE;
	note_failures(show);
	if (!feed->fed)
		printf("%s; ages are true\n",
		    view_silence(feed, silence, sizeof(silence)));
	note_hidden(show, &layout);
	return CTL_DONE;
}
