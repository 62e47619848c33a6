#include "tools/ask.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/text.h"
#include "jobs/queue.h"
#include "tools/blocked.h"
#include "tools/progress.h"
#include "tools/view.h"

#define PATIENCE (30 * CLOCK_SECOND)
#define GROUP_TEXT_MAX 40
#define NAMES_MAX 128 /* of the rows that are waited for */
#define WHY_MAX 512   /* nobody may be asked */
#define LOOK_EVERY CLOCK_SECOND /* a supervisor that dies wakes nobody */
#define SOON (10 * CLOCK_SECOND) /* for a source, to be worth the wait */

struct one {
	char code[RATES_CODE_MAX];
	uint64_t attempts; /* before the request */
	int64_t held;      /* to be accepted: the mark of inspect_row, or 0 */
};

struct requests {
	struct ctl *ctl;
	enum job_kind kind;
	struct one *list;
	unsigned count;
	unsigned asked;   /* requests on the queue */
	int64_t begin;    /* boot clock: when all of it was asked for */
	int64_t deadline; /* monotonic clock */
	int64_t moved;    /* the same: when an answer last came */
	struct progress progress; /* under --wait */
};

/* Without --timeout patience ends when nothing has moved for a while. */
static void
moved(struct requests *all)
{
	all->moved = clock_mono();
	if (all->ctl->timeout < 0)
		all->deadline = all->moved + PATIENCE;
}

static int64_t
left(const struct requests *all)
{
	int64_t rest = all->deadline - clock_mono();

	return rest < 0 ? 0 : rest;
}

static const char *
patience_text(const struct requests *all)
{
	return all->ctl->timeout_text != NULL
	    ? all->ctl->timeout_text
	    : "30s without a change";
}

static int
not_fed(struct ctl *ctl)
{
	return ctl_note(ctl, CTL_NO_BOARD, "instance %s: %s", ctl->instance,
	    rates_strerror(RATES_NOT_FED));
}

static void
add(struct requests *all, const char *code)
{
	for (unsigned i = 0; i < all->count; i++)
		if (strcmp(all->list[i].code, code) == 0)
			return;
	strlcpy(all->list[all->count++].code, code, RATES_CODE_MAX);
}

/* What the row of a base holds is to be accepted: nothing else will be. */
static int
mark_held(struct requests *all, struct one *one)
{
	struct inspect_row row;
	unsigned index;
	int status = view_find(all->ctl, one->code, &index);

	if (status == CTL_DONE)
		status = view_inspect(all->ctl, index, &row);
	if (status != CTL_DONE)
		return status;
	if (!row.held)
		return ctl_note(all->ctl, CTL_FAILED,
		    "%s: nothing is held, so there is nothing to accept",
		    one->code);
	one->held = row.held_mark;
	return CTL_DONE;
}

/* All or none: one that is misspelt is no reason to accept the others. */
static int
mark_all(struct requests *all)
{
	int status = CTL_DONE;

	for (unsigned i = 0; status == CTL_DONE && i < all->count; i++)
		status = mark_held(all, &all->list[i]);
	return status;
}

/* One request for each base asked for, or for all. */
static int
collect(struct requests *all, int argc, char **argv)
{
	struct rates *rates = all->ctl->rates;
	unsigned count = rates_count(rates), index;
	char code[RATES_CODE_MAX];

	all->list = calloc(count > (unsigned)argc ? count : (unsigned)argc,
	    sizeof(*all->list));
	if (all->list == NULL)
		return ctl_complain(CTL_FAILED, "%m");
	for (int i = 0; i < argc; i++) {
		if (view_find(all->ctl, argv[i], &index) != CTL_DONE)
			return CTL_NO_PAIR;
		add(all, argv[i]);
	}
	for (unsigned i = 0; argc == 0 && i < count; i++)
		if (rates_code(rates, i, code) == RATES_OK)
			add(all, code);
	return CTL_DONE;
}

/* The row of a request as it is now. */
static int
look(struct requests *all, const struct one *one, unsigned *index,
    struct rates_row *row)
{
	int status = view_find(all->ctl, one->code, index);

