#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "base/clock.h"
#include "base/code.h"
#include "jobs/queue.h"
#include "tools/command.h"
#include "tools/view.h"

#define PATIENCE (30 * CLOCK_SECOND)
#define LOOK_EVERY CLOCK_SECOND /* a supervisor that dies wakes nobody */

struct request {
	char code[RATES_CODE_MAX];
	uint64_t attempts; /* before the request */
	int64_t sent;      /* boot clock */
};

struct refresh {
	struct ctl *ctl;
	struct request *requests;
	unsigned count;
	unsigned asked;   /* requests on the queue */
	int64_t deadline; /* monotonic clock */
};

/* Without --timeout patience ends when nothing has moved for a while. */
static void
moved(struct refresh *refresh)
{
	if (refresh->ctl->timeout < 0)
		refresh->deadline = clock_mono() + PATIENCE;
}

static int64_t
left(const struct refresh *refresh)
{
	int64_t rest = refresh->deadline - clock_mono();

	return rest < 0 ? 0 : rest;
}

static const char *
patience_text(const struct refresh *refresh)
{
	return refresh->ctl->timeout_text != NULL
	    ? refresh->ctl->timeout_text
	    : "30s without a change";
}

static int
not_fed(struct ctl *ctl)
{
	return ctl_note(ctl, CTL_NO_BOARD, "instance %s: %s", ctl->instance,
	    rates_strerror(RATES_NOT_FED));
}

static void
add(struct refresh *refresh, const char *code)
{
	for (unsigned i = 0; i < refresh->count; i++)
		if (strcmp(refresh->requests[i].code, code) == 0)
			return;
	strlcpy(refresh->requests[refresh->count++].code, code,
	    RATES_CODE_MAX);
}

/* One request for each base asked for, or for all. */
static int
collect(struct refresh *refresh, int argc, char **argv)
{
	struct rates *rates = refresh->ctl->rates;
	unsigned count = rates_count(rates), index;
	char code[RATES_CODE_MAX];

	refresh->requests =
	    calloc(count > (unsigned)argc ? count : (unsigned)argc,
		sizeof(*refresh->requests));
	if (refresh->requests == NULL)
		return ctl_complain(CTL_FAILED, "%m");
	for (int i = 0; i < argc; i++) {
		if (view_find(refresh->ctl, argv[i], &index) != CTL_DONE)
			return CTL_NO_PAIR;
		add(refresh, argv[i]);
	}
	for (unsigned i = 0; argc == 0 && i < count; i++)
		if (rates_code(rates, i, code) == RATES_OK)
			add(refresh, code);
	return CTL_DONE;
}

/* The row of a request as it is now. */
static int
look(struct refresh *refresh, const struct request *request, unsigned *index,
    struct rates_row *row)
{
	int status = view_find(refresh->ctl, request->code, index);

	return status == CTL_DONE ? view_row(refresh->ctl, *index, row)
				  : status;
}

static int
await_room(struct refresh *refresh, int queue)
{
	struct pollfd room = { .fd = queue, .events = POLLOUT };
	int ready;

	ready = poll(&room, 1, clock_poll_ms(left(refresh)));
	if (ready == -1 && errno != EINTR)
		return ctl_complain(CTL_FAILED, "waiting for the queue: %m");
	if (ready == 0)
		return ctl_note(refresh->ctl, CTL_FAILED,
		    "the queue was still full after %s: asked for %u of %u "
		    "rows",
		    patience_text(refresh), refresh->asked, refresh->count);
	return CTL_DONE;
}

static int
send_one(struct refresh *refresh, int queue, struct request *request)
{
	struct job job = { .kind = JOB_REFRESH, .reason = JOB_REQUEST,
		.base = code_pack(request->code) };
	struct rates_row row = { 0 };
	unsigned index;
	int status;

	status = look(refresh, request, &index, &row);
	request->attempts = row.attempts;
	while (status == CTL_DONE) {
		request->sent = job.queued = clock_boot();
		if (queue_send(queue, &job) == 0) {
			refresh->asked++;
			moved(refresh);
			return CTL_DONE;
		}
		if (errno != EAGAIN && errno != EINTR)
			return ctl_complain(
			    CTL_FAILED, "sending to the queue: %m");
		status = await_room(refresh, queue);
	}
	return status;
}

static int
open_queue(struct ctl *ctl, int *queue)
{
	*queue = queue_open_send(ctl->instance);
	if (*queue != -1)
		return CTL_DONE;
	if (errno == EACCES)
		return ctl_complain(CTL_FAILED,
		    "no permission to write the queue /ratesd.%s: its group "
		    "may do that (queue-mode in the config)",
		    ctl->instance);
	return ctl_complain(
	    CTL_FAILED, "the queue /ratesd.%s: %m", ctl->instance);
}

