/*
 * Whatever bytes lie under a board's name: refused by name, or read without
 * a step outside, with no number that can't be a rate, no text without an end
 * and no age below 0.
 *
 * Each image is read by all who read boards: by librates from memory of
 * exactly its size and from an object, by a handle that has to follow to it
 * from a good board, by the commands of ratesctl, and by the daemon that takes
 * an old board over.
 */
#include "board/handle.h"

#include <math.h>

#include "board/last.h"
#include "fuzz.h"
#include "image.h"
#include "object.h"
#include "reader.h"
#include "tools/command.h"

#define NOWHERE "nowhere" /* an instance without an object */

/* In memory of exactly its size, for a sanitizer to guard. */
static bool
read_memory(const uint8_t *image, size_t size)
{
	struct rates r = { .instance = NOWHERE };
	const void *map = image;
	const char *fault = board_header_fault(map, size, &r.board.shape);

	if (fault != NULL) {
		REQUIRE(fault[0] != '\0');
		return false;
	}
	r.board.map = map;
	REQUIRE(r.board.shape.total_size == size);
	REQUIRE(r.board.map->total_size == size);
	REQUIRE(strnlen(r.board.map->instance, BOARD_NAME_MAX) <
	    BOARD_NAME_MAX);
	REQUIRE(r.board.map->index_size == r.board.shape.index_size);
	reader_read(&r);
	return true;
}

static void
read_object(bool good)
{
	struct rates *r;
	enum rates_result result = rates_open(OBJECT_INSTANCE, &r);

	REQUIRE(result == (good ? RATES_OK : RATES_BAD_BOARD));
	REQUIRE((r != NULL) == good);
	if (good)
		reader_read(r);
	else
		REQUIRE(rates_fault()[0] != '\0');
	rates_close(r);
}

/* From a good board that is retired, once the image has its name. */
static void
follow(const uint8_t *image, size_t size, bool good)
{
	struct rates_row row;
	struct board *board = image_board();
	struct rates *r;

	atomic_store(&board->map->state, BOARD_RETIRED);
	object_put(board->map, board->shape.total_size);
	REQUIRE(rates_open(OBJECT_INSTANCE, &r) == RATES_OK);
	object_put(image, size);
	if (good)
		reader_read(r);
	else
		REQUIRE(rates_row(r, 0, &row, NULL) == RATES_OK);
	rates_close(r);
	board_close(board);
}

/* --- ratesctl ------------------------------------------------------------- */

#ifdef __GLIBC__ /* elsewhere stdout is no variable */
/* Where its output goes. */
static ssize_t
look_at_output(void *cookie, const char *bytes, size_t size)
{
	(void)cookie;
	for (size_t i = 0; i < size; i++)
		REQUIRE(bytes[i] == '\n' ||
		    (bytes[i] >= ' ' && bytes[i] <= '~'));
	return (ssize_t)size;
}

static void
run(int (*command)(struct ctl *, int, char **), enum ctl_format format,
    int64_t max_age)
{
	char amount[] = "-1234.565", eur[] = "EUR", pln[] = "PLN";
	char *arguments[] = { amount, eur, pln, NULL };
	int count = command == cmd_get || command == cmd_explain ? 2
	    : command == cmd_convert				 ? 3
								 : 0;
	struct ctl ctl = { .instance = OBJECT_INSTANCE,
		.format = format,
		.max_age = max_age,
		.given = OPTION_BIT(VERBOSE),
		.max_age_text = "0s",
		.timeout = 0,
		.timeout_text = "0s",
		.color = COLOR_NEVER };
	int status = command(&ctl, count, arguments + 3 - count);

	REQUIRE(status >= CTL_DONE && status <= CTL_TOO_OLD);
	rates_close(ctl.rates);
}

static void
run_monitors(void)
{
	static char pairs[] = "EUR/USD,PLN/EUR";
	static const char *const modes[] = { "age", "coverage", "frozen",
		"source", "workers" };
	struct ctl ctl = { .instance = OBJECT_INSTANCE,
		.timeout = -1,
		.given = OPTION_BIT(VERBOSE),
		.clock = "published",
		.pairs = pairs };
	int status;

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		ctl.mode = modes[i];
		ctl.warning = i % 2 == 0 ? "1" : NULL;
		status = cmd_check(&ctl, 0, NULL);
		REQUIRE(status >= 0 && status <= 3);
		rates_close(ctl.rates);
		ctl.rates = NULL;
	}
	status = cmd_metrics(&ctl, 0, NULL);
	REQUIRE(status == CTL_DONE || status == CTL_FAILED);
	rates_close(ctl.rates);
}

