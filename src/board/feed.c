#include "board/feed.h"

#include "base/clock.h"
#include "board/handle.h"

void
feed_read(const struct board_header *h, struct rates_feed *feed)
{
	int64_t beat = atomic_load(&h->heartbeat);
	uint32_t state = atomic_load(&h->state);

	*feed = (struct rates_feed){
		.state = board_state_name(state),
		.supervisor = atomic_load(&h->supervisor),
		.since = atomic_load(&h->since_wall),
		.heartbeat_age =
		    beat == 0 ? -1 : handle_since(clock_mono(), (uint64_t)beat),
		.stale_after = atomic_load(&h->stale_after),
		.generation = h->generation,
	};
	feed->fed = state == BOARD_READY && beat != 0 &&
	    feed->heartbeat_age <= BOARD_SILENCE_MAX;
}
