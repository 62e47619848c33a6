#include "daemon/backoff.h"

#include <assert.h>

#include "base/clock.h"

#define MINUTE (60 * CLOCK_SECOND)

/* 75 % to 125 %, so that slots that died together don't start together. */
static int64_t
spread(int64_t delay, uint32_t random)
{
	int64_t quarter = delay / 4;

	return delay - quarter +
	    (int64_t)((double)random / UINT32_MAX * (double)(2 * quarter));
}

int64_t
backoff_after_death(
    struct backoff *backoff, bool was_ready, int64_t lived, uint32_t random)
{
	int64_t seconds = 1;

	if (lived >= BACKOFF_HEALTHY_NS)
		backoff->streak = 0;
	if (was_ready)
		return 0;
	for (unsigned i = 0; i < backoff->streak && seconds < BACKOFF_MAX_S;
	     i++)
		seconds *= 2;
	if (seconds > BACKOFF_MAX_S)
		seconds = BACKOFF_MAX_S;
	backoff->streak++;
	return spread(seconds * CLOCK_SECOND, random);
}

bool
deaths_note(struct deaths *deaths, int64_t now, unsigned limit)
{
	unsigned nth = deaths->count++;
	bool too_many;

	assert(limit >= 1 && limit <= DEATHS_MAX);
	/* The death that was limit deaths ago: this one is one too many. */
	too_many = nth >= limit &&
	    now - deaths->at[(nth - limit) % DEATHS_MAX] < MINUTE;
	deaths->at[nth % DEATHS_MAX] = now;
	return too_many;
}
