/*
 * `ratesctl watch --top`: what is on the screen, and the parts that draw it.
 */
#ifndef RATESD_TOOLS_TOP_H
#define RATESD_TOOLS_TOP_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/follow.h"
#include "tools/history.h"
#include "tools/paint.h"
#include "tools/screen.h"

#define TOP_GAP 2
#define TOP_NEWS (5 * INT64_C(1000000000)) /* how long a number is new, ns */

struct top {
	struct ctl *ctl;
	struct follow follow;
	struct history history;
	struct screen screen;
	unsigned *widths; /* of the numbers of each quote */
	bool pairs;       /* a line each pair, not a matrix */
	bool help, paused;
	bool color, utf8;
	unsigned row, column; /* the first shown */
	unsigned rows_shown, columns_shown;
	int64_t now;     /* wall clock: of what is shown */
	int64_t mono;    /* the same moment */
	uint64_t skipped; /* answers that came and went unseen */
	long queue_depth, queue_max;
};

/*
 * From now on a thread wakes the screen whenever the board may have changed: 0,
 * or -1 with errno.
 */
int top_start_waker(struct ctl *ctl);

/*
 * Looks at the board: 0, or -1 with errno.  With clock also at what only time
 * changes.
 */
int top_look(struct top *top, bool clock);

/* Each draws as many lines as there is room for. */
void top_head(struct top *top);
void top_matrix(struct top *top, unsigned room);
void top_pairs(struct top *top, unsigned room);
void top_help(struct top *top, unsigned room);
void top_foot(struct top *top);

/* How many lines top_foot() takes. */
unsigned top_foot_lines(const struct top *top);

/* How many lines of its kind the body has in all. */
unsigned top_lines(const struct top *top);

void top_begin_line(const struct top *top, struct paint *paint);

/*
 * A number, right-aligned in width columns, and after it in one more the sign
 * that it moved just now, and in which direction.  k and q are places in the
 * choices.
 */
void top_number(const struct top *top, struct paint *paint, unsigned k,
    unsigned q, unsigned width);

/* The sparkline of a pair in width columns, and none before it moved. */
void top_spark(const struct top *top, struct paint *paint, unsigned k,
    unsigned q, unsigned width);

/* The columns of the longest base. */
unsigned top_code_width(const struct top *top);

/* Of how many columns a trend is that has so many left; 0: of none. */
unsigned top_trend_width(const struct top *top, unsigned left);

/* The end of a row's line: marks, age, source, as many as there is room. */
void top_row_end(
    const struct top *top, struct paint *paint, const struct seen *seen);
void top_row_end_head(const struct top *top, struct paint *paint);
unsigned top_row_end_width(const struct top *top);

static inline const struct seen *
top_row(const struct top *top, unsigned k)
{
	return &top->follow.rows[top->follow.bases.list[k]];
}

static inline double
top_value(const struct top *top, unsigned k, unsigned q)
{
	return follow_numbers(&top->follow, top->follow.bases.list[k])
	    [top->follow.quotes.list[q]];
}

static inline const char *
top_base(const struct top *top, unsigned k)
{
	return top->follow.codes[top->follow.bases.list[k]];
}

static inline const char *
top_quote(const struct top *top, unsigned q)
{
	return top->follow.codes[top->follow.quotes.list[q]];
}

#endif
