#include "fetch/engine_loop.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>

#include <bsd/string.h>

#include "base/clock.h"
#include "base/log.h"

#define FDS_MAX 16

void
engine_failure(struct transfer_result *result, const char *text)
{
	*result = (struct transfer_result){ .class = ATTEMPT_TRANSFER,
		.retry_after = -1 };
	strlcpy(result->text, text, sizeof(result->text));
}

unsigned
engine_width(const struct engine_io *io)
{
	return io->items > 0 && io->items < io->concurrency ? io->items
							    : io->concurrency;
}

/* An item that could not even be started is a result like any other. */
static void
start(const struct engine_io *io, const struct engine_hands *hands,
    void *state, const struct engine_item *item)
{
	const char *why = hands->start(state, item);
	struct transfer_result failed;

	if (why == NULL)
		return;
	engine_failure(&failed, why);
	io->done(io->context, item->tag, &failed);
}

/* Starts items while there is room; the answer that ended it. */
static enum engine_next
fill(const struct engine_io *io, const struct engine_hands *hands,
    void *state, int64_t *wait_ns)
{
	struct engine_item item;
	enum engine_next answer;

	while (hands->running(state) < hands->capacity) {
		answer = io->next(io->context, &item, wait_ns);
		if (answer != ENGINE_ITEM)
			return answer;
		start(io, hands, state, &item);
	}
	return io->next(io->context, NULL, wait_ns);
}

static void
hand_back(const struct engine_io *io, const struct engine_hands *hands,
    void *state)
{
	struct transfer_result result;
	void *tag;

	while (hands->finished(state, &tag, &result))
		io->done(io->context, tag, &result);
}

int
engine_loop(const struct engine_io *io, const struct engine_hands *hands,
    void *state)
{
	for (;;) {
		int64_t wait_ns = -1;
		enum engine_next answer = fill(io, hands, state, &wait_ns);
		unsigned running = hands->running(state);
		int result;

		if (answer == ENGINE_QUIT ||
		    (answer == ENGINE_STOP && running == 0))
			return 0;
		if (io->before_wait != NULL)
			io->before_wait(io->context,
			    answer != ENGINE_STOP && running < hands->capacity);
		result = hands->wait(state, io->fds, io->fd_count, wait_ns);
		hand_back(io, hands, state);
		if (result == -1)
			return -1;
	}
}

int
engine_poll(struct pollfd *fds, unsigned count, struct pollfd *own,
    unsigned own_count, int64_t timeout)
{
	struct pollfd all[FDS_MAX + ENGINE_CONCURRENCY_MAX + 1];
	int ready;

	assert(count <= FDS_MAX && own_count <= ENGINE_CONCURRENCY_MAX + 1);
	if (count > 0)
		memcpy(all, fds, count * sizeof(*fds));
	memcpy(all + count, own, own_count * sizeof(*own));
	ready = poll(all, count + own_count,
	    timeout < 0 ? INT_MAX : clock_poll_ms(timeout));
	if (ready == -1 && errno != EINTR) {
		log_error("engine: poll: %m");
		return -1;
	}
	for (unsigned i = 0; i < count; i++)
		fds[i].revents = ready > 0 ? all[i].revents : 0;
	for (unsigned i = 0; i < own_count; i++)
		own[i].revents = ready > 0 ? all[count + i].revents : 0;
	return 0;
}
