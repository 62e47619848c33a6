#include "tools/status.h"

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/text.h"
#include "jobs/queue.h"
#include "tools/command.h"
#include "tools/writer.h"

#define STATUS_SCHEMA 1

bool
status_slot(const struct status *status, unsigned i, struct inspect_slot *slot)
{
	inspect_slot(status->ctl->rates, i, slot);
	/* A supervisor that was killed took its workers along unrecorded. */
	if (!status->view.feed.fed) {
		slot->pid = 0;
		slot->state = slot_state_name(SLOT_EMPTY);
	}
	return slot->incarnation != 0;
}

const char *
status_last_exit(const struct inspect_slot *slot, char *buf, size_t size)
{
	if (!slot->ended)
		return NULL;
	if (WIFEXITED(slot->wait_status))
		return text_format(
		    buf, size, "exit %d", WEXITSTATUS(slot->wait_status));
	if (WIFSIGNALED(slot->wait_status))
		return text_format(
		    buf, size, "signal %d", WTERMSIG(slot->wait_status));
	return NULL;
}

static void
json_time(struct json *json, int64_t wall)
{
	char buf[CLOCK_TEXT_MAX];

	json_key(json, "since");
	json_string(json, view_time(wall, buf));
}

static void
json_pid(struct json *json, bool known, int64_t pid)
{
	json_key(json, "pid");
	if (known && pid > 0)
		json_int(json, pid);
	else
		json_null(json);
}

static void
json_supervisor(struct json *json, const struct rates_feed *feed)
{
	json_key(json, "supervisor");
	json_object(json);
	json_pid(json, feed->fed, feed->supervisor);
	json_time(json, feed->fed ? feed->since : 0);
	json_key(json, "generation");
	json_uint(json, feed->generation);
	json_close(json);
}

static void
json_count(struct json *json, const char *key, uint64_t value)
{
	json_key(json, key);
	json_uint(json, value);
}

static void
json_worker(struct json *json, const struct status *status, unsigned i,
    const struct inspect_slot *slot)
{
	char text[32];

	json_object(json);
	json_count(json, "slot", i);
	json_pid(json, true, slot->pid);
	json_key(json, "state");
	json_string(json, slot->state);
	json_time(json, slot->since);
	json_key(json, "jobs");
	json_array(json);
	for (unsigned k = 0; k < status->view.count; k++)
		if (inspect_job(status->ctl->rates, k) == (int)i)
			json_string(json, status->view.codes[k]);
	json_close(json);
	json_count(json, "done", slot->done);
	json_count(json, "failed", slot->failed);
	json_count(json, "restarts", slot->restarts);
	json_key(json, "last_exit");
	json_string(json, status_last_exit(slot, text, sizeof(text)));
	json_close(json);
}

static void
json_workers(struct json *json, const struct status *status)
{
	struct inspect_slot slot;

	json_key(json, "workers");
	json_array(json);
	for (unsigned i = 0; i < inspect_slots(status->ctl->rates); i++)
		if (status_slot(status, i, &slot))
			json_worker(json, status, i, &slot);
	json_close(json);
}

static void
json_queue(struct json *json, const struct status *status)
{
	bool known = status->queue_depth >= 0;

	json_key(json, "queue");
	json_object(json);
	json_key(json, "depth");
	if (known)
		json_int(json, status->queue_depth);
	else
		json_null(json);
	json_key(json, "max");
	if (known)
		json_int(json, status->queue_max);
	else
		json_null(json);
	json_close(json);
}

static void
json_tallies(struct json *json, const struct status *status)
{
	json_key(json, "rows");
	json_object(json);
	json_count(json, "total", status->view.count);
	for (unsigned i = 0; i < FRESHNESS_COUNT; i++)
		json_count(json, freshness_name(status_state(i)),
		    status->states[status_state(i)]);
	json_close(json);
	json_key(json, "counters");
	json_object(json);
#define X(name, label, words)                                                  \
	json_count(json, #name,                                                \
	    inspect_counter(status->ctl->rates, COUNTER_##name));
	STATUS_COUNTERS(X)
#undef X
	json_close(json);
}

static void
json_aside(struct json *json, const struct status *status)
{
	char buf[CLOCK_TEXT_MAX];

	json_key(json, "set_aside");
	json_array(json);
	for (unsigned i = 0; i < status->view.count; i++) {
		int64_t until = inspect_aside(status->ctl->rates, i);

		if (until == 0)
			continue;
		json_object(json);
		json_key(json, "base");
		json_string(json, status->view.codes[i]);
		json_key(json, "until");
		json_string(json, view_time(until, buf));
		json_close(json);
	}
	json_close(json);
}

int
status_json(const struct status *status)
{
	struct json json;

	json_begin(&json, stdout);
	json_object(&json);
	json_key(&json, "schema");
	json_int(&json, STATUS_SCHEMA);
	json_key(&json, "instance");
	json_string(&json, status->ctl->instance);
	json_key(&json, "running");
	json_bool(&json, status->view.feed.fed != 0);
	json_supervisor(&json, &status->view.feed);
	json_workers(&json, status);
	json_queue(&json, status);
	json_tallies(&json, status);
	json_aside(&json, status);
	json_close(&json);
	json_end(&json);
	return CTL_DONE;
}

static void
count_states(struct status *status)
{
	const struct view *view = &status->view;

	for (unsigned i = 0; i < view->count; i++)
		status->states[view->states[i]]++;
}

int
cmd_status(struct ctl *ctl, int argc, char **argv)
{
	struct status status = { .ctl = ctl };
	int answer;

	(void)argc;
	(void)argv;
	answer = view_open(ctl);
	if (answer != CTL_DONE)
		return answer;
	answer = view_load(ctl, false, &status.view);
	if (answer == CTL_DONE) {
		status.queue_depth =
		    queue_depth_of(ctl->instance, &status.queue_max);
		status.queue_error = errno;
		count_states(&status);
		answer = ctl->format == FORMAT_JSON ? status_json(&status)
						    : status_table(&status);
	}
	if (answer == CTL_DONE && !status.view.feed.fed)
		answer = CTL_NO_BOARD;
	view_free(&status.view);
	return answer;
}
