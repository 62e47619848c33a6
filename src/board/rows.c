#include "board/rates.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "board/copy.h"
#include "board/handle.h"

#define ROW_TRIES 64
#define SNAPSHOT_TRIES 64

_Static_assert(RATES_SOURCE_MAX == BOARD_SOURCE_MAX, "one size for a source");
_Static_assert(RATES_ERROR_MAX == BOARD_ERROR_MAX, "one for an error");
_Static_assert((int)RATES_PUBLISHED_TIME == (int)PUBLISHED_TIME, "and forms");

static void
load_text(char *to, const board_word *from, size_t size)
{
	uint64_t word;

	for (size_t i = 0; i < size / 8; i++) {
		word = handle_load(from + i);
		memcpy(to + i * 8, &word, 8);
	}
	to[size - 1] = '\0';
}

static void
load_error(struct rates_row *row, const board_word *from)
{
	uint64_t word = handle_load(from);
	char first;

	memcpy(&first, &word, 1);
	row->error[0] = '\0';
	if (first != '\0') /* hardly ever */
		load_text(row->error, from, sizeof(row->error));
}

/*
 * What one copy of a row says; ages are those of the time now, of the boot
 * clock.  It counts once the sequence is seen not to have moved meanwhile.
 */
static void
load_row(struct rates_row *row, const board_word *w, uint64_t seq,
    unsigned count, int64_t now)
{
	uint64_t form = handle_load(w + ROW_AT_published_form);
	uint64_t present = handle_load(w + ROW_AT_present);

	row->seq = seq;
	row->version = handle_load(w + ROW_AT_version);
	row->published_form = form <= PUBLISHED_TIME
	    ? (enum rates_published)form
	    : RATES_PUBLISHED_NONE;
	row->published = (int64_t)handle_load(w + ROW_AT_published);
	row->fetched = (int64_t)handle_load(w + ROW_AT_fetched_wall);
	row->changed = (int64_t)handle_load(w + ROW_AT_changed_wall);
	row->age = row->version != 0
	    ? handle_row_age(now, handle_load(w + ROW_AT_fetched_boot))
	    : 0;
	row->present = present < count ? (unsigned)present : count;
	load_text(row->source, w + ROW_AT_source, RATES_SOURCE_MAX);
	row->attempts = handle_load(w + ROW_AT_attempts);
	row->failures = handle_load(w + ROW_AT_failures);
	row->attempted = (int64_t)handle_load(w + ROW_AT_attempt_wall);
	row->attempt_age = row->attempts != 0
	    ? handle_since(now, handle_load(w + ROW_AT_attempt_boot))
	    : 0;
	row->attempt = attempt_class_name(handle_load(w + ROW_AT_attempt_class));
	row->http_status = (unsigned)handle_load(w + ROW_AT_attempt_http);
	load_text(row->attempt_source, w + ROW_AT_attempt_source,
	    RATES_SOURCE_MAX);
	load_error(row, w + ROW_AT_attempt_text);
}

/* An absent one is a NaN; the rest no honest writer stores. */
static void
fill_numbers(double *numbers, const double *read, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		numbers[i] =
		    read[i] > 0 && read[i] <= DBL_MAX ? read[i] : NAN;
}

/*
 * Into their places, which hold nothing of use if writers were always faster:
 * then it is false.  row and numbers may each be NULL.
 */
static bool
read_row(const struct rates *r, unsigned i, int64_t now,
    struct rates_row *row, double *numbers, uint64_t *taken)
{
	const struct board_shape *shape = &r->board.shape;
	struct board_row *from = board_row(r->board.map, shape, i);

	for (int tries = 0; tries < ROW_TRIES; tries++) {
		uint64_t seq = handle_load(&from->seq);
		const board_word *copy = board_row_copy(from, shape, seq);

		/* All loads acquire: see attached_read(). */
		if (row != NULL)
			load_row(row, copy, seq, shape->currencies, now);
		if (numbers != NULL)
			copy_acquire(
			    numbers, copy + ROW_META, shape->currencies);
		if (atomic_load_explicit(&from->seq, memory_order_relaxed) ==
		    seq) {
			*taken = seq;
			return true;
		}
	}
	return false;
}

enum rates_result
rates_row(
    struct rates *r, unsigned base, struct rates_row *row, double *numbers)
{
	double read[BOARD_CURRENCIES_MAX];
	struct rates_row found = { 0 };
	uint64_t seq;

	handle_follow(r);
	if (row != NULL)
		handle_seek(r);
	if (r->changed)
		return RATES_CHANGED;
	if (base >= r->board.shape.currencies)
		return RATES_NO_CURRENCY;
	if (!read_row(r, base, row != NULL ? clock_boot() : 0,
		row != NULL ? &found : NULL,
		// cppcheck-suppress legacyUninitvar ; it is filled there
		numbers != NULL ? read : NULL, &seq))
		return RATES_BUSY;
	if (row != NULL)
		*row = found;
	if (numbers != NULL)
		fill_numbers(numbers, read, r->board.shape.currencies);
	return RATES_OK;
}

/* What a snapshot is taken into, and what it has of each row so far. */
struct snapshot {
	const struct rates *rates;
	unsigned count;
	struct rates_row *rows; /* or NULL, as numbers */
	double *numbers;
	int64_t now;
	uint64_t taken[BOARD_CURRENCIES_MAX]; /* the sequence of each row */
};

static bool
take_row(struct snapshot *s, unsigned i)
{
	return read_row(s->rates, i, s->now,
	    s->rows != NULL ? s->rows + i : NULL,
	    s->numbers != NULL ? s->numbers + (size_t)i * s->count : NULL,
	    &s->taken[i]);
}

/* Takes the rows anew that have moved on: 0 if none had, -1 if it can't. */
static int
take_moved(struct snapshot *s)
{
	int moved = 0;

	for (unsigned i = 0; i < s->count; i++) {
		if (handle_seq(s->rates, i) == s->taken[i])
			continue;
		if (!take_row(s, i))
			return -1;
		moved++;
	}
	return moved;
}

/*
 * All rows are of one moment once a look at all of them finds none that has
 * moved on since it was taken: that in which the look began.  Only this look
 * has to fall between two publications, and not the copying as well.
 */
static bool
take_all(struct snapshot *s)
{
	int moved = 1;

	for (unsigned i = 0; i < s->count; i++)
		if (!take_row(s, i))
			return false;
	for (int tries = 0; moved > 0 && tries < SNAPSHOT_TRIES; tries++)
		moved = take_moved(s);
	return moved == 0;
}

/* So that nobody takes for rates what is not of one moment. */
static void
wipe(const struct snapshot *s)
{
	for (unsigned i = 0; s->rows != NULL && i < s->count; i++)
		s->rows[i] = (struct rates_row){
			.attempt = attempt_class_name(ATTEMPT_NONE)
		};
	for (size_t i = 0; s->numbers != NULL &&
	    i < (size_t)s->count * s->count; i++)
		s->numbers[i] = NAN;
}

enum rates_result
rates_snapshot(struct rates *r, unsigned count, struct rates_row *rows,
    double *numbers)
{
	struct snapshot s;

	handle_follow(r);
	if (rows != NULL)
		handle_seek(r);
	if (r->changed || count != r->board.shape.currencies)
		return RATES_CHANGED;
	s.rates = r;
	s.count = count;
	s.rows = rows;
	s.numbers = numbers;
	s.now = rows != NULL ? clock_boot() : 0;
	if (take_all(&s))
		return RATES_OK;
	wipe(&s);
	return RATES_BUSY;
}
