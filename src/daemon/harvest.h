/*
 * From an answer to rows: each one judged against what it has, and published.
 */
#ifndef RATESD_DAEMON_HARVEST_H
#define RATESD_DAEMON_HARVEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "board/publish.h"
#include "daemon/worker.h"

/* A source's answer, read. */
struct answer {
	unsigned source; /* of the configuration */
	uint64_t hub;    /* packed: the base of its numbers, if it is for all
	                  * rows; 0: for one row alone */
	const double *numbers; /* one a currency, NaN where absent */
	enum published_form form;
	int64_t published;
	uint64_t hash, recipe;
	const char *etag, *modified;
	unsigned http_status;
	int64_t fetched_wall, fetched_boot;
};

struct harvest;

/* NULL with errno. */
struct harvest *harvest_new(const struct worker_setup *setup);
void harvest_free(struct harvest *harvest); /* NULL is fine */

/*
 * What one answer says of a row: the row's own numbers, or a cross.  OK once it
 * is published; HELD once it is held; else the row is as it was, and text says
 * why: UNSUPPORTED (the answer lacks the row's currency), DATE, NONE (the row's
 * lock could not be had; logged).  refused: what came before it, or NULL.
 */
enum attempt_class harvest_row(struct harvest *harvest, uint32_t row,
    const struct answer *answer, const struct refusal *refused, char *text,
    size_t size);

/*
 * True if all rows that an answer of the source is for, which is asked for row,
 * have the one of these bytes already, read in the same way.
 */
bool harvest_known(struct harvest *harvest, uint32_t row, unsigned source,
    uint64_t recipe, uint64_t hash);

/*
 * Publishes that the answer, which the row has, came once more: as above, or
 * DOCUMENT if the row has another one by now, so that it is to be read.
 */
enum attempt_class harvest_again(struct harvest *harvest, uint32_t row,
    const struct answer *answer, char *text, size_t size);

/*
 * Notes in a row what an answer for all rows, or the lack of one, came to for
 * it: its last refusal.  What comes of the row's own job, if there is one, is
 * still open.
 */
void harvest_refusal(struct harvest *harvest, uint32_t row,
    const struct answer *answer, enum attempt_class class, const char *text);

/* Publishes a failure.  0, or -1 without the row's lock; logged. */
int harvest_failure(struct harvest *harvest, uint32_t row,
    const struct refusal *refusal, int64_t boot);

#endif
