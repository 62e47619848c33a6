#include "fetch/throttle.h"

#include "base/clock.h"

/* The longest that a source can make us wait; more is a corrupt word. */
#define WAIT_MAX (3600 * CLOCK_SECOND)

static int64_t
load(const _Atomic uint64_t *word)
{
	return (int64_t)atomic_load_explicit(word, memory_order_acquire);
}

static int64_t
larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t
throttle_take(const struct throttle *t, int64_t now)
{
	int64_t allowance = t->interval * (int64_t)t->burst;
	int64_t blocked = load(t->not_before) - now;
	int64_t arrival = load(t->arrival);

	if (blocked > 0 && blocked <= WAIT_MAX)
		return blocked;
	if (t->interval == 0)
		return 0;
	for (;;) {
		uint64_t seen = (uint64_t)arrival;
		int64_t next;

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
		arrival = (int64_t)seen;
	}
}

void
throttle_block(const struct throttle *t, int64_t until)
{
	uint64_t seen =
	    atomic_load_explicit(t->not_before, memory_order_acquire);

	/* Heal on write: nobody honest blocks for so long. */
	while (((int64_t)seen < until || (int64_t)seen > until + WAIT_MAX) &&
	    !atomic_compare_exchange_weak_explicit(t->not_before, &seen,
		(uint64_t)until, memory_order_acq_rel, memory_order_acquire))
		;
}
