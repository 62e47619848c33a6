/*
 * Which publications a source's calendar has around a time, as plain words:
 * source/calendar.h makes them, the board carries them, and
 * board/freshness.h judges by them, when their maker may be dead.
 */
#ifndef RATESD_BASE_EXPECTED_H
#define RATESD_BASE_EXPECTED_H

#include <stdint.h>

/*
 * All in ns since 1970.  "Local" is in the zone of the calendar; a day written
 * as a time is its midnight as if it were UTC, as days that sources publish
 * are (PUBLISHED_DAY).
 */
#define EXPECTED_WORDS(X)                                                      \
	X(last)       /* the last publication at or before the time */         \
	X(last_day)   /* its local day */                                      \
	X(last_begin) /* when that day began, and when it ended */             \
	X(last_end)                                                            \
	X(next)       /* the first publication after the time; 0: not known */ \
	X(next_begin) /* when its local day begins */                          \
	X(before)     /* the publication before the last */                    \
	X(before_that)

struct expected {
#define X(name) int64_t name;
	EXPECTED_WORDS(X)
#undef X
};

#endif
