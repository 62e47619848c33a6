#include "fetch/throttle.h"

#include "base/clock.h"

/*
 * More than a source can make us wait (an hour, and a share for jitter): such
 * a word is corrupt.
 */
#define WAIT_MAX (2 * 3600 * CLOCK_SECOND)
#define ALLOWANCE_MAX (INT64_MAX / 4)

/* No honest time is negative. */
static int64_t
time_of(uint64_t word)
{
	return word > INT64_MAX ? 0 : (int64_t)word;
}

/* How far ahead the next arrival may be: burst intervals. */
static int64_t
allowance_of(const struct throttle *t)
{
	return t->interval > ALLOWANCE_MAX / t->burst
	    ? ALLOWANCE_MAX
	    : t->interval * (int64_t)t->burst;
}

static int64_t
larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t
throttle_blocked(const struct throttle *t, int64_t now)
{
	int64_t wait = time_of(atomic_load_explicit(
			   t->not_before, memory_order_acquire)) -
	    now;

	return wait > 0 && wait <= WAIT_MAX ? wait : 0;
}

void
throttle_begin(const struct throttle *t, int64_t now)
{
	int64_t first =
	    t->interval < CLOCK_SECOND ? t->interval : CLOCK_SECOND;
	int64_t arrival = now + first + allowance_of(t) - t->interval;
	uint64_t never = 0;

	if (t->interval > 0 && allowance_of(t) < ALLOWANCE_MAX)
		atomic_compare_exchange_strong(
		    t->arrival, &never, (uint64_t)arrival);
}

int64_t
throttle_take(const struct throttle *t, int64_t now)
{
	int64_t allowance = allowance_of(t);
	int64_t blocked = throttle_blocked(t, now);
	uint64_t seen;

	if (blocked > 0)
		return blocked;
	if (t->interval == 0)
		return 0;
	seen = atomic_load_explicit(t->arrival, memory_order_acquire);
	for (;;) {
		int64_t arrival = time_of(seen), next;

		/* Heal on read: nobody honest is so far ahead. */
		if (arrival > now + allowance + WAIT_MAX)
			arrival = now;
		next = larger(arrival, now) + t->interval;
		if (next - now > allowance)
			return next - now - allowance;
		if (atomic_compare_exchange_weak_explicit(t->arrival, &seen,
			(uint64_t)next, memory_order_acq_rel,
			memory_order_acquire))
			return 0;
	}
}

void
throttle_block(const struct throttle *t, int64_t until)
{
	uint64_t seen =
	    atomic_load_explicit(t->not_before, memory_order_acquire);

	/* Heal on write: nobody honest blocks for so long. */
	while ((time_of(seen) < until || time_of(seen) > until + WAIT_MAX) &&
	    !atomic_compare_exchange_weak_explicit(t->not_before, &seen,
		(uint64_t)until, memory_order_acq_rel, memory_order_acquire))
		;
}
