/*
 * One thread an item: each is started for its one transfer, and ends with it.
 * As nothing bounds them but the number of items, that number has a bound.
 */
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/log.h"
#include "fetch/channel.h"
#include "fetch/engine_loop.h"
#include "fetch/engine_thread.h"
#include "fetch/fetcher.h"
#include "fetch/parcel.h"

/* One item's. */
struct one {
	LIST_ENTRY(one) link;
	struct threads *threads;
	struct fetcher *fetcher;
	struct parcel *parcel;
	struct engine_thread thread;
};

struct threads {
	const struct engine_io *io; /* not for its threads */
	struct transfer_limits limits;
	struct parcels parcels;
	struct channel *results; /* of struct one, whose thread then ends */
	int stop;
	LIST_HEAD(one_list, one) running;
};

static void
run_one(void *context)
{
	struct one *one = context;
	struct parcel *parcel = one->parcel;
	struct transfer_result result;

	if (fetcher_fetch(one->fetcher, &parcel->request,
		&one->threads->limits, &result) == 0)
		parcel_keep(parcel, &result);
	/* There is room for all of them, and nobody closes it. */
	channel_put(one->threads->results, one, -1);
}

static const char *
threads_start(void *state, const struct engine_item *item)
{
	struct threads *t = state;
	struct one *one = calloc(1, sizeof(*one));

	if (one == NULL)
		return "no memory for its thread";
	one->threads = t;
	one->fetcher = fetcher_new(t->stop);
	one->parcel = one->fetcher != NULL ? parcels_fill(&t->parcels, item)
					   : NULL;
	if (one->parcel != NULL &&
	    engine_thread_start(&one->thread, run_one, one) == 0) {
		LIST_INSERT_HEAD(&t->running, one, link);
		return NULL;
	}
	if (one->parcel != NULL)
		parcels_drop(&t->parcels, one->parcel);
	fetcher_free(one->fetcher);
	free(one);
	return "there is no thread for it: pool takes fewer";
}

static unsigned
threads_running(const void *state)
{
	const struct threads *t = state;

	return t->parcels.used;
}

static int
threads_wait(void *state, struct pollfd *fds, unsigned count, int64_t timeout)
{
	struct threads *t = state;
	struct pollfd own = { channel_descriptor(t->results), POLLIN, 0 };

	return engine_poll(fds, count, &own, 1, timeout);
}

/* 0, or -1 if its thread is stuck: then all that it uses stays. */
static int
end_one(struct one *one)
{
	if (engine_thread_end(&one->thread) == -1)
		return -1;
	LIST_REMOVE(one, link);
	fetcher_free(one->fetcher);
	free(one);
	return 0;
}

static bool
threads_finished(void *state, void **tag, struct transfer_result *result)
{
	struct threads *t = state;
	struct parcel *parcel = NULL;
	void *one;

	if (channel_take(t->results, &one, 0) == CHANNEL_DONE) {
		parcel = ((struct one *)one)->parcel;
		end_one(one);
	}
	return parcels_hand_out(&t->parcels, parcel, tag, result);
}

static int
begin(struct threads *t)
{
	unsigned items = t->io->items;

	if (items == 0 || items > ENGINE_THREADS_MAX) {
		log_error("threads: one thread an item is for %d items at "
			  "most: take pool, async or executor for more",
		    ENGINE_THREADS_MAX);
		return -1;
	}
	if (parcels_begin(&t->parcels, items) == -1)
		return -1;
	t->results = channel_new(items);
	t->stop = eventfd(0, EFD_CLOEXEC);
	if (t->results != NULL && t->stop != -1)
		return 0;
	log_error("threads: %m");
	return -1;
}

/* A thread that is stuck keeps all that it uses. */
static void
end(struct threads *t)
{
	struct one *one, *next;
	int stuck = 0;

	if (t->stop != -1)
		eventfd_write(t->stop, 1);
	for (one = LIST_FIRST(&t->running); one != NULL; one = next) {
		next = LIST_NEXT(one, link);
		stuck |= end_one(one);
	}
	if (stuck != 0)
		return;
	channel_free(t->results);
	parcels_end(&t->parcels);
	if (t->stop != -1)
		close(t->stop);
	free(t);
}

int
engine_run_threads(const struct engine_io *io)
{
	const struct engine_hands hands = { .capacity = io->items,
		.start = threads_start,
		.running = threads_running,
		.wait = threads_wait,
		.finished = threads_finished };
	struct threads *t = calloc(1, sizeof(*t));
	int result;

	if (t == NULL) {
		log_error("threads: %m");
		return -1;
	}
	t->io = io;
	t->limits = io->limits;
	t->stop = -1;
	LIST_INIT(&t->running);
	result = begin(t);
	if (result == 0)
		result = engine_loop(io, &hands, t);
	end(t);
	return result;
}
