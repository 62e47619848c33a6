/*
 * The board that is measured.
 */
#include <err.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/number.h"
#include "base/text.h"

#include "bench.h"

/* Three letters, as real codes have. */
static void
name_currency(unsigned i, char text[CODE_TEXT_MAX])
{
	text_format(text, CODE_TEXT_MAX, "%c%c%c", 'A' + i / 676 % 26,
	    'A' + i / 26 % 26, 'A' + i % 26);
}

static struct board *
make_board(const char *instance, unsigned count)
{
	static const struct board_plan_source source = { .name = "bench" };
	uint64_t codes[BOARD_CURRENCIES_MAX];
	struct board_plan plan = { .instance = instance,
		.codes = codes,
		.currencies = count,
		.sources = &source,
		.source_count = 1,
		.slots = 1,
		.mode = 0600,
		.stale_after = CLOCK_SECOND };
	char error[256], text[CODE_TEXT_MAX];
	struct board *board;

	for (unsigned i = 0; i < count; i++) {
		name_currency(i, text);
		codes[i] = code_pack(text);
	}
	board = board_create(&plan, error, sizeof(error));
	if (board == NULL || board_publish(board, error, sizeof(error)) == -1)
		errx(1, "%s", error);
	return board;
}

void
bench_publish_row(const struct bench *b, unsigned row)
{
	struct publication p = { .worker = worker_id(0, 1),
		.row = row,
		.source = "bench",
		.class = ATTEMPT_OK,
		.http_status = 200,
		.numbers = b->row,
		.fetched_wall = clock_wall(),
		.fetched_boot = clock_boot() };

	if (publish(b->board, &p, clock_mono() + CLOCK_SECOND) == -1)
		errx(1, "the lock of row %u could not be had", row);
}

static void
choose_pairs(struct bench *b)
{
	const struct board_shape *shape = &b->board->shape;

	srandom(1);
	for (unsigned i = 0; i < PAIRS; i++) {
		struct pair *p = &b->pairs[i];
		struct board_row *row;

		p->base = (unsigned)random() % b->count;
		p->quote = (unsigned)random() % b->count;
		name_currency(p->base, p->base_code);
		name_currency(p->quote, p->quote_code);
		row = board_row(b->board->map, shape, p->base);
		p->word = board_row_copy(row, shape, row->seq) + ROW_META +
		    p->quote;
	}
}

/* The name is gone as soon as it is open: nothing can be left behind. */
void
bench_begin(struct bench *b, const char *text)
{
	char instance[BOARD_NAME_MAX];
	enum rates_result result;
	int64_t count;

	if (number_parse_int(text, 1, BOARD_CURRENCIES_MAX, &count) == -1)
		errx(1, "'%s' is no number of currencies", text);
	b->count = (unsigned)count;
	b->row = calloc(b->count, sizeof(b->row[0]));
	if (b->row == NULL)
		err(1, NULL);
	for (unsigned i = 0; i < b->count; i++)
		b->row[i] = 1 + i / 8.0;
	text_format(instance, sizeof(instance), "bench-%ld", (long)getpid());
	b->board = make_board(instance, b->count);
	result = rates_open(instance, &b->rates);
	object_remove(instance);
	if (result != RATES_OK)
		errx(1, "%s", rates_strerror(result));
	for (unsigned i = 0; i < b->count; i++)
		bench_publish_row(b, i);
	choose_pairs(b);
}

void
bench_end(struct bench *b)
{
	rates_close(b->rates);
	board_close(b->board);
	free(b->row);
}
