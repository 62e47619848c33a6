#include "daemon/world.h"

#include <string.h>

#include <bsd/stdlib.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"
#include "board/adopt.h"
#include "board/publish.h"
#include "daemon/guard.h"
#include "daemon/saver.h"
#include "jobs/queue.h"

static struct board *
create_board(const char *instance, const struct conf *conf, char *error,
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

	for (unsigned i = 0; i < conf->source_count; i++)
		names[i] = conf->sources[i].name;
	return board_create(&plan, error, error_size);
}

/* Publishes a board that has taken over what it can. */
static int
publish_board(struct board *board, char *error, size_t error_size)
{
	FAULT_POINT("board.adopted");
	if (board_publish(board, error, error_size) == -1)
		return -1;
	FAULT_POINT("board.published");
	log_info("board of %u currencies, %zu KiB, generation %llu, %u rows "
		 "taken over",
	    board->shape.currencies, board->shape.total_size / 1024,
	    (unsigned long long)board->map->generation, board_filled(board));
	guard_begin(board->map, board->shape.total_size);
	return 0;
}

/*
 * Workers write the board: a time to come is now.  What was fetched before
 * this boot has a negative time.
 */
static int64_t
past(int64_t boot)
{
	int64_t now = clock_boot(), first = now - CLOCK_CENTURY;

	return boot > now ? now : boot < first ? first : boot;
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

/* Nothing is left behind by a start that fails at one of them. */
static int
open_objects(struct world *world, const struct conf *conf, const char *saved,
    char *error, size_t error_size)
{
	world->board = create_board(world->instance, conf, error, error_size);
	if (world->board == NULL)
		return -1;
	world->queue = queue_create(
	    world->instance, conf->queue_mode, error, error_size);
	if (world->queue == -1)
		return -1;
	/* The older one first: what the newer one has is better. */
	saver_load(saved, world->board);
	board_adopt(world->board);
	return publish_board(world->board, error, error_size);
}

int
world_open(struct world *world, const char *instance, struct conf *conf,
    const char *saved, char *error, size_t error_size)
{
	*world = (struct world){ .instance = instance, .queue = -1 };
	if (open_objects(world, conf, saved, error, error_size) == -1) {
		board_close(world->board);
		world->board = NULL;
		return -1;
	}
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

bool
world_cut(const struct world *world)
{
	return guard_hit() || board_presence(world->board) == BOARD_CUT;
}

bool
world_lost(const struct world *world)
{
	return guard_hit() || board_presence(world->board) != BOARD_PRESENT;
}

/*
 * A board that takes over from the present one, whose memory is the truth as
 * long as it is there, wherever its name went; the rest is what was saved.
 */
static struct board *
next_board(const struct world *world, const struct conf *conf,
    const char *saved, char *error, size_t error_size)
{
	const struct attached held = { .map = world->board->map,
		.shape = world->board->shape };
	struct board *board =
	    create_board(world->instance, conf, error, error_size);

	if (board == NULL)
		return NULL;
	if (world_cut(world))
		saver_load(saved, board);
	adopt(board, &held);
	/* Of a board that was cut it is not to be read. */
	if (board->map->generation <= world->board->generation)
		board->map->generation = world->board->generation + 1;
	/* While its memory is guarded; by its name it would not be found. */
	if (world_lost(world))
		board_retire(world->board);
	if (publish_board(board, error, error_size) == 0)
		return board;
	board_close(board);
	return NULL;
}

static int
open_next(const struct world *world, struct world *next, struct conf *conf,
    const char *saved, char *error, size_t error_size)
{
	*next = *world;
	next->conf = conf;
	next->schedule = NULL;
	next->queue = queue_create(
	    world->instance, conf->queue_mode, error, error_size);
	if (next->queue == -1)
		return -1;
	FAULT_POINT("reload.queue");
	next->schedule = schedule_new(conf->currencies, conf->refresh);
	if (next->schedule == NULL) {
		text_format(error, error_size, "schedule: %m");
		return -1;
	}
	if (!same_board(world->conf, conf) || world_lost(world))
		next->board = next_board(world, conf, saved, error, error_size);
	return next->board == NULL ? -1 : 0;
}

int
world_change(struct world *world, struct conf *conf, const char *saved,
    char *error, size_t error_size)
{
	struct world next;

	if (open_next(world, &next, conf, saved, error, error_size) == -1) {
		schedule_free(next.schedule);
		queue_close(next.queue);
		return -1;
	}
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
