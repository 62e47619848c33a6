#include "fetch/engine.h"

#include <bsd/string.h>

/* An item that could not even be started is a result like any other. */
static void
start(const struct engine_io *io, struct transfers *transfers,
    const struct engine_item *item)
{
	struct transfer_result failed = { .class = ATTEMPT_TRANSFER,
		.retry_after = -1 };

	if (transfers_start(
		transfers, &item->request, &io->limits, item->tag) == 0)
		return;
	strlcpy(failed.text, "the transfer could not be started",
	    sizeof(failed.text));
	io->done(io->context, item->tag, &failed);
}

/* Starts items while there is room; the answer that ended it. */
static enum engine_next
fill(const struct engine_io *io, struct transfers *transfers,
    int64_t *wait_ns)
{
	struct engine_item item;
	enum engine_next answer;

	while (transfers_running(transfers) < io->concurrency) {
		answer = io->next(io->context, &item, wait_ns);
		if (answer != ENGINE_ITEM)
			return answer;
		start(io, transfers, &item);
	}
	return io->next(io->context, NULL, wait_ns);
}

static void
hand_back(const struct engine_io *io, struct transfers *transfers)
{
	struct transfer_result result;
	void *tag;

	while (transfers_next(transfers, &tag, &result) == 1)
		io->done(io->context, tag, &result);
}

int
engine_run_async(const struct engine_io *io)
{
	struct transfers *transfers = transfers_new(io->concurrency);
	int result = transfers == NULL ? -1 : 0;

	while (result == 0) {
		int64_t wait_ns = -1;
		enum engine_next answer = fill(io, transfers, &wait_ns);
		unsigned running = transfers_running(transfers);

		if (answer == ENGINE_QUIT ||
		    (answer == ENGINE_STOP && running == 0))
			break;
		io->before_wait(io->context,
		    answer != ENGINE_STOP && running < io->concurrency);
		result = transfers_poll(
		    transfers, io->fds, io->fd_count, wait_ns);
		hand_back(io, transfers);
	}
	transfers_free(transfers);
	return result;
}
