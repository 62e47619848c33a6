/*
 * `ratesctl show`: what was asked for, and the ways to print it.
 */
#ifndef RATESD_TOOLS_SHOW_H
#define RATESD_TOOLS_SHOW_H

#include "tools/ctl.h"
#include "tools/view.h"

struct show {
	const struct ctl *ctl;
	struct view view;
	unsigned *bases, base_count;    /* rows to print, in this order */
	unsigned *symbols, symbol_count; /* and of each these numbers */
	bool told; /* whoever prints names the rows that failed himself */
};

static inline double
show_number(const struct show *show, unsigned base, unsigned symbol)
{
	return show->view.numbers[(size_t)base * show->view.count + symbol];
}

static inline const char *
show_state(const struct show *show, unsigned base)
{
	return freshness_name(show->view.states[base]);
}

/* Each prints to stdout: an exit status. */
int show_table(const struct show *show);
int show_lines(const struct show *show);
int show_csv(const struct show *show);
int show_tree(const struct show *show); /* json, keyvalue */

#endif
