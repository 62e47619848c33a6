#include "daemon/recover.h"

#include "base/clock.h"
#include "base/code.h"
#include "base/fault.h"
#include "base/log.h"
#include "board/lock.h"
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
put_job_back(struct board *board, struct schedule *schedule, uint32_t row,
    const struct death *death, bool blame)
{
	char code[CODE_TEXT_MAX];
	int64_t now = clock_boot();

	board_count(board, COUNTER_jobs_requeued, 1);
	if (blame && schedule_death(schedule, row, now))
		log_error("job %s is set aside until its next turn: workers "
			  "died on it again and again",
		    row_name(board, row, code));
	else if (!blame)
		schedule_lost(schedule, row, now);
	claim_drop(board, row, death->worker);
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
}

void
recover(struct board *board, struct schedule *schedule,
    const struct death *death, bool blame)
{
	for (uint32_t row = 0; row < board->shape.currencies; row++) {
		const struct board_lock *lock =
		    board_lock_of(board->map, &board->shape, row);

		give_lock_back(board, row, death);
		FAULT_POINT("recover.lock");
		if (atomic_load(&lock->claim) == death->worker)
			put_job_back(board, schedule, row, death, blame);
	}
	note_end(board, death);
	FAULT_POINT("recover.done");
}
