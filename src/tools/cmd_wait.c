#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "tools/command.h"
#include "tools/instances.h"
#include "tools/progress.h"
#include "tools/view.h"

#define OPEN_EVERY (200 * CLOCK_MS)
#define WONDER CLOCK_SECOND /* who waits in vain is told why after that */
#define NAMES_MAX 128 /* of the rows that are waited for */
#define TEXT_MAX 256

struct waiting {
	struct ctl *ctl;
	int64_t begun;    /* monotonic clock */
	int64_t deadline; /* the same; negative: none */
	bool told;        /* what is waited for in vain */
	struct progress progress;
};

/* What is left in ns; negative: no deadline. */
static int64_t
left(const struct waiting *w)
{
	int64_t rest;

	if (w->deadline < 0)
		return -1;
	rest = w->deadline - clock_mono();
	return rest < 0 ? 0 : rest;
}

/* A wait that nothing will end unless somebody acts; a line for each reason. */
static void
tell(struct waiting *w, const char *text)
{
	if (progress_due(&w->progress))
		progress_show(&w->progress, "%s", text);
	if (w->progress.on || w->told || clock_mono() - w->begun < WONDER)
		return;
	w->told = true;
	ctl_note(w->ctl, CTL_DONE, "%s", text);
}

static void
tell_no_board(struct waiting *w)
{
	char others[TEXT_MAX / 2], text[TEXT_MAX];

	tell(w,
	    text_format(text, sizeof(text),
		"instance %s: waiting for a board, there is none yet%s",
		w->ctl->instance, instances_running(others, sizeof(others))));
}

/* A board that isn't there can't wake anyone: this alone must poll. */
static int
await_board(struct waiting *w)
{
	struct ctl *ctl = w->ctl;
	struct timespec pause = { 0 };
	int64_t rest;

	while (rates_open(ctl->instance, &ctl->rates) == RATES_NO_BOARD) {
		rest = left(w);
		if (rest == 0) {
			progress_end(&w->progress);
			return ctl_note(ctl, CTL_FAILED,
			    "instance %s: still no board after %s",
			    ctl->instance, ctl->timeout_text);
		}
		tell_no_board(w);
		pause.tv_nsec =
		    rest >= 0 && rest < OPEN_EVERY ? rest : OPEN_EVERY;
		nanosleep(&pause, NULL);
	}
	progress_end(&w->progress);
	w->told = false;
	if (ctl->rates == NULL)
		return view_open(ctl);
	view_warn(ctl);
	return CTL_DONE;
}

/* Of a late or frozen row it is the source that must move, not the daemon. */
static bool
good_enough(enum freshness state)
{
	return state != FRESHNESS_EMPTY && state != FRESHNESS_STALE;
}

/* BUSY counts as not good: it is about to change. */
static bool
is_good(struct ctl *ctl, unsigned i, struct rates_row *row)
{
	struct rates_feed feed;

	if (rates_row(ctl->rates, i, row, NULL) != RATES_OK)
		return false;
	rates_feed(ctl->rates, &feed);
	return good_enough(
	    view_state(ctl, row, feed.stale_after, clock_wall()));
}

/* The first row from *i on, all around, that isn't good; false if all are. */
static bool
find_missing(struct ctl *ctl, unsigned *i, struct rates_row *row)
{
	unsigned count = rates_count(ctl->rates);

	for (unsigned n = 0; n < count; n++) {
		if (*i >= count)
			*i = 0;
		if (!is_good(ctl, *i, row))
			return true;
		++*i;
	}
	return false;
}

/* "nobody feeds this board" after that, or "". */
static const char *
silence(struct ctl *ctl, const char *before, char *buf, size_t size)
{
	char text[VIEW_SILENCE_MAX];
	struct rates_feed feed;

	if (rates_feed(ctl->rates, &feed) != RATES_NOT_FED)
		return text_format(buf, size, "%s", "");
	return text_format(
	    buf, size, "%s%s", before, view_silence(&feed, text, sizeof(text)));
}

