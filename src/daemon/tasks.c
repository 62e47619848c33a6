#include "daemon/tasks.h"

#include <stdlib.h>

#include <bsd/sys/queue.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"
#include "board/publish.h"
#include "daemon/sources.h"
#include "daemon/verdict.h"
#include "jobs/queue.h"

#define LOCK_PATIENCE (5 * CLOCK_SECOND)
#define DROPPED_LOG_EVERY (60 * CLOCK_SECOND)
#define TITLE_CODES 4
#define TAKE_TRIES 64

struct task {
	TAILQ_ENTRY(task) link;
	uint32_t row;
	unsigned source; /* of the configuration, in their order */
	int64_t due;     /* boot clock; while it waits */
};
TAILQ_HEAD(task_list, task);

struct tasks {
	const struct worker_setup *setup;
	const struct conf *conf;
	struct board *board;
	struct board_slot *slot;
	uint64_t id;
	struct task_list free, waiting, flying;
	unsigned active; /* waiting and flying */
	bool retitle;
	int64_t dropped_next; /* monotonic: when to log a dropped message again */
	double *numbers;
	struct task all[];
};

static void
add(board_word *word)
{
	atomic_fetch_add_explicit(word, 1, memory_order_relaxed);
}

static const char *
row_name(const struct tasks *ts, uint32_t row, char text[CODE_TEXT_MAX])
{
	return code_unpack(ts->conf->codes[row], text);
}

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
is_done(const struct tasks *ts, const struct job *job, uint32_t row,
    int64_t *fetched)
{
	struct row_news news;

	board_row_news(ts->board, row, &news);
	*fetched = news.fetched_boot;
	return news.fetched_boot > asked_at(job);
}

/* The task of a job, claimed; NULL if there is nothing to do. */
static struct task *
accept_job(struct tasks *ts, const struct job *job)
{
	int row = board_find(ts->board, job->base);
	int64_t fetched;
	struct task *t;

	if (row == -1) {
		drop_message(ts, "for a base that the board doesn't have");
		return NULL;
	}
	FAULT_POINT("worker.received");
	if (job->deadline != 0 && job->deadline < clock_boot())
		return NULL; /* its time is over */
	if (!claim_ask(ts->board, (uint32_t)row, ts->id, asked_at(job)))
		return NULL; /* somebody is at it, and has been told */
	FAULT_POINT("worker.claimed");
	/* Who was refused meanwhile has left word: that one is not done. */
	if (is_done(ts, job, (uint32_t)row, &fetched) &&
	    !claim_pass(ts->board, (uint32_t)row, ts->id, fetched))
		return NULL;
	t = TAILQ_FIRST(&ts->free);
	TAILQ_REMOVE(&ts->free, t, link);
	*t = (struct task){ .row = (uint32_t)row };
	ts->active++;
	return t;
}

/* The next job of the queue as a task, or NULL when the queue is empty. */
static struct task *
take_job(struct tasks *ts)
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

/*
 * A death counts against the jobs that were asked for, until their row is
 * published, and not against those that wait.
 */
static void
mark_asking(const struct tasks *ts, const struct task *t, uint64_t id)
{
	atomic_store(
	    &board_lock_of(ts->board->map, &ts->board->shape, t->row)->asking,
	    id);
}

/* The task's request, if its source has a token for it now. */
static bool
ask_source(struct tasks *ts, struct task *t, struct engine_item *item)
{
	int64_t now = clock_boot(), wait;
	char code[CODE_TEXT_MAX];

	t->source = sources_choose(ts->setup, t->source, now);
	wait = sources_take(ts->setup, t->source, now);
	if (wait > 0) {
		t->due = now + wait;
		TAILQ_INSERT_TAIL(&ts->waiting, t, link);
		return false;
	}
	TAILQ_INSERT_TAIL(&ts->flying, t, link);
	mark_asking(ts, t, ts->id);
	FAULT_POINT("worker.asking");
	ts->retitle = true;
	item->tag = t;
	if (source_url(&ts->conf->sources[t->source],
		row_name(ts, t->row, code), item->url, sizeof(item->url)) == -1)
		item->url[0] = '\0'; /* the engine hands back the failure */
	return true;
}

static bool
ask_waiting(struct tasks *ts, struct engine_item *item)
{
	struct task *t, *next;
	int64_t now = clock_boot();

	TAILQ_FOREACH_SAFE(t, &ts->waiting, link, next) {
		if (t->due > now)
			continue;
		TAILQ_REMOVE(&ts->waiting, t, link);
		if (ask_source(ts, t, item))
			return true;
	}
	return false;
}