static int
send_all(struct refresh *refresh)
{
	int queue, status;

	status = open_queue(refresh->ctl, &queue);
	if (status != CTL_DONE)
		return status;
	for (unsigned i = 0; status == CTL_DONE && i < refresh->count; i++)
		status = send_one(refresh, queue, &refresh->requests[i]);
	queue_close(queue);
	return status;
}

/* The attempt's own time too: one may have ended just before the request. */
static bool
answered(const struct request *request, const struct rates_row *row)
{
	return row->attempts > request->attempts &&
	    clock_boot() - row->attempt_age >= request->sent;
}

/* Counts the answers; *index and *seq are of a row that has none yet. */
static int
count_answers(struct refresh *refresh, unsigned *done, unsigned *index,
    uint64_t *seq)
{
	struct rates_row row;
	unsigned i, at;
	int status;

	*done = 0;
	for (i = 0; i < refresh->count; i++) {
		status = look(refresh, &refresh->requests[i], &at, &row);
		if (status != CTL_DONE)
			return status;
		if (answered(&refresh->requests[i], &row)) {
			++*done;
		} else {
			*index = at;
			*seq = row.seq;
		}
	}
	return CTL_DONE;
}

static int
out_of_time(struct refresh *refresh)
{
	char list[256] = "";
	struct rates_row row;
	unsigned count = 0, index;

	for (unsigned i = 0; i < refresh->count; i++) {
		struct request *request = &refresh->requests[i];

		if (look(refresh, request, &index, &row) == CTL_DONE &&
		    !answered(request, &row))
			ctl_list(
			    list, sizeof(list), count++, request->code);
	}
	ctl_list_end(list, sizeof(list), count);
	return ctl_note(refresh->ctl, CTL_FAILED, "no answer after %s: %s",
	    patience_text(refresh), list);
}

/* Sleeps until the row changes, or it is time to see whether anyone feeds. */
static int
doze(struct refresh *refresh, unsigned index, uint64_t seq)
{
	struct rates *rates = refresh->ctl->rates;
	int64_t rest = left(refresh);
	struct rates_feed feed;

	if (rest == 0)
		return out_of_time(refresh);
	if (rates_feed(rates, &feed) == RATES_NOT_FED)
		return not_fed(refresh->ctl);
	switch (rates_wait(
	    rates, index, seq, rest < LOOK_EVERY ? rest : LOOK_EVERY)) {
	case RATES_SYSTEM:
		return errno == EINTR
		    ? CTL_DONE
		    : ctl_complain(CTL_FAILED, "waiting: %m");
	case RATES_CHANGED:
		rates_resync(rates);
		return CTL_DONE;
	default:
		return CTL_DONE;
	}
}

static int
await_all(struct refresh *refresh)
{
	unsigned done, before = 0, index = 0;
	uint64_t seq = 0;
	int status;

	for (;;) {
		status = count_answers(refresh, &done, &index, &seq);
		if (status != CTL_DONE || done == refresh->count)
			return status;
		if (done != before)
			moved(refresh);
		before = done;
		status = doze(refresh, index, seq);
		if (status != CTL_DONE)
			return status;
	}
}

static int
report(struct refresh *refresh)
{
	char error[VIEW_ERROR_MAX];
	struct rates_row row;
	int status = CTL_DONE;
	unsigned index;

	for (unsigned i = 0; i < refresh->count; i++) {
		struct request *request = &refresh->requests[i];

		if (look(refresh, request, &index, &row) != CTL_DONE)
			return CTL_FAILED;
		if (view_failed(&row))
			status = ctl_note(refresh->ctl, CTL_FAILED, "%s: %s",
			    request->code,
			    view_error(&row, error, sizeof(error)));
	}
	return status;
}

int
cmd_refresh(struct ctl *ctl, int argc, char **argv)
{
	struct refresh refresh = { .ctl = ctl };
	struct rates_feed feed;
	int status;

	refresh.deadline =
	    clock_mono() + (ctl->timeout < 0 ? PATIENCE : ctl->timeout);
	status = view_open(ctl);
	if (status != CTL_DONE)
		return status;
	if (rates_feed(ctl->rates, &feed) == RATES_NOT_FED)
		return not_fed(ctl);
	status = collect(&refresh, argc, argv);
	if (status == CTL_DONE)
		status = send_all(&refresh);
	if (status == CTL_DONE && ctl_given(ctl, OPTION_WAIT))
		status = await_all(&refresh);
	if (status == CTL_DONE && ctl_given(ctl, OPTION_WAIT))
		status = report(&refresh);
	free(refresh.requests);
	return status;
}
