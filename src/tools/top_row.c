/*
 * The parts of a line of the live board.
 */
#include "tools/top.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "tools/mark.h"
#include "tools/spark.h"
#include "tools/terminal.h"
#include "tools/view.h"

#define MARK_WIDTH 2
#define AGE_WIDTH 7
#define SOURCE_WIDTH_MIN 6 /* of its head */
#define SOURCE_WIDTH_MAX 14
#define AGE_FROM 32 /* columns of the terminal, for a column of its own */
#define SOURCE_FROM 56
#define TREND_MIN 8

static bool
is_news(const struct top *top, const struct history_pair *pair)
{
	return pair != NULL && pair->moved != 0 &&
	    top->mono - pair->moved < TOP_NEWS;
}

void
top_number(const struct top *top, struct paint *p, unsigned k, unsigned q,
    unsigned width)
{
	static const char *const signs[2][2] = { { "v", "^" },
		{ "\342\226\274", "\342\226\262" } };
	const struct history_pair *pair = history_of(&top->history, k, q);
	double value = top_value(top, k, q);
	enum table_style style = mark_style(top_row(top, k)->state);
	char text[TERMINAL_NUMBER_MAX];
	const char *sign = " ";
	bool up;

	if (is_news(top, pair)) {
		up = !(value < history_before(pair));
		sign = signs[top->utf8][up];
		style = up ? STYLE_UP : STYLE_DOWN;
	}
	if (top->follow.bases.list[k] == top->follow.quotes.list[q])
		style = STYLE_DIM;
	paint_text(p, style, "%*s%s", (int)width,
	    terminal_number(value, text, sizeof(text)), sign);
}

void
top_spark(const struct top *top, struct paint *p, unsigned k, unsigned q,
    unsigned width)
{
	const struct history_pair *pair = history_of(&top->history, k, q);
	char text[HISTORY_VALUES * SPARK_BYTES + 1];
	double values[HISTORY_VALUES];

	if (pair == NULL || pair->count < 2)
		return;
	paint_text(p, STYLE_PLAIN, "%s",
	    spark(values, history_values(pair, values), width, top->utf8,
		text, sizeof(text)));
}

static unsigned
source_width(const struct top *top)
{
	unsigned width = SOURCE_WIDTH_MIN;

	for (unsigned k = 0; k < top->follow.bases.count; k++) {
		size_t length = strlen(top_row(top, k)->row.source);

		if (length > width)
			width = (unsigned)length;
	}
	return width < SOURCE_WIDTH_MAX ? width : SOURCE_WIDTH_MAX;
}

unsigned
top_row_end_width(const struct top *top)
{
	unsigned width = TOP_GAP + MARK_WIDTH;

	if (top->screen.columns >= AGE_FROM)
		width += TOP_GAP + AGE_WIDTH;
	if (top->screen.columns >= SOURCE_FROM)
		width += TOP_GAP + source_width(top);
	return width;
}

static void
put_row_end(const struct top *top, struct paint *p, enum table_style styles[2],
    const char *const texts[3])
{
	paint_text(p, styles[0], "  %-*s", MARK_WIDTH, texts[0]);
	if (top->screen.columns >= AGE_FROM)
		paint_text(p, styles[1], "  %*s", AGE_WIDTH, texts[1]);
	if (top->screen.columns >= SOURCE_FROM)
		paint_text(p, styles[1], "  %-*.*s", (int)source_width(top),
		    SOURCE_WIDTH_MAX, texts[2]);
}

void
top_row_end(
    const struct top *top, struct paint *p, const struct seen *seen)
{
	bool failed = view_failed(&seen->row);
	bool empty = seen->row.version == 0;
	enum table_style style = mark_style(seen->state);
	char age[CLOCK_TEXT_MAX];

	put_row_end(top, p,
	    (enum table_style[]){ failed ? STYLE_FAILED : style, style },
	    (const char *const[]){ mark_of(seen->state, failed),
		empty ? "never"
		      : clock_format_age(
			    follow_age(seen), age, sizeof(age)),
		empty ? "" : seen->row.source });
}

void
top_row_end_head(const struct top *top, struct paint *p)
{
	put_row_end(top, p,
	    (enum table_style[]){ STYLE_HEAD, STYLE_HEAD },
	    (const char *const[]){ "", "AGE", "SOURCE" });
}

unsigned
top_code_width(const struct top *top)
{
	size_t longest = 0, length;

	for (unsigned k = 0; k < top->follow.bases.count; k++) {
		length = strlen(top_base(top, k));
		if (length > longest)
			longest = length;
	}
	return (unsigned)longest;
}

unsigned
top_trend_width(const struct top *top, unsigned left)
{
	if (top->history.pairs == NULL || left < TREND_MIN)
		return 0;
	return left < HISTORY_VALUES ? left : HISTORY_VALUES;
}
