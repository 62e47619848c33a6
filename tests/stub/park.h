#ifndef STUB_PARK_H
#define STUB_PARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bsd/sys/queue.h>
#include <microhttpd.h>

#define PARK_FOREVER	INT64_MAX

/*
 * Requests that wait without a thread: for a time to come, for a hold to end
 * or for nothing at all.  The HTTP thread parks, the main thread lets go.
 */
struct parked {
	/* Set by the caller before the first park_wait(). */
	struct MHD_Connection	*conn;
	int64_t			 due;	/* clock_ns() to wait for */
	int			 base;	/* currency id, -1 for none */
	bool			 holdable;

	/* For park.c alone; start as zero. */
	LIST_ENTRY(parked)	 entry;
	int			 fd;
	bool			 gone;
};

enum park {
	PARK_GO,	/* nothing to wait for (any more): answer */
	PARK_WAIT,	/* suspended: return to the HTTP library at once */
	PARK_GONE	/* the client left or the stub stops: close */
};

/*
 * Takes over SIGTERM and SIGINT; call before any thread starts.  Ends the
 * program on failure.
 */
void		 park_open(void);
void		 park_close(void);

/*
 * Call from an HTTP callback each time the library comes back to the request,
 * until it is not PARK_WAIT.  While it is, *p must stay where it is; the
 * library does not touch the connection in that time.
 */
enum park	 park_wait(struct parked *p);

/* Holds all, or those of one base (-1: no base); lets go what it no longer
 * holds.  Any thread. */
void		 park_hold(bool all, int base);

/* How many are kept by a hold, and how many wait for any reason. */
void		 park_count(size_t *held, size_t *waiting);

/* The main thread's work, until SIGTERM, SIGINT or that many seconds. */
void		 park_run(int seconds);

/* Lets everybody go as PARK_GONE, also who comes later.  Call before the
 * HTTP library is stopped: it must not find a suspended connection. */
void		 park_stop(void);

#endif
