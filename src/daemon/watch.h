/*
 * Whether a worker still gets on: pure arithmetic, the clock is an argument.
 *
 * A worker changes its progress word each time around its loop, and sleeps for
 * a third of the limit at most.  Time in which the supervisor itself stood
 * still (a suspended host, a frozen group) does not count against a worker.
 */
#ifndef RATESD_DAEMON_WATCH_H
#define RATESD_DAEMON_WATCH_H

#include <stdbool.h>
#include <stdint.h>

/* From SIGABRT, whose core tells where it hung, to SIGKILL. */
#define WATCH_ABORT_GRACE INT64_C(2000000000)

/* One worker's; all zero when it starts. */
struct watch {
	uint64_t progress; /* as last seen */
	int64_t looked;    /* monotonic; 0: never */
	int64_t quiet;     /* ns without progress */
	bool aborted;
};

enum watch_verdict {
	WATCH_FINE,
	WATCH_ABORT, /* quiet for longer than the limit: said once */
	WATCH_KILL,  /* and it did not end: said until it has */
};

/* Looks at the worker's progress word at the monotonic time now. */
enum watch_verdict watch_look(
    struct watch *watch, uint64_t progress, int64_t now, int64_t limit);

#endif
