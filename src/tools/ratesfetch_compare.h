/*
 * Every model over the same source, some times in turn.
 */
#ifndef RATESD_TOOLS_RATESFETCH_COMPARE_H
#define RATESD_TOOLS_RATESFETCH_COMPARE_H

#include <stdio.h>

#include "tools/ratesfetch_advice.h"
#include "tools/ratesfetch_matrix.h"
#include "tools/ratesfetch_options.h"

struct comparison {
	const struct fetch_options *options;
	const struct source *source;
	unsigned requests; /* of one run */
	unsigned rows;
	struct fetch_figures figures[ENGINE_COUNT];
	struct fetch_advice advice;
	bool advised;
	char error[256]; /* what the first row that was lost was lost to */
};

/*
 * Runs all, each in a process of its own, and sums them up.  throttle: shared
 * memory, or NULL.  Exits when it can't.
 */
void compare_run(struct comparison *comparison, struct matrix *matrix,
    const struct throttle *throttle);

/* Prints it to stdout as the options say: table, json or csv. */
void compare_print(const struct comparison *comparison);

/* Draws it: an SVG document to out. */
void compare_draw(const struct comparison *comparison, FILE *out);

#endif
