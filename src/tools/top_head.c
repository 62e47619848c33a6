/*
 * What stands above and below the rates.
 */
#include "tools/top.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tools/keys.h"
#include "tools/mark.h"
#include "tools/view.h"

#define SMALL 8 /* rows of a screen that has no room for all of the head */

void
top_begin_line(const struct top *top, struct paint *paint)
{
	paint_begin(paint, top->screen.columns, top->color);
}

/* Of now, also while the rest is paused. */
static void
put_feed(struct top *top, struct paint *p)
{
	char age[CLOCK_TEXT_MAX], silence[VIEW_SILENCE_MAX];
	struct rates_feed feed;

	if (rates_feed(top->ctl->rates, &feed) != RATES_OK) {
		paint_text(p, STYLE_FAILED, "%s",
		    view_silence(&feed, silence, sizeof(silence)));
		return;
	}
	paint_text(p, STYLE_UP, "fed");
	paint_text(p, STYLE_PLAIN, " by pid %" PRId64 " for %s",
	    feed.supervisor,
	    clock_format_age(inspect_supervisor_age(top->ctl->rates), age,
		sizeof(age)));
}

static void
line_of_instance(struct top *top)
{
	char time[CLOCK_TEXT_MAX];
	struct paint p;

	clock_format_utc(top->now, time, sizeof(time));
	top_begin_line(top, &p);
	paint_text(&p, STYLE_HEAD, "ratesd %s", top->ctl->instance);
	paint_text(&p, STYLE_PLAIN, "  ");
	put_feed(top, &p);
	if (top->paused) {
		paint_text(&p, STYLE_PLAIN, "  ");
		paint_text(&p, STYLE_INVERSE, "PAUSED");
	}
	if (paint_left(&p) > strlen(time))
		paint_to(&p,
		    top->screen.columns - (unsigned)strlen(time));
	if (paint_left(&p) >= strlen(time))
		paint_text(&p, STYLE_PLAIN, "%s", time);
	screen_line(&top->screen, &p);
}

static void
put_states(struct top *top, struct paint *p)
{
	const struct choice *bases = &top->follow.bases;
	unsigned counts[FRESHNESS_COUNT] = { 0 };
	const char *separator = ":";

	for (unsigned k = 0; k < bases->count; k++)
		counts[top_row(top, k)->state]++;
	paint_text(p, STYLE_PLAIN, "%u row%s", bases->count,
	    bases->count == 1 ? "" : "s");
	for (unsigned i = 1; i <= FRESHNESS_COUNT; i++) {
		enum freshness state = i % FRESHNESS_COUNT;

		if (counts[state] == 0)
			continue;
		paint_text(p, STYLE_PLAIN, "%s ", separator);
		paint_text(p,
		    state == FRESHNESS_FRESH ? STYLE_UP : mark_style(state),
		    "%u %s", counts[state], freshness_name(state));
		separator = ",";
	}
}

static void
line_of_rows(struct top *top)
{
	struct rates *rates = top->ctl->rates;
	struct paint p;

	top_begin_line(top, &p);
	put_states(top, &p);
	if (top->queue_depth >= 0)
		paint_text(&p, STYLE_PLAIN, "  queue %ld of %ld",
		    top->queue_depth, top->queue_max);
	paint_text(&p, STYLE_PLAIN, "  jobs %" PRIu64 " done, %" PRIu64
	    " failed",
	    inspect_counter(rates, COUNTER_jobs_done),
	    inspect_counter(rates, COUNTER_jobs_failed));
	if (top->skipped > 0)
		paint_text(&p, STYLE_STALE, "  %" PRIu64 " skipped",
		    top->skipped);
	screen_line(&top->screen, &p);
}

/* The first row that a worker is at. */
static const char *
job_of(const struct top *top, unsigned slot)
{
	for (unsigned i = 0; i < top->follow.count; i++)
		if (inspect_job(top->ctl->rates, i) == (int)slot)
			return top->follow.codes[i];
	return NULL;
}

static void
put_worker(struct top *top, struct paint *p, unsigned i)
{
	struct inspect_slot slot;
	const char *job;

	inspect_slot(top->ctl->rates, i, &slot);
	if (slot.incarnation == 0)
		return;
	paint_text(p, STYLE_PLAIN, "  ");
	paint_text(p, STYLE_DIM, "%u", i);
	paint_text(p, STYLE_PLAIN, " ");
	paint_text(p, mark_worker_style(slot.state), "%s", slot.state);
	job = job_of(top, i);
	if (job != NULL)
		paint_text(p, STYLE_PLAIN, " %s", job);
}

