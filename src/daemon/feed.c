#include "daemon/feed.h"

#include <errno.h>

#include <bsd/stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "board/claim.h"
#include "board/publish.h"
#include "jobs/queue.h"

#define LOST_AFTER CLOCK_SECOND /* while the queue is empty */
#define LOST_ANYHOW (30 * CLOCK_SECOND) /* one job too many is dropped */

/* One that the schedule did not send: whoever took it left word on the board. */
static bool
is_owed(const struct world *w, unsigned row, const struct row_news *news,
    int64_t now, int64_t before)
{
	return news->asked > news->attempt_boot && news->asked < before &&
	    !schedule_pending(w->schedule, row, now);
}

/* True if the row shows an attempt that the schedule did not know. */
static bool
look_at_row(struct world *w, unsigned row, int64_t *fetched)
{
	struct row_state state;

	world_row(w, row, &state);
	*fetched = state.fetched;
	if (!schedule_observe(w->schedule, row, &state, arc4random()))
		return false;
	if (state.aside != 0) /* asked for by hand, it went well */
		atomic_store(&board_lock_of(w->board->map, &w->board->shape,
				  row)
				  ->aside,
		    0);
	return true;
}

/*
 * A job that was sent a while ago and that nobody has, while the queue is
 * empty, or that for long: it died between the queue and a worker's claim.
 */
static void
find_lost(struct world *w, unsigned row, int64_t now, bool queue_empty)
{
	int64_t before = now - (queue_empty ? LOST_AFTER : LOST_ANYHOW);
	struct row_news news;
	int64_t fetched;

	board_row_news(w->board, row, &news);
	if (news.claim != 0 ||
	    (!schedule_outstanding(w->schedule, row, before) &&
		!is_owed(w, row, &news, now, before)))
		return;
	/* Its attempt may have ended between the two looks. */
	if (look_at_row(w, row, &fetched))
		return;
	schedule_lost(w->schedule, row, now);
	board_count(w->board, COUNTER_jobs_requeued, 1);
}

unsigned
feed_look(struct world *w)
{
	bool empty = queue_depth(w->queue, NULL) == 0;
	int64_t now = clock_boot(), fetched;
	unsigned fresh = 0;

	for (unsigned i = 0; i < w->conf->currencies; i++) {
		look_at_row(w, i, &fetched);
		fresh += fetched != 0 && now - fetched <= w->conf->stale_after;
		find_lost(w, i, now, empty);
	}
	return fresh;
}

/*
 * What came since a job fell due is its answer, however late it goes out: of a
 * source that answers for all rows at once, the jobs that were sent before had
 * it asked.  What was there before this world is not.
 */
static int64_t
asked_at(const struct world *w, unsigned row, int64_t now)
{
	int64_t due = schedule_due_at(w->schedule, row);

	if (due < w->begun)
		due = w->begun;
	return due < now ? due : now;
}

/* A row's job on the queue; false when the queue is full. */
static bool
send_job(struct world *w, unsigned row, enum job_reason reason,
    uint32_t attempt, int64_t now)
{
	struct job job = { .kind = JOB_REFRESH,
		.reason = reason,
		.base = w->conf->codes[row],
		.attempt = attempt,
		.queued = asked_at(w, row, now) };

	if (queue_send(w->queue, &job) == -1) {
		if (errno != EAGAIN)
			log_error("queue: %m");
		return false;
	}
	schedule_sent(w->schedule, row, now);
	return true;
}

bool
feed_queue(struct world *w)
{
	int64_t now = clock_boot();
	enum job_reason reason;
	uint32_t attempt;
	int64_t fetched;
	unsigned row;

	while (schedule_due(w->schedule, now, &row, &reason, &attempt)) {
		/* Somebody may have asked for it since the last tick. */
		if (look_at_row(w, row, &fetched))
			continue;
		if (!send_job(w, row, reason, attempt, now))
			return true;
	}
	return false;
}