int64_t
tasks_wait(const struct tasks *ts)
{
	int64_t now = clock_boot(), first = INT64_MAX;
	const struct task *t;

	TAILQ_FOREACH(t, &ts->waiting, link)
		if (t->due < first)
			first = t->due;
	if (first == INT64_MAX)
		return -1;
	return first > now ? first - now : 0;
}

static void
finish(struct tasks *ts, struct task *t, bool good, int64_t ended)
{
	add(good ? &ts->slot->done : &ts->slot->failed);
	board_count(ts->board,
	    good ? COUNTER_jobs_done : COUNTER_jobs_failed, 1);
	mark_asking(ts, t, 0);
	ts->retitle = true;
	if (claim_pass(ts->board, t->row, ts->id, ended)) {
		*t = (struct task){ .row = t->row };
		TAILQ_INSERT_TAIL(&ts->waiting, t, link);
		return;
	}
	FAULT_POINT("worker.passed");
	TAILQ_INSERT_TAIL(&ts->free, t, link);
	ts->active--;
}

static bool
is_last(const struct tasks *ts, const struct task *t)
{
	return t->source + 1 >= ts->conf->source_count;
}

void
tasks_done(
    struct tasks *ts, void *tag, const struct transfer_result *r, bool last)
{
	struct task *t = tag;
	char code[CODE_TEXT_MAX];
	struct verdict verdict;
	struct publication *p = &verdict.publication;
	bool good;

	verdict_reach(&verdict, ts->setup, t->row, t->source, r, ts->numbers);
	p->worker = ts->id;
	good = p->class == ATTEMPT_OK;
	sources_note(ts->setup, t->source, r, good);
	TAILQ_REMOVE(&ts->flying, t, link);
	verdict_log(&verdict, ts->setup, is_last(ts, t));
	if (!good && !is_last(ts, t) && !last) {
		mark_asking(ts, t, 0);
		t->source++;
		t->due = 0;
		TAILQ_INSERT_TAIL(&ts->waiting, t, link);
		return;
	}
	if (publish(ts->board, p, clock_mono() + LOCK_PATIENCE) == -1) {
		log_error("%s: the row's lock could not be had",
		    row_name(ts, t->row, code));
		good = false;
	}
	FAULT_POINT("worker.finished");
	finish(ts, t, good, p->fetched_boot);
}

bool
tasks_next(struct tasks *ts, struct engine_item *item)
{
	struct task *t;

	if (ask_waiting(ts, item))
		return true;
	while ((t = take_job(ts)) != NULL)
		if (ask_source(ts, t, item))
			return true;
	return false;
}

unsigned
tasks_active(const struct tasks *ts)
{
	return ts->active;
}

bool
tasks_room(const struct tasks *ts)
{
	return ts->active < ts->conf->concurrency;
}

bool
tasks_title(struct tasks *ts, char *buf, size_t size)
{
	char code[CODE_TEXT_MAX];
	const struct task *t;
	unsigned shown = 0;

	if (!ts->retitle)
		return false;
	ts->retitle = false;
	TAILQ_FOREACH(t, &ts->flying, link) {
		if (shown == TITLE_CODES)
			break;
		text_append(buf, size, " %s", row_name(ts, t->row, code));
		shown++;
	}
	if (ts->active > shown)
		text_append(buf, size, " +%u", ts->active - shown);
	return true;
}

struct tasks *
tasks_new(const struct worker_setup *setup)
{
	unsigned room = setup->conf->concurrency;
	struct tasks *ts = calloc(1, sizeof(*ts) + room * sizeof(ts->all[0]));

	if (ts == NULL)
		return NULL;
	ts->setup = setup;
	ts->conf = setup->conf;
	ts->board = setup->board;
	ts->slot = board_slot(
	    setup->board->map, &setup->board->shape, setup->slot);
	ts->id = worker_id(setup->slot, setup->incarnation);
	ts->retitle = true;
	ts->numbers = calloc(ts->conf->currencies, sizeof(*ts->numbers));
	if (ts->numbers == NULL) {
		free(ts);
		return NULL;
	}
	TAILQ_INIT(&ts->free);
	TAILQ_INIT(&ts->waiting);
	TAILQ_INIT(&ts->flying);
	for (unsigned i = 0; i < room; i++)
		TAILQ_INSERT_TAIL(&ts->free, &ts->all[i], link);
	return ts;
}

void
tasks_free(struct tasks *ts)
{
	if (ts == NULL)
		return;
	free(ts->numbers);
	free(ts);
}
