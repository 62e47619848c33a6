#include "daemon/world.h"

#include <string.h>

#include <bsd/stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "board/publish.h"
#include "jobs/queue.h"

static struct board *
make_board(const char *instance, const struct conf *conf, char *error,
    size_t error_size)
{
	const char *names[BOARD_SOURCES_MAX];
	struct board_plan plan = { .instance = instance,
		.codes = conf->codes,
		.currencies = conf->currencies,
		.sources = names,
		.source_count = conf->source_count,
		.slots = conf->workers,
		.mode = conf->board_mode,
		.stale_after = conf->stale_after };
	struct board *board;
	unsigned rows;

	for (unsigned i = 0; i < conf->source_count; i++)
		names[i] = conf->sources[i].name;
	board = board_create(&plan, error, error_size);
	if (board == NULL)
		return NULL;
	rows = board_adopt(board);
	if (board_publish(board, error, error_size) == -1) {
		board_close(board);
		return NULL;
	}
	log_info("board of %u currencies, %zu KiB, generation %llu, %u rows "
		 "taken over",
	    conf->currencies, board->shape.total_size / 1024,
	    (unsigned long long)board->map->generation, rows);
	return board;
}

static int64_t
past(int64_t boot)
{
	int64_t now = clock_boot();

	return boot < 0 || boot > now ? now : boot;
}

/* Nothing is set aside for longer than a refresh. */
static int64_t
near(int64_t boot, int64_t refresh)
{
	int64_t latest = clock_boot() + refresh;

	return boot < 0 || boot > latest ? latest : boot;
}

void
world_row(const struct world *world, unsigned row, struct row_state *state)
{
	struct row_news news;

	board_row_news(world->board, row, &news);
	/* Workers write the board: a time that can't be is now. */
	*state = (struct row_state){ .attempts = news.attempts,
		.failures = news.failures,
		.attempted = news.attempts == 0 ? 0 : past(news.attempt_boot),
		.fetched =
		    news.fetched_boot == 0 ? 0 : past(news.fetched_boot),
		.aside = near(news.aside, world->conf->refresh) };
}

/* What the board owes is due now, not when the row is old. */
static void
begin_schedule(struct world *world)
{
	for (unsigned i = 0; i < world->conf->currencies; i++) {
		struct row_state state;

		world_row(world, i, &state);
		schedule_begin(
		    world->schedule, i, &state, arc4random());
		if (world->board->owed[i])
			schedule_lost(world->schedule, i, clock_boot());
		world->board->owed[i] = false;
	}
}

/* Jobs that are due or out under the old schedule are due under the new. */
static void
carry_jobs(const struct world *from, struct world *to)
{
	int64_t now = clock_boot();

	for (unsigned i = 0; i < from->conf->currencies; i++) {
		int row = board_find(to->board, from->conf->codes[i]);

		if (row != -1 && schedule_pending(from->schedule, i, now))
			schedule_lost(to->schedule, (unsigned)row, now);
	}
}

int
world_open(struct world *world, const char *instance, struct conf *conf,
    char *error, size_t error_size)
{
	*world = (struct world){ .instance = instance, .queue = -1 };
	world->queue =
	    queue_create(instance, conf->queue_mode, error, error_size);
	if (world->queue == -1)
		return -1;
	world->board = make_board(instance, conf, error, error_size);
	if (world->board == NULL)
		return -1;
	world->schedule = schedule_new(conf->currencies, conf->refresh);
	if (world->schedule == NULL) {
		text_format(error, error_size, "schedule: %m");
		return -1;
	}
	world->conf = conf;
	begin_schedule(world);
	return 0;
}

static bool
same_sources(const struct conf *a, const struct conf *b)
{
	if (a->source_count != b->source_count)
		return false;
	for (unsigned i = 0; i < a->source_count; i++)
		if (strcmp(a->sources[i].name, b->sources[i].name) != 0)
			return false;
	return true;
}

static bool
same_board(const struct conf *a, const struct conf *b)
{
	return a->currencies == b->currencies && a->workers == b->workers &&
	    a->board_mode == b->board_mode && same_sources(a, b) &&
	    memcmp(a->codes, b->codes,
		a->currencies * sizeof(a->codes[0])) == 0;
}

int
world_change(struct world *world, struct conf *conf, char *error,
    size_t error_size)
{
	struct world next = *world;

	next.queue = queue_create(
	    world->instance, conf->queue_mode, error, error_size);
	if (next.queue == -1)
		return -1;
	next.schedule = schedule_new(conf->currencies, conf->refresh);
	if (next.schedule == NULL)
		text_format(error, error_size, "schedule: %m");
	else if (!same_board(world->conf, conf))
		next.board =
		    make_board(world->instance, conf, error, error_size);
	if (next.schedule == NULL || next.board == NULL) {
		schedule_free(next.schedule);
		queue_close(next.queue);
		return -1;
	}
	next.conf = conf;
	begin_schedule(&next);
	carry_jobs(world, &next);
	atomic_store(&next.board->map->stale_after, conf->stale_after);
	if (next.board != world->board)
		board_close(world->board);
	queue_close(world->queue);
	schedule_free(world->schedule);
	conf_free(world->conf);
	*world = next;
	return 0;
}

void
world_close(struct world *world)
{
	if (world->board != NULL)
		board_rest(world->board);
	board_close(world->board);
	queue_close(world->queue);
	schedule_free(world->schedule);
	conf_free(world->conf);
	*world = (struct world){ .queue = -1 };
}
