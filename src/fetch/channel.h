/*
 * A queue between threads: what one puts in another takes out, in order.
 *
 * Bounded; every wait has an end, on the monotonic clock.  Who waits for other
 * things too polls its descriptor.
 */
#ifndef RATESD_FETCH_CHANNEL_H
#define RATESD_FETCH_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

struct channel;

enum channel_end {
	CHANNEL_DONE,
	CHANNEL_TIMEOUT, /* full, or empty, for all that time */
	CHANNEL_CLOSED,  /* nothing more goes in; or comes out, once empty */
};

/* Room for capacity (1 or more) pointers.  NULL with errno. */
struct channel *channel_new(unsigned capacity);

/* When no other thread uses it any more.  NULL is fine. */
void channel_free(struct channel *channel);

/*
 * item is not NULL.  timeout in ns, at most ten minutes; 0: not at all,
 * negative: for ever.
 */
enum channel_end channel_put(
    struct channel *channel, void *item, int64_t timeout);
enum channel_end channel_take(
    struct channel *channel, void **item, int64_t timeout);

/* Nothing more goes in; who waits is woken.  What is in can be taken out. */
void channel_close(struct channel *channel);

/*
 * Readable (poll(2)) while there is something to take, or it is closed; it is
 * the channel's own.
 */
int channel_descriptor(const struct channel *channel);

#endif
