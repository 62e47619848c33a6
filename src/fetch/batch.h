/*
 * A number of items, once: an array of jobs as an engine's source of items,
 * with a throttle.
 */
#ifndef RATESD_FETCH_BATCH_H
#define RATESD_FETCH_BATCH_H

#include "fetch/engine.h"
#include "fetch/throttle.h"

struct batch {
	const struct engine *engine;
	unsigned concurrency; /* as in struct engine_io */
	unsigned count;       /* items: numbers from 0 */
	struct transfer_limits limits;
	const struct throttle *throttle; /* NULL: none */
	void *context;

	/* The request of an item; asked for once, when it is its turn. */
	void (*request)(void *context, unsigned number,
	    struct transfer_request *request);

	/* What came of it; each item has one, whatever happens. */
	void (*done)(void *context, unsigned number,
	    const struct transfer_result *result);
};

/*
 * Runs all: 0, or -1 with a line in the log if the engine could not; the items
 * that it did not do are then done with a failure.  peak, if not NULL: the most
 * items in flight at once.
 */
int batch_run(const struct batch *batch, unsigned *peak);

#endif
