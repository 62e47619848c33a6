/*
 * Writing a row: whole or not at all.
 */
#ifndef RATESD_BOARD_PUBLISH_H
#define RATESD_BOARD_PUBLISH_H

#include <stdint.h>

#include "board/board.h"

/* What one attempt on one row came to. */
struct publication {
	uint64_t worker; /* worker_id() of the writer */
	uint32_t row;
	const char *source; /* who was asked last */
	enum attempt_class class;
	unsigned http_status; /* 0: none came */
	const char *text;     /* why it failed; NULL or "" if it did not */

	int64_t fetched_wall, fetched_boot; /* when the attempt ended */

	/* Only for ATTEMPT_OK: one number a currency, NaN where absent. */
	const double *numbers;
	enum published_form published_form;
	int64_t published; /* wall clock, ns */
};

/*
 * Publishes the outcome under the row's lock.  A good one replaces the row
 * whole; a failed one leaves the numbers and sets the state of the last
 * attempt.  0, or -1 when the lock could not be had until the monotonic
 * deadline (nothing is changed then).
 */
int publish(struct board *board, const struct publication *publication,
    int64_t deadline);

/*
 * The claim of a row's job: no job runs twice at a time.  Taking answers 1 if
 * worker now has it, 0 if another one has.
 */
int claim_take(struct board *board, uint32_t row, uint64_t worker);
void claim_drop(struct board *board, uint32_t row, uint64_t worker);

/*
 * Leaves word that the row was asked for at a time (boot clock, not ahead),
 * and takes the claim: in this order, so that neither a death in between nor
 * the end of another one's attempt loses what was asked.
 */
int claim_ask(
    struct board *board, uint32_t row, uint64_t worker, int64_t asked);

/*
 * Drops the claim after an attempt that ended at a time (boot clock), unless
 * somebody has asked since: 1 if worker has it again.
 */
int claim_pass(
    struct board *board, uint32_t row, uint64_t worker, int64_t ended);

/*
 * What the schedule wants to know of a row.  Words of one moment; no lock.
 */
struct row_news {
	uint64_t attempts;
	uint64_t failures;
	int64_t attempt_boot; /* of the last attempt; 0: none */
	int64_t fetched_boot; /* of the last good one; 0: none */
	uint64_t claim;       /* who has its job, or 0 */
	int64_t aside;        /* until when it is set aside, or 0 */
	int64_t asked;        /* when it was last asked for, or 0 */
};
void board_row_news(
    const struct board *board, uint32_t row, struct row_news *news);

#endif
