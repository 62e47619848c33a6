/*
 * The handle of librates, for the files of this room alone.
 */
#ifndef RATESD_BOARD_HANDLE_H
#define RATESD_BOARD_HANDLE_H

#include <stdbool.h>

#include "base/clock.h"
#include "board/attach.h"
#include "board/rates.h"

struct rates {
	struct attached board;
	char instance[BOARD_NAME_MAX];
	bool changed; /* the currencies did; cleared by rates_resync() */
	uint32_t boards; /* how many it has been attached to */
	int64_t sought; /* when handle_seek() last looked; monotonic */
};

/*
 * Looks whether another board of the same owner has taken the name of one that
 * nobody feeds: true once it is attached to that.  A board that was removed
 * while no daemon ran was never retired, for the next daemon didn't find it.
 * It looks once a second at most, and else asks but the clock.
 */
bool handle_seek(struct rates *r);

/*
 * Attaches to the board that replaced the present one, which is retired or at
 * rest; if there is none, the old rows are still the last good ones.  Not for
 * the read path.
 */
void handle_move_on(struct rates *r);

static inline void
handle_follow(struct rates *r)
{
	if (__builtin_expect(atomic_load_explicit(&r->board.map->state,
				 memory_order_relaxed) != BOARD_READY,
		0))
		handle_move_on(r);
}

/* Acquire, as the readers' half of the latch wants it: see attached_read(). */
static inline uint64_t
handle_load(const board_word *word)
{
	return atomic_load_explicit(word, memory_order_acquire);
}

/* The sequence of row i, which must be one. */
static inline uint64_t
handle_seq(const struct rates *r, unsigned i)
{
	return handle_load(
	    &board_row(r->board.map, &r->board.shape, i)->seq);
}

/* ns since a time; unsigned on the way, for a hostile board's may be any. */
static inline int64_t
handle_since(int64_t now, uint64_t then)
{
	int64_t age = (int64_t)((uint64_t)now - then);

	return age < 0 ? 0 : age;
}

/* ns since a time of the boot clock. */
static inline int64_t
handle_age(uint64_t boot)
{
	return handle_since(clock_boot(), boot);
}

/*
 * ns since a row was fetched, by the boot clock, which gave now before the row
 * was read.  What is later still was told by another clock (that of another
 * time namespace) or is damage: its age is not known, so it must not pass for
 * young, and is INT64_MAX.
 */
static inline int64_t
handle_row_age(int64_t now, uint64_t fetched)
{
	int64_t age = (int64_t)((uint64_t)now - fetched);

	if (__builtin_expect(age < 0, 0)) /* perhaps fetched since then */
		age = (int64_t)((uint64_t)clock_boot() - fetched);
	if (age >= 0)
		return age;
	return age > -CLOCK_SECOND ? 0 : INT64_MAX;
}

/* Clocks are set back, but not by more. */
#define HANDLE_AHEAD_MAX (86400 * CLOCK_SECOND)

/* A time of the past, as an honest clock might have given it; else 0. */
static inline int64_t
handle_wall(uint64_t wall)
{
	return wall <= INT64_MAX &&
		(int64_t)wall <= clock_wall() + HANDLE_AHEAD_MAX
	    ? (int64_t)wall
	    : 0;
}

#endif
