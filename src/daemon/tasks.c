#include "daemon/tasks.h"

#include <stdlib.h>

#include <bsd/sys/queue.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/fault.h"
#include "base/text.h"
#include "board/claim.h"
#include "daemon/task.h"

#define TITLE_CODES 4

static void
add(board_word *word)
{
	atomic_fetch_add_explicit(word, 1, memory_order_relaxed);
}

const char *
task_row_name(const struct tasks *ts, uint32_t row, char text[CODE_TEXT_MAX])
{
	return code_unpack(ts->conf->codes[row], text);
}

/*
 * A death counts against the jobs that were asked for, until their row is
 * published, and not against those that wait.
 */
void
task_blame(const struct tasks *ts, const struct task *t, uint64_t id)
{
	atomic_store(
	    &board_lock_of(ts->board->map, &ts->board->shape, t->row)->asking,
	    id);
}

void
task_wait(struct tasks *ts, struct task *t, int64_t due)
{
	t->due = due;
	TAILQ_INSERT_TAIL(&ts->waiting, t, link);
}

void
task_finish(struct tasks *ts, struct task *t, bool good, int64_t ended)
{
	add(good ? &ts->slot->done : &ts->slot->failed);
	board_count(ts->board,
	    good ? COUNTER_jobs_done : COUNTER_jobs_failed, 1);
	task_blame(ts, t, 0);
	ts->retitle = true;
	if (claim_pass(ts->board, t->row, ts->id, ended)) {
		/* A failure of since then is what was told just now. */
		*t = (struct task){ .row = t->row,
			.since = good ? claim_asked(ts->board, t->row)
				      : clock_boot() };
		TAILQ_INSERT_TAIL(&ts->waiting, t, link);
		return;
	}
	FAULT_POINT("worker.passed");
	TAILQ_INSERT_TAIL(&ts->free, t, link);
	ts->active--;
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
		if (task_ask(ts, t, item))
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

bool
tasks_next(struct tasks *ts, struct engine_item *item)
{
	struct task *t;

	if (ask_waiting(ts, item))
		return true;
	while ((t = task_take(ts)) != NULL)
		if (task_ask(ts, t, item))
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
		text_append(buf, size, " %s", task_row_name(ts, t->row, code));
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
	ts->asking = asking_new(setup);
	ts->harvest = harvest_new(setup);
	if (ts->numbers == NULL || ts->asking == NULL || ts->harvest == NULL) {
		tasks_free(ts);
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
	asking_free(ts->asking);
	harvest_free(ts->harvest);
	free(ts);
}
