#include "base/fault.h"
#include "base/log.h"
#include "daemon/sources.h"
#include "daemon/task.h"
#include "daemon/verdict.h"

static bool
is_last(const struct tasks *ts, const struct task *t)
{
	return t->source + 1 >= ts->conf->source_count;
}

/* Another row than that which it was asked for, from an answer for all. */
static void
share_row(struct tasks *ts, uint32_t row, const struct verdict *v)
{
	char text[DOCUMENT_ERROR_MAX];
	enum attempt_class class;

	if (v->again) {
		harvest_again(
		    ts->harvest, row, &v->answer, text, sizeof(text));
		return;
	}
	class = harvest_row(
	    ts->harvest, row, &v->answer, NULL, text, sizeof(text));
	if (class == ATTEMPT_UNSUPPORTED || class == ATTEMPT_DATE)
		harvest_refusal(ts->harvest, row, &v->answer, class, text);
}

/*
 * What came of a request for all rows, good or not: whoever has the job of
 * another row looks there for it.
 */
static void
share(struct tasks *ts, const struct task *t, const struct verdict *v)
{
	if (v->answer.hub == 0 || v->class == ATTEMPT_NONE)
		return;
	for (uint32_t row = 0; row < ts->conf->currencies; row++) {
		if (v->class != ATTEMPT_OK)
			harvest_refusal(
			    ts->harvest, row, &v->answer, v->class, v->text);
		else if (row != t->row)
			share_row(ts, row, v);
	}
}

/* Publishes a good answer; what it came to for the task's row. */
static enum attempt_class
reap(struct tasks *ts, const struct task *t, struct verdict *v)
{
	if (v->again)
		return harvest_again(ts->harvest, t->row, &v->answer, v->text,
		    sizeof(v->text));
	return harvest_row(ts->harvest, t->row, &v->answer,
	    t->failed ? &t->refusal : NULL, v->text, sizeof(v->text));
}

/* What came, read and published as far as it is good. */
static void
take_in(struct tasks *ts, const struct task *t,
    const struct transfer_result *r, bool anew, struct verdict *v)
{
	enum attempt_class class;

	verdict_reach(v, ts->setup, ts->harvest, t->row, t->source,
	    asking_recipe(ts->asking, t->source), t->hash, anew, r,
	    ts->numbers);
	class = v->class == ATTEMPT_OK ? reap(ts, t, v) : v->class;
	share(ts, t, v);
	v->class = class;
}

/* It is what the row had, and then somebody else wrote the row. */
static bool
came_too_late(const struct verdict *v)
{
	return v->again && v->class == ATTEMPT_DOCUMENT;
}

/* A 304 that came too late has no numbers: asked once more, without an ETag. */
static bool
ask_once_more(struct tasks *ts, struct task *t)
{
	if (t->asked_twice || !sources_mirror(ts->setup, t->source))
		return false;
	t->asked_twice = t->again = true;
	return true;
}

/* Tasks that wait for a shared answer need not wait for their next look. */
static void
hurry(struct tasks *ts, unsigned source)
{
	struct task *t;

	if (!sources_shared(ts->conf, source))
		return;
	TAILQ_FOREACH(t, &ts->waiting, link)
		if (t->source <= source)
			t->due = 0;
}

/* The same of a mirror, if there is one that was not asked yet. */
static bool
try_mirror(struct tasks *ts, struct task *t, const struct transfer_result *r)
{
	bool elsewhere = r->class == ATTEMPT_CONNECT ||
	    r->class == ATTEMPT_TIMEOUT || r->class == ATTEMPT_TRANSFER ||
	    (r->class == ATTEMPT_HTTP && r->http_status >= 500);

	if (!elsewhere ||
	    t->mirror >= ts->conf->sources[t->source].mirror_count ||
	    !sources_mirror(ts->setup, t->source))
		return false;
	sources_failed(ts->setup, t->source, r->class);
	t->mirror++;
	return true;
}

/* Followed each time, and each time a detour that may end. */
static void
tell_redirect(
    struct tasks *ts, unsigned source, const struct transfer_result *r)
{
	if (r->redirects == 0 || ts->redirected[source])
		return;
	ts->redirected[source] = true;
	log_warn("source %s: status %u leads to %s: better put that into the "
		 "configuration",
	    ts->conf->sources[source].name, r->redirect_status, r->effective);
}

void
tasks_done(
    struct tasks *ts, void *tag, const struct transfer_result *r, bool last)
{
	struct task *t = tag;
	struct row_news news;
	struct verdict v;
	int64_t ended;

	TAILQ_REMOVE(&ts->flying, t, link);
	tell_redirect(ts, t->source, r);
	sources_took(ts->setup, t->source, r);
	if (!last && try_mirror(ts, t, r)) {
		t->again = true;
		task_wait(ts, t, 0);
		return;
	}
	board_row_news(ts->board, t->row, &news);
	take_in(ts, t, r, false, &v);
	if (came_too_late(&v) && !r->not_modified)
		take_in(ts, t, r, true, &v);
	if (came_too_late(&v) && !last && ask_once_more(ts, t)) {
		task_wait(ts, t, 0);
		return;
	}
	ended = v.answer.fetched_boot;
	sources_note(ts->setup, t->source, r, v.class);
	verdict_log(&v, ts->setup, t->row, &news, is_last(ts, t));
	sources_release(ts->setup, t->source, v.class, ended);
	hurry(ts, t->source);
	if (v.class == ATTEMPT_OK || v.class == ATTEMPT_NONE) {
		FAULT_POINT("worker.finished");
		task_finish(ts, t, v.class == ATTEMPT_OK, ended);
		return;
	}
	task_note_failure(ts, t, v.class, r->http_status, v.text);
	if (last) {
		task_give_up(ts, t);
		return;
	}
	if (is_last(ts, t)) {
		task_fail(ts, t);
		return;
	}
	task_blame(ts, t, 0);
	t->source++;
	t->mirror = 0;
	task_wait(ts, t, 0);
}
