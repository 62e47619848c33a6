/*
 * Who has a row's job, and what the schedule wants to know of a row.
 */
#ifndef RATESD_BOARD_CLAIM_H
#define RATESD_BOARD_CLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "board/board.h"

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
 * When the row was last asked for (boot clock); 0: never.  A word from a time
 * ahead is damaged and counts for none.
 */
int64_t claim_asked(const struct board *board, uint32_t row);

/* True if that was since a time (boot clock). */
bool claim_asked_since(
    const struct board *board, uint32_t row, int64_t since);

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
	uint64_t attempt_class; /* its enum attempt_class; untrusted */
	int64_t fetched_boot; /* of the last good one; 0: none */
	uint64_t claim;       /* who has its job, or 0 */
	int64_t aside;        /* until when it is set aside, or 0 */
	int64_t asked;        /* when it was last asked for, or 0 */
};
void board_row_news(
    const struct board *board, uint32_t row, struct row_news *news);

#endif
