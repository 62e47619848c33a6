/*
 * The recent values of pairs, in memory.
 */
#ifndef RATESD_TOOLS_HISTORY_H
#define RATESD_TOOLS_HISTORY_H

#include <stdint.h>

#define HISTORY_VALUES 64     /* of a pair */
#define HISTORY_PAIRS_MAX 65536

struct history_pair {
	unsigned count; /* values that are kept */
	unsigned next;  /* where the next one goes */
	int64_t moved;  /* monotonic clock: of the last that differed; or 0 */
	double first;   /* of all */
	double values[HISTORY_VALUES];
};

struct history {
	unsigned bases, quotes;
	struct history_pair *pairs; /* NULL: too many, nothing is kept */
};

/* No values of bases * quotes pairs: 0, or -1 with errno. */
int history_begin(struct history *history, unsigned bases, unsigned quotes);

/* Adds a value, NaN for none, at a time of the monotonic clock. */
void history_add(struct history *history, unsigned base, unsigned quote,
    double value, int64_t now);

/* The pair; NULL if nothing is kept. */
const struct history_pair *history_of(
    const struct history *history, unsigned base, unsigned quote);

/* Its values, oldest first, into values: how many. */
unsigned history_values(
    const struct history_pair *pair, double values[HISTORY_VALUES]);

/* The value before the last; NaN if there is none. */
double history_before(const struct history_pair *pair);

void history_end(struct history *history);

#endif
