/*
 * `ratesctl sources`: what was asked for, and the ways to print it.
 */
#ifndef RATESD_TOOLS_SOURCES_H
#define RATESD_TOOLS_SOURCES_H

#include <stdint.h>

#include "board/inspect.h"
#include "tools/ctl.h"

struct sources {
	const struct ctl *ctl;
	int64_t read; /* wall clock, ns */
	unsigned count;
	struct inspect_source list[BOARD_SOURCES_MAX];
};

/* Each prints to stdout: an exit status. */
int sources_csv(const struct sources *sources);
int sources_tree(const struct sources *sources); /* json, keyvalue */

#endif
