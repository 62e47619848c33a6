#include "board/inspect.h"

#include "board/handle.h"

#define ASIDE_MAX (31 * 86400 * CLOCK_SECOND)

uid_t
inspect_owner(const struct rates *r)
{
	return r->board.owner;
}

gid_t
inspect_group(const struct rates *r)
{
	return r->board.group;
}

int64_t
inspect_supervisor_age(const struct rates *r)
{
	return handle_age((uint64_t)atomic_load_explicit(
	    &r->board.map->since_boot, memory_order_relaxed));
}

uint64_t
inspect_pid_space(const struct rates *r)
{
	return atomic_load_explicit(
	    &r->board.map->pid_space, memory_order_relaxed);
}

unsigned
inspect_slots(const struct rates *r)
{
	return r->board.shape.slots;
}

static uint64_t
word(const board_word *at)
{
	return atomic_load_explicit(at, memory_order_relaxed);
}

/* Anything else than a state stands for none that is known. */
static enum sandbox_state
sandbox_state(const board_word *at)
{
	uint64_t state = word(at);

	return state < SANDBOX_STATE_COUNT ? (enum sandbox_state)state :
	                                     SANDBOX_UNKNOWN;
}

void
inspect_slot(const struct rates *r, unsigned i, struct inspect_slot *slot)
{
	struct board_slot *s = board_slot(r->board.map, &r->board.shape, i);
	uint64_t last = word(&s->last_exit);

	*slot = (struct inspect_slot){
		.incarnation = word(&s->incarnation),
		.pid = (int64_t)word(&s->pid),
		.state = slot_state_name(word(&s->state)),
		.since = (int64_t)word(&s->since_wall),
		.age = handle_since(clock_mono(), word(&s->since_mono)),
		.done = word(&s->done),
		.failed = word(&s->failed),
		.restarts = word(&s->restarts),
		.ended = last != 0,
		.wait_status = (int)(last - 1),
	};
	if (slot->pid == 0)
		return;
#define X(name, text)                                                          \
	slot->sandbox[SANDBOX_PART_##name] = sandbox_state(&s->name);
	SANDBOX_PARTS(X)
#undef X
}

static int
slot_of(const struct rates *r, uint64_t worker)
{
	uint64_t slot = worker >> 48;

	return worker == 0 || slot >= r->board.shape.slots ? -1 : (int)slot;
}

int
inspect_job(const struct rates *r, unsigned i)
{
	if (i >= r->board.shape.currencies)
		return -1;
	return slot_of(
	    r, word(&board_lock_of(r->board.map, &r->board.shape, i)->claim));
}

int64_t
inspect_asked(const struct rates *r, unsigned i)
{
	if (i >= r->board.shape.currencies)
		return 0;
	return (int64_t)word(
	    &board_lock_of(r->board.map, &r->board.shape, i)->asked);
}

bool
inspect_asking(const struct rates *r, unsigned i)
{
	return i < r->board.shape.currencies &&
	    slot_of(r,
		word(&board_lock_of(r->board.map, &r->board.shape, i)
			  ->asking)) != -1;
}

int64_t
inspect_aside(const struct rates *r, unsigned i)
{
	int64_t now = clock_boot(), left;

	if (i >= r->board.shape.currencies)
		return 0;
	left = (int64_t)(word(&board_lock_of(r->board.map, &r->board.shape, i)
				   ->aside) -
	    (uint64_t)now);
	/* No refresh is longer; what lies further ahead is no time. */
	return left > 0 && left <= ASIDE_MAX ? clock_wall() + left : 0;
}

int
inspect_lock(const struct rates *r, unsigned i)
{
	if (i >= r->board.shape.currencies)
		return -1;
	return slot_of(
	    r, word(&board_lock_of(r->board.map, &r->board.shape, i)->owner));
}

uint64_t
inspect_counter(const struct rates *r, enum board_counter counter)
{
	return word(&r->board.map->counters[counter]);
}
