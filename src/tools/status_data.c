#include "tools/status.h"

#include <stdio.h>

#include "base/text.h"
#include "tools/report.h"

#define STATUS_SCHEMA 1

static void
tell_supervisor(struct report *r, const struct rates_feed *feed)
{
	report_object(r, "supervisor");
	report_known(
	    r, "pid", feed->fed && feed->supervisor > 0, feed->supervisor);
	report_time(r, "since", feed->fed ? feed->since : 0);
	report_uint(r, "generation", feed->generation);
	report_close(r);
}

/* The bases whose jobs a worker has. */
struct jobs {
	const struct status *status;
	unsigned count;
	unsigned rows[BOARD_CURRENCIES_MAX];
};

static const char *
job(const void *context, unsigned i)
{
	const struct jobs *jobs = context;

	return jobs->status->view.codes[jobs->rows[i]];
}

static void
tell_jobs(struct report *r, const struct status *status, unsigned slot)
{
	struct jobs jobs = { .status = status };

	for (unsigned i = 0; i < status->view.count; i++)
		if (inspect_job(status->ctl->rates, i) == (int)slot)
			jobs.rows[jobs.count++] = i;
	report_list(r, "jobs", jobs.count, job, &jobs);
}

static const char *const parts[] = {
#define X(name, text) #name,
	SANDBOX_PARTS(X)
#undef X
};

static const char *
part(const void *context, unsigned i)
{
	const unsigned *on = context;

	return parts[on[i]];
}

static void
tell_parts(struct report *r, const struct inspect_slot *slot)
{
	unsigned on[SANDBOX_PART_COUNT], count = 0;

	for (unsigned i = 0; i < SANDBOX_PART_COUNT; i++)
		if (slot->sandbox[i] == SANDBOX_ON)
			on[count++] = i;
	report_list(r, "sandbox", count, part, on);
}

static void
tell_sandbox(struct report *r, const struct status *status)
{
	report_object(r, "sandbox");
	for (unsigned i = 0; i < SANDBOX_PART_COUNT; i++) {
		enum sandbox_state state = status_sandbox(status, i);

		report_text(r, parts[i],
		    status_sandbox_differs(status, i) ? "in part"
			: state == SANDBOX_UNKNOWN    ? NULL
						      : sandbox_state_name(state));
	}
	report_close(r);
}

static void
tell_worker(struct report *r, const struct status *status, unsigned i,
    const struct inspect_slot *slot)
{
	char text[32];

	report_object(r, text_format(text, sizeof(text), "%u", i));
	report_uint(r, "slot", i);
	report_known(r, "pid", slot->pid > 0, slot->pid);
	report_text(r, "state", slot->state);
	report_time(r, "since", slot->since);
	tell_jobs(r, status, i);
	report_uint(r, "done", slot->done);
	report_uint(r, "failed", slot->failed);
	report_uint(r, "restarts", slot->restarts);
	report_text(
	    r, "last_exit", status_last_exit(slot, text, sizeof(text)));
	tell_parts(r, slot);
	report_close(r);
}

static void
tell_workers(struct report *r, const struct status *status)
{
	struct inspect_slot slot;

	report_array(r, "workers");
	for (unsigned i = 0; i < inspect_slots(status->ctl->rates); i++)
		if (status_slot(status, i, &slot))
			tell_worker(r, status, i, &slot);
	report_close(r);
}

static void
tell_queue(struct report *r, const struct status *status)
{
	bool known = status->queue_depth >= 0;

	report_object(r, "queue");
	report_known(r, "depth", known, status->queue_depth);
	report_known(r, "max", known, status->queue_max);
	report_close(r);
}

static void
tell_tallies(struct report *r, const struct status *status)
{
	report_object(r, "rows");
	report_uint(r, "total", status->view.count);
	for (unsigned i = 0; i < FRESHNESS_COUNT; i++)
		report_uint(r, freshness_name(status_state(i)),
		    status->states[status_state(i)]);
	report_close(r);
	report_object(r, "counters");
#define X(name, label, words)                                                  \
	report_uint(r, #name,                                                  \
	    inspect_counter(status->ctl->rates, COUNTER_##name));
	STATUS_COUNTERS(X)
#undef X
	report_close(r);
}

static void
tell_aside(struct report *r, const struct status *status)
{
	report_array(r, "set_aside");
	for (unsigned i = 0; i < status->view.count; i++) {
		int64_t until = inspect_aside(status->ctl->rates, i);

		if (until == 0)
			continue;
		report_object(r, status->view.codes[i]);
		report_text(r, "base", status->view.codes[i]);
		report_time(r, "until", until);
		report_close(r);
	}
	report_close(r);
}

int
status_data(const struct status *status)
{
	struct report r;

	report_begin(&r, status->ctl->format, stdout);
	report_head(&r, STATUS_SCHEMA, status->ctl->instance,
	    status->view.read);
	report_bool(&r, "running", status->view.feed.fed != 0);
	tell_supervisor(&r, &status->view.feed);
	tell_workers(&r, status);
	tell_sandbox(&r, status);
	tell_queue(&r, status);
	tell_tallies(&r, status);
	tell_aside(&r, status);
	report_end(&r);
	return CTL_DONE;
}
