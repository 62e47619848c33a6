/*
 * `ratesctl status`: what it knows, and the ways to print it.
 */
#ifndef RATESD_TOOLS_STATUS_H
#define RATESD_TOOLS_STATUS_H

#include "board/inspect.h"
#include "tools/ctl.h"
#include "tools/view.h"

/* The counters that status prints: the label of a new line, their words. */
#define STATUS_COUNTERS(X)                                                     \
	X(jobs_done, "jobs", "done")                                           \
	X(jobs_failed, NULL, "failed")                                         \
	X(jobs_requeued, NULL, "requeued")                                     \
	X(messages_dropped, "troubles", "messages dropped")                    \
	X(lock_repairs, NULL, "lock repairs")                                  \
	X(restarts, NULL, "restarts")

struct status {
	const struct ctl *ctl;
	struct view view; /* without numbers */
	long queue_depth, queue_max; /* depth -1: unknown */
	int queue_error;             /* errno then */
	unsigned states[FRESHNESS_COUNT]; /* rows in each state */
	/* Workers, by what became of each part of their sandbox. */
	unsigned sandbox[SANDBOX_PART_COUNT][SANDBOX_STATE_COUNT];
};

/* The states in the order in which they are printed: the empty one last. */
static inline enum freshness
status_state(unsigned i)
{
	return (enum freshness)((i + 1) % FRESHNESS_COUNT);
}

/* True for a slot that a worker ever had. */
bool status_slot(
    const struct status *status, unsigned i, struct inspect_slot *slot);

/* "exit 1", "signal 9", or NULL if no worker of the slot ended. */
const char *status_last_exit(
    const struct inspect_slot *slot, char *buf, size_t size);

/* Whether workers differ in it, and what it came to in all that have come to
 * it; SANDBOX_UNKNOWN if none has. */
bool status_sandbox_differs(const struct status *status, unsigned part);
enum sandbox_state status_sandbox(const struct status *status, unsigned part);

/* Each prints to stdout: CTL_DONE, or CTL_FAILED once it has spoken. */
int status_table(const struct status *status);
int status_data(const struct status *status); /* for a program */

#endif
