/*
 * An executor: calls that block are handed to a pool of threads, and each is at
 * once a future, which becomes what the call returned.
 *
 * Executor and futures are of one thread, which submits, asks and waits; only
 * the calls run elsewhere.
 */
#ifndef RATESD_FETCH_EXECUTOR_H
#define RATESD_FETCH_EXECUTOR_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What is to be done, on some thread of the pool: tool is that thread's own,
 * and nobody else's at that time.  0, or an error number.
 */
typedef int executor_call(void *tool, void *argument);

#define FUTURE_STATES(X)                                                       \
	X(WAITING, "waiting")     /* for a thread */                           \
	X(RUNNING, "running")                                                  \
	X(DONE, "done")           /* the call has returned */                  \
	X(CANCELLED, "cancelled") /* it never began, and never will */

enum future_state {
#define X(id, name) FUTURE_##id,
	FUTURE_STATES(X)
#undef X
};

struct executor;
struct future;

/*
 * A pool of count threads; tools, if not NULL, has one pointer for each.
 * backlog: how many futures it may have that nobody has freed.  NULL with
 * errno.  With fewer threads than asked for, but one, it goes on.
 */
struct executor *executor_new(
    unsigned count, void *const *tools, unsigned backlog);

/*
 * Cancels what waits, and waits for what runs, some seconds at most: 0; or -1
 * if a call doesn't return: then all that it uses must stay.  Futures that are
 * not freed are gone.  NULL is fine.
 */
int executor_free(struct executor *executor);

/* Readable (poll(2)) from when a future is done until executor_heard(). */
int executor_descriptor(const struct executor *executor);
void executor_heard(struct executor *executor);

/* A call as a future; NULL with errno: EAGAIN if the backlog is full. */
struct future *executor_submit(
    struct executor *executor, executor_call *call, void *argument);

/* How it is now. */
enum future_state future_poll(const struct future *future);

/*
 * Waits until it is done or cancelled, at most timeout ns and ten minutes:
 * true if it is.
 */
bool future_wait(const struct future *future, int64_t timeout);

/* True if the call had not begun, and now never will. */
bool future_cancel(struct future *future);

/* What the call returned; ECANCELED of one cancelled; EBUSY before that. */
int future_result(const struct future *future);

/* Of one that is done or cancelled; another one is so once its call ends. */
void future_free(struct future *future);

const char *future_state_name(enum future_state state);

#endif
