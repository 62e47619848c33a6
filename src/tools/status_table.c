#include "tools/status.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/text.h"
#include "tools/mark.h"
#include "tools/paint.h"
#include "tools/table.h"

#define JOBS_SHOWN 2 /* codes of one worker before "+N" */
#define LABEL_WIDTH 12

/* "queue       ", from which a line goes on. */
static void
begin_line(const struct status *status, struct paint *p, const char *label)
{
	paint_begin(p, 0, terminal_color(status->ctl->color));
	paint_text(p, STYLE_HEAD, "%s", label);
	paint_to(p, LABEL_WIDTH);
}

static void
print_supervisor(const struct status *status)
{
	const struct rates_feed *feed = &status->view.feed;
	char age[CLOCK_TEXT_MAX], since[CLOCK_TEXT_MAX];
	char silence[VIEW_SILENCE_MAX];
	const char *when = view_time(feed->since, since);
	struct paint p;

	begin_line(status, &p, "instance");
	paint_text(&p, STYLE_PLAIN, "%s", status->ctl->instance);
	paint_print(&p, stdout);
	begin_line(status, &p, "supervisor");
	if (feed->fed)
		paint_text(&p, STYLE_PLAIN, "pid %" PRId64 " since %s (%s)",
		    feed->supervisor, when != NULL ? when : "?",
		    clock_format_age(inspect_supervisor_age(status->ctl->rates),
			age, sizeof(age)));
	else
		paint_text(&p, STYLE_FAILED, "none: %s",
		    view_silence(feed, silence, sizeof(silence)));
	paint_print(&p, stdout);
}

static void
print_board(const struct status *status)
{
	const struct rates_feed *feed = &status->view.feed;
	char owner[VIEW_OWNER_MAX];
	struct paint p;

	begin_line(status, &p, "board");
	paint_text(&p, feed->fed ? STYLE_UP : STYLE_STALE, "%s", feed->state);
	paint_text(&p, STYLE_PLAIN, ", generation %" PRIu64,
	    feed->generation);
	if (view_stranger(status->ctl, owner, sizeof(owner)) != NULL)
		paint_text(&p, STYLE_FAILED, ", made by %s", owner);
	paint_print(&p, stdout);
}

/* Appends why a part is not on in all workers that have come to it. */
static void
append_lack(char *list, size_t size, const struct status *status,
    unsigned part, const char *name)
{
	static const struct {
		const char *before, *after;
	} words[SANDBOX_STATE_COUNT] = { [SANDBOX_UNKNOWN] = { "", " unknown" },
		[SANDBOX_OFF] = { "", " off" },
		[SANDBOX_ABSENT] = { "no ", " here" },
		[SANDBOX_UNBUILT] = { "no ", " in this build" },
		[SANDBOX_FAILED] = { "", " failed" } };
	const char *comma = list[0] == '\0' ? "" : ", ";
	enum sandbox_state state = status_sandbox(status, part);

	if (status_sandbox_differs(status, part))
		text_append(list, size, "%s%s in %u of the workers", comma,
		    name, status->sandbox[part][SANDBOX_ON]);
	else
		text_append(list, size, "%s%s%s%s", comma,
		    words[state].before, name, words[state].after);
}

/* "Landlock, seccomp", "off", "seccomp (no Landlock here)"; no line before a
 * worker has come to it. */
