/*
 * A fixed pool of forked processes: jobs through a POSIX queue, results through
 * pipes.
 *
 * An item is this parent's until it is handed back: a child that dies, or says
 * nothing for longer than its limits allow, costs the item one try, and another
 * child gets it.  A message that is lost (received by a child that died before
 * it could say so) is told by its silence, and sent again with another turn;
 * what then comes of an older turn is of no interest.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "fetch/engine_loop.h"
#include "fetch/fetcher.h"
#include "fetch/parcel.h"
#include "fetch/procs.h"
#include "jobs/queue.h"
#include "jobs/queue_private.h"

#define TRIES 2 /* of an item, each with another child */
#define GRACE (5 * CLOCK_SECOND) /* beyond its limits, for a busy host */
#define LOST_AFTER (3 * CLOCK_SECOND)
#define LOOK_EVERY (1 * CLOCK_SECOND) /* while any item is out */
#define ERROR_MAX 256

enum place_state { PLACE_FREE, PLACE_TO_SEND, PLACE_SENT, PLACE_TAKEN };

/* Where an item is. */
struct place {
	enum place_state state;
	uint32_t turn;
	unsigned tries;
	int64_t since; /* monotonic: when it was sent */
	struct parcel *parcel;
};

struct procs {
	struct transfer_limits limits;
	struct parcels parcels;
	struct parcel_list done;
	struct fetcher *fetcher; /* of the parent: never used, see begin() */
	int queue;
	unsigned width;
	unsigned failures; /* children in a row that died without a result */
	struct place *places;
	struct procs_child *children;
	struct pollfd *fds; /* the queue's, then the children's */
};

_Static_assert(sizeof(struct procs_job) <= 8192,
    "a message as large as a stock kernel allows");

/* --- items ---------------------------------------------------------------- */

static void
give_up(struct procs *p, struct place *place, const char *text)
{
	engine_failure(&place->parcel->result, text);
	STAILQ_INSERT_TAIL(&p->done, place->parcel, link);
	place->state = PLACE_FREE;
}

/* Nobody has it any more: it is sent anew, or that was what came of it. */
static void
lose(struct procs *p, struct place *place, const char *how)
{
	char text[TRANSFER_TEXT_MAX];

	place->turn++;
	if (++place->tries < TRIES) {
		place->state = PLACE_TO_SEND;
		return;
	}
	give_up(p, place,
	    text_format(text, sizeof(text),
		"the process that fetched it died, %u times: %s", TRIES, how));
}

/* Sends what waits for room in the queue. */
static void
send_some(struct procs *p)
{
	struct procs_job job;

	for (unsigned i = 0; i < p->width; i++) {
		struct place *place = &p->places[i];

		if (place->state != PLACE_TO_SEND)
			continue;
		memset(&job, 0, sizeof(job));
		job.id = (struct procs_id){ i, place->turn };
		job.limits = p->limits;
		job.request = place->parcel->request;
		if (queue_private_send(p->queue, &job, sizeof(job)) == -1)
			break;
		place->state = PLACE_SENT;
		place->since = clock_mono();
	}
	explicit_bzero(&job, sizeof(job)); /* a key is in it, perhaps */
}

static const char *
procs_start(void *state, const struct engine_item *item)
{
	struct procs *p = state;
	struct place *place = p->places;

	while (place->state != PLACE_FREE)
		if (++place == p->places + p->width)
			return ENGINE_NOT_STARTED;
	place->parcel = parcels_fill(&p->parcels, item);
	if (place->parcel == NULL)
		return ENGINE_NOT_STARTED;
	place->state = PLACE_TO_SEND;
	place->turn++;
	place->tries = 0;
	send_some(p);
	return NULL;
}

static unsigned
procs_running(const void *state)
{
	const struct procs *p = state;

	return p->parcels.used;
}

/* --- children ------------------------------------------------------------- */

