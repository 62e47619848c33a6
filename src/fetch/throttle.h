/*
 * The throttle: a token bucket in one 64-bit word (GCRA, the generic cell rate
 * algorithm of ITU-T I.371), shared by all workers.
 *
 * The word is the theoretical arrival time of the next request.  A request is
 * granted if that time, raised to now and by one interval, is not more than
 * burst intervals ahead.  A worker that dies loses at most one grant, and there is
 * nothing to repair.
 */
#ifndef RATESD_FETCH_THROTTLE_H
#define RATESD_FETCH_THROTTLE_H

#include <stdatomic.h>
#include <stdint.h>

struct throttle {
	_Atomic uint64_t *arrival;    /* boot clock, ns */
	_Atomic uint64_t *not_before; /* boot clock, ns */
	int64_t interval;             /* ns; 0: no limit */
	unsigned burst;               /* 1 or more */
};

/*
 * Empties one that was never used (its words are zero) at the time now (boot
 * clock): it begins without a burst, and with its first token after one
 * interval; but who may ask three times a day does not wait for eight hours to
 * begin: a second is the longest.
 */
void throttle_begin(const struct throttle *throttle, int64_t now);

/*
 * Takes one token at the time now (boot clock): 0 if granted, else after how
 * many nanoseconds to ask again.
 */
int64_t throttle_take(const struct throttle *throttle, int64_t now);

/* How long (ns) the source is to be left alone; 0: not at all. */
int64_t throttle_blocked(const struct throttle *throttle, int64_t now);

/* Nothing more before until (boot clock); an earlier one changes nothing. */
void throttle_block(const struct throttle *throttle, int64_t until);

#endif