static void
print_sandbox(const struct status *status)
{
	static const char *const names[] = {
#define X(name, text) text,
		SANDBOX_PARTS(X)
#undef X
	};
	char on[64] = "", lack[128] = "";
	unsigned seen[SANDBOX_STATE_COUNT] = { 0 };
	struct paint p;

	for (unsigned i = 0; i < SANDBOX_PART_COUNT; i++) {
		bool differs = status_sandbox_differs(status, i);
		enum sandbox_state state = status_sandbox(status, i);

		seen[state] += !differs;
		if (state == SANDBOX_ON && !differs)
			text_append(on, sizeof(on), "%s%s",
			    on[0] == '\0' ? "" : ", ", names[i]);
		else
			append_lack(
			    lack, sizeof(lack), status, i, names[i]);
	}
	if (seen[SANDBOX_UNKNOWN] == SANDBOX_PART_COUNT)
		return;
	begin_line(status, &p, "sandbox");
	if (seen[SANDBOX_OFF] == SANDBOX_PART_COUNT)
		paint_text(&p, STYLE_PLAIN, "off");
	else
		paint_text(&p, STYLE_PLAIN, "%s",
		    on[0] != '\0' ? on : "none");
	if (lack[0] != '\0' && seen[SANDBOX_OFF] < SANDBOX_PART_COUNT)
		paint_text(&p, STYLE_STALE, " (%s)", lack);
	paint_print(&p, stdout);
}

static void
print_queue(const struct status *status)
{
	struct paint p;

	begin_line(status, &p, "queue");
	if (status->queue_depth >= 0)
		paint_text(&p, STYLE_PLAIN, "%ld of %ld",
		    status->queue_depth, status->queue_max);
	else if (status->queue_error == ENOENT)
		paint_text(&p, STYLE_PLAIN, "none");
	else
		paint_text(&p, STYLE_FAILED, "unknown: %s",
		    strerror(status->queue_error));
	paint_print(&p, stdout);
}

static void
print_states(const struct status *status)
{
	struct paint p;

	begin_line(status, &p, "rows");
	paint_text(&p, STYLE_PLAIN, "%u:", status->view.count);
	for (unsigned i = 0; i < FRESHNESS_COUNT; i++) {
		enum freshness state = status_state(i);

		paint_text(&p, STYLE_PLAIN, "%s ", i == 0 ? "" : ",");
		paint_text(&p,
		    status->states[state] == 0	 ? STYLE_DIM
			: state == FRESHNESS_FRESH ? STYLE_UP
						   : mark_style(state),
		    "%u %s", status->states[state], freshness_name(state));
	}
	paint_print(&p, stdout);
}

/* The rows whose last attempt failed; a line only if there are some. */
static void
print_failing(const struct status *status)
{
	char list[256] = "";
	unsigned failing = 0;
	struct paint p;

	for (unsigned i = 0; i < status->view.count; i++)
		if (view_failed(&status->view.rows[i]))
			ctl_list(list, sizeof(list), failing++,
			    status->view.codes[i]);
	if (failing == 0)
		return;
	ctl_list_end(list, sizeof(list), failing);
	begin_line(status, &p, "failing");
	paint_text(&p, STYLE_FAILED, "%s", list);
	paint_print(&p, stdout);
}

/* One line a job, for each has a time of its own; none as a rule. */
static void
print_aside(const struct status *status)
{
	char until[CLOCK_TEXT_MAX];
	const char *label = "set aside";
	struct paint p;

	for (unsigned i = 0; i < status->view.count; i++) {
		int64_t end = inspect_aside(status->ctl->rates, i);

		if (end == 0)
			continue;
		begin_line(status, &p, label);
		paint_text(&p, STYLE_STALE,
		    "%s until %s: workers died on it", status->view.codes[i],
		    view_time(end, until));
		paint_print(&p, stdout);
		label = "";
	}
}

/* Counters of failures, that is, of all but jobs done, show when above 0. */
static void
print_counters(const struct status *status)
{
	static const struct {
		enum board_counter counter;
		const char *label, *words;
	} counters[] = {
#define X(name, label, words) { COUNTER_##name, label, words },
		STATUS_COUNTERS(X)
#undef X
	};
	const size_t count = sizeof(counters) / sizeof(counters[0]);
	struct paint p;

	for (size_t i = 0; i < count; i++) {
		uint64_t value = inspect_counter(
		    status->ctl->rates, counters[i].counter);
		bool bad = value > 0 &&
		    counters[i].counter != COUNTER_jobs_done;

		if (counters[i].label == NULL)
			paint_text(&p, STYLE_PLAIN, ", ");
		else if (i > 0)
			paint_print(&p, stdout);
		if (counters[i].label != NULL)
			begin_line(status, &p, counters[i].label);
		paint_text(&p, bad ? STYLE_STALE : STYLE_PLAIN,
		    "%" PRIu64 " %s", value, counters[i].words);
	}
	paint_print(&p, stdout);
}