static void
line_of_workers(struct top *top)
{
	struct paint p;

	top_begin_line(top, &p);
	paint_text(&p, STYLE_PLAIN, "workers");
	if (!top->follow.feed.fed)
		paint_text(&p, STYLE_DIM, "  none");
	for (unsigned i = 0; top->follow.feed.fed &&
	     i < inspect_slots(top->ctl->rates);
	     i++)
		put_worker(top, &p, i);
	screen_line(&top->screen, &p);
}

static void
empty_line(struct top *top)
{
	struct paint p;

	top_begin_line(top, &p);
	screen_line(&top->screen, &p);
}

void
top_head(struct top *top)
{
	line_of_instance(top);
	if (top->screen.rows <= SMALL)
		return;
	line_of_rows(top);
	line_of_workers(top);
	empty_line(top);
}

void
top_help(struct top *top, unsigned room)
{
	static const struct {
		const char *keys, *help;
	} lines[] = {
#define X(id, name, help) { name, help },
		KEYS(X)
#undef X
	};
	const char *const marks[] = { "",
		"rows     C closed  L late  F frozen  S stale  E empty",
		"         ! the last attempt failed",
		top->utf8 ? "numbers  \342\226\262 \342\226\274 went up or "
			    "down just now"
			  : "numbers  ^ v went up or down just now" };
	const size_t count = sizeof(lines) / sizeof(lines[0]);
	struct paint p;

	for (size_t i = 0; i < count && room > 0; i++, room--) {
		top_begin_line(top, &p);
		paint_text(&p, STYLE_HEAD, "%9s", lines[i].keys);
		paint_text(&p, STYLE_PLAIN, "  %s", lines[i].help);
		screen_line(&top->screen, &p);
	}
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]) && room > 0;
	     i++, room--) {
		top_begin_line(top, &p);
		paint_text(&p, STYLE_PLAIN, "%s", marks[i]);
		screen_line(&top->screen, &p);
	}
}

unsigned
top_foot_lines(const struct top *top)
{
	const struct choice *bases = &top->follow.bases;

	if (top->screen.rows <= SMALL)
		return top->screen.rows > 1;
	for (unsigned k = 0; k < bases->count; k++)
		if (view_failed(&top_row(top, k)->row))
			return 2;
	return 1;
}

/* Why the first row that failed did, and how many more. */
static void
line_of_failures(struct top *top)
{
	const struct choice *bases = &top->follow.bases;
	char error[VIEW_ERROR_MAX];
	unsigned failed = 0, first = 0;
	struct paint p;

	for (unsigned k = 0; k < bases->count; k++)
		if (view_failed(&top_row(top, k)->row) && failed++ == 0)
			first = k;
	top_begin_line(top, &p);
	if (failed > 1)
		paint_text(&p, STYLE_FAILED, "! %u rows failed, such as ",
		    failed);
	paint_text(&p, STYLE_FAILED, "%s%s: %s", failed > 1 ? "" : "! ",
	    top_base(top, first),
	    view_error(&top_row(top, first)->row, error, sizeof(error)));
	screen_line(&top->screen, &p);
}

void
top_foot(struct top *top)
{
	unsigned lines = top_lines(top), foot = top_foot_lines(top);
	struct paint p;

	while (screen_room(&top->screen) > foot)
		empty_line(top);
	if (foot > 1)
		line_of_failures(top);
	if (screen_room(&top->screen) == 0)
		return;
	top_begin_line(top, &p);
	paint_text(&p, STYLE_DIM, "q quit  ? help  space pause  tab %s",
	    top->pairs ? "matrix" : "pairs");
	if (!top->help && top->rows_shown < lines)
		paint_text(&p, STYLE_DIM, "  lines %u-%u of %u",
		    top->row + 1, top->row + top->rows_shown, lines);
	if (!top->help && !top->pairs &&
	    top->columns_shown < top->follow.quotes.count)
		paint_text(&p, STYLE_DIM, "  columns %u-%u of %u",
		    top->column + 1, top->column + top->columns_shown,
		    top->follow.quotes.count);
	screen_line(&top->screen, &p);
}
