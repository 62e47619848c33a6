#include "boards.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

const uint64_t me = (UINT64_C(1) << 48) | 1;
const double three[3] = { 1, 1.1684, 4.2467 };

char instance[INSTANCE_TEXT_MAX];
struct board *board, *next;
char boards_error[256];

static const struct board_plan_source sources[] = {
	{ .name = "vatcomply" },
	{ .name = "frankfurter" },
};

static void
remove_and_die(int number)
{
	object_remove(instance);
	signal(number, SIG_DFL);
	raise(number);
}

int
boards_begin(const char *prefix, unsigned seconds)
{
	signal(SIGALRM, remove_and_die);
	signal(SIGABRT, remove_and_die);
	alarm(seconds);
	snprintf(instance, sizeof(instance), "%s-%ld", prefix, (long)getpid());
	return object_remove(instance);
}

int
boards_end(void)
{
	alarm(0);
	board_close(board);
	board_close(next);
	board = next = NULL;
	return object_remove(instance);
}

uint32_t
pack_list(const char *list, uint64_t codes[LIST_MAX])
{
	uint32_t count = 0;

	for (; *list != '\0'; list += strspn(list, " ")) {
		size_t length = strcspn(list, " ");

		assert_true(count < LIST_MAX);
		codes[count++] = code_pack_n(list, length);
		list += length;
	}
	return count;
}

struct board *
create_of(const uint64_t *codes, uint32_t count, uint32_t source_count)
{
	const struct board_plan plan = { .instance = instance,
		.codes = codes,
		.currencies = count,
		.sources = sources,
		.source_count = source_count,
		.slots = SLOTS,
		.mode = 0644,
		.stale_after = STALE };

	return board_create(&plan, boards_error, sizeof(boards_error));
}

struct board *
create(const char *list)
{
	uint64_t codes[LIST_MAX];
	struct board *made = create_of(codes, pack_list(list, codes), 2);

	if (made == NULL)
		fail_msg("%s", boards_error);
	return made;
}

void
publish_board(struct board *made)
{
	if (board_publish(made, boards_error, sizeof(boards_error)) == -1)
		fail_msg("%s", boards_error);
}

struct publication
good_answer(uint32_t row, const double *numbers, int64_t wall, int64_t boot)
{
	return (struct publication){ .worker = me,
		.row = row,
		.source = "frankfurter",
		.class = ATTEMPT_OK,
		.http_status = 200,
		.numbers = numbers,
		.published_form = PUBLISHED_DAY,
		.published = PUBLISHED,
		.fetched_wall = wall,
		.fetched_boot = boot };
}

struct publication
failure(uint32_t row, const char *text, int64_t wall, int64_t boot)
{
	return (struct publication){ .worker = me,
		.row = row,
		.source = "vatcomply",
		.class = ATTEMPT_HTTP,
		.http_status = 500,
		.text = text,
		.fetched_wall = wall,
		.fetched_boot = boot };
}

void
put(struct board *to, struct publication publication)
{
	assert_int_equal(
	    publish(to, &publication, clock_mono() + PATIENCE), 0);
}