/* The item that a note is about; NULL: of an older turn. */
static struct place *
place_of(const struct procs *p, const struct procs_id *id)
{
	struct place *place;

	if (id->place >= p->width)
		return NULL;
	place = &p->places[id->place];
	return place->turn == id->turn &&
		(place->state == PLACE_SENT || place->state == PLACE_TAKEN)
	    ? place
	    : NULL;
}

static void
hear_note(struct procs *p, struct procs_child *child,
    const struct procs_note *note)
{
	struct place *place = place_of(p, &note->id);

	child->busy = note->kind == PROCS_TAKEN;
	child->id = note->id;
	child->since = clock_mono();
	if (place == NULL)
		return;
	place->state = PLACE_TAKEN;
	if (note->kind != PROCS_DONE)
		return;
	p->failures = 0;
	parcel_keep(place->parcel, &note->result);
	STAILQ_INSERT_TAIL(&p->done, place->parcel, link);
	place->state = PLACE_FREE;
}

static const char *
describe(int status, char *buf, size_t size)
{
	return WIFSIGNALED(status)
	    ? text_format(buf, size, "signal %d", WTERMSIG(status))
	    : text_format(buf, size, "exit status %d", WEXITSTATUS(status));
}

/* A replacement; there may be none, while others are left. */
static void
start_child(struct procs *p, struct procs_child *child)
{
	/* They die before they do anything: more would do the same. */
	if (p->failures > 2 * p->width + 4)
		return;
	if (procs_child_start(child, p->queue, p->children, p->width) == -1)
		log_warn("procs: a process: %m");
}

static void
bury(struct procs *p, struct procs_child *child)
{
	struct place *place =
	    child->busy ? place_of(p, &child->id) : NULL;
	char how[32];
	int status;

	procs_child_end(child, &status);
	p->failures++;
	describe(status, how, sizeof(how));
	log_warn("procs: a process died: %s", how);
	if (place != NULL)
		lose(p, place, how);
	start_child(p, child);
}

static void
hear(struct procs *p, struct procs_child *child)
{
	bool alive = procs_child_read(child);
	struct procs_note note;
	int got;

	while ((got = procs_child_note(child, &note)) == 1)
		hear_note(p, child, &note);
	if (!alive || got == -1)
		bury(p, child);
}

/* --- silence -------------------------------------------------------------- */

static bool
is_queue_empty(const struct procs *p)
{
	return queue_depth(p->queue, NULL) == 0;
}

/* Somebody received it, and can't say so any more. */
static void
look_for_lost(struct procs *p, int64_t now)
{
	for (unsigned i = 0; i < p->width; i++) {
		struct place *place = &p->places[i];

		if (place->state == PLACE_SENT &&
		    now - place->since > LOST_AFTER && is_queue_empty(p))
			lose(p, place, "it took the item, and said no more");
	}
}

/* Since when a message has been in the queue, at most; now if none is. */
static int64_t
waiting_since(const struct procs *p, int64_t now)
{
	int64_t since = now;

	if (is_queue_empty(p))
		return now;
	for (unsigned i = 0; i < p->width; i++)
		if (p->places[i].state == PLACE_SENT &&
		    p->places[i].since < since)
			since = p->places[i].since;
	return since;
}

/* Beyond what its limits allow; or idle, and yet the queue is not emptied. */
static void
look_for_stuck(struct procs *p, int64_t now)
{
	int64_t queued = waiting_since(p, now);

	for (unsigned i = 0; i < p->width; i++) {
		struct procs_child *child = &p->children[i];
		int64_t since = child->since, most = GRACE;

		if (child->busy)
			most += p->limits.total;
		else if (queued > since)
			since = queued;
		if (child->pid != 0 && now - since > most)
			bury(p, child);
	}
}

/* Without any child nothing comes any more. */
static int
check_children(struct procs *p)
{
	for (unsigned i = 0; i < p->width; i++)
		if (p->children[i].pid != 0)
			return 0;
	for (unsigned i = 0; i < p->width; i++)
		if (p->places[i].state != PLACE_FREE)
			give_up(p, &p->places[i], "no process could fetch it");
	log_error("procs: no process is left");
	return -1;
}

