/*
 * Which row is due when, and why: pure arithmetic, the clock (boot clock, ns)
 * and the dice are arguments.
 *
 * mq_receive(3) is at-most-once, so no job exists only in the queue: each is
 * an entry here until its row shows an attempt.
 */
#ifndef RATESD_DAEMON_SCHEDULE_H
#define RATESD_DAEMON_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "jobs/message.h"

/* What the board says of a row. */
struct row_state {
	uint64_t attempts;
	uint64_t failures;
	int64_t attempted; /* boot clock; 0: never */
	int64_t fetched;   /* boot clock; 0: never */
	int64_t aside;     /* boot clock; nothing before it; 0: not set aside */
};

struct schedule;

/* rows entries, all due at once.  NULL with errno. */
struct schedule *schedule_new(unsigned rows, int64_t refresh);
void schedule_free(struct schedule *schedule);

/*
 * Begins with what a row already has: due when that is refresh old, or after
 * the wait of its failures, as in schedule_observe(); never fetched and never
 * failed: at once.  One that is set aside is not due before that ends.
 */
void schedule_begin(struct schedule *schedule, unsigned row,
    const struct row_state *state, uint32_t random);

/*
 * Looks at a row again: after a new attempt it is due when refresh has passed
 * since, or, if the attempt failed, after 2^failures seconds at most (full
 * jitter: a random share of that, at least 100 ms; refresh is the cap).  True
 * if there was a new attempt.
 */
bool schedule_observe(struct schedule *schedule, unsigned row,
    const struct row_state *state, uint32_t random);

/*
 * The next job to put on the queue at time now, retries before the rest: true
 * with *row, *reason and *attempt.  It stays due until schedule_sent().
 */
bool schedule_due(const struct schedule *schedule, int64_t now, unsigned *row,
    enum job_reason *reason, uint32_t *attempt);

/* When the row's job fell, or falls, due; INT64_MAX while it is out. */
int64_t schedule_due_at(const struct schedule *schedule, unsigned row);

void schedule_sent(struct schedule *schedule, unsigned row, int64_t now);

/* True if the row's job was sent before the time and no attempt came of it. */
bool schedule_outstanding(
    const struct schedule *schedule, unsigned row, int64_t before);

/* True if the row's job is due at the time now, or out. */
bool schedule_pending(
    const struct schedule *schedule, unsigned row, int64_t now);

/* The row's job is gone (its worker died, or it left no trace): due again. */
void schedule_lost(struct schedule *schedule, unsigned row, int64_t now);

/*
 * A worker died while it had the row's job: due again at once, but not until a
 * refresh later when that makes three deaths since the last attempt, or one
 * more: then the answer is the time until which it is set aside, else 0.
 */
int64_t schedule_death(struct schedule *schedule, unsigned row, int64_t now);

/* When the next job is due (boot clock), or INT64_MAX. */
int64_t schedule_next(const struct schedule *schedule);

#endif
