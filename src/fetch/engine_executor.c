/*
 * An event loop that hands calls that block to an executor, and looks which of
 * its futures are done whenever the executor says that one is.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/log.h"
#include "fetch/engine_loop.h"
#include "fetch/executor.h"
#include "fetch/fetcher.h"
#include "fetch/parcel.h"

/* One item's: the argument of its call. */
struct fetch {
	TAILQ_ENTRY(fetch) link;
	struct loop *loop;
	struct parcel *parcel;
	struct future *future;
};
TAILQ_HEAD(fetch_list, fetch);

struct loop {
	struct transfer_limits limits;
	struct parcels parcels;
	struct executor *executor;
	int stop;
	unsigned width;
	struct fetch_list running, free;
	struct fetch *fetches; /* width of them, */
	void **fetchers;       /* as of these */
};

/* Blocks, on some thread of the executor. */
static int
call(void *tool, void *argument)
{
	const struct fetch *fetch = argument;
	struct transfer_result result;

	if (fetcher_fetch(tool, &fetch->parcel->request, &fetch->loop->limits,
		&result) == -1)
		return ECANCELED;
	parcel_keep(fetch->parcel, &result);
	return 0;
}

static const char *
executor_start(void *state, const struct engine_item *item)
{
	struct loop *loop = state;
	struct fetch *fetch = TAILQ_FIRST(&loop->free);

	/* There are as many as there may be items in flight. */
	fetch->parcel = parcels_fill(&loop->parcels, item);
	fetch->future = executor_submit(loop->executor, call, fetch);
	if (fetch->future == NULL) {
		parcels_drop(&loop->parcels, fetch->parcel);
		return ENGINE_NOT_STARTED;
	}
	TAILQ_REMOVE(&loop->free, fetch, link);
	TAILQ_INSERT_TAIL(&loop->running, fetch, link);
	return NULL;
}

static unsigned
executor_running(const void *state)
{
	const struct loop *loop = state;

	return loop->parcels.used;
}

static int
executor_wait(void *state, struct pollfd *fds, unsigned count, int64_t timeout)
{
	struct loop *loop = state;
	struct pollfd own = { executor_descriptor(loop->executor), POLLIN, 0 };
	int result = engine_poll(fds, count, &own, 1, timeout);

	/* Before the futures are looked at: what comes later is heard later. */
	executor_heard(loop->executor);
	return result;
}

/* The first whose future is done. */
static struct fetch *
find_done(const struct loop *loop)
{
	struct fetch *fetch;

	TAILQ_FOREACH(fetch, &loop->running, link)
		if (future_poll(fetch->future) == FUTURE_DONE)
			return fetch;
	return NULL;
}

static bool
executor_finished(void *state, void **tag, struct transfer_result *result)
{
	struct loop *loop = state;
	struct fetch *fetch = find_done(loop);
	struct parcel *parcel = NULL;

	if (fetch != NULL) {
		parcel = fetch->parcel;
		if (future_result(fetch->future) != 0)
			engine_failure(&parcel->result, "it was given up");
		future_free(fetch->future);
		TAILQ_REMOVE(&loop->running, fetch, link);
		TAILQ_INSERT_TAIL(&loop->free, fetch, link);
	}
	return parcels_hand_out(&loop->parcels, parcel, tag, result);
}

/* A fetcher for each thread: made here, where nothing else runs. */
static int
make_fetchers(struct loop *loop)
{
	loop->fetches = calloc(loop->width, sizeof(*loop->fetches));
	loop->fetchers = calloc(loop->width, sizeof(*loop->fetchers));
	loop->stop = eventfd(0, EFD_CLOEXEC);
	if (loop->fetches == NULL || loop->fetchers == NULL ||
	    loop->stop == -1) {
		log_error("executor: %m");
		return -1;
	}
	for (unsigned i = 0; i < loop->width; i++) {
		loop->fetches[i].loop = loop;
		TAILQ_INSERT_TAIL(&loop->free, &loop->fetches[i], link);
		loop->fetchers[i] = fetcher_new(loop->stop);
		if (loop->fetchers[i] == NULL)
			return -1;
	}
	return 0;
}

static int
begin(struct loop *loop)
{
	TAILQ_INIT(&loop->free);
	TAILQ_INIT(&loop->running);
	if (make_fetchers(loop) == -1 ||
	    parcels_begin(&loop->parcels, loop->width) == -1)
		return -1;
	loop->executor =
	    executor_new(loop->width, loop->fetchers, loop->width);
	if (loop->executor != NULL)
		return 0;
	log_error("executor: %m");
	return -1;
}

/*
 * A call that is stuck keeps all that it uses; so there the analyzer is right,
 * and it is meant.
 */
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 10
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif
static void
end(struct loop *loop)
{
	if (loop->stop != -1)
		eventfd_write(loop->stop, 1);
	if (executor_free(loop->executor) == -1)
		return;
	for (unsigned i = 0; loop->fetchers != NULL && i < loop->width; i++)
		fetcher_free(loop->fetchers[i]);
	free(loop->fetchers);
	free(loop->fetches);
	parcels_end(&loop->parcels);
	if (loop->stop != -1)
		close(loop->stop);
	free(loop);
}

int
engine_run_executor(const struct engine_io *io)
{
	unsigned width = engine_width(io);
	const struct engine_hands hands = { .capacity = width,
		.start = executor_start,
		.running = executor_running,
		.wait = executor_wait,
		.finished = executor_finished };
	struct loop *loop = calloc(1, sizeof(*loop));
	int result;

	if (loop == NULL) {
		log_error("executor: %m");
		return -1;
	}
	loop->limits = io->limits;
	loop->stop = -1;
	loop->width = width;
	result = begin(loop);
	if (result == 0)
		result = engine_loop(io, &hands, loop);
	end(loop);
	return result;
}
