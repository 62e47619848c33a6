#include "daemon/breaker.h"

#include "base/clock.h"

#define HOUR (3600 * CLOCK_SECOND)
#define LONGEST (60 * CLOCK_SECOND)
#define CLOSED_MAX (6 * HOUR) /* what lies further ahead is no time */
#define PROBE UINT64_C(1) /* in closed_till: it is the patience with a probe */

int64_t
breaker_wait(const struct board_source *source, int64_t now)
{
	int64_t till = (int64_t)(atomic_load(&source->closed_till) & ~PROBE);

	return till > now && till - now <= CLOSED_MAX ? till - now : 0;
}

bool
breaker_enter(struct board_source *source, int64_t now, int64_t patience)
{
	uint64_t till = atomic_load(&source->closed_till);

	if (till == 0)
		return true;
	if (breaker_wait(source, now) > 0)
		return false;
	return atomic_compare_exchange_strong(
	    &source->closed_till, &till, (uint64_t)(now + patience) | PROBE);
}

void
breaker_good(struct board_source *source)
{
	atomic_store(&source->streak, 0);
	atomic_store(&source->closed_till, 0);
}

/* 1 s for the fifth failure in a row, then doubled. */
static int64_t
delay_of(uint64_t streak, uint32_t random)
{
	int64_t delay = CLOCK_SECOND;

	for (uint64_t i = BREAKER_FAILURES; i < streak && delay < LONGEST; i++)
		delay *= 2;
	if (delay > LONGEST)
		delay = LONGEST;
	return delay -
	    (int64_t)((double)random / UINT32_MAX * (double)(delay / 4));
}

static int64_t
closed_for(enum attempt_class class, uint64_t streak, int64_t month_left,
    uint32_t random)
{
	switch (class) {
	case ATTEMPT_AUTH:
	case ATTEMPT_PLAN:
		return HOUR;
	case ATTEMPT_QUOTA:
		return month_left < CLOSED_MAX ? month_left : CLOSED_MAX;
	default:
		return streak < BREAKER_FAILURES ? 0
						 : delay_of(streak, random);
	}
}

/* Never for less time than it is; but what a probe had ends with the probe. */
static void
close_for(struct board_source *source, int64_t now, int64_t delay)
{
	uint64_t till = atomic_load(&source->closed_till);
	uint64_t next = (uint64_t)(now + delay) & ~PROBE;

	if (delay > 0 &&
	    ((till & PROBE) != 0 || (int64_t)till < (int64_t)next))
		atomic_compare_exchange_strong(
		    &source->closed_till, &till, next);
}

void
breaker_bad(struct board_source *source, enum attempt_class class,
    int64_t now, int64_t month_left, uint32_t random)
{
	uint64_t streak;

	if (class == ATTEMPT_UNSUPPORTED || class == ATTEMPT_DATE ||
	    class == ATTEMPT_HELD || class == ATTEMPT_THROTTLED) {
		breaker_good(source);
		return;
	}
	streak = atomic_fetch_add(&source->streak, 1) + 1;
	close_for(source, now, closed_for(class, streak, month_left, random));
}
