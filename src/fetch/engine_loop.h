/*
 * The loop that all engines share: items are asked for while there is room,
 * what is finished is handed back, and in between it waits.  For engine_*.c.
 */
#ifndef RATESD_FETCH_ENGINE_LOOP_H
#define RATESD_FETCH_ENGINE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "fetch/engine.h"

/* Of a request that libcurl does not take: why it could not be started. */
#define ENGINE_NOT_STARTED "the transfer could not be started"

/* What an engine does with its items; state is its own. */
struct engine_hands {
	unsigned capacity; /* items in flight at once */

	/*
	 * Takes one more into flight: NULL, or why not, static text, and then
	 * that is what came of the item.
	 */
	const char *(*start)(void *state, const struct engine_item *item);

	/* How many are in flight: started, and not handed back. */
	unsigned (*running)(const void *state);

	/*
	 * Waits for something to happen to them, or on fds (poll(2)), at most
	 * timeout ns (negative: for ever).  0, or -1 with a line in the log.
	 */
	int (*wait)(void *state, struct pollfd *fds, unsigned count,
	    int64_t timeout);

	/*
	 * The next that is finished: false if there is none now.  Its body is
	 * good until the next call.
	 */
	bool (*finished)(
	    void *state, void **tag, struct transfer_result *result);
};

/* Runs until the items are through or next says quit: 0, or -1 if wait does. */
int engine_loop(const struct engine_io *io, const struct engine_hands *hands,
    void *state);

/*
 * poll(2) on the caller's descriptors and the engine's own, all revents filled,
 * at most timeout ns (negative: for ever).  A signal ends it as time does.  0,
 * or -1 with a line in the log.
 */
int engine_poll(struct pollfd *fds, unsigned count, struct pollfd *own,
    unsigned own_count, int64_t timeout);

/*
 * How many items there can be at once: the concurrency, and no more than there
 * are items.
 */
unsigned engine_width(const struct engine_io *io);

/* A result that no transfer gave: class TRANSFER, with that text. */
void engine_failure(struct transfer_result *result, const char *text);

#endif
