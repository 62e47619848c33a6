/*
 * A fixed pool of threads between two queues: items go in on one, results come
 * out on the other, and that is all that the threads share.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "fetch/channel.h"
#include "fetch/engine_loop.h"
#include "fetch/engine_thread.h"
#include "fetch/fetcher.h"
#include "fetch/parcel.h"

struct hand {
	struct pool *pool;
	struct fetcher *fetcher; /* its own */
	struct engine_thread thread;
};

struct pool {
	struct transfer_limits limits;
	struct parcels parcels;
	struct channel *work, *results; /* of parcels */
	int stop;
	unsigned width, started;
	struct hand hands[];
};

static void
work(void *context)
{
	struct hand *hand = context;
	struct pool *pool = hand->pool;
	struct transfer_result result;
	void *taken;

	while (channel_take(pool->work, &taken, -1) == CHANNEL_DONE) {
		struct parcel *parcel = taken;

		if (fetcher_fetch(hand->fetcher, &parcel->request,
			&pool->limits, &result) == -1)
			break;
		parcel_keep(parcel, &result);
		if (channel_put(pool->results, parcel, -1) != CHANNEL_DONE)
			break;
	}
}

/* Both queues have room for all parcels, so that no put waits. */
static const char *
pool_start(void *state, const struct engine_item *item)
{
	struct pool *pool = state;
	struct parcel *parcel = parcels_fill(&pool->parcels, item);

	if (parcel != NULL &&
	    channel_put(pool->work, parcel, 0) == CHANNEL_DONE)
		return NULL;
	return ENGINE_NOT_STARTED;
}

static unsigned
pool_running(const void *state)
{
	const struct pool *pool = state;

	return pool->parcels.used;
}

static int
pool_wait(void *state, struct pollfd *fds, unsigned count, int64_t timeout)
{
	struct pool *pool = state;
	struct pollfd own = { channel_descriptor(pool->results), POLLIN, 0 };

	return engine_poll(fds, count, &own, 1, timeout);
}

static bool
pool_finished(void *state, void **tag, struct transfer_result *result)
{
	struct pool *pool = state;
	void *parcel = NULL;

	if (channel_take(pool->results, &parcel, 0) != CHANNEL_DONE)
		parcel = NULL;
	return parcels_hand_out(&pool->parcels, parcel, tag, result);
}

static int
start_hand(struct pool *pool, struct hand *hand)
{
	int error;

	hand->pool = pool;
	hand->fetcher = fetcher_new(pool->stop);
	if (hand->fetcher == NULL)
		return -1;
	error = engine_thread_start(&hand->thread, work, hand);
	if (error == 0)
		return 0;
	errno = error;
	log_error("pool: a thread: %m");
	fetcher_free(hand->fetcher);
	errno = error;
	return -1;
}

/* A pool with fewer threads than it was to have is one still. */
static int
begin(struct pool *pool)
{
	if (parcels_begin(&pool->parcels, pool->width) == -1)
		return -1;
	pool->work = channel_new(pool->width);
	pool->results = channel_new(pool->width);
	pool->stop = eventfd(0, EFD_CLOEXEC);
	if (pool->work == NULL || pool->results == NULL || pool->stop == -1) {
		log_error("pool: %m");
		return -1;
	}
	while (pool->started < pool->width &&
	    start_hand(pool, &pool->hands[pool->started]) == 0)
		pool->started++;
	return pool->started > 0 ? 0 : -1;
}

/* A thread that is stuck keeps all that it uses. */
static void
end(struct pool *pool)
{
	int stuck = 0;

	if (pool->started > 0) {
		channel_close(pool->work);
		eventfd_write(pool->stop, 1);
	}
	for (unsigned i = 0; i < pool->started; i++) {
		if (engine_thread_end(&pool->hands[i].thread) == 0)
			fetcher_free(pool->hands[i].fetcher);
		else
			stuck = -1;
	}
	if (stuck != 0)
		return;
	channel_free(pool->work);
	channel_free(pool->results);
	parcels_end(&pool->parcels);
	if (pool->stop != -1)
		close(pool->stop);
	free(pool);
}

int
engine_run_pool(const struct engine_io *io)
{
	unsigned width = engine_width(io);
	const struct engine_hands hands = { .capacity = width,
		.start = pool_start,
		.running = pool_running,
		.wait = pool_wait,
		.finished = pool_finished };
	struct pool *pool =
	    calloc(1, sizeof(*pool) + width * sizeof(pool->hands[0]));
	int result, error;

	if (pool == NULL) {
		log_error("pool: %m");
		return -1;
	}
	pool->limits = io->limits;
	pool->stop = -1;
	pool->width = width;
	result = begin(pool);
	if (result == 0)
		result = engine_loop(io, &hands, pool);
	error = errno;
	end(pool);
	errno = error;
	return result;
}
