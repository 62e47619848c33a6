#include "board/publish.h"

#include <math.h>
#include <string.h>

#include <bsd/string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "board/attach.h"
#include "board/lock.h"

/*
 * The writer's half of the latch, with no fence (TSan knows none): payload
 * words and the sequence are stored with release, so that a reader who sees
 * one word of a newer write (acquire) also sees the newer sequence when it
 * looks again.  With relaxed payload stores the next update could overtake the
 * store of the sequence.
 */
static void
put(board_word *word, uint64_t value)
{
	atomic_store_explicit(word, value, memory_order_release);
}

/* Only the holder of the lock writes, so its own reads need no order. */
static uint64_t
peek(const board_word *word)
{
	return atomic_load_explicit(word, memory_order_relaxed);
}

static void
put_text(board_word *words, size_t size, const char *text)
{
	char padded[BOARD_ERROR_MAX] = { 0 };
	uint64_t word;

	strlcpy(padded, text != NULL ? text : "", size);
	for (size_t i = 0; i < size / 8; i++) {
		memcpy(&word, padded + 8 * i, 8);
		put(words + i, word);
	}
}

static void
copy_words(board_word *to, const board_word *from, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++)
		put(to + i, peek(from + i));
}

static uint64_t
number_bits(double number)
{
	uint64_t bits;

	if (isnan(number))
		return BOARD_ABSENT;
	memcpy(&bits, &number, sizeof(bits));
	return bits;
}

/* Writes the numbers; true if one differs from the old copy. */
static bool
put_numbers(board_word *to, const board_word *from, const double *numbers,
    size_t count, uint64_t *present)
{
	bool changed = false;

	*present = 0;
	for (size_t i = 0; i < count; i++) {
		uint64_t bits = number_bits(numbers[i]);

		changed |= bits != peek(from + i);
		*present += bits != BOARD_ABSENT;
		put(to + i, bits);
		FAULT_POINT("publish.word");
	}
	return changed;
}

static void
put_good(board_word *to, const board_word *from, size_t count,
    const struct publication *p)
{
	uint64_t version = peek(from + ROW_AT_version);
	uint64_t present;
	bool changed = put_numbers(
	    to + ROW_META, from + ROW_META, p->numbers, count, &present);

	put(to + ROW_AT_version, version + 1);
	put(to + ROW_AT_present, present);
	put(to + ROW_AT_published, (uint64_t)p->published);
	put(to + ROW_AT_published_form, p->published_form);
	put(to + ROW_AT_fetched_wall, (uint64_t)p->fetched_wall);
	put(to + ROW_AT_fetched_boot, (uint64_t)p->fetched_boot);
	if (changed || version == 0) {
		put(to + ROW_AT_changed_wall, (uint64_t)p->fetched_wall);
		put(to + ROW_AT_changed_boot, (uint64_t)p->fetched_boot);
	} else {
		copy_words(
		    to, from, ROW_AT_changed_wall, ROW_AT_changed_boot + 1);
	}
	put_text(to + ROW_AT_source, BOARD_SOURCE_MAX, p->source);
}

static void
put_attempt(
    board_word *to, const board_word *from, const struct publication *p)
{
	bool good = p->class == ATTEMPT_OK;

	put(to + ROW_AT_attempts, peek(from + ROW_AT_attempts) + 1);
	put(to + ROW_AT_failures,
	    good ? 0 : peek(from + ROW_AT_failures) + 1);
	put(to + ROW_AT_attempt_wall, (uint64_t)p->fetched_wall);
	put(to + ROW_AT_attempt_boot, (uint64_t)p->fetched_boot);
	put(to + ROW_AT_attempt_class, p->class);
	put(to + ROW_AT_attempt_http, p->http_status);
	put_text(to + ROW_AT_attempt_source, BOARD_SOURCE_MAX, p->source);
	put_text(to + ROW_AT_attempt_text, BOARD_ERROR_MAX, p->text);
}

static void
write_copy(struct board *board, struct board_row *row,
    const struct publication *p)
{
	uint64_t seq = peek(&row->seq);
	board_word *from = board_row_copy(row, &board->shape, seq);
	board_word *to = board_row_copy(row, &board->shape, seq + 1);
	size_t count = board->shape.currencies;

	if (p->class == ATTEMPT_OK)
		put_good(to, from, count, p);
	else
		copy_words(to, from, 0, ROW_META + count);
	put_attempt(to, from, p);
	put(to + ROW_AT_check, board_row_check(to, &board->shape));
	FAULT_POINT("publish.written");
	put(&row->seq, seq + 1);
}

static void
count_tally(struct board *board, const struct lock_tally *tally)
{
	if (tally->posts > 0)
		board_count(board, COUNTER_lock_posts, tally->posts);
	if (tally->surplus > 0)
		board_count(board, COUNTER_lock_surplus, tally->surplus);
}

int
publish(struct board *board, const struct publication *publication,
    int64_t deadline)
{
	struct board_lock *lock =
	    board_lock_of(board->map, &board->shape, publication->row);
	struct board_row *row =
	    board_row(board->map, &board->shape, publication->row);
	struct lock_tally tally = { 0 };
	int taken = lock_take(lock, publication->worker, deadline, &tally);

	count_tally(board, &tally);
	if (taken == -1)
		return -1;
	FAULT_POINT("publish.locked");
	write_copy(board, row, publication);
	FAULT_POINT("publish.published");
	lock_release(lock, publication->worker);
	board_wake(board);
	return 0;
}

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

static void
leave_word(struct board *board, uint32_t row, int64_t asked)
{
	board_word *word = &lock_of(board, row)->asked;
	uint64_t seen = atomic_load(word);

	while (seen < (uint64_t)asked &&
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

int
claim_pass(struct board *board, uint32_t row, uint64_t worker, int64_t ended)
{
	claim_drop(board, row, worker);
	if (atomic_load(&lock_of(board, row)->asked) <= (uint64_t)ended)
		return 0;
	return claim_take(board, row, worker);
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
	news->fetched_boot = (int64_t)words[ROW_AT_fetched_boot];
	news->claim = atomic_load_explicit(&lock->claim, memory_order_acquire);
	news->aside = (int64_t)atomic_load_explicit(
	    &lock->aside, memory_order_relaxed);
	news->asked = (int64_t)atomic_load_explicit(
	    &lock->asked, memory_order_relaxed);
}
