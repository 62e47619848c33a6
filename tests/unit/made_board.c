#include "made_board.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bsd/string.h>
#include <cmocka.h>

#define LIST_MAX BOARD_SOURCES_MAX
#define WORD_MAX 32

struct board *made, *made_next;

static char instance[INSTANCE_TEXT_MAX];
static char error[256];

/* A test that hangs or aborts leaves no object behind. */
static void
remove_and_die(int number)
{
	object_remove(instance);
	signal(number, SIG_DFL);
	raise(number);
}

int
made_begin(void **state)
{
	(void)state;
	signal(SIGALRM, remove_and_die);
	signal(SIGABRT, remove_and_die);
	alarm(120);
	snprintf(instance, sizeof(instance), "made-%ld", (long)getpid());
	return object_remove(instance);
}

int
made_end(void **state)
{
	(void)state;
	alarm(0);
	board_close(made);
	board_close(made_next);
	made = made_next = NULL;
	return object_remove(instance);
}

/* The words of a list, which spaces part; how many. */
static uint32_t
split(const char *list, char words[LIST_MAX][WORD_MAX])
{
	uint32_t count = 0;

	for (; *list != '\0'; list += strspn(list, " ")) {
		size_t length = strcspn(list, " ");

		assert_true(count < LIST_MAX && length < WORD_MAX);
		memcpy(words[count], list, length);
		words[count++][length] = '\0';
		list += length;
	}
	return count;
}

struct board *
made_of(const char *codes, const char *sources)
{
	char names[LIST_MAX][WORD_MAX];
	struct board_plan_source asked[LIST_MAX] = { 0 };
	uint64_t packed[LIST_MAX];
	struct board_plan plan = { .instance = instance,
		.codes = packed,
		.sources = asked,
		.slots = 2,
		.mode = 0600,
		.stale_after = 3600 * CLOCK_SECOND };
	struct board *board;

	plan.currencies = split(codes, names);
	for (uint32_t i = 0; i < plan.currencies; i++)
		packed[i] = code_pack(names[i]);
	plan.source_count = split(sources, names);
	for (uint32_t i = 0; i < plan.source_count; i++)
		asked[i].name = names[i];
	board = board_create(&plan, error, sizeof(error));
	if (board == NULL)
		fail_msg("%s", error);
	return board;
}

void
made_open(void)
{
	made = made_of("EUR USD PLN", "vatcomply frankfurter");
	assert_int_equal(board_publish(made, error, sizeof(error)), 0);
}

void
made_adopt(const char *codes, const char *sources)
{
	board_close(made_next);
	made_next = made_of(codes, sources);
	board_adopt(made_next);
}

struct attached
made_view(const struct board *board)
{
	return (struct attached){ .map = board->map, .shape = board->shape };
}

uint64_t
made_row(const struct board *board, uint32_t row, uint64_t words[MADE_ROW_MAX])
{
	struct attached view = made_view(board);
	uint64_t seq = 0;

	assert_int_equal(attached_read(&view, row, 0,
			     ROW_META + board->shape.currencies, words, &seq),
	    0);
	assert_true(attached_sound(&view, words));
	return seq;
}

uint64_t
made_word(const struct board *board, uint32_t row, size_t at)
{
	uint64_t words[MADE_ROW_MAX];

	made_row(board, row, words);
	return words[at];
}

void
made_text(const struct board *board, uint32_t row, size_t at, char *to,
    size_t size)
{
	uint64_t words[MADE_ROW_MAX];

	made_row(board, row, words);
	strlcpy(to, (const char *)(words + at), size);
}

struct publication
made_answer(enum attempt_class class, const double *numbers)
{
	return (struct publication){ .worker = MADE_WORKER,
		.row = 0,
		.source = "frankfurter",
		.class = class,
		.http_status = 200,
		.hold = class == ATTEMPT_HELD,
		.numbers = numbers,
		.published_form = PUBLISHED_DAY,
		.published = 86400 * CLOCK_SECOND,
		.fetched_wall = 1000 * CLOCK_SECOND,
		.fetched_boot = 1000 * CLOCK_SECOND };
}

void
made_damage(void)
{
	struct board_row *row = board_row(made->map, &made->shape, 0);

	atomic_store(board_row_copy(row, &made->shape, atomic_load(&row->seq)) +
		ROW_META + 1,
	    0);
}

int
made_publish(const struct publication *publication)
{
	return publish(made, publication, clock_mono() + MADE_PATIENCE);
}
