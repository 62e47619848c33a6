#include "fetch/channel.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "fetch/engine_thread.h"

/* A wait for ever is one of these after the other. */
#define LONGEST_WAIT (600 * CLOCK_SECOND)

struct channel {
	pthread_mutex_t lock;
	pthread_cond_t room, something;
	int event; /* as readable as the channel */
	bool closed;
	unsigned capacity, first, count;
	void *items[];
};

/* 0, or an error number; then nothing is left behind. */
static int
begin(struct channel *c)
{
	int error = pthread_mutex_init(&c->lock, NULL);

	if (error != 0)
		return error;
	error = engine_condition(&c->room);
	if (error == 0) {
		error = engine_condition(&c->something);
		if (error == 0)
			return 0;
		pthread_cond_destroy(&c->room);
	}
	pthread_mutex_destroy(&c->lock);
	return error;
}

struct channel *
channel_new(unsigned capacity)
{
	struct channel *c =
	    calloc(1, sizeof(*c) + capacity * sizeof(c->items[0]));
	int error;

	if (c == NULL)
		return NULL;
	c->capacity = capacity;
	c->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	error = c->event == -1 ? errno : begin(c);
	if (error == 0)
		return c;
	if (c->event != -1)
		close(c->event);
	free(c);
	errno = error;
	return NULL;
}

void
channel_free(struct channel *c)
{
	if (c == NULL)
		return;
	pthread_cond_destroy(&c->something);
	pthread_cond_destroy(&c->room);
	pthread_mutex_destroy(&c->lock);
	close(c->event);
	free(c);
}

/* With the lock held.  An eventfd that is one deep can't fail here. */
static void
show_event(struct channel *c)
{
	eventfd_t value;

	if (c->count > 0 || c->closed)
		eventfd_write(c->event, 1);
	else
		eventfd_read(c->event, &value);
}

static struct timespec
deadline(int64_t timeout)
{
	return engine_deadline(clock_mono() +
	    (timeout < 0 || timeout > LONGEST_WAIT ? LONGEST_WAIT : timeout));
}

/*
 * Waits while the channel is open and has just that many items: false if it
 * still has when the time is over.  With the lock held, as it is afterwards.
 */
static bool
await(struct channel *c, pthread_cond_t *condition, unsigned count,
    int64_t timeout)
{
	struct timespec until = deadline(timeout);

	while (!c->closed && c->count == count) {
		if (timeout == 0)
			return false;
		if (pthread_cond_timedwait(condition, &c->lock, &until) !=
		    ETIMEDOUT)
			continue;
		if (timeout > 0)
			return c->closed || c->count != count;
		until = deadline(timeout);
	}
	return true;
}

enum channel_end
channel_put(struct channel *c, void *item, int64_t timeout)
{
	enum channel_end end = CHANNEL_DONE;

	pthread_mutex_lock(&c->lock);
	if (!await(c, &c->room, c->capacity, timeout)) {
		end = CHANNEL_TIMEOUT;
	} else if (c->closed) {
		end = CHANNEL_CLOSED;
	} else {
		c->items[(c->first + c->count++) % c->capacity] = item;
		if (c->count == 1)
			show_event(c);
		pthread_cond_signal(&c->something);
	}
	pthread_mutex_unlock(&c->lock);
	return end;
}

enum channel_end
channel_take(struct channel *c, void **item, int64_t timeout)
{
	enum channel_end end = CHANNEL_DONE;

	pthread_mutex_lock(&c->lock);
	if (!await(c, &c->something, 0, timeout)) {
		end = CHANNEL_TIMEOUT;
	} else if (c->count == 0) {
		end = CHANNEL_CLOSED;
	} else {
		*item = c->items[c->first];
		c->first = (c->first + 1) % c->capacity;
		if (--c->count == 0)
			show_event(c);
		pthread_cond_signal(&c->room);
	}
	pthread_mutex_unlock(&c->lock);
	return end;
}

void
channel_close(struct channel *c)
{
	pthread_mutex_lock(&c->lock);
	c->closed = true;
	show_event(c);
	pthread_cond_broadcast(&c->room);
	pthread_cond_broadcast(&c->something);
	pthread_mutex_unlock(&c->lock);
}

int
channel_descriptor(const struct channel *c)
{
	return c->event;
}
