/*
 * The breaker: a source that keeps failing is left alone for a while, and then
 * asked once before all ask it again.
 *
 * Three words on the board, shared by all workers: streak counts failures
 * since the last good answer, closed_till says until when nobody asks
 * (boot clock, ns; 0: it is open), and who raises a closed_till that has
 * passed makes the one probe.  A probe that dies is followed by another one.
 * The clock and the dice are arguments.
 */
#ifndef RATESD_DAEMON_BREAKER_H
#define RATESD_DAEMON_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"
#include "board/layout.h"

#define BREAKER_FAILURES 5 /* in a row, before it closes */

/* How long (ns) nobody asks the source; 0: it may be asked. */
int64_t breaker_wait(const struct board_source *source, int64_t now);

/*
 * True if the caller may ask the source now: always while the breaker is open;
 * of those who come when it was closed, one in patience ns.
 */
bool breaker_enter(struct board_source *source, int64_t now, int64_t patience);

/* A good answer, or a configuration that was read again: it is open. */
void breaker_good(struct board_source *source);

/*
 * A failure: the fifth in a row closes it for 1 s, each one after that for
 * twice as long up to a minute, by up to a quarter less at random.  One that
 * nobody but the operator can mend (auth, plan) closes it for an hour at once;
 * a quota that is used up until the month ends (month_left ns), but for six
 * hours at most.  One that says nothing against the source (a base that it
 * lacks, a date, a jump, a request to come back later) is an answer: it opens.
 */
void breaker_bad(struct board_source *source, enum attempt_class class,
    int64_t now, int64_t month_left, uint32_t random);

#endif
