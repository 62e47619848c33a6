#include "daemon/world.h"

#include <limits.h>
#include <string.h>

#include <bsd/stdlib.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"
#include "board/adopt.h"
#include "board/claim.h"
#include "board/publish.h"
#include "daemon/breaker.h"
#include "daemon/forecast.h"
#include "daemon/guard.h"
#include "daemon/saver.h"
#include "fetch/throttle.h"
#include "jobs/queue.h"

static void
plan_source(struct board_plan_source *plan, const struct source *source)
{
	*plan = (struct board_plan_source){ .name = source->name,
		.terms = source->terms,
		.publishes = source->publishes,
		.base = source->base,
		.interval = (uint64_t)source->rate_interval,
		.burst = source->burst,
		.quota = source->quota };
}

static struct board *
create_board(const struct world *world, const struct conf *conf, char *error,
    size_t error_size)
{
	struct board_plan_source sources[BOARD_SOURCES_MAX];
	struct board_plan plan = { .instance = world->instance,
		.codes = conf->codes,
		.currencies = conf->currencies,
		.sources = sources,
		.source_count = conf->source_count,
		.slots = conf->workers,
		.mode = conf->board_mode,
		.stale_after = conf->stale_after,
		.late_after = conf->late_after,
		.since_wall = world->since_wall,
		.since_boot = world->since_boot };

	for (unsigned i = 0; i < conf->source_count; i++)
		plan_source(&sources[i], &conf->sources[i]);
	return board_create(&plan, error, error_size);
}

/* A throttle begins empty, not with a burst. */
static void
empty_throttles(struct board *board)
{
	for (uint32_t i = 0; i < board->shape.sources; i++) {
		struct board_source *s =
		    board_source(board->map, &board->shape, i);
		uint64_t interval = atomic_load(&s->interval);
		uint64_t burst = atomic_load(&s->burst);
		const struct throttle throttle = { &s->arrival,
			&s->not_before, (int64_t)interval, (unsigned)burst };

		if (interval <= INT64_MAX && burst >= 1 && burst <= UINT_MAX)
			throttle_begin(&throttle, clock_boot());
	}
}

/* The operator may have mended what was wrong with a source. */
static void
open_breakers(struct board *board)
{
	for (uint32_t i = 0; i < board->shape.sources; i++)
		breaker_good(board_source(board->map, &board->shape, i));
}

/* Publishes a board that has taken over what it can. */
static int
publish_board(struct board *board, char *error, size_t error_size)
{
	FAULT_POINT("board.adopted");
	empty_throttles(board);
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

/*
 * True if the source did answer: the same comes of asking again at once, and
 * the row can do with what it has.
 */
static bool
is_answered(const struct row_news *news)
{
	return news->fetched_boot != 0 &&
	    (news->attempt_class == ATTEMPT_HELD ||
		news->attempt_class == ATTEMPT_DATE ||
		news->attempt_class == ATTEMPT_UNSUPPORTED);
}

void
world_row(const struct world *world, unsigned row, struct row_state *state)
{
	struct row_news news;

	board_row_news(world->board, row, &news);
	*state = (struct row_state){ .attempts = news.attempts,
		.failures = is_answered(&news) ? 0 : news.failures,
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

/*
 * Jobs that are due or out under the old schedule are due under the new, but
 * for those that were answered since the last look.
 */
static void
carry_jobs(const struct world *from, struct world *to)
{
	int64_t now = clock_boot();

	for (unsigned i = 0; i < from->conf->currencies; i++) {
		int row = board_find(to->board, from->conf->codes[i]);
		struct row_state state;

		world_row(from, i, &state);
		schedule_observe(from->schedule, i, &state, arc4random());

		if (row != -1 && schedule_pending(from->schedule, i, now))
			schedule_lost(to->schedule, (unsigned)row, now);
	}
}

/* Nothing is left behind by a start that fails at one of them. */
static int
open_objects(struct world *world, const struct conf *conf, const char *saved,
    char *error, size_t error_size)
{
	world->board = create_board(world, conf, error, error_size);
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
	*world = (struct world){ .instance = instance,
		.queue = -1,
		.since_wall = clock_wall(),
		.since_boot = clock_boot() };
	if (open_objects(world, conf, saved, error, error_size) == -1) {
		board_close(world->board);
		world->board = NULL;
		return -1;
	}
	world->schedule = schedule_new(conf->currencies, conf->refresh);
	world->forecast = forecast_new(conf);
	if (world->schedule == NULL || world->forecast == NULL) {
		text_format(error, error_size, "schedule: %m");
		return -1;
	}
	world->conf = conf;
	world->begun = clock_boot();
	begin_schedule(world);
	return 0;
}

/* As far as the board tells of it. */
static bool
same_source(const struct source *a, const struct source *b)
{
	return strcmp(a->name, b->name) == 0 &&
	    strcmp(a->terms, b->terms) == 0 &&
	    strcmp(a->publishes, b->publishes) == 0 && a->base == b->base &&
	    a->rate_interval == b->rate_interval && a->burst == b->burst &&
	    a->quota == b->quota;
}

static bool
same_sources(const struct conf *a, const struct conf *b)
{
	if (a->source_count != b->source_count)
		return false;
	for (unsigned i = 0; i < a->source_count; i++)
		if (!same_source(&a->sources[i], &b->sources[i]))
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
	struct board *board = create_board(world, conf, error, error_size);

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
	next->forecast = NULL;
	next->queue = queue_create(
	    world->instance, conf->queue_mode, error, error_size);
	if (next->queue == -1)
		return -1;
	FAULT_POINT("reload.queue");
	next->schedule = schedule_new(conf->currencies, conf->refresh);
	next->forecast = forecast_new(conf);
	if (next->schedule == NULL || next->forecast == NULL) {
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
		forecast_free(next.forecast);
		queue_close(next.queue);
		return -1;
	}
	next.begun = clock_boot();
	begin_schedule(&next);
	carry_jobs(world, &next);
	atomic_store(&next.board->map->stale_after, conf->stale_after);
	atomic_store(&next.board->map->late_after, conf->late_after);
	open_breakers(next.board);
	if (next.board != world->board)
		board_close(world->board);
	queue_close(world->queue);
	schedule_free(world->schedule);
	forecast_free(world->forecast);
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
	forecast_free(world->forecast);
	conf_free(world->conf);
	*world = (struct world){ .queue = -1 };
}
