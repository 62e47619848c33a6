/*
 * The live board as a line a pair.
 */
#include "tools/top.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tools/mark.h"
#include "tools/view.h"

#define PERCENT_WIDTH 9
#define PERCENT_FROM 44 /* columns of the terminal */
#define SINCE_FROM 100
#define PUBLISHED_WIDTH 10

struct pairs {
	unsigned pair, number, trend; /* columns */
	bool percent, since, published;
};

static void
lay_out_pairs(const struct top *top, struct pairs *l)
{
	unsigned columns = top->screen.columns, used;

	memset(l, 0, sizeof(*l));
	l->pair = 2 * top_code_width(top) + 1;
	for (unsigned q = 0; q < top->follow.quotes.count; q++) {
		if (top->widths[q] > l->number)
			l->number = top->widths[q];
		if (strlen(top_quote(top, q)) > top_code_width(top))
			l->pair = 2 * RATES_CODE_MAX;
	}
	l->percent = columns >= PERCENT_FROM;
	l->since = columns >= SINCE_FROM;
	l->published = columns >= SINCE_FROM;
	used = l->pair + TOP_GAP + l->number + 1 + top_row_end_width(top) +
	    (PERCENT_WIDTH + TOP_GAP) * (l->percent + l->since) +
	    (PUBLISHED_WIDTH + TOP_GAP) * l->published + TOP_GAP;
	l->trend =
	    top_trend_width(top, used < columns ? columns - used : 0);
}

static void
pairs_head(struct top *top, const struct pairs *l)
{
	struct paint p;

	top_begin_line(top, &p);
	paint_text(&p, STYLE_HEAD, "%-*s  %*s ", (int)l->pair, "PAIR",
	    (int)l->number, "RATE");
	if (l->percent)
		paint_text(&p, STYLE_HEAD, "  %*s", PERCENT_WIDTH, "CHANGE");
	if (l->since)
		paint_text(&p, STYLE_HEAD, "  %*s", PERCENT_WIDTH, "IN ALL");
	top_row_end_head(top, &p);
	if (l->published)
		paint_text(&p, STYLE_HEAD, "  %-*s", PUBLISHED_WIDTH,
		    "PUBLISHED");
	if (l->trend > 0)
		paint_text(&p, STYLE_HEAD, "  TREND");
	screen_line(&top->screen, &p);
}

static void
put_percent(struct paint *p, double before, double after)
{
	char text[CHANGE_TEXT_MAX] = "-";
	enum table_style style = STYLE_DIM;

	if (!isnan(before) && change_differs(before, after)) {
		change_percent(before, after, text, sizeof(text));
		style = after < before ? STYLE_DOWN : STYLE_UP;
	}
	paint_text(p, style, "  %*s", PERCENT_WIDTH, text);
}

static void
put_changes(const struct top *top, struct paint *p, const struct pairs *l,
    unsigned k, unsigned q)
{
	const struct history_pair *pair = history_of(&top->history, k, q);
	double value = top_value(top, k, q);

	if (l->percent)
		put_percent(
		    p, pair != NULL ? history_before(pair) : NAN, value);
	if (l->since)
		put_percent(p, pair != NULL ? pair->first : NAN, value);
}

static void
pairs_line(struct top *top, const struct pairs *l, unsigned k, unsigned q)
{
	const struct seen *seen = top_row(top, k);
	char name[2 * RATES_CODE_MAX], day[CLOCK_TEXT_MAX];
	const char *published = view_published(&seen->row, day);
	struct paint p;

	text_format(name, sizeof(name), "%s/%s", top_base(top, k),
	    top_quote(top, q));
	top_begin_line(top, &p);
	paint_text(
	    &p, mark_style(seen->state), "%-*s  ", (int)l->pair, name);
	top_number(top, &p, k, q, l->number);
	put_changes(top, &p, l, k, q);
	top_row_end(top, &p, seen);
	if (l->published)
		paint_text(&p, STYLE_PLAIN, "  %-*.*s", PUBLISHED_WIDTH,
		    PUBLISHED_WIDTH, published != NULL ? published : "-");
	if (l->trend > 0) {
		paint_text(&p, STYLE_PLAIN, "  ");
		top_spark(top, &p, k, q, l->trend);
	}
	screen_line(&top->screen, &p);
}

/* A currency against itself is nothing to look at. */
static bool
is_pair(const struct top *top, unsigned k, unsigned q)
{
	return top->follow.bases.list[k] != top->follow.quotes.list[q];
}

unsigned
top_lines(const struct top *top)
{
	const struct choice *bases = &top->follow.bases;
	unsigned count = 0;

	if (!top->pairs)
		return bases->count;
	for (unsigned k = 0; k < bases->count; k++)
		for (unsigned q = 0; q < top->follow.quotes.count; q++)
			count += is_pair(top, k, q);
	return count;
}

void
top_pairs(struct top *top, unsigned room)
{
	unsigned at = 0;
	struct pairs l;

	lay_out_pairs(top, &l);
	if (room > 1) {
		pairs_head(top, &l);
		room--;
	}
	top->rows_shown = 0;
	for (unsigned k = 0; k < top->follow.bases.count; k++)
		for (unsigned q = 0; q < top->follow.quotes.count; q++) {
			if (!is_pair(top, k, q) || at++ < top->row ||
			    top->rows_shown == room)
				continue;
			pairs_line(top, &l, k, q);
			top->rows_shown++;
		}
}
