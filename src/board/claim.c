#include "board/claim.h"

#include "base/clock.h"
#include "base/fault.h"
#include "board/attach.h"

static struct board_lock *
lock_of(const struct board *board, uint32_t row)
{
	return board_lock_of(board->map, &board->shape, row);
}

/*
 * Claims and words of asking are in one total order (seq_cst): who is refused
 * leaves its word and looks at the claim again, who drops the claim then looks
 * for a word, so one of the two sees the other.
 */
int
claim_take(struct board *board, uint32_t row, uint64_t worker)
{
	uint64_t nobody = 0;

	return atomic_compare_exchange_strong(
	    &lock_of(board, row)->claim, &nobody, worker);
}

void
claim_drop(struct board *board, uint32_t row, uint64_t worker)
{
	atomic_compare_exchange_strong(
	    &lock_of(board, row)->claim, &worker, 0);
}

/* Nobody asks in a time to come: who waited for it would wait for ever. */
static bool
is_ahead(uint64_t asked)
{
	return asked > (uint64_t)clock_boot();
}

static void
leave_word(struct board *board, uint32_t row, int64_t asked)
{
	board_word *word = &lock_of(board, row)->asked;
	uint64_t seen = atomic_load(word);

	while ((seen < (uint64_t)asked || is_ahead(seen)) &&
	    !atomic_compare_exchange_weak(word, &seen, (uint64_t)asked))
		;
}

int
claim_ask(struct board *board, uint32_t row, uint64_t worker, int64_t asked)
{
	leave_word(board, row, asked);
	FAULT_POINT("worker.noted");
	return claim_take(board, row, worker);
}

int64_t
claim_asked(const struct board *board, uint32_t row)
{
	uint64_t asked = atomic_load(&lock_of(board, row)->asked);

	return is_ahead(asked) ? 0 : (int64_t)asked;
}

bool
claim_asked_since(const struct board *board, uint32_t row, int64_t since)
{
	return claim_asked(board, row) > since;
}

int
claim_pass(struct board *board, uint32_t row, uint64_t worker, int64_t ended)
{
	if (claim_asked_since(board, row, ended))
		return 1; /* who looks on sees no moment without */
	claim_drop(board, row, worker);
	return claim_asked_since(board, row, ended) &&
	    claim_take(board, row, worker);
}

void
board_row_news(const struct board *board, uint32_t i, struct row_news *news)
{
	const struct attached view = { .map = board->map,
		.shape = board->shape };
	const struct board_lock *lock =
	    board_lock_of(board->map, &board->shape, i);
	uint64_t words[ROW_META] = { 0 }, seq;

	/*
	 * A row too busy to read gives the words of its last try: they only
	 * move the schedule, and the next tick mends it.
	 */
	attached_read(&view, i, 0, ROW_META, words, &seq);
	news->attempts = words[ROW_AT_attempts];
	news->failures = words[ROW_AT_failures];
	news->attempt_boot = (int64_t)words[ROW_AT_attempt_boot];
	news->attempt_class = words[ROW_AT_attempt_class];
	news->fetched_boot = (int64_t)words[ROW_AT_fetched_boot];
	news->claim = atomic_load_explicit(&lock->claim, memory_order_acquire);
	news->aside = (int64_t)atomic_load_explicit(
	    &lock->aside, memory_order_relaxed);
	news->asked = (int64_t)atomic_load_explicit(
	    &lock->asked, memory_order_relaxed);
}