	return status == CTL_DONE ? view_row(all->ctl, *index, row) : status;
}

static int
await_room(struct requests *all, int queue)
{
	struct pollfd room = { .fd = queue, .events = POLLOUT };
	int ready;

	ready = poll(&room, 1, clock_poll_ms(left(all)));
	if (ready == -1 && errno != EINTR)
		return ctl_complain(CTL_FAILED, "waiting for the queue: %m");
	if (ready == 0)
		return ctl_note(all->ctl, CTL_FAILED,
		    "the queue was still full after %s: asked for %u of %u "
		    "rows",
		    patience_text(all), all->asked, all->count);
	return CTL_DONE;
}

/*
 * All rows at one time, however long the queue takes: one answer of a source
 * may be for all of them.
 */
static int
begin(struct requests *all)
{
	int status = CTL_DONE;

	for (unsigned i = 0; status == CTL_DONE && i < all->count; i++) {
		struct rates_row row = { 0 };
		unsigned index;

		status = look(all, &all->list[i], &index, &row);
		all->list[i].attempts = row.attempts;
	}
	all->begin = clock_boot();
	return status;
}

static int
send_one(struct requests *all, int queue, const struct one *one)
{
	struct job job = { .kind = all->kind, .reason = JOB_REQUEST,
		.base = code_pack(one->code), .queued = all->begin,
		.held = one->held };
	int status = CTL_DONE;

	while (status == CTL_DONE) {
		if (queue_send(queue, &job) == 0) {
			all->asked++;
			moved(all);
			return CTL_DONE;
		}
		if (errno != EAGAIN && errno != EINTR)
			return ctl_complain(
			    CTL_FAILED, "sending to the queue: %m");
		status = await_room(all, queue);
	}
	return status;
}

static int
denied(const struct ctl *ctl)
{
	gid_t gid = inspect_group(ctl->rates);
	struct group *group = getgrgid(gid);
	char name[GROUP_TEXT_MAX];

	if (group == NULL)
		text_format(name, sizeof(name), "%ju", (uintmax_t)gid);
	else
		text_clean(name, sizeof(name), group->gr_name,
		    strlen(group->gr_name));
	return ctl_complain(CTL_FAILED,
	    "no permission to write the queue /ratesd.%s: members of the "
	    "group '%s' may (queue-mode in the config)",
	    ctl->instance, name);
}

static int
open_queue(struct ctl *ctl, int *queue)
{
	*queue = queue_open_send(ctl->instance);
	if (*queue != -1)
		return CTL_DONE;
	if (errno == EACCES)
		return denied(ctl);
	return ctl_complain(
	    CTL_FAILED, "the queue /ratesd.%s: %m", ctl->instance);
}

static int
send_all(struct requests *all)
{
	int queue, status;

	status = open_queue(all->ctl, &queue);
	if (status != CTL_DONE)
		return status;
	status = begin(all);
	for (unsigned i = 0; status == CTL_DONE && i < all->count; i++)
		status = send_one(all, queue, &all->list[i]);
	queue_close(queue);
	return status;
}

/* The attempt's own time too: one may have ended just before the request. */
static bool
answered(const struct requests *all, const struct one *one,
    const struct rates_row *row)
{
	return row->attempts > one->attempts &&
	    clock_boot() - row->attempt_age >= all->begin;
}

struct answers {
	unsigned done;
	unsigned index; /* of a row that has none yet, */
	uint64_t seq;   /* and its sequence */
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
		status = look(all, &all->list[i], &at, &row);
		if (status != CTL_DONE)
			return status;
		if (answered(all, &all->list[i], &row)) {
			answers->done++;
			continue;
		}
		answers->index = at;
		answers->seq = row.seq;
		ctl_list(answers->names, sizeof(answers->names),
		    answers->missing++, all->list[i].code);
	}
	ctl_list_end(
	    answers->names, sizeof(answers->names), answers->missing);
	return CTL_DONE;
}