static void
run_all(void)
{
	static const cookie_io_functions_t look = { .write = look_at_output };
	FILE *out = stdout, *complaints = stderr;

	stdout = stderr = fopencookie(NULL, "w", look);
	REQUIRE(stdout != NULL);
	run(cmd_show, FORMAT_TABLE, 0);
	run(cmd_show, FORMAT_LINES, -1);
	run(cmd_show, FORMAT_JSON, -1);
	run(cmd_show, FORMAT_CSV, -1);
	run(cmd_show, FORMAT_KEYVALUE, -1);
	run(cmd_status, FORMAT_TABLE, -1);
	run(cmd_status, FORMAT_JSON, -1);
	run(cmd_status, FORMAT_CSV, -1);
	run(cmd_status, FORMAT_KEYVALUE, -1);
	run(cmd_get, FORMAT_TABLE, -1);
	run(cmd_get, FORMAT_TABLE, 0);
	run(cmd_get, FORMAT_JSON, -1);
	run(cmd_get, FORMAT_KEYVALUE, -1);
	run(cmd_convert, FORMAT_TABLE, -1);
	run(cmd_convert, FORMAT_JSON, -1);
	run(cmd_explain, FORMAT_TABLE, -1);
	run(cmd_explain, FORMAT_JSON, -1);
	run(cmd_explain, FORMAT_CSV, -1);
	run(cmd_explain, FORMAT_KEYVALUE, -1);
	run(cmd_sources, FORMAT_TABLE, -1);
	run(cmd_sources, FORMAT_JSON, -1);
	run(cmd_sources, FORMAT_CSV, -1);
	run(cmd_sources, FORMAT_KEYVALUE, -1);
	run(cmd_wait, FORMAT_TABLE, -1);
	run_monitors();
	REQUIRE(fclose(stdout) == 0);
	stdout = out;
	stderr = complaints;
}
#endif

/* --- the daemon ----------------------------------------------------------- */

static void
require_text(const char *text, size_t size)
{
	REQUIRE(memchr(text, '\0', size) != NULL);
}

/* What an answer is judged against. */
static void
judge(const struct board *board, uint32_t row)
{
	double numbers[BOARD_CURRENCIES_MAX], held[BOARD_CURRENCIES_MAX];
	struct row_last last;

	REQUIRE(board_row_last(board, row, &last, numbers, held) == 0);
	for (uint32_t q = 0; q < board->shape.currencies; q++) {
		REQUIRE(isnan(numbers[q]) || numbers[q] > 0);
		REQUIRE(isnan(held[q]) || held[q] > 0);
		REQUIRE(isnan(held[q]) || last.held_wall != 0);
		REQUIRE(!isinf(numbers[q]) && !isinf(held[q]));
	}
	REQUIRE(last.form <= PUBLISHED_TIME);
	REQUIRE(last.held_form <= PUBLISHED_TIME);
	require_text(last.source, sizeof(last.source));
	require_text(last.etag, sizeof(last.etag));
	require_text(last.modified, sizeof(last.modified));
	require_text(last.held_source, sizeof(last.held_source));
}

/* What a new board takes over is as good as what it fetches. */
static void
take_over(void)
{
	struct board *board = image_board();
	struct rates r = { .instance = NOWHERE };
	const struct board_shape *shape = &board->shape;

	board_adopt(board);
	r.board.map = board->map;
	r.board.shape = *shape;
	reader_read(&r);
	for (uint32_t i = 0; i < shape->currencies; i++) {
		struct board_row *row = board_row(board->map, shape, i);
		board_word *copy = board_row_copy(row, shape, row->seq);

		judge(board, i);
		for (uint32_t q = 0; q < shape->currencies; q++) {
			uint64_t bits = copy[ROW_META + q];
			double number;

			memcpy(&number, &bits, sizeof(number));
			REQUIRE(bits == BOARD_ABSENT ||
			    (isfinite(number) && number > 0));
		}
	}
	board_close(board);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t image_size;
	uint8_t *image = image_make(data, size, &image_size);
	bool good;

	if (image == NULL)
		return 0;
	good = read_memory(image, image_size);
	follow(image, image_size, good);
	read_object(good);
#ifdef __GLIBC__
	run_all();
#endif
	take_over();
	free(image);
	return 0;
}
