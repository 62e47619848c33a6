/*
 * Whatever bytes a saved board's file has: a refusal and nothing else, or an
 * image from which a board takes no number that can't be a rate.
 */
#include "board/saved.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/hash.h"
#include "board/adopt.h"
#include "board/board.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An input of the fuzzer must fail whatever NDEBUG says of assert. */
#define REQUIRE(condition) ((condition) ? (void)0 : abort())

/* Words of the file's header that hide all others from a fuzzer. */
#define AT_CHECK 2
#define AT_SIZE 3

static const char *const list[] = { "EUR", "USD", "PLN", "NOK" };

#define COUNT (sizeof(list) / sizeof(list[0]))

static struct board *board;
static void *pristine; /* the board's bytes before any input */

static void
make_board(void)
{
	static const struct board_plan_source sources[] = {
		{ .name = "vatcomply" },
	};
	uint64_t codes[COUNT];
	char instance[INSTANCE_TEXT_MAX], error[256];
	struct board_plan plan = { .instance = instance,
		.codes = codes,
		.currencies = COUNT,
		.sources = sources,
		.source_count = 1,
		.slots = 1,
		.mode = 0600,
		.stale_after = CLOCK_SECOND };

	for (size_t i = 0; i < COUNT; i++)
		codes[i] = code_pack(list[i]);
	snprintf(instance, sizeof(instance), "fuzz-%ld", (long)getpid());
	board = board_create(&plan, error, sizeof(error));
	REQUIRE(board != NULL);
	object_discard(instance); /* it is for this process alone */
	pristine = malloc(board->shape.total_size);
	REQUIRE(pristine != NULL);
	memcpy(pristine, board->map, board->shape.total_size);
}

static void
require_image(const struct attached *image)
{
	const uint64_t *codes = board_codes(image->map, &image->shape);
	uint32_t count = image->shape.currencies;

	REQUIRE(count >= 1 && count <= BOARD_CURRENCIES_MAX);
	REQUIRE(memchr(image->map->boot_id, '\0', BOARD_NAME_MAX) != NULL);
	for (uint32_t i = 0; i < count; i++) {
		REQUIRE(code_valid(codes[i]));
		REQUIRE(attached_find(image->map, &image->shape, codes[i]) ==
		    (int)i);
	}
}

static void
require_row(const struct attached *view, uint32_t i)
{
	uint64_t words[ROW_META + COUNT], seq, present = 0;

	REQUIRE(attached_read(view, i, 0, ROW_META + COUNT, words, &seq) == 0);
	for (size_t q = 0; q < COUNT; q++) {
		uint64_t bits = words[ROW_META + q];
		double number;

		memcpy(&number, &bits, sizeof(number));
		REQUIRE(bits == BOARD_ABSENT ||
		    (isfinite(number) && number > 0));
		present += bits != BOARD_ABSENT;
	}
	REQUIRE(words[ROW_AT_attempts] == 0 || attached_sound(view, words));
	REQUIRE(words[ROW_AT_present] == present);
	REQUIRE(words[ROW_AT_attempts] != 0 || (present == 0 && seq == 0));
	REQUIRE(words[ROW_AT_held_wall] == 0); /* it is not saved */
	REQUIRE(seq % 2 == 0);
}

static void
adopt_image(const struct attached *image)
{
	const struct attached view = { .map = board->map,
		.shape = board->shape };

	memcpy(board->map, pristine, board->shape.total_size);
	adopt(board, image);
	for (uint32_t i = 0; i < COUNT; i++)
		require_row(&view, i);
	REQUIRE(board_source(board->map, &board->shape, 0)->claim == 0);
}

static void
parse(const void *bytes, size_t size)
{
	struct attached image;
	const char *fault;

	memset(&image, 0xff, sizeof(image));
	fault = saved_parse(bytes, size, &image);
	REQUIRE(fault == NULL || (fault[0] != '\0' && image.map == NULL));
	if (image.map != NULL) {
		require_image(&image);
		adopt_image(&image);
	}
	detach(&image);
}

static void
set_check(uint64_t *words, size_t size)
{
	uint64_t hash = HASH_START;

	words[AT_SIZE] = size;
	for (size_t i = 0; i < size / 8; i++)
		if (i != AT_CHECK)
			hash = hash_word(hash, words[i]);
	words[AT_CHECK] = hash;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t *words = malloc(size > 0 ? size : 1);

	REQUIRE(words != NULL);
	if (board == NULL)
		make_board();
	if (size > 0)
		memcpy(words, data, size);
	parse(words, size);
	if (size % 8 == 0 && size / 8 > AT_SIZE) {
		set_check(words, size);
		parse(words, size);
	}
	free(words);
	return 0;
}
