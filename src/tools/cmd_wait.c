#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "tools/command.h"
#include "tools/progress.h"
#include "tools/view.h"

#define OPEN_EVERY (200 * CLOCK_MS)
#define NAMES_MAX 128 /* of the rows that are waited for */

/* A deadline on the monotonic clock; negative: none. */
static int64_t
deadline_of(const struct ctl *ctl)
{
	return ctl->timeout < 0 ? -1 : clock_mono() + ctl->timeout;
}

/* What is left in ns; negative: no deadline. */
static int64_t
left(int64_t deadline)
{
	int64_t rest;

	if (deadline < 0)
		return -1;
	rest = deadline - clock_mono();
	return rest < 0 ? 0 : rest;
}

/* A board that isn't there can't wake anyone: this alone must poll. */
static int
await_board(struct ctl *ctl, int64_t deadline, struct progress *progress)
{
	struct timespec pause = { 0 };
	int64_t rest;

	while (ctl->timeout >= 0 &&
	    rates_open(ctl->instance, &ctl->rates) == RATES_NO_BOARD) {
		rest = left(deadline);
		if (progress_due(progress))
			progress_show(progress, "instance %s: no board yet",
			    ctl->instance);
		if (rest == 0) {
			progress_end(progress);
			return ctl_note(ctl, CTL_FAILED,
			    "instance %s: still no board after %s",
			    ctl->instance, ctl->timeout_text);
		}
		pause.tv_nsec = rest < OPEN_EVERY ? rest : OPEN_EVERY;
		nanosleep(&pause, NULL);
	}
	progress_end(progress);
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

static int
out_of_time(struct ctl *ctl)
{
	char list[256] = "";
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
	return ctl_note(ctl, CTL_FAILED, "still empty or stale after %s: %s",
	    ctl->timeout_text, list);
}

/* How far it is, for who looks on; all rows are looked at for that alone. */
static void
show_progress(struct ctl *ctl, struct progress *progress)
{
	char names[NAMES_MAX] = "", text[NAMES_MAX + 64];
	char code[RATES_CODE_MAX], clean[RATES_CODE_MAX];
	unsigned count = rates_count(ctl->rates), missing = 0;
	struct rates_row row;

	if (!progress_due(progress))
		return;
	for (unsigned i = 0; i < count; i++)
		if (!is_good(ctl, i, &row) &&
		    rates_code(ctl->rates, i, code) == RATES_OK)
			ctl_list(names, sizeof(names), missing++,
			    text_clean(clean, sizeof(clean), code,
				strlen(code)));
	ctl_list_end(names, sizeof(names), missing);
	progress_show(progress, "%s",
	    progress_text(text, sizeof(text), count - missing, count, names));
}

static int
await_rows(struct ctl *ctl, int64_t deadline, struct progress *progress)
{
	struct rates_row row;
	unsigned i = 0;
	int64_t rest;

	for (;;) {
		row = (struct rates_row){ 0 };
		if (!find_missing(ctl, &i, &row))
			return CTL_DONE;
		rest = left(deadline);
		if (rest == 0) {
			progress_end(progress);
			return out_of_time(ctl);
		}
		show_progress(ctl, progress);
		switch (rates_wait(ctl->rates, i, row.seq,
		    progress_pause(progress, rest))) {
		case RATES_SYSTEM:
			if (errno == EINTR)
				break;
			progress_end(progress);
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
	int64_t deadline = deadline_of(ctl);
	struct progress progress;
	int status;

	(void)argc;
	(void)argv;
	progress_begin(&progress, ctl);
	status = await_board(ctl, deadline, &progress);
	if (status == CTL_DONE)
		status = await_rows(ctl, deadline, &progress);
	progress_end(&progress);
	return status;
}
