#include "image.h"

#include <math.h>

#include "base/clock.h"
#include "base/code.h"
#include "board/claim.h"
#include "board/publish.h"
#include "fuzz.h"
#include "object.h"

#define CHANGE 12 /* bytes of one */
#define CHANGES_MAX 64
#define WIDEST 8 /* currencies, and slots, of a board that is filled */

enum part { HEADER, CODES, INDEX, SOURCES, SLOTS, LOCKS, ROWS, END, PARTS };

/* What is at an edge for somebody. */
static const uint64_t nasty[] = {
	0, 1, 3, 4, 255, 256, 1025, UINT16_MAX, UINT32_MAX, UINT64_MAX,
	INT32_MAX, INT64_MAX, (uint64_t)INT64_MIN, BOARD_ABSENT,
	UINT64_C(0x7ff0000000000000), /* infinity */
	UINT64_C(0xfff0000000000000), /* minus infinity */
	UINT64_C(0x7ff0000000000001), /* a signalling NaN */
	UINT64_C(0xbff0000000000000), /* -1 */
	UINT64_C(0x8000000000000001), /* the smallest below 0 */
	UINT64_C(0x7fefffffffffffff), /* the largest */
	UINT64_C(0x0000000300000001), /* an owner: slot 0 */
	UINT64_C(0x003f000000000001), /* slot 63 */
	UINT64_C(0xffff000000000001), /* slot 65535 */
	UINT64_C(0x1b5b324a1b5b6841), /* an escape sequence */
	UINT64_C(0x4141414141414141), /* a text without an end */
};

static uint64_t
number_at(const uint8_t *bytes, unsigned size)
{
	uint64_t number = 0;

	while (size-- > 0)
		number = number << 8 | bytes[size];
	return number;
}

static void
put_row(struct board *board, struct publication p)
{
	p.worker = worker_id(0, 1);
	p.fetched_wall = clock_wall();
	p.fetched_boot = clock_boot();
	REQUIRE(publish(board, &p, clock_mono() + CLOCK_SECOND) == 0);
}

static void
put_rows(struct board *board)
{
	static const double numbers[] = { 1, 1.1684, NAN };
	const struct publication good = { .row = 0,
		.source = "frankfurter",
		.class = ATTEMPT_OK,
		.http_status = 200,
		.numbers = numbers,
		.published_form = PUBLISHED_DAY,
		.published = INT64_C(1776038400) * CLOCK_SECOND };
	const struct publication bad = { .row = 1,
		.source = "vatcomply",
		.class = ATTEMPT_HTTP,
		.http_status = 500,
		.text = "HTTP 500: try again later" };
	const struct publication held = { .row = 2,
		.source = "vatcomply",
		.class = ATTEMPT_HELD,
		.hold = true,
		.http_status = 200,
		.text = "USD would jump",
		.numbers = numbers,
		.published_form = PUBLISHED_TIME,
		.published = INT64_C(1776038400) * CLOCK_SECOND };

	put_row(board, good);
	put_row(board, bad);
	put_row(board, held);
}

static void
put_worker(struct board *board)
{
	struct board_slot *slot = board_slot(board->map, &board->shape, 0);

	atomic_store(&slot->incarnation, 1);
	atomic_store(&slot->pid, 4711);
	atomic_store(&slot->state, SLOT_BUSY);
	atomic_store(&slot->ready, 1);
	atomic_store(&slot->since_wall, (uint64_t)clock_wall());
	atomic_store(&slot->done, 7);
	atomic_store(&slot->last_exit, 256 + 1);
	claim_take(board, 0, worker_id(0, 1));
}

struct board *
image_board(void)
{
	static const struct board_plan_source sources[] = {
		{ .name = "frankfurter" },
		{ .name = "vatcomply" },
	};
	const uint64_t codes[] = { code_pack("EUR"), code_pack("USD"),
		code_pack("PLN") };
	const struct board_plan plan = { .instance = OBJECT_INSTANCE,
		.codes = codes,
		.currencies = 3,
		.sources = sources,
		.source_count = 2,
		.slots = 2,
		.mode = 0644,
		.stale_after = 26 * 3600 * CLOCK_SECOND };
	char error[256];
	struct board *board = board_create(&plan, error, sizeof(error));

	REQUIRE(board != NULL);
	put_rows(board);
	put_worker(board);
	board_count(board, COUNTER_jobs_done, 7);
	atomic_store(&board->map->state, BOARD_READY);
	return board;
}

/* --- an input's image ----------------------------------------------------- */

static uint8_t *
new_bytes(size_t size)
{
	void *bytes = NULL;

	REQUIRE(posix_memalign(&bytes, BOARD_ALIGN, size > 0 ? size : 1) == 0);
	memset(bytes, 0, size > 0 ? size : 1);
	return bytes;
}

