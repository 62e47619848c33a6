#include "board/freshness.h"

#include <stddef.h>

#define DAY INT64_C(86400000000000)

/* The publication that should be there by now. */
struct due {
	int64_t time;
	int64_t day;   /* its local day, as expected.h has days */
	int64_t begin; /* when that began */
	int64_t back;  /* the publication two earlier */
};

/* The sum, or the end of the range that it is beyond: words may be anything. */
static int64_t
plus(int64_t a, int64_t b)
{
	if (b > 0 && a > INT64_MAX - b)
		return INT64_MAX;
	if (b < 0 && a < INT64_MIN - b)
		return INT64_MIN;
	return a + b;
}

static int64_t
minus(int64_t a, int64_t b)
{
	return plus(a, b == INT64_MIN ? INT64_MAX : -b);
}

/* What is local at the last day's begin is so at the next one's but for some
 * hours, which rounding to a day takes away. */
static int64_t
next_day(const struct expected *words)
{
	int64_t between = minus(words->next_begin, words->last_begin);

	return plus(words->last_day, plus(between, DAY / 2) / DAY * DAY);
}

static struct due
due_publication(const struct expected *words, int64_t grace, int64_t now)
{
	if (now >= plus(words->next, grace))
		return (struct due){ words->next, next_day(words),
			words->next_begin, words->before };
	return (struct due){ words->last, words->last_day, words->last_begin,
		words->before_that };
}

static bool
there(const struct freshness_row *row, const struct due *due)
{
	switch (row->form) {
	case PUBLISHED_DAY:
		return row->published >= due->day;
	case PUBLISHED_TIME:
		return row->published >= due->begin;
	case PUBLISHED_NONE:
		break;
	}
	return row->fetched >= due->begin;
}

enum freshness
freshness(const struct freshness_row *row, const struct expected *words,
    int64_t stale_after, int64_t grace, int64_t now)
{
	struct due due;

	if (!row->filled)
		return FRESHNESS_EMPTY;
	if (row->fetched_age > stale_after)
		return FRESHNESS_STALE;
	if (words->next == 0)
		return FRESHNESS_FRESH;
	due = due_publication(words, grace, now);
	if (now >= plus(due.time, grace)) {
		if (!there(row, &due))
			return FRESHNESS_LATE;
		if (row->changed < plus(due.back, grace))
			return FRESHNESS_FROZEN;
	}
	if (now >= words->last_end && now < words->next_begin)
		return FRESHNESS_CLOSED;
	return FRESHNESS_FRESH;
}

const char *
freshness_name(enum freshness freshness)
{
	static const char *const names[] = {
#define X(id, name) [FRESHNESS_##id] = name,
		FRESHNESSES(X)
#undef X
	};

	return (size_t)freshness < FRESHNESS_COUNT ? names[freshness] : "?";
}
