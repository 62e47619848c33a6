#include "daemon/schedule.h"

#include <stdlib.h>

#include "base/clock.h"

#define RETRY_FLOOR (CLOCK_SECOND / 10)
#define DEATHS_BEFORE_ASIDE 3
#define ATTEMPT_CAP 1000000

struct entry {
	int64_t due;  /* INT64_MAX while its job is out */
	int64_t sent; /* 0: it is not out */
	uint64_t attempts;
	uint64_t failures;
	unsigned deaths;
};

struct schedule {
	int64_t refresh;
	unsigned rows;
	struct entry entries[];
};

struct schedule *
schedule_new(unsigned rows, int64_t refresh)
{
	struct schedule *s =
	    calloc(1, sizeof(*s) + rows * sizeof(s->entries[0]));

	if (s == NULL)
		return NULL;
	s->refresh = refresh;
	s->rows = rows;
	return s;
}

void
schedule_free(struct schedule *s)
{
	free(s);
}

/*
 * Full jitter: a random share of an exponentially growing wait, so that many
 * rows of a source that comes back don't return in step.
 */
static int64_t
retry_delay(int64_t refresh, uint64_t failures, uint32_t random)
{
	int64_t ceiling = CLOCK_SECOND;
	int64_t delay;

	for (uint64_t i = 0; i < failures && ceiling < refresh; i++)
		ceiling *= 2;
	if (ceiling > refresh)
		ceiling = refresh;
	delay = (int64_t)((double)random / UINT32_MAX * (double)ceiling);
	return delay < RETRY_FLOOR ? RETRY_FLOOR : delay;
}

static int64_t
due_after(const struct schedule *s, const struct row_state *state,
    uint32_t random)
{
	if (state->failures > 0)
		return state->attempted +
		    retry_delay(s->refresh, state->failures, random);
	return state->fetched == 0 ? 0 : state->fetched + s->refresh;
}

void
schedule_begin(struct schedule *s, unsigned row,
    const struct row_state *state, uint32_t random)
{
	int64_t due = due_after(s, state, random);

	s->entries[row] = (struct entry){
		.attempts = state->attempts,
		.failures = state->failures,
		.due = due > state->aside ? due : state->aside,
	};
}

bool
schedule_observe(struct schedule *s, unsigned row,
    const struct row_state *state, uint32_t random)
{
	struct entry *e = &s->entries[row];

	if (state->attempts == e->attempts)
		return false;
	*e = (struct entry){
		.attempts = state->attempts,
		.failures = state->failures,
		.due = state->attempted +
		    (state->failures == 0
			    ? s->refresh
			    : retry_delay(s->refresh, state->failures, random)),
	};
	return true;
}

/* Retries first, then whoever has waited longest. */
static bool
comes_before(const struct entry *a, const struct entry *b)
{
	if ((a->failures > 0) != (b->failures > 0))
		return a->failures > 0;
	return a->due < b->due;
}

bool
schedule_due(const struct schedule *s, int64_t now, unsigned *row,
    enum job_reason *reason, uint32_t *attempt)
{
	const struct entry *best = NULL;

	for (unsigned i = 0; i < s->rows; i++) {
		const struct entry *e = &s->entries[i];

		if (e->due <= now && (best == NULL || comes_before(e, best)))
			best = e;
	}
	if (best == NULL)
		return false;
	*row = (unsigned)(best - s->entries);
	*reason = best->failures > 0 ? JOB_RETRY : JOB_SCHEDULE;
	*attempt = best->failures > ATTEMPT_CAP ? ATTEMPT_CAP
						: (uint32_t)best->failures;
	return true;
}

int64_t
schedule_due_at(const struct schedule *s, unsigned row)
{
	return s->entries[row].due;
}

void
schedule_sent(struct schedule *s, unsigned row, int64_t now)
{
	s->entries[row].due = INT64_MAX;
	s->entries[row].sent = now;
}

bool
schedule_outstanding(const struct schedule *s, unsigned row, int64_t before)
{
	return s->entries[row].sent != 0 && s->entries[row].sent < before;
}

bool
schedule_pending(const struct schedule *s, unsigned row, int64_t now)
{
	return s->entries[row].sent != 0 || s->entries[row].due <= now;
}

void
schedule_lost(struct schedule *s, unsigned row, int64_t now)
{
	s->entries[row].due = now;
	s->entries[row].sent = 0;
}

int64_t
schedule_death(struct schedule *s, unsigned row, int64_t now)
{
	struct entry *e = &s->entries[row];

	schedule_lost(s, row, now);
	if (++e->deaths < DEATHS_BEFORE_ASIDE)
		return 0;
	e->deaths = DEATHS_BEFORE_ASIDE - 1; /* asked again: one try */
	e->due = now + s->refresh;
	return e->due;
}

int64_t
schedule_next(const struct schedule *s)
{
	int64_t next = INT64_MAX;

	for (unsigned i = 0; i < s->rows; i++)
		if (s->entries[i].due < next)
			next = s->entries[i].due;
	return next;
}
