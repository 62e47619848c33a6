/*
 * `ratesctl explain`: what is known of one number, and the ways to print it.
 */
#ifndef RATESD_TOOLS_EXPLAIN_H
#define RATESD_TOOLS_EXPLAIN_H

#include <stdbool.h>

#include "tools/ctl.h"
#include "tools/view.h"

/* How a number came about; the name is what a program reads. */
#define EXPLAIN_ORIGINS(X)                                                     \
	X(NONE, "none")         /* there is no number */                       \
	X(IDENTITY, "identity") /* 1, by definition */                         \
	X(SOURCE, "source")     /* as the source gave it */                    \
	X(INVERSE, "inverse")   /* 1 / what the hub costs */                   \
	X(CROSS, "cross")       /* a quotient of two of the hub's numbers */

enum explain_origin {
#define X(id, name) ORIGIN_##id,
	EXPLAIN_ORIGINS(X)
#undef X
};

struct explain {
	const struct ctl *ctl;
	struct view view; /* of one moment, with numbers */
	unsigned base, quote;
	double number;
	struct inspect_row more; /* of the base's row, of the same moment */
	double held;             /* what it holds for the quote, NaN: none */
	struct expected expected;
	int64_t due; /* when the publication that should be there was, or 0 */

	enum explain_origin origin;
	/*
	 * The hub's numbers that gave a quotient.  Not known when its row is
	 * not on the board, or by now of another answer.
	 */
	bool known;
	double dividend, divisor;
};

static inline const struct rates_row *
explain_row(const struct explain *explain)
{
	return &explain->view.rows[explain->base];
}

/* The row whose numbers the base's row follows from; -1: not on the board. */
int explain_hub(const struct explain *explain);

#define EXPLAIN_WHY_MAX 128

/* True if an answer came after what was refused, or in its place. */
bool explain_over(const struct explain *explain);

/* Why the row is in its state, without the word for it; in buf. */
const char *explain_why(const struct explain *explain, char *buf, size_t size);

const char *explain_origin_name(enum explain_origin origin);

/* Each prints to stdout. */
void explain_text(const struct explain *explain);
void explain_data(const struct explain *explain); /* for a program */

#endif
