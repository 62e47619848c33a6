#include "board/layout.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/hash.h"

/* Every field that both sides must agree on, by name and size. */
static const char *const fields[] = {
#define X(name, words) #name ":" #words,
	ROW_WORDS(X)
#undef X
#define X(name) #name,
	SLOT_WORDS(X) "/", SOURCE_WORDS(X) SOURCE_FACTS(X) EXPECTED_WORDS(X) "/",
	BOARD_COUNTERS(X) "/",
#undef X
	/* What stands where in the tallies. */
#define X(name, count) #name,
	SOURCE_TALLIES(X)
#undef X
#define X(id, name) name,
	ATTEMPT_CLASSES(X) "/",
#undef X
#define X(ms, text) text,
	FETCH_BUCKETS(X)
#undef X
};

uint64_t
board_layout_hash(void)
{
	const uint64_t sizes[] = { sizeof(struct board_header),
		sizeof(struct board_lock), sizeof(struct board_slot),
		sizeof(struct board_source), sizeof(struct board_row),
		sizeof(sem_t), ROW_META, COUNTER_COUNT };
	uint64_t hash = HASH_START;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		hash = hash_bytes(hash, fields[i], strlen(fields[i]) + 1);
	return hash_bytes(hash, sizes, sizeof(sizes));
}

static size_t
round_up(size_t size)
{
	return (size + BOARD_ALIGN - 1) / BOARD_ALIGN * BOARD_ALIGN;
}

static bool
in_bounds(uint32_t value, uint32_t max)
{
	return value >= 1 && value <= max;
}

int
board_shape(uint32_t currencies, uint32_t slots, uint32_t sources,
    struct board_shape *shape)
{
	struct board_shape s = { currencies, slots, sources, .index_size = 2 };

	if (!in_bounds(currencies, BOARD_CURRENCIES_MAX) ||
	    !in_bounds(slots, BOARD_SLOTS_MAX) ||
	    !in_bounds(sources, BOARD_SOURCES_MAX))
		return -1;
	while (s.index_size < 2 * currencies)
		s.index_size *= 2;
	s.copy_words =
	    round_up((ROW_META + currencies) * sizeof(board_word)) /
	    sizeof(board_word);
	s.row_size =
	    sizeof(struct board_row) + 2 * s.copy_words * sizeof(board_word) +
	    round_up(currencies * sizeof(board_word));
	s.codes_at = round_up(sizeof(struct board_header));
	s.index_at = round_up(s.codes_at + currencies * sizeof(uint64_t));
	s.sources_at = round_up(s.index_at + s.index_size * sizeof(uint16_t));
	s.slots_at = s.sources_at + sources * sizeof(struct board_source);
	s.locks_at = s.slots_at + slots * sizeof(struct board_slot);
	s.rows_at = s.locks_at + currencies * sizeof(struct board_lock);
	s.total_size = s.rows_at + currencies * s.row_size;
	*shape = s;
	return 0;
}

void
board_fill_codes(
    void *map, const struct board_shape *shape, const uint64_t *list)
{
	uint64_t *codes = board_at(map, shape->codes_at);
	uint16_t *index = board_index(map, shape);
	uint32_t mask = shape->index_size - 1;

	for (uint32_t i = 0; i < shape->currencies; i++) {
		uint32_t at = (uint32_t)code_hash(list[i]) & mask;

		while (index[at] != 0)
			at = (at + 1) & mask;
		index[at] = (uint16_t)(i + 1);
		codes[i] = list[i];
	}
}

uint64_t
board_row_check(const board_word *copy, const struct board_shape *shape)
{
	uint64_t hash = HASH_START;

	for (size_t w = 0; w < ROW_META + shape->currencies; w++)
		if (w != ROW_AT_check)
			hash = hash_word(hash,
			    atomic_load_explicit(
				copy + w, memory_order_relaxed));
	return hash;
}

uint64_t
board_held_check(const board_word *held, const struct board_shape *shape)
{
	uint64_t hash = HASH_START;

	for (size_t q = 0; q < shape->currencies; q++)
		hash = hash_word(hash,
		    atomic_load_explicit(held + q, memory_order_acquire));
	return hash;
}

const char *
board_header_fault(const struct board_header *header, size_t total_size,
    struct board_shape *shape)
{
	if (total_size < sizeof(*header))
		return "it is too small for a board";
	if (header->magic != BOARD_MAGIC)
		return "it has no board's magic number";
	if (header->layout_version != BOARD_LAYOUT_VERSION)
		return "its layout version is another one";
	if (header->byte_order != BOARD_BYTE_ORDER)
		return "its byte order is another one";
	if (header->layout_hash != board_layout_hash())
		return "its layout hash is another one";
	if (board_shape(header->currencies, header->slots, header->sources,
		shape) == -1)
		return "its dimensions are out of bounds";
	if (header->header_size != sizeof(*header) ||
	    header->index_size != shape->index_size ||
	    header->total_size != shape->total_size ||
	    total_size != shape->total_size)
		return "its size is wrong";
	if (memchr(header->instance, '\0', BOARD_NAME_MAX) == NULL ||
	    memchr(header->boot_id, '\0', BOARD_NAME_MAX) == NULL)
		return "its name has no end";
	return NULL;
}

uint64_t
board_month(int64_t wall)
{
	time_t seconds = (time_t)(wall / CLOCK_SECOND);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	return (uint64_t)(tm.tm_year + 1900) * 12 + (uint64_t)tm.tm_mon + 1;
}

void
board_object_name(const char *instance, char *buf, size_t size)
{
	snprintf(buf, size, "/ratesd.%s", instance);
}

#define NAME_OF(value, list)                                                   \
	((value) < sizeof(list) / sizeof((list)[0]) ? (list)[(value)] : "?")

const char *
board_state_name(uint64_t state)
{
	static const char *const names[] = {
#define X(id, name) name,
		BOARD_STATES(X)
#undef X
	};
	return NAME_OF(state, names);
}

const char *
slot_state_name(uint64_t state)
{
	static const char *const names[] = {
#define X(id, name) name,
		SLOT_STATES(X)
#undef X
	};
	return NAME_OF(state, names);
}

const char *
sandbox_state_name(uint64_t state)
{
	static const char *const names[] = {
#define X(id, name) name,
		SANDBOX_STATES(X)
#undef X
	};
	return NAME_OF(state, names);
}