static void
cell_count(struct table *table, uint64_t value)
{
	char text[24];

	text_format(text, sizeof(text), "%" PRIu64, value);
	table_cell(table, STYLE_PLAIN, text);
}

/* The codes of the rows that the slot's worker is at. */
static void
cell_jobs(struct table *table, const struct status *status, unsigned slot)
{
	char text[JOBS_SHOWN * RATES_CODE_MAX + 16] = "";
	unsigned count = 0;

	for (unsigned i = 0; i < status->view.count; i++)
		if (inspect_job(status->ctl->rates, i) == (int)slot &&
		    count++ < JOBS_SHOWN)
			text_append(text, sizeof(text), "%s%s",
			    count == 1 ? "" : " ", status->view.codes[i]);
	if (count > JOBS_SHOWN)
		text_append(
		    text, sizeof(text), " +%u", count - JOBS_SHOWN);
	table_cell(table, STYLE_PLAIN, text);
}

/* A worker that was asked to stop ends with 0; that isn't worth a colour. */
static enum table_style
style_of_exit(const struct inspect_slot *slot)
{
	if (!slot->ended || slot->wait_status == 0)
		return STYLE_PLAIN;
	return WIFSIGNALED(slot->wait_status) ? STYLE_FAILED : STYLE_STALE;
}

static void
fill_worker(struct table *table, const struct status *status, unsigned i,
    const struct inspect_slot *slot)
{
	char text[CLOCK_TEXT_MAX];
	const char *last;

	cell_count(table, i);
	if (slot->pid > 0)
		cell_count(table, (uint64_t)slot->pid);
	else
		table_cell(table, STYLE_PLAIN, "-");
	table_cell(table, mark_worker_style(slot->state), slot->state);
	table_cell(table, STYLE_PLAIN,
	    slot->since == 0
		? "-"
		: clock_format_age(slot->age, text, sizeof(text)));
	cell_jobs(table, status, i);
	cell_count(table, slot->done);
	cell_count(table, slot->failed);
	cell_count(table, slot->restarts);
	last = status_last_exit(slot, text, sizeof(text));
	table_cell(table, style_of_exit(slot), last != NULL ? last : "-");
}

static int
print_workers(const struct status *status)
{
	static const struct {
		const char *name;
		enum table_align align;
	} heads[] = { { "SLOT", ALIGN_RIGHT }, { "PID", ALIGN_RIGHT },
		{ "STATE", ALIGN_LEFT }, { "AGE", ALIGN_RIGHT },
		{ "JOBS", ALIGN_LEFT }, { "DONE", ALIGN_RIGHT },
		{ "FAILED", ALIGN_RIGHT }, { "RESTARTS", ALIGN_RIGHT },
		{ "LAST EXIT", ALIGN_LEFT } };
	const size_t columns = sizeof(heads) / sizeof(heads[0]);
	struct inspect_slot slot;
	struct table table;
	int answer;

	table_begin(&table, columns);
	for (size_t i = 0; i < columns; i++) {
		table_align(&table, i, heads[i].align);
		table_cell(&table, STYLE_HEAD, heads[i].name);
	}
	for (unsigned i = 0; i < inspect_slots(status->ctl->rates); i++)
		if (status_slot(status, i, &slot))
			fill_worker(&table, status, i, &slot);
	answer =
	    table_print(&table, stdout, terminal_color(status->ctl->color));
	table_free(&table);
	return answer;
}

int
status_table(const struct status *status)
{
	print_supervisor(status);
	print_board(status);
	print_sandbox(status);
	print_queue(status);
	print_states(status);
	print_failing(status);
	print_aside(status);
	print_counters(status);
	putchar('\n');
	if (print_workers(status) == -1)
		return ctl_complain(CTL_FAILED, "%m");
	return CTL_DONE;
}
