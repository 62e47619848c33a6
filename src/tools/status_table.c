#include "tools/status.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tools/table.h"

#define JOBS_SHOWN 2 /* codes of one worker before "+N" */

static void
print_supervisor(const struct status *status)
{
	const struct rates_feed *feed = &status->view.feed;
	char age[CLOCK_TEXT_MAX], since[CLOCK_TEXT_MAX];
	char silence[VIEW_SILENCE_MAX], owner[VIEW_OWNER_MAX];
	const char *when = view_time(feed->since, since);

	printf("%-10s  %s\n", "instance", status->ctl->instance);
	if (feed->fed)
		printf("%-10s  pid %" PRId64 " since %s (%s)\n", "supervisor",
		    feed->supervisor, when != NULL ? when : "?",
		    clock_format_age(inspect_supervisor_age(status->ctl->rates),
			age, sizeof(age)));
	else
		printf("%-10s  none: %s\n", "supervisor",
		    view_silence(feed, silence, sizeof(silence)));
	printf("%-10s  %s, generation %" PRIu64, "board", feed->state,
	    feed->generation);
	if (view_stranger(status->ctl, owner, sizeof(owner)) != NULL)
		printf(", made by %s", owner);
	putchar('\n');
}

static void
print_tallies(const struct status *status)
{
	printf("%-10s  ", "queue");
	if (status->queue_depth >= 0)
		printf("%ld of %ld\n", status->queue_depth,
		    status->queue_max);
	else if (status->queue_error == ENOENT)
		puts("none");
	else
		printf("unknown: %s\n", strerror(status->queue_error));
	printf("%-10s  %u:", "rows", status->view.count);
	for (unsigned i = 0; i < FRESHNESS_COUNT; i++)
		printf("%s %u %s", i == 0 ? "" : ",",
		    status->states[status_state(i)],
		    freshness_name(status_state(i)));
	putchar('\n');
}

/* One line a job, for each has a time of its own; none as a rule. */
static void
print_aside(const struct status *status)
{
	char until[CLOCK_TEXT_MAX];
	const char *label = "set aside";

	for (unsigned i = 0; i < status->view.count; i++) {
		int64_t end = inspect_aside(status->ctl->rates, i);

		if (end == 0)
			continue;
		printf("%-10s  %s until %s: workers died on it\n", label,
		    status->view.codes[i], view_time(end, until));
		label = "";
	}
}

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

	for (size_t i = 0; i < count; i++) {
		if (counters[i].label != NULL)
			printf("%s%-10s  ", i == 0 ? "" : "\n",
			    counters[i].label);
		else
			fputs(", ", stdout);
		printf("%" PRIu64 " %s",
		    inspect_counter(
			status->ctl->rates, counters[i].counter),
		    counters[i].words);
	}
	putchar('\n');
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
	table_cell(table, STYLE_PLAIN, slot->state);
	table_cell(table, STYLE_PLAIN,
	    slot->since == 0
		? "-"
		: clock_format_age(slot->age, text, sizeof(text)));
	cell_jobs(table, status, i);
	cell_count(table, slot->done);
	cell_count(table, slot->failed);
	cell_count(table, slot->restarts);
	last = status_last_exit(slot, text, sizeof(text));
	table_cell(table, STYLE_PLAIN, last != NULL ? last : "-");
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
	print_tallies(status);
	print_aside(status);
	print_counters(status);
	putchar('\n');
	if (print_workers(status) == -1)
		return ctl_complain(CTL_FAILED, "%m");
	return CTL_DONE;
}
