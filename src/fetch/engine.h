/*
 * An engine takes items from a source of items, fetches them, and hands each
 * result or error back on the thread that called run, one at a time.
 *
 * Adding an engine is adding a file and a row of ENGINES.  All of them take and
 * hand back in the same loop (engine_loop.h); a file says what lies between.
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

#define ENGINE_CONCURRENCY_MAX 256
#define ENGINE_THREADS_MAX 256 /* items that `threads` takes */

struct engine_io {
	void *context;
	unsigned concurrency; /* items in flight at once, 1 to
	                       * ENGINE_CONCURRENCY_MAX; sync has one, threads
	                       * all of them */
	unsigned items;       /* as many there will be, at most; 0: not known */
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
	unsigned fd_count; /* at most 16 */
	void (*before_wait)(void *context, bool room); /* NULL: nothing to do */
};

/* id, whether a worker of the daemon can run it, what it is */
#define ENGINES(X)                                                             \
	X(sync, true, "one after another")                                     \
	X(threads, false, "one thread an item")                                \
	X(pool, true, "a fixed pool of threads between two queues")            \
	X(procs, false, "a fixed pool of processes: a queue, and pipes")       \
	X(async, true, "one thread, many transfers")                           \
	X(executor, false, "an event loop, and futures of a pool of threads")

enum engine_id {
#define X(id, daemon, what) ENGINE_##id,
	ENGINES(X)
#undef X
	ENGINE_COUNT
};

struct engine {
	const char *name;
	const char *what;
	bool daemon; /* a worker can run it: the caller's thread never blocks,
	              * and nothing is forked */
	/*
	 * 0 when the items are through, or -1 with a line in the log, and
	 * with errno EAGAIN if it could not begin for want of what there may
	 * be later.
	 */
	int (*run)(const struct engine_io *io);
};

#define X(id, daemon, what) int engine_run_##id(const struct engine_io *io);
ENGINES(X)
#undef X

/* Engine number id of ENGINES. */
const struct engine *engine_at(enum engine_id id);

/* The engine of that name, or NULL. */
const struct engine *engine_find(const char *name);

/*
 * Appends the names of the engines with blanks between them to the text in
 * buf; daemon: only those that a worker can run.  Returns buf.
 */
const char *engine_names(bool daemon, char *buf, size_t size);

#endif
