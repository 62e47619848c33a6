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
#include "tools/ask_parts.h"
#include "tools/view.h"

#define GROUP_TEXT_MAX 40

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

static int
await_room(struct requests *all, int queue)
{
	struct pollfd room = { .fd = queue, .events = POLLOUT };
	int ready;

	ready = poll(&room, 1, clock_poll_ms(ask_left(all)));
	if (ready == -1 && errno != EINTR)
		return ctl_complain(CTL_FAILED, "waiting for the queue: %m");
	if (ready == 0)
		return ctl_note(all->ctl, CTL_FAILED,
		    "the queue was still full after %s: asked for %u of %u "
		    "rows",
		    ask_patience(all), all->asked, all->count);
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

		status = ask_look(all, &all->list[i], &index, &row);
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
			ask_moved(all);
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

int
ask_open(struct ctl *ctl)
{
	struct rates_feed feed;
	int status = view_open(ctl);

	if (status == CTL_DONE &&
	    rates_feed(ctl->rates, &feed) == RATES_NOT_FED)
		return ask_not_fed(ctl);
	return status;
}

int
ask(struct ctl *ctl, enum job_kind kind, int argc, char **argv)
{
	struct requests all = { .ctl = ctl, .kind = kind };
	int status;

	all.deadline =
	    clock_mono() + (ctl->timeout < 0 ? ASK_PATIENCE : ctl->timeout);
	status = collect(&all, argc, argv);
	if (status == CTL_DONE && kind == JOB_ACCEPT)
		status = mark_all(&all);
	if (status == CTL_DONE)
		status = send_all(&all);
	if (status == CTL_DONE && ctl_given(ctl, OPTION_WAIT))
		status = ask_await(&all);
	if (status == CTL_DONE && ctl_given(ctl, OPTION_WAIT))
		status = ask_report(&all);
	free(all.list);
	return status;
}