/* Where a part begins; END is where the last one ends. */
static size_t
part_at(const struct board_shape *s, enum part part)
{
	const size_t at[] = { 0, s->codes_at, s->index_at, s->sources_at,
		s->slots_at, s->locks_at, s->rows_at, s->total_size };

	return at[part];
}

/* A change of END is one of the size. */
static void
change(uint8_t *bytes, size_t *size, const struct board_shape *shape,
    const uint8_t *by)
{
	enum part part = (enum part)(by[0] % PARTS);
	unsigned width = 1u << (by[1] % 4);
	size_t at = (size_t)number_at(by + 2, 2);
	uint64_t value = number_at(by + 4, 8);
	size_t begin = part_at(shape, part), end;

	if ((by[1] & 4) != 0)
		value = nasty[value % (sizeof(nasty) / sizeof(nasty[0]))];
	if (part == END) {
		*size = value % (shape->total_size + 1);
		return;
	}
	end = part_at(shape, part + 1);
	at = begin + at % (end - begin) / width * width;
	memcpy(bytes + at, &value, width);
}

/* Makes the checksums of all rows, and of what they hold, right again. */
static void
seal(uint8_t *bytes, const struct board_shape *shape)
{
	for (uint32_t i = 0; i < shape->currencies; i++)
		for (uint64_t c = 0; c < 2; c++) {
			struct board_row *row = board_row(bytes, shape, i);
			board_word *copy = board_row_copy(row, shape, c);

			atomic_store(copy + ROW_AT_held_check,
			    board_held_check(
				board_row_held(row, shape), shape));
			atomic_store(copy + ROW_AT_check,
			    board_row_check(copy, shape));
		}
}

static uint8_t *
changed_board(
    const uint8_t *data, size_t size, bool sealed, size_t *image_size)
{
	static struct board *board;
	struct board_header *header;
	struct board_shape shape;
	uint8_t *bytes, *cut;

	if (board == NULL)
		board = image_board();
	shape = board->shape;
	*image_size = shape.total_size;
	bytes = new_bytes(*image_size);
	memcpy(bytes, board->map, *image_size);
	header = (struct board_header *)(void *)bytes;
	atomic_store(&header->heartbeat, clock_mono());
	for (size_t i = 0; i < CHANGES_MAX && size >= CHANGE; i++) {
		change(bytes, image_size, &shape, data);
		data += CHANGE;
		size -= CHANGE;
	}
	if (sealed)
		seal(bytes, &shape);
	/* Exactly as large as it says, for a sanitizer to guard. */
	cut = new_bytes(*image_size);
	memcpy(cut, bytes, *image_size);
	free(bytes);
	return cut;
}

static void
put_header(struct board_header *h, const struct board_shape *shape)
{
	h->magic = BOARD_MAGIC;
	h->layout_version = BOARD_LAYOUT_VERSION;
	h->byte_order = BOARD_BYTE_ORDER;
	h->header_size = sizeof(*h);
	h->total_size = shape->total_size;
	h->layout_hash = board_layout_hash();
	h->currencies = shape->currencies;
	h->slots = shape->slots;
	h->sources = shape->sources;
	h->index_size = shape->index_size;
	h->instance[BOARD_NAME_MAX - 1] = '\0';
	h->boot_id[BOARD_NAME_MAX - 1] = '\0';
}

static uint8_t *
filled_board(const uint8_t *data, size_t size, size_t *image_size)
{
	struct board_shape shape;
	uint8_t *bytes;

	if (size < 4)
		return NULL;
	REQUIRE(board_shape(1 + (uint32_t)number_at(data, 2) % WIDEST,
		    1 + data[2] % WIDEST,
		    1 + data[3] % BOARD_SOURCES_MAX, &shape) == 0);
	data += 4;
	size -= 4;
	*image_size = shape.total_size;
	bytes = new_bytes(*image_size);
	for (size_t at = 0; size > 0 && at < *image_size; at += size)
		memcpy(bytes + at, data,
		    size < *image_size - at ? size : *image_size - at);
	put_header((struct board_header *)(void *)bytes, &shape);
	return bytes;
}

uint8_t *
image_make(const uint8_t *data, size_t size, size_t *image_size)
{
	uint8_t *bytes;

	if (size == 0)
		return NULL;
	switch (data[0]) {
	case 'B':
		return changed_board(data + 1, size - 1, false, image_size);
	case 'S':
		return changed_board(data + 1, size - 1, true, image_size);
	case 'D':
		return filled_board(data + 1, size - 1, image_size);
	case 'R':
		*image_size = size - 1;
		bytes = new_bytes(*image_size);
		memcpy(bytes, data + 1, *image_size);
		return bytes;
	default:
		return NULL;
	}
}
