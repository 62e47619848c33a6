/*
 * The number of one pair as ratesctl's commands need it: with what is known of
 * its row, from one moment.
 */
#ifndef RATESD_TOOLS_PAIR_H
#define RATESD_TOOLS_PAIR_H

#include <stdint.h>

#include "board/freshness.h"
#include "board/rates.h"
#include "tools/ctl.h"
#include "tools/report.h"

struct pair {
	const char *base, *quote; /* as they were asked for */
	double rate;              /* units of quote for one of base */
	struct rates_row row;     /* the base's, cleaned */
	enum freshness state;     /* of it */
	int64_t read;             /* wall clock, ns */
};

/*
 * Opens the board and reads the pair: CTL_DONE or, once it has spoken,
 * CTL_NO_PAIR, CTL_TOO_OLD (by --max-age), CTL_NO_BOARD, CTL_FAILED.
 */
int pair_load(
    struct ctl *ctl, const char *base, const char *quote, struct pair *pair);

/*
 * The same of a currency against itself: 1, of no row and of no age, whether or
 * not there is a number for it.  CTL_DONE, CTL_NO_PAIR if the board hasn't that
 * currency, CTL_NO_BOARD, CTL_FAILED.
 */
int pair_identity(struct ctl *ctl, const char *code, struct pair *pair);

/* Whose number it is, and its three clocks. */
void pair_tell(struct report *report, const struct pair *pair);

#endif
