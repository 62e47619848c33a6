/*
 * The live board as a matrix.
 */
#include "tools/top.h"

#include <stdio.h>
#include <string.h>

#include "tools/mark.h"

/* The quotes from the first shown on that fit. */
static unsigned
quotes_that_fit(const struct top *top, unsigned left)
{
	const struct choice *quotes = &top->follow.quotes;
	unsigned shown = 0;

	for (unsigned q = top->column; q < quotes->count; q++, shown++) {
		unsigned width = 1 + top->widths[q] + 1;

		if (width > left && shown > 0)
			break;
		left -= width > left ? left : width;
	}
	return shown;
}

/* Of which quote a row's sparkline is: the first that isn't itself. */
static unsigned
trend_of(const struct top *top, unsigned k)
{
	return top->follow.quotes.count > 1 &&
		strcmp(top_quote(top, 0), top_base(top, k)) == 0
	    ? 1
	    : 0;
}

struct matrix {
	unsigned label, shown, trend; /* columns; quotes; columns */
};

static void
lay_out(struct top *top, struct matrix *m)
{
	unsigned columns = top->screen.columns, used;
	unsigned end = top_row_end_width(top);

	m->label = 2 + top_code_width(top);
	used = m->label + end < columns ? m->label + end : columns;
	m->shown = quotes_that_fit(top, columns - used);
	for (unsigned q = top->column; q < top->column + m->shown; q++)
		used += 1 + top->widths[q] + 1;
	used += TOP_GAP + top_code_width(top) + 1;
	m->trend =
	    top_trend_width(top, used < columns ? columns - used : 0);
	top->columns_shown = m->shown;
}

static void
matrix_head(struct top *top, const struct matrix *m)
{
	struct paint p;

	top_begin_line(top, &p);
	paint_to(&p, m->label);
	for (unsigned q = top->column; q < top->column + m->shown; q++)
		paint_text(&p, STYLE_HEAD, " %*s ", (int)top->widths[q],
		    top_quote(top, q));
	top_row_end_head(top, &p);
	if (m->trend > 0)
		paint_text(&p, STYLE_HEAD, "  TREND");
	screen_line(&top->screen, &p);
}

static void
matrix_line(struct top *top, const struct matrix *m, unsigned k)
{
	const struct seen *seen = top_row(top, k);
	unsigned code = top_code_width(top), trend = trend_of(top, k);
	struct paint p;

	top_begin_line(top, &p);
	paint_text(&p, mark_style(seen->state), "1 %-*s", (int)code,
	    top_base(top, k));
	for (unsigned q = top->column; q < top->column + m->shown; q++) {
		paint_text(&p, STYLE_PLAIN, " ");
		top_number(top, &p, k, q, top->widths[q]);
	}
	top_row_end(top, &p, seen);
	if (m->trend > 0) {
		paint_text(&p, STYLE_DIM, "  %-*s ", (int)code,
		    top_quote(top, trend));
		top_spark(top, &p, k, trend, m->trend);
	}
	screen_line(&top->screen, &p);
}

void
top_matrix(struct top *top, unsigned room)
{
	struct matrix m;

	lay_out(top, &m);
	if (room > 1) {
		matrix_head(top, &m);
		room--;
	}
	top->rows_shown = 0;
	for (unsigned k = top->row; k < top->follow.bases.count && room > 0;
	     k++, room--) {
		matrix_line(top, &m, k);
		top->rows_shown++;
	}
}
