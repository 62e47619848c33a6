/*
 * Writing a row: whole or not at all.
 */
#ifndef RATESD_BOARD_PUBLISH_H
#define RATESD_BOARD_PUBLISH_H

#include <stdbool.h>
#include <stdint.h>

#include "board/board.h"

/* An attempt that gave no numbers. */
struct refusal {
	const char *source;
	enum attempt_class class;
	unsigned http_status;
	const char *text;
	int64_t wall;
};

/* What one attempt on one row came to. */
struct publication {
	uint64_t worker; /* worker_id() of the writer */
	uint32_t row;
	const char *source; /* who was asked last */
	enum attempt_class class;
	unsigned http_status; /* 0: none came */
	const char *text;     /* why it failed; NULL or "" if it did not */

	int64_t fetched_wall, fetched_boot; /* when the attempt ended */

	/*
	 * The numbers are kept beside the row's, to wait for somebody who
	 * confirms them (ATTEMPT_HELD); or what waits there is dropped.
	 */
	bool hold, forget;

	/*
	 * Not for ATTEMPT_OK: the job goes on, perhaps with another source.
	 * How many attempts there were, and what the last one came to, stays
	 * as it was.
	 */
	bool interim;

	/*
	 * For ATTEMPT_OK: the answer is the one that the row has already; so
	 * it has one, and this was judged by it.
	 */
	bool unchanged;

	/*
	 * Else for ATTEMPT_OK, and to hold: one number a currency, NaN where
	 * absent.
	 */
	const double *numbers;
	enum published_form published_form;
	int64_t published; /* wall clock, ns */
	uint64_t hub;      /* packed; 0: the answer was for this row */
	uint64_t recipe;   /* how the source was read; 0: not known */
	uint64_t hash;     /* of the answer's bytes; 0: not known */
	/*
	 * "" or NULL: it gave none; but if it is unchanged, NULL: as before.
	 * One that has no room is not kept.
	 */
	const char *etag, *modified;
	const struct refusal *refused; /* before it, for the same job, or NULL */
};

/*
 * Publishes the outcome under the row's lock.  A good one replaces the row
 * whole; a failed one leaves the numbers and sets the state of the last
 * attempt.  But of a row that is damaged, which its check tells, nothing is
 * left but the count of its attempts.  0, or -1 when the lock could not be had
 * until the monotonic deadline (nothing is changed then).
 */
int publish(struct board *board, const struct publication *publication,
    int64_t deadline);

/*
 * What an outcome is, seen from what the row has; called with the row's lock
 * held, so that nobody writes the row meanwhile.  It completes the publication;
 * false: nothing is to be changed.  Pure arithmetic: who dies in it is
 * recovered like any other holder, and others wait for it.
 */
typedef bool publish_judge(void *context, struct publication *publication);

/* The same, judged: 1 where the judge said no. */
int publish_judged(struct board *board, struct publication *publication,
    publish_judge *judge, void *context, int64_t deadline);

#endif
