#include "base/clock.h"
#include "base/code.h"
#include "base/fault.h"
#include "base/log.h"
#include "board/claim.h"
#include "board/last.h"
#include "daemon/task.h"
#include "jobs/queue.h"

#define DROPPED_LOG_EVERY (60 * CLOCK_SECOND)
#define TAKE_TRIES 64

static void
drop_message(struct tasks *ts, const char *why)
{
	board_count(ts->board, COUNTER_messages_dropped, 1);
	if (clock_mono() < ts->dropped_next)
		return;
	ts->dropped_next = clock_mono() + DROPPED_LOG_EVERY;
	log_warn("a message on the queue was dropped: it is %s (and perhaps "
		 "more within a minute)",
	    why);
}

/* A sender's clock is no better than ours: its future is now. */
static int64_t
asked_at(const struct job *job)
{
	int64_t now = clock_boot();

	return job->queued < now ? job->queued : now;
}

/* A job whose row was refreshed since is done. */
static bool
is_done(
    const struct tasks *ts, uint32_t row, int64_t since, int64_t *fetched)
{
	struct row_news news;

	board_row_news(ts->board, row, &news);
	*fetched = news.fetched_boot;
	return news.fetched_boot > since;
}

/* An operator takes for right what was held then; not what came later. */
static void
accept_held(struct tasks *ts, uint32_t row, int64_t held)
{
	char code[CODE_TEXT_MAX];
	struct row_last last;

	if (board_row_last(ts->board, row, &last, NULL, NULL) == -1 ||
	    last.held_wall == 0 || last.held_wall != held)
		return;
	board_row_accept(ts->board, row, last.held_wall);
	log_info("%s: what is held from %s is accepted by an operator",
	    task_row_name(ts, row, code), last.held_source);
}

/* The task of a job, claimed; NULL if there is nothing to do. */
static struct task *
accept_job(struct tasks *ts, const struct job *job)
{
	int row = board_find(ts->board, job->base);
	int64_t fetched, since = asked_at(job);
	struct task *t;

	if (row == -1) {
		drop_message(ts, "for a base that the board doesn't have");
		return NULL;
	}
	FAULT_POINT("worker.received");
	if (job->deadline != 0 && job->deadline < clock_boot())
		return NULL; /* its time is over */
	if (job->kind == JOB_ACCEPT) {
		accept_held(ts, (uint32_t)row, job->held);
		since = clock_boot(); /* what came before was judged without */
	}
	if (!claim_ask(ts->board, (uint32_t)row, ts->id, since))
		return NULL; /* somebody is at it, and has been told */
	FAULT_POINT("worker.claimed");
	if (is_done(ts, (uint32_t)row, since, &fetched)) {
		/* Who was refused meanwhile has left word: is that one done? */
		if (!claim_pass(ts->board, (uint32_t)row, ts->id, fetched))
			return NULL;
		since = claim_asked(ts->board, (uint32_t)row);
	}
	t = TAILQ_FIRST(&ts->free);
	TAILQ_REMOVE(&ts->free, t, link);
	*t = (struct task){ .row = (uint32_t)row, .since = since };
	ts->active++;
	return t;
}

struct task *
task_take(struct tasks *ts)
{
	/* Bounded: a flood of messages must not keep it from its transfers. */
	for (int tries = 0; tries < TAKE_TRIES && tasks_room(ts); tries++) {
		const char *why;
		struct job job;
		struct task *t;
		int got = queue_receive(ts->setup->queue, &job, &why);

		if (got == 2)
			drop_message(ts, why);
		if (got == 0 || got == -1)
			return NULL;
		if (got == 1 && (t = accept_job(ts, &job)) != NULL)
			return t;
	}
	return NULL;
}
