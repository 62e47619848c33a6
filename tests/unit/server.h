/*
 * A server of a test's own, in a process of its own: the test's process stays
 * without threads but those that are tested.
 *
 *     /ok/TEXT    200, and TEXT
 *     /hold/TEXT  the same, once as many are held as `want` says
 *     /500        that status
 *     /cut        half of what it announces
 *     /hang       nothing
 */
#ifndef RATESD_TESTS_UNIT_SERVER_H
#define RATESD_TESTS_UNIT_SERVER_H

#include <stdatomic.h>
#include <sys/types.h>

struct server {
	/* Shared with its process. */
	_Atomic unsigned want;     /* let go of those held when there are so many */
	_Atomic unsigned held;     /* now */
	_Atomic unsigned peak;     /* the most requests that it had at once */
	_Atomic unsigned requests; /* so far */
	_Atomic unsigned hanging;  /* now */

	unsigned port;
	pid_t pid;
	int tell[2]; /* a byte comes out of tell[0] for each /hang */
};

/* It ends with the test. */
struct server *server_start(void);
void server_stop(struct server *server);

/*
 * Counters begin again, once the server has dropped what clients gave up; the
 * next /hold wait for so many.
 */
void server_reset(struct server *server, unsigned want);

#endif
