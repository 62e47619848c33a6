/*
 * Between the schedule, the queue and the board: which jobs go out, which are
 * done, and which are lost.
 */
#ifndef RATESD_DAEMON_FEED_H
#define RATESD_DAEMON_FEED_H

#include <stdbool.h>

#include "daemon/world.h"

/*
 * Looks at every row: reschedules those with a new attempt, and puts lost jobs
 * back.  How many rows are fresh.
 */
unsigned feed_look(struct world *world);

/* Sends what is due: true if more is due than the queue has room for. */
bool feed_queue(struct world *world);

#endif