/* The bases that have no answer. */
static void
list_missing(struct requests *all, char *list, size_t size)
{
	struct rates_row row;
	unsigned count = 0, index;

	for (unsigned i = 0; i < all->count; i++) {
		struct one *one = &all->list[i];

		if (look(all, one, &index, &row) == CTL_DONE &&
		    !answered(all, one, &row))
			ctl_list(list, size, count++, one->code);
	}
	ctl_list_end(list, size, count);
}

static int
out_of_time(struct requests *all)
{
	char list[256] = "";

	list_missing(all, list, sizeof(list));
	return ctl_note(all->ctl, CTL_FAILED, "no answer after %s: %s",
	    patience_text(all), list);
}

/*
 * Where no source may be asked soon enough, waiting is of no use; but the
 * daemon, which knows best, has a moment to say so in the rows.
 */
static bool
in_vain(const struct requests *all, char *why, size_t size)
{
	int64_t most = left(all);

	if (all->ctl->timeout < 0 && most > SOON)
		most = SOON;
	return clock_mono() - all->moved >= LOOK_EVERY &&
	    blocked(all->ctl->rates, most, why, size);
}

static int
give_up(struct requests *all, const char *why)
{
	char list[256] = "";

	list_missing(all, list, sizeof(list));
	return ctl_note(all->ctl, CTL_FAILED,
	    "no answer for %s: no source may be asked now (%s)", list, why);
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
 * Sleeps until the row changes, or it is time to see whether anyone feeds and
 * anyone may be asked.
 */
static int
doze(struct requests *all, const struct answers *answers)
{
	struct rates *rates = all->ctl->rates;
	char why[WHY_MAX];
	int64_t rest = left(all);
	struct rates_feed feed;

	if (rest == 0 || rates_feed(rates, &feed) == RATES_NOT_FED) {
		progress_end(&all->progress);
		return rest == 0 ? out_of_time(all) : not_fed(all->ctl);
	}
	if (in_vain(all, why, sizeof(why))) {
		progress_end(&all->progress);
		return give_up(all, why);
	}
	rest = progress_pause(&all->progress, rest);
	switch (rates_wait(rates, answers->index, answers->seq,
	    rest < LOOK_EVERY ? rest : LOOK_EVERY)) {
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
			moved(all);
		before = answers.done;
		show_progress(all, &answers);
		status = doze(all, &answers);
		if (status != CTL_DONE)
			return status;
	}
}

static int
await_all(struct requests *all)
{
	int status;

	progress_begin(&all->progress, all->ctl);
	status = await_answers(all);
	progress_end(&all->progress);
	return status;
}

static int
report(struct requests *all)
{
	char error[VIEW_ERROR_MAX];
	struct rates_row row;
	int status = CTL_DONE;
	unsigned index;

	for (unsigned i = 0; i < all->count; i++) {
		struct one *one = &all->list[i];

		if (look(all, one, &index, &row) != CTL_DONE)
			return CTL_FAILED;
		if (view_failed(&row))
			status = ctl_note(all->ctl, CTL_FAILED, "%s: %s",
			    one->code,
			    view_error(&row, error, sizeof(error)));
	}
	return status;
}

int
ask_open(struct ctl *ctl)
{
	struct rates_feed feed;
	int status = view_open(ctl);

	if (status == CTL_DONE &&
	    rates_feed(ctl->rates, &feed) == RATES_NOT_FED)
		return not_fed(ctl);
	return status;
}

int
ask(struct ctl *ctl, enum job_kind kind, int argc, char **argv)
{
	struct requests all = { .ctl = ctl, .kind = kind };
	int status;

	all.deadline =
	    clock_mono() + (ctl->timeout < 0 ? PATIENCE : ctl->timeout);
	status = collect(&all, argc, argv);
	if (status == CTL_DONE && kind == JOB_ACCEPT)
		status = mark_all(&all);
	if (status == CTL_DONE)
		status = send_all(&all);
	if (status == CTL_DONE && ctl_given(ctl, OPTION_WAIT))
		status = await_all(&all);
	if (status == CTL_DONE && ctl_given(ctl, OPTION_WAIT))
		status = report(&all);
	free(all.list);
	return status;
}
