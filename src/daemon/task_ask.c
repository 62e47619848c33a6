#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/text.h"
#include "board/claim.h"
#include "board/last.h"
#include "daemon/sources.h"
#include "daemon/task.h"

#define LOOK_AGAIN CLOCK_SECOND /* whether a source is back early */

void
task_note_failure(struct tasks *ts, struct task *t, enum attempt_class class,
    unsigned http_status, const char *text)
{
	t->failed = true;
	text_format(t->text, sizeof(t->text), "%s", text);
	t->refusal = (struct refusal){
		.source = ts->conf->sources[t->source].name,
		.class = class,
		.http_status = http_status,
		.text = t->text,
		.wall = clock_wall() };
}

/* Its failure answers who asked before a time (boot clock). */
static void
tell_failure(struct tasks *ts, struct task *t, int64_t now, int64_t before)
{
	harvest_failure(ts->harvest, t->row, &t->refusal, now);
	FAULT_POINT("worker.finished");
	task_finish(ts, t, false, before);
}

void
task_give_up(struct tasks *ts, struct task *t)
{
	int64_t now = clock_boot();

	tell_failure(ts, t, now, now);
}

/*
 * Who asks because the source is mended is not told what it had said before.
 * What begins anew tells its failure: or who keeps asking would never hear it.
 */
void
task_fail(struct tasks *ts, struct task *t)
{
	if (t->anew || t->begun == 0) {
		task_give_up(ts, t);
		return;
	}
	if (!claim_asked_since(ts->board, t->row, t->begun)) {
		tell_failure(ts, t, clock_boot(), t->begun);
		return;
	}
	task_blame(ts, t, 0);
	*t = (struct task){
		.row = t->row, .since = clock_boot(), .anew = true
	};
	task_wait(ts, t, 0);
}

/* Of the row alone: another one may have an answer for all rows. */
static bool
is_of_the_row(enum attempt_class class)
{
	return class == ATTEMPT_HELD || class == ATTEMPT_DATE ||
	    class == ATTEMPT_UNSUPPORTED;
}

/*
 * What the answer for all rows came to for one that does not have it.  Who
 * asked has left it in the row, unless the row's lock could not be had, or
 * another source was refused there since.
 */
static void
note_shared(struct tasks *ts, struct task *t)
{
	enum attempt_class class = sources_answer(ts->setup, t->source);
	const char *source = ts->conf->sources[t->source].name;
	bool came = class == ATTEMPT_OK || class == ATTEMPT_NONE ||
	    is_of_the_row(class);
	struct row_last last;

	if (board_row_last(ts->board, t->row, &last, NULL, NULL) == 0 &&
	    strcmp(last.refused_source, source) == 0 &&
	    (came ? is_of_the_row(last.refused) : last.refused == class))
		task_note_failure(
		    ts, t, last.refused, last.refused_http, last.refused_text);
	else if (came)
		task_note_failure(ts, t, ATTEMPT_UNSUPPORTED, 0,
		    "the answer for all rows had none for this one");
	else
		task_note_failure(ts, t, class, 0,
		    "the one request for all rows brought none");
}

/*
 * A shared source has answered since the task began: true if the row has that
 * answer; else what it came to is this row's failure too.
 */
static bool
shares_answer(struct tasks *ts, struct task *t)
{
	struct row_news news;

	board_row_news(ts->board, t->row, &news);
	if (news.fetched_boot > t->since) {
		task_finish(ts, t, true, news.fetched_boot);
		return true;
	}
	note_shared(ts, t);
	if (t->begun == 0)
		t->begun = t->since;
	t->source++;
	return false;
}

static bool
send(struct tasks *ts, struct task *t, struct engine_item *item)
{
	TAILQ_INSERT_TAIL(&ts->flying, t, link);
	task_blame(ts, t, ts->id);
	FAULT_POINT("worker.asking");
	ts->retitle = true;
	if (t->begun == 0)
		t->begun = clock_boot();
	t->again = false;
	item->tag = t;
	t->hash = asking_request(
	    ts->asking, ts->harvest, t->row, t->source, t->mirror, item);
	return true;
}

/* One that waits settles for no source: a better one may be back first. */
bool
task_ask(struct tasks *ts, struct task *t, struct engine_item *item)
{
	char why[DOCUMENT_ERROR_MAX];
	enum attempt_class class;
	unsigned source;
	int64_t wait;

	if (t->again)
		return send(ts, t, item);
	while ((source = t->source) < ts->conf->source_count) {
		int64_t now = clock_boot();
		enum pick pick = sources_pick(
		    ts->setup, &source, t->since, t->failed, now, &wait);

		/* An answer that was under way can open what is closed. */
		if (pick == PICK_WAIT) {
			task_wait(ts, t,
			    now + (wait < LOOK_AGAIN ? wait : LOOK_AGAIN));
			return false;
		}
		t->source = source;
		if (pick == PICK_GRANTED)
			return send(ts, t, item);
		if (pick == PICK_ANSWERED) {
			if (shares_answer(ts, t))
				return false;
			continue;
		}
		class = sources_reason(
		    ts->setup, source, now, why, sizeof(why));
		if (!t->failed)
			task_note_failure(ts, t, class, 0, why);
		t->source = ts->conf->source_count;
	}
	task_fail(ts, t);
	return false;
}
