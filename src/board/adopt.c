#include "board/adopt.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/code.h"

/* The board is not published yet: nobody else looks. */
static void
set(board_word *word, uint64_t value)
{
	atomic_store_explicit(word, value, memory_order_relaxed);
}

static uint64_t
get(const board_word *word)
{
	return atomic_load_explicit(word, memory_order_relaxed);
}

/*
 * A time on this boot's clock, from the wall clock's.  It was before this boot,
 * whatever that clock says now; how long before one that lies ahead, nobody
 * knows: so it is no number to be taken for a new one.
 */
static uint64_t
boot_from_wall(uint64_t wall)
{
	int64_t now = clock_wall();
	int64_t then = (int64_t)wall;
	int64_t boot = clock_boot() - (then < now ? now - then : CLOCK_CENTURY);

	if (then <= 0)
		return 0;
	return (uint64_t)(boot < 0 ? boot : -1);
}

/* The boot clock starts anew with each boot; the wall clock goes on. */
static void
rebase_times(board_word *copy)
{
	static const size_t pairs[][2] = {
		{ ROW_AT_fetched_boot, ROW_AT_fetched_wall },
		{ ROW_AT_changed_boot, ROW_AT_changed_wall },
		{ ROW_AT_attempt_boot, ROW_AT_attempt_wall },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		set(copy + pairs[i][0], boot_from_wall(get(copy + pairs[i][1])));
}

/* Board bytes are untrusted: what is no possible rate is absent. */
static uint64_t
checked_number(uint64_t bits)
{
	double number;

	memcpy(&number, &bits, sizeof(number));
	return isfinite(number) && number > 0 ? bits : BOARD_ABSENT;
}

static void
adopt_numbers(struct board *board, const struct attached *old,
    const uint64_t *words, board_word *copy)
{
	const uint64_t *codes = board_codes(old->map, &old->shape);
	uint64_t present = 0;

	for (uint32_t q = 0; q < old->shape.currencies; q++) {
		int to = board_find(board, codes[q]);
		uint64_t bits = checked_number(words[ROW_META + q]);

		if (to == -1 || bits == BOARD_ABSENT)
			continue;
		set(copy + ROW_META + to, bits);
		present++;
	}
	set(copy + ROW_AT_present, present);
}

/* How many of the numbers that wait have a place here. */
static uint32_t
adopt_waiting(struct board *board, const struct attached *old,
    const uint64_t *words, board_word *held)
{
	const uint64_t *codes = board_codes(old->map, &old->shape);
	uint32_t present = 0;

	for (uint32_t q = 0; q < board->shape.currencies; q++)
		set(held + q, BOARD_ABSENT);
	for (uint32_t q = 0; q < old->shape.currencies; q++) {
		int at = board_find(board, codes[q]);
		uint64_t bits = checked_number(words[q]);

		if (at == -1 || bits == BOARD_ABSENT)
			continue;
		set(held + at, bits);
		present++;
	}
	return present;
}

/*
 * What waits to be confirmed goes on waiting; a writer that died in it, or a
 * saved board, which has none, leaves nothing that would be held.
 */
static void
adopt_held(struct board *board, const struct attached *old, uint32_t from,
    uint32_t to, board_word *copy)
{
	board_word *held = board_row_held(
	    board_row(board->map, &board->shape, to), &board->shape);
	uint64_t words[BOARD_CURRENCIES_MAX];

	if (get(copy + ROW_AT_held_wall) == 0)
		return;
	if (!attached_held(old, from, get(copy + ROW_AT_held_check), words) ||
	    adopt_waiting(board, old, words, held) == 0) {
		set(copy + ROW_AT_held_wall, 0);
		return;
	}
	set(copy + ROW_AT_held_check, board_held_check(held, &board->shape));
	set(&board_lock_of(board->map, &board->shape, to)->accepted,
	    get(&board_lock_of(old->map, &old->shape, from)->accepted));
}

static bool
same_boot(const struct board *board, const struct attached *old)
{
	return strncmp(old->map->boot_id, board->map->boot_id,
		   BOARD_NAME_MAX) == 0;
}

static bool
worth_taking(const struct attached *old, const uint64_t *words)
{
	return words[ROW_AT_attempts] != 0 && attached_sound(old, words);
}

/*
 * An answer that was read without a currency of now is no answer that the row
 * has: or the source, asked whether it is still the same, would say so.
 */
static void
forget_answer(board_word *copy)
{
	set(copy + ROW_AT_hash, 0);
	for (size_t w = 0; w < BOARD_ETAG_MAX / 8; w++)
		set(copy + ROW_AT_etag + w, 0);
	for (size_t w = 0; w < BOARD_MODIFIED_MAX / 8; w++)
		set(copy + ROW_AT_modified + w, 0);
}

static void
adopt_row(struct board *board, const struct attached *old, uint32_t from,
    bool grown)
{
	uint64_t code = board_codes(old->map, &old->shape)[from];
	int to = code_valid(code) ? board_find(board, code) : -1;
	uint64_t words[ROW_META + BOARD_CURRENCIES_MAX], seq;
	struct board_row *row;
	board_word *copy;

	if (to == -1 ||
	    attached_read(old, from, 0, ROW_META + old->shape.currencies,
		words, &seq) == -1 ||
	    !worth_taking(old, words))
		return;
	/*
	 * The sequence goes on, or who waits for a change from 3 could sleep
	 * through the new board's 3; even, for the first copy is filled here.
	 */
	row = board_row(board->map, &board->shape, (uint32_t)to);
	if (seq >= get(&row->seq))
		set(&row->seq, (seq + 1) & ~UINT64_C(1));
	copy = board_row_copy(row, &board->shape, 0);
	/* Saved numbers are better than none. */
	if (words[ROW_AT_version] == 0 && get(copy + ROW_AT_version) != 0)
		return;
	for (size_t w = 0; w < ROW_META; w++)
		set(copy + w, words[w]);
	for (size_t q = 0; q < board->shape.currencies; q++)
		set(copy + ROW_META + q, BOARD_ABSENT);
	adopt_numbers(board, old, words, copy);
	adopt_held(board, old, from, (uint32_t)to, copy);
	if (grown)
		forget_answer(copy);
	if (!same_boot(board, old))
		rebase_times(copy);
	set(copy + ROW_AT_check, board_row_check(copy, &board->shape));
}

static void
adopt_slots(struct board *board, const struct attached *old)
{
	for (uint32_t i = 0;
	     i < board->shape.slots && i < old->shape.slots; i++) {
		struct board_slot *to =
		    board_slot(board->map, &board->shape, i);
		struct board_slot *from =
		    board_slot(old->map, &old->shape, i);

		/* An id has 48 bits for it; never 0. */
		set(&to->incarnation, get(&from->incarnation) & 0xffffffffffff);
		set(&to->done, get(&from->done));
		set(&to->failed, get(&from->failed));
		set(&to->restarts, get(&from->restarts));
		set(&to->last_exit, get(&from->last_exit));
	}
}

/* Nobody asks a source for this board yet. */
static void
adopt_source(
    struct board_source *to, const struct board_source *from, bool same)
{
#define X(name) set(&to->name, get(&from->name));
	SOURCE_LASTING_WORDS(X)
	if (same) {
		SOURCE_BOOT_WORDS(X)
	}
#undef X
	set(&to->claim, 0);
#define X(name, count)                                                         \
	for (size_t i = 0; i < (count); i++)                                   \
		set(&to->name[i], get(&from->name[i]));
	SOURCE_TALLIES(X)
#undef X
}

static void
adopt_sources(struct board *board, const struct attached *old)
{
	for (uint32_t i = 0; i < board->shape.sources; i++) {
		struct board_source *to =
		    board_source(board->map, &board->shape, i);

		for (uint32_t j = 0; j < old->shape.sources; j++) {
			struct board_source *from =
			    board_source(old->map, &old->shape, j);

			if (strncmp(to->name, from->name, BOARD_SOURCE_MAX) ==
			    0)
				adopt_source(to, from, same_boot(board, old));
		}
	}
}

/* A currency that is new is missing in every row taken over. */
static bool
has_grown(const struct board *board, const struct attached *old)
{
	const uint64_t *codes = board_codes(board->map, &board->shape);

	for (uint32_t i = 0; i < board->shape.currencies; i++)
		if (attached_find(old->map, &old->shape, codes[i]) == -1)
			return true;
	return false;
}

/* True if somebody had the row's job, or it was asked for since its attempt. */
static bool
is_owed(const struct board *board, const struct attached *old, uint32_t row)
{
	const struct board_lock *lock =
	    board_lock_of(old->map, &old->shape, row);
	uint64_t asked = get(&lock->asked), attempt = 0, seq;

	/* Of another boot nobody knows quite how old it is. */
	if (get(&lock->claim) != 0 || !same_boot(board, old))
		return true;
	return attached_read(old, row, ROW_AT_attempt_boot, 1, &attempt, &seq) ==
		0 &&
	    (int64_t)asked > (int64_t)attempt &&
	    (int64_t)asked <= clock_boot();
}

/* A stop or a crash may have cut a job short: it is not to be lost. */
static void
note_owed(struct board *board, const struct attached *old, bool grown)
{
	const uint64_t *codes = board_codes(board->map, &board->shape);

	for (uint32_t i = 0; i < board->shape.currencies; i++) {
		int from = attached_find(old->map, &old->shape, codes[i]);

		board->owed[i] = grown || from == -1 ||
		    is_owed(board, old, (uint32_t)from);
	}
}

/* A row that is set aside stays so, or each restart would try it anew. */
static void
adopt_aside(struct board *board, const struct attached *old)
{
	const uint64_t *codes = board_codes(board->map, &board->shape);

	for (uint32_t i = 0; i < board->shape.currencies; i++) {
		int from = attached_find(old->map, &old->shape, codes[i]);

		if (from != -1)
			set(&board_lock_of(board->map, &board->shape, i)->aside,
			    get(&board_lock_of(old->map, &old->shape,
				(uint32_t)from)
				     ->aside));
	}
}

void
adopt(struct board *board, const struct attached *old)
{
	bool grown = has_grown(board, old);

	for (uint32_t i = 0; i < old->shape.currencies; i++)
		adopt_row(board, old, i, grown);
	adopt_slots(board, old);
	adopt_sources(board, old);
	if (same_boot(board, old)) /* its words are on that clock */
		adopt_aside(board, old);
	for (size_t c = 0; c < COUNTER_COUNT; c++)
		set(&board->map->counters[c], get(&old->map->counters[c]));
	if (board->map->generation <= old->map->generation)
		board->map->generation = old->map->generation + 1;
	note_owed(board, old, grown);
}
