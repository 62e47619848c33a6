/*
 * A worker: takes jobs from the queue, fetches, checks, publishes.
 *
 * Runs in a child of the supervisor and in nothing else.
 */
#ifndef RATESD_DAEMON_WORKER_H
#define RATESD_DAEMON_WORKER_H

#include <stdint.h>

#include "board/board.h"
#include "daemon/conf.h"

/* Exit status of a worker that can't start and never will: EX_CONFIG. */
#define WORKER_CANNOT 78

struct worker_setup {
	struct board *board;
	const struct conf *conf;
	int queue;
	uint32_t slot;
	uint64_t incarnation;
	int life; /* socket: end of file means that the supervisor is gone; one
	           * byte written says that the worker is in its loop */
};

/*
 * Works until told to stop (SIGTERM) or orphaned.  The exit status of the
 * process: 0 if told, 1 after a failure with a line in the log, WORKER_CANNOT
 * if it did not come into its loop and another try would not either.
 */
int worker_run(const struct worker_setup *setup);

#endif