static int
out_of_time(struct ctl *ctl)
{
	char list[TEXT_MAX] = "", why[VIEW_SILENCE_MAX + 2];
	struct view view;
	unsigned count = 0;
	int status;

	status = view_load(ctl, false, &view);
	for (unsigned i = 0; status == CTL_DONE && i < view.count; i++)
		if (!good_enough(view.states[i]))
			ctl_list(list, sizeof(list), count++, view.codes[i]);
	view_free(&view);
	if (status != CTL_DONE)
		return status;
	ctl_list_end(list, sizeof(list), count);
	return ctl_note(ctl, CTL_FAILED, "still empty or stale after %s: %s%s",
	    ctl->timeout_text, list, silence(ctl, "; ", why, sizeof(why)));
}

/* How far it is; all rows are looked at for that alone. */
static const char *
how_far(struct ctl *ctl, char *buf, size_t size)
{
	char names[NAMES_MAX] = "", code[RATES_CODE_MAX];
	char clean[RATES_CODE_MAX];
	unsigned count = rates_count(ctl->rates), missing = 0;
	struct rates_row row;

	for (unsigned i = 0; i < count; i++)
		if (!is_good(ctl, i, &row) &&
		    rates_code(ctl->rates, i, code) == RATES_OK)
			ctl_list(names, sizeof(names), missing++,
			    text_clean(clean, sizeof(clean), code,
				strlen(code)));
	ctl_list_end(names, sizeof(names), missing);
	return progress_text(buf, size, count - missing, count, names);
}

/* For who looks on; and for all, if nobody feeds the board. */
static void
tell_rows(struct waiting *w)
{
	char far[NAMES_MAX + 64], why[VIEW_SILENCE_MAX], text[TEXT_MAX];

	silence(w->ctl, "", why, sizeof(why));
	if (why[0] != '\0')
		tell(w,
		    text_format(text, sizeof(text), "instance %s: %s; %s",
			w->ctl->instance, why,
			how_far(w->ctl, far, sizeof(far))));
	else if (progress_due(&w->progress))
		progress_show(
		    &w->progress, "%s", how_far(w->ctl, far, sizeof(far)));
}

/* Nobody is woken when the board's supervisor goes. */
static int64_t
pause_of(const struct waiting *w, int64_t rest)
{
	int64_t pause = progress_pause(&w->progress, rest);

	return pause >= 0 && pause < WONDER ? pause : WONDER;
}

static int
await_rows(struct waiting *w)
{
	struct ctl *ctl = w->ctl;
	struct rates_row row;
	unsigned i = 0;
	int64_t rest;

	for (;;) {
		row = (struct rates_row){ 0 };
		if (!find_missing(ctl, &i, &row))
			return CTL_DONE;
		rest = left(w);
		if (rest == 0) {
			progress_end(&w->progress);
			return out_of_time(ctl);
		}
		tell_rows(w);
		switch (
		    rates_wait(ctl->rates, i, row.seq, pause_of(w, rest))) {
		case RATES_SYSTEM:
			if (errno == EINTR)
				break;
			progress_end(&w->progress);
			return ctl_complain(CTL_FAILED, "waiting: %m");
		case RATES_CHANGED:
		case RATES_NO_CURRENCY:
			rates_resync(ctl->rates);
			break;
		default: /* the row or the clock moved: look again */
			break;
		}
	}
}

int
cmd_wait(struct ctl *ctl, int argc, char **argv)
{
	struct waiting w = { .ctl = ctl, .begun = clock_mono() };
	int status;

	(void)argc;
	(void)argv;
	w.deadline = ctl->timeout < 0 ? -1 : w.begun + ctl->timeout;
	progress_begin(&w.progress, ctl);
	status = await_board(&w);
	if (status == CTL_DONE)
		status = await_rows(&w);
	progress_end(&w.progress);
	return status;
}
