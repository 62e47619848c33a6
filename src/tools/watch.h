/*
 * `ratesctl watch`: what was asked for, and the ways to print a change.
 */
#ifndef RATESD_TOOLS_WATCH_H
#define RATESD_TOOLS_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/follow.h"

struct watch {
	struct ctl *ctl;
	struct follow follow;
	uint64_t told;    /* events of rows that were printed */
	int64_t deadline; /* monotonic clock; negative: none */
	int64_t day;      /* of the last line for people, since 1970 */
	bool headed;      /* what stands above the first line is printed */
	bool color, utf8;
	unsigned width; /* of the terminal; 0: without limit */
};

/* A happening to stdout: for people, as csv, as json or keyvalue. */
void watch_line(struct watch *watch, const struct happening *happening);
void watch_csv(struct watch *watch, const struct happening *happening);
void watch_tree(struct watch *watch, const struct happening *happening);

/* The same on the whole screen, until it is left: an exit status. */
int watch_top(struct ctl *ctl, int argc, char **argv);

#endif
