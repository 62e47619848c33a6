#include "board/publish.h"

#include <math.h>
#include <string.h>

#include <bsd/string.h>

#include "base/clock.h"
#include "base/fault.h"
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

/* What is sent back as it came, or not at all: one without room is none. */
static void
put_validator(board_word *words, size_t size, const char *text)
{
	bool fits = text != NULL && strnlen(text, size) < size;

	put_text(words, size, fits ? text : "");
}

/* Nothing but how often it was tried, which has to go on. */
static void
put_blank(board_word *to, const struct board_shape *shape)
{
	for (size_t i = 0; i < ROW_META; i++)
		if (i != ROW_AT_attempts)
			put(to + i, 0);
	for (size_t i = 0; i < shape->currencies; i++)
		put(to + ROW_META + i, BOARD_ABSENT);
}

/*
 * What the row has, to be changed; false, and all blank, if that is damaged.
 * The copy gets a check of its own: it would make the damage whole.
 */
static bool
put_old(board_word *to, const board_word *from, const struct board_shape *shape)
{
	for (size_t i = 0; i < ROW_META + shape->currencies; i++)
		put(to + i, peek(from + i));
	if (board_row_check(to, shape) == peek(to + ROW_AT_check))
		return true;
	put_blank(to, shape);
	return false;
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

/* Writes the numbers; true if one differs from what was there. */
static bool
put_numbers(board_word *to, const double *numbers, size_t count,
    uint64_t *present)
{
	bool changed = false;

	*present = 0;
	for (size_t i = 0; i < count; i++) {
		uint64_t bits = number_bits(numbers[i]);

		changed |= bits != peek(to + i);
		*present += bits != BOARD_ABSENT;
		put(to + i, bits);
		FAULT_POINT("publish.word");
	}
	return changed;
}

static void
put_good(board_word *to, size_t count, const struct publication *p)
{
	uint64_t version = peek(to + ROW_AT_version);
	uint64_t present;
	bool changed =
	    put_numbers(to + ROW_META, p->numbers, count, &present);

	put(to + ROW_AT_version, version + 1);
	put(to + ROW_AT_present, present);
	put(to + ROW_AT_hub, p->hub);
	put(to + ROW_AT_recipe, p->recipe);
	put(to + ROW_AT_hash, p->hash);
	put_validator(to + ROW_AT_etag, BOARD_ETAG_MAX, p->etag);
	put_validator(to + ROW_AT_modified, BOARD_MODIFIED_MAX, p->modified);
	put(to + ROW_AT_published, (uint64_t)p->published);
	put(to + ROW_AT_published_form, p->published_form);
	put(to + ROW_AT_fetched_wall, (uint64_t)p->fetched_wall);
	put(to + ROW_AT_fetched_boot, (uint64_t)p->fetched_boot);
	if (changed || version == 0) {
		put(to + ROW_AT_changed_wall, (uint64_t)p->fetched_wall);
		put(to + ROW_AT_changed_boot, (uint64_t)p->fetched_boot);
	}
	put_text(to + ROW_AT_source, BOARD_SOURCE_MAX, p->source);
}

/*
 * The same answer once more: all as it was, but fetched now, and by what it
 * says is to be asked for with next time.
 */
static void
put_again(board_word *to, const struct publication *p)
{
	put(to + ROW_AT_version, peek(to + ROW_AT_version) + 1);
	if (p->etag != NULL)
		put_validator(to + ROW_AT_etag, BOARD_ETAG_MAX, p->etag);
	if (p->modified != NULL)
		put_validator(
		    to + ROW_AT_modified, BOARD_MODIFIED_MAX, p->modified);
	put(to + ROW_AT_fetched_wall, (uint64_t)p->fetched_wall);
	put(to + ROW_AT_fetched_boot, (uint64_t)p->fetched_boot);
}

static void
put_refusal(board_word *to, const struct refusal *r)
{
	put(to + ROW_AT_refused_wall, (uint64_t)r->wall);
	put(to + ROW_AT_refused_class, r->class);
	put(to + ROW_AT_refused_http, r->http_status);
	put_text(to + ROW_AT_refused_source, BOARD_SOURCE_MAX, r->source);
	put_text(to + ROW_AT_refused_text, BOARD_ERROR_MAX, r->text);
}

/* What came of an attempt that gave none, or of another one before it. */
static void
put_refused(board_word *to, const struct publication *p)
{
	const struct refusal own = { .source = p->source,
		.class = p->class,
		.http_status = p->http_status,
		.text = p->text,
		.wall = p->fetched_wall };

	if (p->class != ATTEMPT_OK)
		put_refusal(to, &own);
	else if (p->refused != NULL)
		put_refusal(to, p->refused);
}

/*
 * The numbers first: their check, in the copy, says whether they are whole.
 * The same ones once more have been waiting since they came first; so who
 * accepts them does, though they come again meanwhile.
 */
static void
put_held(board_word *to, board_word *held, const struct board_shape *shape,
    const struct publication *p)
{
	uint64_t were = board_held_check(held, shape);
	bool waited = peek(to + ROW_AT_held_wall) != 0 &&
	    peek(to + ROW_AT_held_check) == were;

	for (size_t i = 0; i < shape->currencies; i++)
		put(held + i, number_bits(p->numbers[i]));
	if (!waited || board_held_check(held, shape) != were)
		put(to + ROW_AT_held_wall, (uint64_t)p->fetched_wall);
	put(to + ROW_AT_held_published, (uint64_t)p->published);
	put(to + ROW_AT_held_form, p->published_form);
	put(to + ROW_AT_held_hash, p->hash);
	put(to + ROW_AT_held_check, board_held_check(held, shape));
	put_text(to + ROW_AT_held_source, BOARD_SOURCE_MAX, p->source);
	put_text(to + ROW_AT_held_text, BOARD_ERROR_MAX, p->text);
}

static void
put_attempt(board_word *to, const struct publication *p)
{
	bool good = p->class == ATTEMPT_OK;

	put(to + ROW_AT_attempts, peek(to + ROW_AT_attempts) + 1);
	put(to + ROW_AT_failures, good ? 0 : peek(to + ROW_AT_failures) + 1);
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
	bool whole = put_old(to, from, &board->shape);

	if (p->class == ATTEMPT_OK && !p->unchanged)
		put_good(to, board->shape.currencies, p);
	else if (p->class == ATTEMPT_OK && whole)
		put_again(to, p);
	if (!p->interim)
		put_attempt(to, p);
	put_refused(to, p);
	if (p->hold)
		put_held(to, board_row_held(row, &board->shape),
		    &board->shape, p);
	else if (p->forget)
		put(to + ROW_AT_held_wall, 0);
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

/* 0 with the row's lock, or -1. */
static int
take_lock(struct board *board, const struct publication *p, int64_t deadline)
{
	struct lock_tally tally = { 0 };
	int taken = lock_take(board_lock_of(board->map, &board->shape, p->row),
	    p->worker, deadline, &tally);

	count_tally(board, &tally);
	if (taken == 0)
		FAULT_POINT("publish.locked");
	return taken;
}

static void
give_lock(struct board *board, const struct publication *p)
{
	lock_release(
	    board_lock_of(board->map, &board->shape, p->row), p->worker);
}

/* With the lock, which is given back. */
static void
write_row(struct board *board, const struct publication *p)
{
	write_copy(board, board_row(board->map, &board->shape, p->row), p);
	FAULT_POINT("publish.published");
	give_lock(board, p);
	board_wake(board);
}

int
publish(struct board *board, const struct publication *p, int64_t deadline)
{
	if (take_lock(board, p, deadline) == -1)
		return -1;
	write_row(board, p);
	return 0;
}

int
publish_judged(struct board *board, struct publication *p,
    publish_judge *judge, void *context, int64_t deadline)
{
	if (take_lock(board, p, deadline) == -1)
		return -1;
	if (!judge(context, p)) {
		give_lock(board, p);
		return 1;
	}
	write_row(board, p);
	return 0;
}
