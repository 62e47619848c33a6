#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "board/inspect.h"
#include "tools/ask_parts.h"
#include "tools/blocked.h"
#include "tools/view.h"

#define NAMES_MAX 256 /* of the rows that are waited for */
#define WHY_MAX 512   /* nobody may be asked */
#define LOOK_EVERY CLOCK_SECOND /* a supervisor that dies wakes nobody */
#define LOOK_SOON (10 * CLOCK_MS) /* at a claim: its end wakes nobody either */
#define ABANDONED_AFTER (2 * CLOCK_SECOND) /* without a beat, beyond the usual */
#define SOON (10 * CLOCK_SECOND) /* for a source, to be worth the wait */

void
ask_moved(struct requests *all)
{
	all->moved = clock_mono();
	if (all->ctl->timeout < 0)
		all->deadline = all->moved + ASK_PATIENCE;
}

int64_t
ask_left(const struct requests *all)
{
	int64_t rest = all->deadline - clock_mono();

	return rest < 0 ? 0 : rest;
}

const char *
ask_patience(const struct requests *all)
{
	return all->ctl->timeout_text != NULL
	    ? all->ctl->timeout_text
	    : "30s without a change";
}

int
ask_not_fed(struct ctl *ctl)
{
	return ctl_note(ctl, CTL_NO_BOARD, "instance %s: %s", ctl->instance,
	    rates_strerror(RATES_NOT_FED));
}

int
ask_look(struct requests *all, const struct one *one, unsigned *index,
    struct rates_row *row)
{
	int status = view_find(all->ctl, one->code, index);

	return status == CTL_DONE ? view_row(all->ctl, *index, row) : status;
}

/* The attempt's own time too: one may have ended just before the request. */
static bool
was_tried(const struct requests *all, const struct one *one,
    const struct rates_row *row)
{
	return row->attempts > one->attempts &&
	    clock_boot() - row->attempt_age >= all->begin;
}

/* A failure can be of before while nobody has the request, or one is at it. */
static bool
is_settled(const struct requests *all, unsigned index)
{
	const struct rates *rates = all->ctl->rates;

	return inspect_asked(rates, index) >= all->begin &&
	    inspect_job(rates, index) == -1;
}

struct answers {
	unsigned done;
	unsigned index; /* of a row that has none yet, */
	uint64_t seq;   /* and its sequence */
	bool settling; /* no change of it may follow */
	unsigned missing;
	char names[NAMES_MAX]; /* of those that have none */
};

static int
count_answers(struct requests *all, struct answers *answers)
{
	struct rates_row row;
	unsigned at;
	int status;

	memset(answers, 0, sizeof(*answers));
	for (unsigned i = 0; i < all->count; i++) {
		bool tried;

		status = ask_look(all, &all->list[i], &at, &row);
		if (status != CTL_DONE)
			return status;
		tried = was_tried(all, &all->list[i], &row);
		if (tried && (!view_failed(&row) || is_settled(all, at))) {
			answers->done++;
			continue;
		}
		answers->settling |= tried;
		answers->index = at;
		answers->seq = row.seq;
		ctl_list(answers->names, sizeof(answers->names),
		    answers->missing++, all->list[i].code);
	}
	ctl_list_end(
	    answers->names, sizeof(answers->names), answers->missing);
	return CTL_DONE;
}

static int
out_of_time(const struct requests *all, const struct answers *answers)
{
	return ctl_note(all->ctl, CTL_FAILED, "no answer after %s: %s",
	    ask_patience(all), answers->names);
}

/*
 * Where no source may be asked soon enough, waiting is of no use; but the
 * daemon, which knows best, has a moment to say so in the rows.
 */
static bool
in_vain(const struct requests *all, char *why, size_t size)
{
	int64_t most = ask_left(all);

	if (all->ctl->timeout < 0 && most > SOON)
		most = SOON;
	return clock_mono() - all->moved >= LOOK_EVERY &&
	    blocked(all->ctl->rates, most, why, size);
}

static int
give_up(const struct requests *all, const struct answers *answers,
    const char *why)
{
	return ctl_note(all->ctl, CTL_FAILED,
	    "no answer for %s: no source may be asked now (%s)",
	    answers->names, why);
}

static void
show_progress(struct requests *all, const struct answers *answers)
{
	char text[NAMES_MAX + 64];

	if (progress_due(&all->progress))
		progress_show(&all->progress, "%s",
		    progress_text(text, sizeof(text), answers->done,
			all->count, answers->names));
}

/*
 * A beat that was missed tells of a supervisor that is gone, or of a machine
 * that stood still, ourselves with it: then the next beat is on its way.
 */
static bool
is_abandoned(struct requests *all)
{
	struct rates_feed feed;

	if (rates_feed(all->ctl->rates, &feed) == RATES_OK) {
		all->silent = 0;
		return false;
	}
	if (feed.heartbeat_age <= BOARD_SILENCE_MAX)
		return true; /* it has said that it ends */
	if (all->silent == 0)
		all->silent = clock_mono();
	return clock_mono() - all->silent >= ABANDONED_AFTER;
}

/*
 * Sleeps until the row changes, or it is time to see whether anyone feeds and
 * anyone may be asked.
 */
static int
doze(struct requests *all, const struct answers *answers)
{
	struct rates *rates = all->ctl->rates;
	char why[WHY_MAX];
	int64_t rest = ask_left(all);
	int64_t most = answers->settling ? LOOK_SOON : LOOK_EVERY;

	if (rest == 0 || is_abandoned(all)) {
		progress_end(&all->progress);
		return rest == 0 ? out_of_time(all, answers)
				 : ask_not_fed(all->ctl);
	}
	if (in_vain(all, why, sizeof(why))) {
		progress_end(&all->progress);
		return give_up(all, answers, why);
	}
	rest = progress_pause(&all->progress, rest);
	switch (rates_wait(rates, answers->index, answers->seq,
	    rest < most ? rest : most)) {
	case RATES_SYSTEM:
		if (errno == EINTR)
			return CTL_DONE;
		progress_end(&all->progress);
		return ctl_complain(CTL_FAILED, "waiting: %m");
	case RATES_CHANGED:
		rates_resync(rates);
		return CTL_DONE;
	default:
		return CTL_DONE;
	}
}

static int
await_answers(struct requests *all)
{
	struct answers answers;
	unsigned before = 0;
	int status;

	for (;;) {
		status = count_answers(all, &answers);
		if (status != CTL_DONE || answers.done == all->count)
			return status;
		if (answers.done != before)
			ask_moved(all);
		before = answers.done;
		show_progress(all, &answers);
		status = doze(all, &answers);
		if (status != CTL_DONE)
			return status;
	}
}

int
ask_await(struct requests *all)
{
	int status;

	progress_begin(&all->progress, all->ctl);
	status = await_answers(all);
	progress_end(&all->progress);
	return status;
}

int
ask_report(struct requests *all)
{
	char error[VIEW_ERROR_MAX];
	struct rates_row row;
	int status = CTL_DONE;
	unsigned index;

	for (unsigned i = 0; i < all->count; i++) {
		struct one *one = &all->list[i];

		if (ask_look(all, one, &index, &row) != CTL_DONE)
			return CTL_FAILED;
		if (view_failed(&row))
			status = ctl_note(all->ctl, CTL_FAILED, "%s: %s",
			    one->code,
			    view_error(&row, error, sizeof(error)));
	}
	return status;
}
