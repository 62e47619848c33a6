/*
 * An engine takes items from a source of items, fetches them, and hands each
 * result or error back on the thread that called run, one at a time.
 *
 * Adding an engine is adding a file and a row of ENGINES.
 */
#ifndef RATESD_FETCH_ENGINE_H
#define RATESD_FETCH_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "fetch/transfer.h"

struct pollfd;

struct engine_item {
	void *tag; /* the caller's */
	struct transfer_request request;
};

enum engine_next {
	ENGINE_ITEM,  /* *item is filled */
	ENGINE_LATER, /* nothing now: ask when a descriptor is ready or *wait_ns
	               * has passed (negative: only the descriptors) */
	ENGINE_STOP,  /* nothing more: finish what is in flight, then return */
	ENGINE_QUIT,  /* return at once; what is in flight is given up */
};

struct engine_io {
	void *context;
	unsigned concurrency; /* items in flight at once */
	struct transfer_limits limits;

	/*
	 * Asked whenever there is room for an item or something happened.
	 * item is NULL when there is no room: then only the other answers are
	 * of use.
	 */
	enum engine_next (*next)(
	    void *context, struct engine_item *item, int64_t *wait_ns);

	/* Takes one finished item. */
	void (*done)(void *context, void *tag,
	    const struct transfer_result *result);

	/*
	 * Descriptors that wake the engine; before_wait sets what is waited
	 * for (room: items can be taken), and next finds their revents.
	 */
	struct pollfd *fds;
	unsigned fd_count;
	void (*before_wait)(void *context, bool room);
};

#define ENGINES(X) X(async, "one thread, many transfers")

struct engine {
	const char *name;
	const char *what;
	/* 0 when the items are through, or -1 with a line in the log. */
	int (*run)(const struct engine_io *io);
};

#define X(id, what) int engine_run_##id(const struct engine_io *io);
ENGINES(X)
#undef X

/* The engine of that name, or NULL. */
const struct engine *engine_find(const char *name);

#endif
