/*
 * One thread, many transfers.  sync is the same with one at a time: a worker
 * that runs it still hears its supervisor while it waits.
 */
#include "fetch/engine_async.h"

#include "fetch/engine_loop.h"

struct async {
	const struct engine_io *io;
	struct transfers *transfers;
};

static const char *
async_start(void *state, const struct engine_item *item)
{
	struct async *a = state;

	return transfers_start(a->transfers, &item->request, &a->io->limits,
		   item->tag) == 0
	    ? NULL
	    : ENGINE_NOT_STARTED;
}

static unsigned
async_running(const void *state)
{
	const struct async *a = state;

	return transfers_running(a->transfers);
}

static int
async_wait(void *state, struct pollfd *fds, unsigned count, int64_t timeout)
{
	struct async *a = state;

	return transfers_poll(a->transfers, fds, count, timeout);
}

static bool
async_finished(void *state, void **tag, struct transfer_result *result)
{
	struct async *a = state;

	return transfers_next(a->transfers, tag, result) == 1;
}

int
engine_async(const struct engine_io *io, unsigned capacity)
{
	const struct engine_hands hands = { .capacity = capacity,
		.start = async_start,
		.running = async_running,
		.wait = async_wait,
		.finished = async_finished };
	struct async a = { .io = io, .transfers = transfers_new(capacity) };
	int result = -1;

	if (a.transfers != NULL)
		result = engine_loop(io, &hands, &a);
	transfers_free(a.transfers);
	return result;
}

int
engine_run_async(const struct engine_io *io)
{
	return engine_async(io, engine_width(io));
}
