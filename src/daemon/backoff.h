/*
 * When a dead worker is started again, and when to give up: pure arithmetic,
 * the clock and the dice are arguments.
 */
#ifndef RATESD_DAEMON_BACKOFF_H
#define RATESD_DAEMON_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

#define BACKOFF_HEALTHY_NS INT64_C(60000000000) /* resets the waits */
#define BACKOFF_MAX_S 60
#define DEATHS_MAX 1000

/* One slot's history; all zero at first. */
struct backoff {
	unsigned streak; /* deaths in a row before being ready */
};

/*
 * How long to wait (ns) after a death: nothing for a worker that had been
 * ready, else 1, 2, 4 ... 60 s, each up to 25 % more or less by random (all 32
 * bits used).  lived: ns since its start.
 */
int64_t backoff_after_death(
    struct backoff *backoff, bool was_ready, int64_t lived, uint32_t random);

/* The deaths of all slots in the last minute; all zero at first. */
struct deaths {
	int64_t at[DEATHS_MAX];
	unsigned count; /* all ever */
};

/*
 * Notes a death at the monotonic time now: true if that makes more than limit
 * (1 to DEATHS_MAX) within a minute.
 */
bool deaths_note(struct deaths *deaths, int64_t now, unsigned limit);

#endif
