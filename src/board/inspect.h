/*
 * What ratesctl reads besides rates: slots, counters, sources, jobs.
 *
 * The same read-only handle as rates.h; every count and name is checked before
 * use, for board bytes are untrusted input.
 */
#ifndef RATESD_BOARD_INSPECT_H
#define RATESD_BOARD_INSPECT_H

#include <sys/types.h>

#include "board/layout.h"
#include "board/rates.h"

struct inspect_slot {
	uint64_t incarnation;
	int64_t pid;
	const char *state; /* static text */
	int64_t since;     /* ns since 1970 UTC */
	int64_t age;       /* ns since then, by a clock that nobody sets */
	uint64_t done, failed, restarts;
	bool ended;      /* an earlier incarnation did */
	int wait_status; /* of the last that ended */
};

/* The user whose board it is: whoever made it, which anyone may. */
uid_t inspect_owner(const struct rates *handle);

/* ns since the supervisor's start, by a clock that nobody sets. */
int64_t inspect_supervisor_age(const struct rates *handle);

/*
 * The inode of the supervisor's PID namespace, in which alone its pid means
 * something; 0 if it is not known.
 */
uint64_t inspect_pid_space(const struct rates *handle);

/* How many slots. */
unsigned inspect_slots(const struct rates *handle);

/* Fills *slot for slot i, which must be below inspect_slots(). */
void inspect_slot(
    const struct rates *handle, unsigned i, struct inspect_slot *slot);

/*
 * The slot whose worker has row i's job now, or -1.
 */
int inspect_job(const struct rates *handle, unsigned i);

/*
 * Until when row i's job is set aside, for workers died on it: ns since 1970
 * UTC, or 0 if it is not.
 */
int64_t inspect_aside(const struct rates *handle, unsigned i);

/* The row's lock word: the slot that holds it now, or -1. */
int inspect_lock(const struct rates *handle, unsigned i);

uint64_t inspect_counter(
    const struct rates *handle, enum board_counter counter);

#endif
