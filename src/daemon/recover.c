#include "daemon/recover.h"

#include <bsd/stdlib.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/fault.h"
#include "base/log.h"
#include "board/lock.h"
#include "board/claim.h"
#include "board/publish.h"

static const char *
row_name(const struct board *board, uint32_t row, char text[CODE_TEXT_MAX])
{
	return code_unpack(board_codes(board->map, &board->shape)[row], text);
}

static void
give_lock_back(struct board *board, uint32_t row, const struct death *death)
{
	char code[CODE_TEXT_MAX];

	if (!lock_recover(board_lock_of(board->map, &board->shape, row),
		death->worker))
		return;
	board_count(board, COUNTER_lock_repairs, 1);
	log_warn("worker %u died while it wrote row %s: the row keeps its last "
		 "good numbers",
	    death->slot, row_name(board, row, code));
}

static void
put_job_back(struct world *world, uint32_t row, const struct death *death,
    enum recovery how)
{
	struct board *board = world->board;
	struct board_lock *lock =
	    board_lock_of(board->map, &board->shape, row);
	char code[CODE_TEXT_MAX];
	struct row_state state;
	int64_t now = clock_boot(), aside = 0;

	if (how == RECOVER_STOP)
		return;
	FAULT_POINT("recover.requeue");
	board_count(board, COUNTER_jobs_requeued, 1);
	/* Earlier attempts first: seen later, they would cancel what follows. */
	world_row(world, row, &state);
	schedule_observe(world->schedule, row, &state, arc4random());
	if (how == RECOVER_RELOAD || atomic_load(&lock->asking) != death->worker)
		schedule_lost(world->schedule, row, now);
	else
		aside = schedule_death(world->schedule, row, now);
	/* What was asked for stays on the board, for a successor, unless: */
	if (aside != 0) {
		atomic_store(&lock->asked, 0);
		atomic_store(&lock->aside, (uint64_t)aside);
		log_error("job %s is set aside until its next turn: workers "
			  "died on it again and again",
		    row_name(board, row, code));
	}
	atomic_store(&lock->asking, 0);
	FAULT_POINT("recover.blamed");
	claim_drop(board, row, death->worker);
	FAULT_POINT("recover.requeued");
}

/* Who was to ask for all rows is gone: somebody else asks. */
static void
give_source_back(struct board *board, uint32_t source, uint64_t worker)
{
	atomic_compare_exchange_strong(
	    &board_source(board->map, &board->shape, source)->claim, &worker,
	    0);
}

static void
note_end(struct board *board, const struct death *death)
{
	struct board_slot *s =
	    board_slot(board->map, &board->shape, death->slot);

	atomic_store(&s->last_exit, (uint64_t)(unsigned)death->status + 1);
	atomic_store(&s->pid, 0);
	atomic_store(&s->state, SLOT_EMPTY);
	atomic_store(&s->since_wall, (uint64_t)clock_wall());
	atomic_store(&s->since_mono, (uint64_t)clock_mono());
}

void
recover(struct world *world, const struct death *death, enum recovery how)
{
	struct board *board = world->board;

	FAULT_POINT("recover.begin");
	for (uint32_t row = 0; row < board->shape.currencies; row++) {
		const struct board_lock *lock =
		    board_lock_of(board->map, &board->shape, row);

		give_lock_back(board, row, death);
		FAULT_POINT("recover.lock");
		if (atomic_load(&lock->claim) == death->worker)
			put_job_back(world, row, death, how);
	}
	for (uint32_t source = 0; source < board->shape.sources; source++)
		give_source_back(board, source, death->worker);
	FAULT_POINT("recover.sources");
	note_end(board, death);
	board_wake(board); /* it may have changed a row and told nobody */
	FAULT_POINT("recover.done");
}
