#include "board/lock.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/fault.h"

int
lock_init(struct board_lock *lock)
{
	atomic_init(&lock->owner, 0);
	atomic_init(&lock->claim, 0);
	atomic_init(&lock->asking, 0);
	atomic_init(&lock->asked, 0);
	atomic_init(&lock->aside, 0);
	atomic_init(&lock->accepted, 0);
	return sem_init(&lock->semaphore, 1, 1);
}

/* 0 with a token; -1 after a slice, or when the deadline has passed. */
static int
wait_for_token(struct board_lock *lock, int64_t deadline)
{
	int64_t slice = clock_mono() + LOCK_SLICE_NS;
	int64_t until = deadline < slice ? deadline : slice;
	struct timespec at = { .tv_sec = until / CLOCK_SECOND,
		.tv_nsec = until % CLOCK_SECOND };

	if (until < 0)
		at = (struct timespec){ 0 };
	while (sem_clockwait(&lock->semaphore, CLOCK_MONOTONIC, &at) == -1)
		if (errno != EINTR)
			return -1;
	return 0;
}

static bool
claim_owner(struct board_lock *lock, uint64_t me)
{
	uint64_t nobody = 0;

	return atomic_compare_exchange_strong_explicit(&lock->owner, &nobody,
	    me, memory_order_acquire, memory_order_relaxed);
}

/*
 * A timeout with the lock free and no token in sight: the token died with
 * somebody.  Putting one back may be wrong, and is harmless: a token admits
 * nobody, it only ends a wait.
 */
static void
repair_token(struct board_lock *lock, struct lock_tally *tally)
{
	int value = 1;

	if (atomic_load_explicit(&lock->owner, memory_order_relaxed) != 0 ||
	    sem_getvalue(&lock->semaphore, &value) == -1 || value > 0)
		return;
	FAULT_POINT("lock.repair");
	sem_post(&lock->semaphore);
	tally->posts++;
}

int
lock_take(struct board_lock *lock, uint64_t me, int64_t deadline,
    struct lock_tally *tally)
{
	for (;;) {
		FAULT_POINT("lock.before-token");
		if (wait_for_token(lock, deadline) == 0) {
			FAULT_POINT("lock.token");
			if (claim_owner(lock, me))
				return 0;
			tally->surplus++;
		} else {
			repair_token(lock, tally);
		}
		if (clock_mono() >= deadline)
			return -1;
	}
}

void
lock_release(struct board_lock *lock, uint64_t me)
{
	uint64_t owner = me;

	if (!atomic_compare_exchange_strong_explicit(&lock->owner, &owner, 0,
		memory_order_release, memory_order_relaxed))
		abort();
	FAULT_POINT("lock.cleared");
	sem_post(&lock->semaphore); /* EOVERFLOW: tokens enough */
	FAULT_POINT("lock.posted");
}

int
lock_recover(struct board_lock *lock, uint64_t dead)
{
	uint64_t owner = dead;

	if (!atomic_compare_exchange_strong_explicit(&lock->owner, &owner, 0,
		memory_order_acq_rel, memory_order_relaxed))
		return 0;
	FAULT_POINT("recover.cleared");
	sem_post(&lock->semaphore);
	return 1;
}
