#include "daemon/forecast.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/zone.h"
#include "board/expect.h"
#include "source/calendar.h"

#define WHY_MAX 160
#define AGAIN (60 * CLOCK_SECOND) /* also when nothing is expected */

struct entry {
	struct calendar calendar;
	struct zone *zone;
};

struct forecast {
	unsigned count;
	int64_t grace;
	int64_t done; /* wall clock: of the last time; 0: none */
	struct entry entries[];
};

static void
begin_entry(struct entry *e, const struct source *source)
{
	char why[WHY_MAX];

	if (calendar_parse(source->publishes, &e->calendar, why,
		sizeof(why)) == 0 &&
	    e->calendar.known)
		e->zone = zone_load(e->calendar.zone, why, sizeof(why));
	if (e->zone != NULL || source->publishes[0] == '\0')
		return;
	e->calendar.known = false;
	log_warn("source %s: when it publishes is not known: %s", source->name,
	    why);
}

struct forecast *
forecast_new(const struct conf *conf)
{
	struct forecast *f =
	    calloc(1, sizeof(*f) + conf->source_count * sizeof(f->entries[0]));

	if (f == NULL)
		return NULL;
	f->count = conf->source_count;
	f->grace = conf->late_after;
	for (unsigned i = 0; i < f->count; i++)
		begin_entry(&f->entries[i], &conf->sources[i]);
	return f;
}

void
forecast_free(struct forecast *f)
{
	if (f == NULL)
		return;
	for (unsigned i = 0; i < f->count; i++)
		zone_free(f->entries[i].zone);
	free(f);
}

void
forecast_tick(struct forecast *f, struct board *board, int64_t wall)
{
	/* Also when somebody has set the clock back. */
	if (f->done != 0 && wall >= f->done && wall < f->done + AGAIN)
		return;
	f->done = wall;
	for (unsigned i = 0; i < f->count && i < board->shape.sources; i++) {
		const struct entry *e = &f->entries[i];
		struct expected words = { 0 };

		if (e->calendar.known)
			calendar_words(
			    &e->calendar, e->zone, wall - f->grace, &words);
		board_expect(
		    board_source(board->map, &board->shape, i), &words);
	}
}
