#include "board/handle.h"

#include <string.h>

static bool
same_currencies(const struct attached *a, const struct attached *b)
{
	return a->shape.currencies == b->shape.currencies &&
	    memcmp(board_codes(a->map, &a->shape),
		board_codes(b->map, &b->shape),
		a->shape.currencies * sizeof(uint64_t)) == 0;
}

/* A retired board's successor may be anybody's, as it was for rates_open(). */
static void
attach_again(struct rates *r, bool retired)
{
	struct attached now;

	if (attach(r->instance, &now) == -1)
		return; /* the old rows are still the last good ones */
	if ((now.map->generation == r->board.map->generation &&
		now.inode == r->board.inode) ||
	    (!retired && now.owner != r->board.owner)) {
		detach(&now);
		return;
	}
	if (!same_currencies(&r->board, &now))
		r->changed = true;
	detach(&r->board);
	r->board = now;
	r->boards++;
}

static bool
fed(const struct rates *r)
{
	const struct board_header *h = r->board.map;
	int64_t beat = atomic_load(&h->heartbeat);

	return atomic_load(&h->state) == BOARD_READY && beat != 0 &&
	    handle_since(clock_mono(), (uint64_t)beat) <= BOARD_SILENCE_MAX;
}

bool
handle_seek(struct rates *r)
{
	int64_t now = clock_mono();
	uint32_t boards = r->boards;

	if (now - r->sought < CLOCK_SECOND)
		return false;
	r->sought = now;
	if (!fed(r))
		attach_again(r, false);
	return r->boards != boards;
}

void
handle_move_on(struct rates *r)
{
	if (atomic_load(&r->board.map->state) == BOARD_RETIRED)
		attach_again(r, true);
	else
		handle_seek(r);
}
