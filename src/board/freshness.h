/*
 * How current a row is, by three clocks (when it was published, when the
 * numbers last changed, when it was fetched) and a calendar.  Pure arithmetic:
 * the clock is an argument.
 */
#ifndef RATESD_BOARD_FRESHNESS_H
#define RATESD_BOARD_FRESHNESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/expected.h"
#include "base/outcome.h"

#define FRESHNESS_GRACE INT64_C(7200000000000) /* the default, 2 h */

/*
 * empty: never fetched.  stale: fetched too long ago.  late: a publication was
 * expected more than the grace ago, and it is not there.  frozen: fetched, and
 * its date may move, but the last two publications that were expected brought
 * no other number.  closed: nothing is wrong, and none is expected today.
 */
#define FRESHNESSES(X)                                                         \
	X(EMPTY, "empty")                                                      \
	X(FRESH, "fresh")                                                      \
	X(CLOSED, "closed")                                                    \
	X(LATE, "late")                                                        \
	X(FROZEN, "frozen")                                                    \
	X(STALE, "stale")

enum freshness {
#define X(id, name) FRESHNESS_##id,
	FRESHNESSES(X)
#undef X
	FRESHNESS_COUNT
};

/* Of one row; times are wall clock, ns. */
struct freshness_row {
	bool filled;
	int64_t fetched_age; /* ns, by the boot clock */
	enum published_form form;
	int64_t published, changed, fetched;
};

/*
 * The first that applies of empty, stale, late, frozen, closed and fresh.
 *
 * words are those around now - grace, of then or of a while ago: the next
 * publication counts once now >= next + grace.  With next 0 no calendar is
 * known, and a row is empty, stale or fresh.  Any words are safe.
 *
 * A publication is there if the row's day is not before its local day; for a
 * source that gives times, if its time is not before that day's begin; and for
 * one that gives nothing, if it was fetched since then.  So a source must date
 * its rates by the day on which it publishes them.
 *
 * The numbers are frozen if they changed no later than grace after the
 * publication two before the one that is due: neither of the two since then
 * brought another.
 */
enum freshness freshness(const struct freshness_row *row,
    const struct expected *words, int64_t stale_after, int64_t grace,
    int64_t now);

/* "fresh"; "?" for a value that is none.  Static text. */
const char *freshness_name(enum freshness freshness);

#endif
