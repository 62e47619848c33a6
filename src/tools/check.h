/*
 * `ratesctl check`: what it was asked, and the ways to judge.
 */
#ifndef RATESD_TOOLS_CHECK_H
#define RATESD_TOOLS_CHECK_H

#include "tools/plugin.h"
#include "tools/view.h"

/* The word, whether its ranges are times, what its arguments are (NULL: none) */
#define CHECK_MODES(X)                                                         \
	X(age, true, "rows")                                                   \
	X(coverage, false, "rows")                                             \
	X(frozen, true, "rows")                                                \
	X(source, false, "sources")                                            \
	X(workers, false, NULL)

/* What --clock may say; the first is the default. */
#define CHECK_CLOCKS(X)                                                        \
	X(fetched)                                                             \
	X(published)

/* A row, or one number of it. */
struct check_pick {
	unsigned row;
	int quote;                         /* -1: the row */
	char name[2 * RATES_CODE_MAX + 1]; /* "EUR" or "EUR/USD" */
};

struct check {
	struct ctl *ctl;
	struct plugin plugin;
	struct view view;
	struct range warning, critical;
	bool published; /* by which clock an age is */
	int argc;
	char **argv;
	struct check_pick *picks; /* of modes whose arguments are rows */
	unsigned pick_count;
};

/* True if neither range was given. */
static inline bool
check_by_state(const struct check *check)
{
	return !check->warning.given && !check->critical.given;
}

/* The number of a pick of a pair; NaN: there is none. */
double check_number(const struct check *check, const struct check_pick *pick);

/* Each judges into check->plugin; the view is there. */
#define X(name, times, arguments) void check_##name(struct check *check);
CHECK_MODES(X)
#undef X

#endif
