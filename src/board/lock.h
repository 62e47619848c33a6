/*
 * The writers' lock of a row: a semaphore as a gate, an owner word as truth.
 *
 * Entry needs one compare-and-swap of the owner word from 0 to me.  It leaves
 * me only by my own release, or by lock_recover() after the kernel reported my
 * death.  Tokens of the semaphore play no part in exclusion, so lost or
 * surplus ones only cost one slice of waiting.  A bare semaphore, or a holder
 * recorded after the wait, can't be right: a death between the two leaves no
 * trace of who had the token.
 *
 * Every wait is bounded and on the monotonic clock (sem_clockwait(3)).
 */
#ifndef RATESD_BOARD_LOCK_H
#define RATESD_BOARD_LOCK_H

#include <stdint.h>

#include "board/layout.h"

/* One wait for a token; a lost token costs the next writer this long. */
#define LOCK_SLICE_NS INT64_C(50000000)

struct lock_tally {
	uint64_t posts;   /* repairs: a token put back after a timeout */
	uint64_t surplus; /* tokens swallowed: the lock had an owner */
};

/* Before the board is published: 0, or -1 with errno. */
int lock_init(struct board_lock *lock);

/*
 * Takes the lock for worker me, waiting until the monotonic time deadline at
 * most: 0, or -1 when the time passed.  *tally is added to.
 */
int lock_take(struct board_lock *lock, uint64_t me, int64_t deadline,
    struct lock_tally *tally);

/* Gives the lock back.  Aborts if it isn't mine: an invariant is broken. */
void lock_release(struct board_lock *lock, uint64_t me);

/*
 * Supervisor only, for a worker that is dead by its wait status and not yet
 * reaped: gives back what it held.  1 if it held the lock, else 0.  May be
 * repeated.
 */
int lock_recover(struct board_lock *lock, uint64_t dead);

#endif
