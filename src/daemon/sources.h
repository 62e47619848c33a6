/*
 * The sources as the workers share them: their words on the board.
 */
#ifndef RATESD_DAEMON_SOURCES_H
#define RATESD_DAEMON_SOURCES_H

#include <stdbool.h>

#include "daemon/worker.h"
#include "fetch/transfer.h"

/*
 * The source to ask at the time now (boot clock), from this one on in their
 * order: one that wants to be left alone is passed over while there is another.
 */
unsigned sources_choose(
    const struct worker_setup *setup, unsigned source, int64_t now);

/*
 * Takes a token of the source for one request, and counts it: 0, or after how
 * many ns to ask again.
 */
int64_t sources_take(
    const struct worker_setup *setup, unsigned source, int64_t now);

/*
 * Notes what the source answered; good: it was of use.  One that says "too
 * often" is left alone by all workers at once.
 */
void sources_note(const struct worker_setup *setup, unsigned source,
    const struct transfer_result *result, bool good);

#endif
