#include "daemon/sources.h"

#include <bsd/stdlib.h>

#include "base/clock.h"
#include "fetch/throttle.h"

#define THROTTLED_WAIT CLOCK_SECOND /* a 429 that names no time */

static struct board_source *
words_of(const struct worker_setup *setup, unsigned source)
{
	return board_source(
	    setup->board->map, &setup->board->shape, source);
}

static void
add(board_word *word)
{
	atomic_fetch_add_explicit(word, 1, memory_order_relaxed);
}

static struct throttle
throttle_of(const struct worker_setup *setup, unsigned source)
{
	struct board_source *s = words_of(setup, source);

	return (struct throttle){ &s->arrival, &s->not_before,
		setup->conf->sources[source].rate_interval,
		setup->conf->sources[source].burst };
}

unsigned
sources_choose(const struct worker_setup *setup, unsigned source, int64_t now)
{
	while (source + 1 < setup->conf->source_count) {
		struct throttle throttle = throttle_of(setup, source);

		if (throttle_blocked(&throttle, now) == 0)
			break;
		source++;
	}
	return source;
}

int64_t
sources_take(const struct worker_setup *setup, unsigned source, int64_t now)
{
	struct throttle throttle = throttle_of(setup, source);
	int64_t wait = throttle_take(&throttle, now);

	if (wait == 0)
		add(&words_of(setup, source)->requests);
	return wait;
}

void
sources_note(const struct worker_setup *setup, unsigned source,
    const struct transfer_result *result, bool good)
{
	struct throttle throttle = throttle_of(setup, source);
	int64_t wait = result->retry_after;

	if (!good)
		add(&words_of(setup, source)->failures);
	if (result->class != ATTEMPT_THROTTLED)
		return;
	if (wait < THROTTLED_WAIT)
		wait = THROTTLED_WAIT;
	/* Up to a tenth later, so that hosts don't come back in step. */
	wait += (int64_t)arc4random_uniform((uint32_t)(wait / 10000000)) *
	    1000000;
	throttle_block(&throttle, clock_boot() + wait);
}
