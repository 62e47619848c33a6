#include "fetch/batch.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "fetch/engine_loop.h"

struct run {
	const struct batch *batch;
	unsigned next; /* the first that was not asked for yet */
	unsigned in_flight, peak;
	bool *done;
};

static enum engine_next
batch_next(void *context, struct engine_item *item, int64_t *wait_ns)
{
	struct run *run = context;
	const struct batch *batch = run->batch;
	int64_t wait = 0;

	if (run->next == batch->count)
		return ENGINE_STOP;
	if (item == NULL)
		return ENGINE_LATER; /* no room: a result comes first */
	if (batch->throttle != NULL)
		wait = throttle_take(batch->throttle, clock_boot());
	if (wait > 0) {
		*wait_ns = wait;
		return ENGINE_LATER;
	}
	batch->request(batch->context, run->next, &item->request);
	item->tag = &run->done[run->next++];
	if (++run->in_flight > run->peak)
		run->peak = run->in_flight;
	return ENGINE_ITEM;
}

static void
batch_done(void *context, void *tag, const struct transfer_result *result)
{
	struct run *run = context;
	bool *done = tag;

	*done = true;
	run->in_flight--;
	run->batch->done(
	    run->batch->context, (unsigned)(done - run->done), result);
}

/* What an engine that gave up has left. */
static void
fail_rest(struct run *run)
{
	struct transfer_result failed;

	engine_failure(&failed, "the engine could not go on");
	for (unsigned i = 0; i < run->batch->count; i++)
		if (!run->done[i])
			run->batch->done(run->batch->context, i, &failed);
}

int
batch_run(const struct batch *batch, unsigned *peak)
{
	struct run run = { .batch = batch };
	const struct engine_io io = { .context = &run,
		.concurrency = batch->concurrency,
		.items = batch->count,
		.limits = batch->limits,
		.next = batch_next,
		.done = batch_done };
	int result;

	if (batch->count == 0)
		return 0;
	run.done = calloc(batch->count, sizeof(*run.done));
	if (run.done == NULL) {
		log_error("%m");
		return -1;
	}
	result = batch->engine->run(&io);
	fail_rest(&run);
	if (peak != NULL)
		*peak = run.peak;
	free(run.done);
	return result;
}