/* --- the loop ------------------------------------------------------------- */

static int64_t
sooner(int64_t timeout, int64_t most)
{
	return timeout < 0 || timeout > most ? most : timeout;
}

static bool
is_any(const struct procs *p, enum place_state state)
{
	for (unsigned i = 0; i < p->width; i++)
		if (p->places[i].state == state)
			return true;
	return false;
}

static int
procs_wait(void *state, struct pollfd *fds, unsigned count, int64_t timeout)
{
	struct procs *p = state;

	p->fds[0] = (struct pollfd){ p->queue,
		is_any(p, PLACE_TO_SEND) ? POLLOUT : 0, 0 };
	for (unsigned i = 0; i < p->width; i++)
		p->fds[1 + i] =
		    (struct pollfd){ p->children[i].pipe, POLLIN, 0 };
	if (!STAILQ_EMPTY(&p->done))
		timeout = 0;
	else if (p->parcels.used > 0)
		timeout = sooner(timeout, LOOK_EVERY);
	if (engine_poll(fds, count, p->fds, 1 + p->width, timeout) == -1)
		return -1;
	for (unsigned i = 0; i < p->width; i++)
		if (p->fds[1 + i].revents != 0)
			hear(p, &p->children[i]);
	if (p->parcels.used > 0) {
		look_for_lost(p, clock_mono());
		look_for_stuck(p, clock_mono());
		send_some(p);
	}
	return check_children(p);
}

static bool
procs_finished(void *state, void **tag, struct transfer_result *result)
{
	struct procs *p = state;
	struct parcel *parcel = STAILQ_FIRST(&p->done);

	if (parcel != NULL)
		STAILQ_REMOVE_HEAD(&p->done, link);
	return parcels_hand_out(&p->parcels, parcel, tag, result);
}

/* --- begin and end -------------------------------------------------------- */

static int
begin(struct procs *p, const struct engine_io *io)
{
	char error[ERROR_MAX];

	*p = (struct procs){ .limits = io->limits,
		.queue = -1,
		.width = engine_width(io) };
	STAILQ_INIT(&p->done);
	p->places = calloc(p->width, sizeof(*p->places));
	p->children = calloc(p->width, sizeof(*p->children));
	p->fds = calloc(1 + p->width, sizeof(*p->fds));
	if (p->places == NULL || p->children == NULL || p->fds == NULL) {
		log_error("procs: %m");
		return -1;
	}
	for (unsigned i = 0; i < p->width; i++)
		p->children[i].pipe = -1;
	/* What libcurl and TLS set up for it, children need not each again. */
	p->fetcher = fetcher_new(-1);
	if (p->fetcher == NULL || parcels_begin(&p->parcels, p->width) == -1)
		return -1;
	p->queue = queue_private(p->width, sizeof(struct procs_job), error,
	    sizeof(error));
	if (p->queue == -1) {
		log_error("procs: %s", error);
		return -1;
	}
	for (unsigned i = 0; i < p->width; i++)
		start_child(p, &p->children[i]);
	return check_children(p);
}

static void
end(struct procs *p)
{
	int status;

	for (unsigned i = 0; p->children != NULL && i < p->width; i++)
		procs_child_end(&p->children[i], &status);
	fetcher_free(p->fetcher);
	queue_close(p->queue);
	parcels_end(&p->parcels);
	free(p->places);
	free(p->children);
	free(p->fds);
}

int
engine_run_procs(const struct engine_io *io)
{
	const struct engine_hands hands = { .capacity = engine_width(io),
		.start = procs_start,
		.running = procs_running,
		.wait = procs_wait,
		.finished = procs_finished };
	struct procs p;
	int result = begin(&p, io);

	if (result == 0)
		result = engine_loop(io, &hands, &p);
	end(&p);
	return result;
}
