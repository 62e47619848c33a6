#include "board/inspect.h"

#include <string.h>

#include "base/code.h"
#include "base/text.h"
#include "board/expect.h"
#include "board/freshness.h"
#include "board/handle.h"

#define HOUR (3600 * CLOCK_SECOND)
#define HTTP_MAX 999

/* Those who wait (fetch/throttle.c, daemon/breaker.c) believe no more. */
#define THROTTLED_MAX (2 * HOUR)
#define LEFT_ALONE_MAX (6 * HOUR)

#define GRACE_MAX CLOCK_CENTURY

enum state {
#define X(id, name) STATE_##id,
	INSPECT_SOURCE_STATES(X)
#undef X
};

static const char *const states[] = {
#define X(id, name) name,
	INSPECT_SOURCE_STATES(X)
#undef X
};

static uint64_t
word(const board_word *at)
{
	return atomic_load_explicit(at, memory_order_relaxed);
}

/* ns until a time of the boot clock; 0: it is past, or none that can be. */
static int64_t
left(uint64_t boot, int64_t most)
{
	int64_t rest;

	if (boot > INT64_MAX)
		return 0;
	rest = (int64_t)boot - clock_boot();
	return rest > 0 && rest <= most ? rest : 0;
}

/* The same order as those have who ask it. */
static enum state
state_of(const struct board_source *s, const struct inspect_source *source,
    int64_t *rest)
{
	*rest = 0;
	if (source->quota != 0 && source->used >= source->quota)
		return STATE_QUOTA;
	*rest = left(word(&s->not_before), THROTTLED_MAX);
	if (*rest > 0)
		return STATE_THROTTLED;
	*rest = left(word(&s->closed_till), LEFT_ALONE_MAX);
	return *rest > 0 ? STATE_LEFT_ALONE : STATE_OK;
}

static void
take_texts(struct inspect_source *source, const struct board_source *s)
{
	text_clean(source->name, sizeof(source->name), s->name,
	    strnlen(s->name, sizeof(s->name)));
	text_clean(source->terms, sizeof(source->terms), s->terms,
	    strnlen(s->terms, sizeof(s->terms)));
	text_clean(source->publishes, sizeof(source->publishes), s->publishes,
	    strnlen(s->publishes, sizeof(s->publishes)));
	if (code_valid(word(&s->base)))
		code_unpack(word(&s->base), source->base);
}

unsigned
inspect_source_count(const struct rates *r)
{
	return r->board.shape.sources;
}

void
inspect_source(const struct rates *r, unsigned i, struct inspect_source *source)
{
	const struct board_source *s =
	    board_source(r->board.map, &r->board.shape, i);
	int64_t rest;

	*source = (struct inspect_source){ .burst = word(&s->burst),
		.quota = word(&s->quota),
		.requests = word(&s->requests),
		.failures = word(&s->failures),
		.streak = word(&s->streak),
		.took_ns = word(&s->took_ns),
		.good = handle_wall(word(&s->good_wall)),
		.bad = handle_wall(word(&s->bad_wall)),
		.bad_class = attempt_class_name(word(&s->bad_class)) };
#define X(name, count)                                                         \
	for (size_t t = 0; t < (count); t++)                                   \
		source->name[t] = word(&s->name[t]);
	SOURCE_TALLIES(X)
#undef X
	take_texts(source, s);
	if (word(&s->interval) <= INT64_MAX)
		source->interval = (int64_t)word(&s->interval);
	if (word(&s->bad_http) <= HTTP_MAX)
		source->bad_http = (unsigned)word(&s->bad_http);
	if (word(&s->month) >= board_month(clock_wall()))
		source->used = word(&s->used);
	source->state = states[state_of(s, source, &rest)];
	if (rest > 0)
		source->until = clock_wall() + rest;
}

static const struct board_source *
find(const struct rates *r, const char *name)
{
	for (unsigned i = 0; i < r->board.shape.sources; i++) {
		const struct board_source *s =
		    board_source(r->board.map, &r->board.shape, i);

		if (strncmp(s->name, name, sizeof(s->name)) == 0)
			return s;
	}
	return NULL;
}

bool
inspect_expected(
    const struct rates *r, const char *name, struct expected *words)
{
	const struct board_source *s = find(r, name);

	if (s != NULL && board_expected(s, words) && words->next != 0)
		return true;
	*words = (struct expected){ 0 };
	return false;
}

int64_t
inspect_grace(const struct rates *r)
{
	int64_t grace = atomic_load_explicit(
	    &r->board.map->late_after, memory_order_relaxed);

	return grace >= 0 && grace <= GRACE_MAX ? grace : FRESHNESS_GRACE;
}
