#include "board/rates.h"

#include <errno.h>
#include <float.h>
#include <linux/futex.h>
#include <math.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "board/handle.h"

/* The supervisor beats once a second. */
#define SNAPSHOT_TRIES 8

_Static_assert(RATES_SOURCE_MAX == BOARD_SOURCE_MAX, "one size for a source");
_Static_assert(RATES_ERROR_MAX == BOARD_ERROR_MAX, "one for an error");
_Static_assert((int)RATES_PUBLISHED_TIME == (int)PUBLISHED_TIME, "and forms");

static void
take_text(char *to, const uint64_t *words, size_t size)
{
	memcpy(to, words, size);
	to[size - 1] = '\0';
}

static void
fill_row(
    struct rates_row *row, const uint64_t *w, uint64_t seq, unsigned count)
{
	*row = (struct rates_row){
		.seq = seq,
		.version = w[ROW_AT_version],
		.published_form = w[ROW_AT_published_form] <= PUBLISHED_TIME
		    ? (enum rates_published)w[ROW_AT_published_form]
		    : RATES_PUBLISHED_NONE,
		.published = (int64_t)w[ROW_AT_published],
		.fetched = (int64_t)w[ROW_AT_fetched_wall],
		.changed = (int64_t)w[ROW_AT_changed_wall],
		.present = w[ROW_AT_present] < count
		    ? (unsigned)w[ROW_AT_present]
		    : count,
		.attempts = w[ROW_AT_attempts],
		.failures = w[ROW_AT_failures],
		.attempted = (int64_t)w[ROW_AT_attempt_wall],
		.attempt = attempt_class_name(w[ROW_AT_attempt_class]),
		.http_status = (unsigned)w[ROW_AT_attempt_http],
	};
	if (row->version != 0)
		row->age = handle_age(w[ROW_AT_fetched_boot]);
	if (row->attempts != 0)
		row->attempt_age = handle_age(w[ROW_AT_attempt_boot]);
	take_text(row->source, w + ROW_AT_source, RATES_SOURCE_MAX);
	take_text(
	    row->attempt_source, w + ROW_AT_attempt_source, RATES_SOURCE_MAX);
	take_text(row->error, w + ROW_AT_attempt_text, RATES_ERROR_MAX);
}

/* An absent one is a NaN; the rest no honest writer stores. */
static void
fill_numbers(double *numbers, const uint64_t *words, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		double number;

		memcpy(&number, &words[i], sizeof(number));
		numbers[i] = number > 0 && number <= DBL_MAX ? number : NAN;
	}
}

static enum rates_result
read_row(const struct rates *r, unsigned base, struct rates_row *row,
    double *numbers)
{
	unsigned count = r->board.shape.currencies;
	uint64_t words[ROW_META + BOARD_CURRENCIES_MAX], seq;

	if (attached_read(&r->board, base, 0, ROW_META + count, words, &seq) ==
	    -1)
		return RATES_BUSY;
	if (row != NULL)
		fill_row(row, words, seq, count);
	if (numbers != NULL)
		fill_numbers(numbers, words + ROW_META, count);
	return RATES_OK;
}

enum rates_result
rates_row(
    struct rates *r, unsigned base, struct rates_row *row, double *numbers)
{
	handle_follow(r);
	if (r->changed)
		return RATES_CHANGED;
	if (base >= r->board.shape.currencies)
		return RATES_NO_CURRENCY;
	return read_row(r, base, row, numbers);
}

static uint64_t
row_seq(const struct rates *r, unsigned i)
{
	return atomic_load_explicit(
	    &board_row(r->board.map, &r->board.shape, i)->seq,
	    memory_order_acquire);
}

/*
 * A row straight into its place: numbers and the rest in two reads, of one
 * moment if their sequence is the same.
 */
static enum rates_result
snap_row(const struct rates *r, unsigned i, struct rates_row *row,
    double *numbers)
{
	unsigned count = r->board.shape.currencies;
	uint64_t words[ROW_META], seq, again;

	for (int tries = 0; tries < SNAPSHOT_TRIES; tries++) {
		if (numbers != NULL &&
		    attached_read(&r->board, i, ROW_META, count,
			numbers, &seq) == -1)
			return RATES_BUSY;
		if (row == NULL)
			return RATES_OK;
		if (attached_read(&r->board, i, 0, ROW_META, words, &again) ==
		    -1)
			return RATES_BUSY;
		fill_row(row, words, again, count);
		if (numbers == NULL || seq == again)
			return RATES_OK;
	}
	return RATES_BUSY;
}

enum rates_result
rates_snapshot(struct rates *r, unsigned count, struct rates_row *rows,
    double *numbers)
{
	uint64_t first[BOARD_CURRENCIES_MAX];
	bool moved = true;

	handle_follow(r);
	if (r->changed || count != r->board.shape.currencies)
		return RATES_CHANGED;
	for (int tries = 0; moved && tries < SNAPSHOT_TRIES; tries++) {
		for (unsigned i = 0; i < count; i++)
			first[i] = row_seq(r, i);
		for (unsigned i = 0; i < count; i++)
			if (snap_row(r, i, rows != NULL ? rows + i : NULL,
				numbers != NULL ? numbers + i * count
						: NULL) != RATES_OK)
				return RATES_BUSY;
		moved = false;
		for (unsigned i = 0; i < count; i++)
			moved |= first[i] != row_seq(r, i);
	}
	return moved ? RATES_BUSY : RATES_OK;
}

enum rates_result
rates_feed(struct rates *r, struct rates_feed *feed)
{
	const struct board_header *h;
	int64_t beat;
	uint32_t state;

	handle_follow(r);
	h = r->board.map;
	beat = atomic_load(&h->heartbeat);
	state = atomic_load(&h->state);
	*feed = (struct rates_feed){
		.state = board_state_name(state),
		.supervisor = atomic_load(&h->supervisor),
		.since = atomic_load(&h->since_wall),
		.heartbeat_age =
		    beat == 0 ? -1 : handle_since(clock_mono(), (uint64_t)beat),
		.stale_after = atomic_load(&h->stale_after),
		.generation = h->generation,
	};
	feed->fed = state == BOARD_READY && beat != 0 &&
	    feed->heartbeat_age <= BOARD_SILENCE_MAX;
	return feed->fed ? RATES_OK : RATES_NOT_FED;
}

/* FUTEX_WAIT's time is relative, on the monotonic clock: futex(2). */
static enum rates_result
sleep_on(const void *word, uint32_t value, int64_t timeout)
{
	struct timespec t = { .tv_sec = timeout / CLOCK_SECOND,
		.tv_nsec = timeout % CLOCK_SECOND };

	if (syscall(SYS_futex, word, FUTEX_WAIT, value, &t, NULL, 0) == 0 ||
	    errno == EAGAIN)
		return RATES_OK;
	return errno == ETIMEDOUT ? RATES_TIMEOUT : RATES_SYSTEM;
}

static int64_t
end_of(int64_t timeout)
{
	int64_t now = clock_mono();

	return timeout < 0 || timeout > INT64_MAX - now ? INT64_MAX
							: now + timeout;
}

static uint32_t
changes_of(const struct rates *r)
{
	return atomic_load_explicit(
	    &r->board.map->changes, memory_order_acquire);
}

/*
 * Sleeps until the board's count of changes is not this one, or the end; in
 * slices, for a board that was unlinked wakes nobody.
 */
static enum rates_result
doze(const struct rates *r, uint32_t changes, int64_t end)
{
	int64_t left = end - clock_mono();

	if (left <= 0)
		return RATES_TIMEOUT;
	if (left > CLOCK_SECOND)
		left = CLOCK_SECOND;
	return sleep_on(&r->board.map->changes, changes, left) == RATES_SYSTEM
	    ? RATES_SYSTEM
	    : RATES_OK;
}

enum rates_result
rates_wait(struct rates *r, unsigned base, uint64_t seq, int64_t timeout)
{
	enum rates_result result = RATES_OK;
	int64_t end = end_of(timeout);
	ino_t inode = r->board.inode;
	uint32_t changes;

	while (result == RATES_OK) {
		changes = changes_of(r);
		handle_follow(r);
		if (r->changed || r->board.inode != inode)
			return RATES_CHANGED;
		if (base >= r->board.shape.currencies)
			return RATES_NO_CURRENCY;
		if (row_seq(r, base) != seq)
			return RATES_OK;
		result = doze(r, changes, end);
	}
	return result;
}

/* Never 0; each board counts its changes anew. */
static uint64_t
mark_of(const struct rates *r, uint32_t changes)
{
	return (uint64_t)r->boards << 32 | changes;
}

enum rates_result
rates_wait_any(struct rates *r, uint64_t *mark, int64_t timeout)
{
	enum rates_result result = RATES_OK;
	int64_t end = end_of(timeout);
	uint32_t changes;

	while (result == RATES_OK) {
		handle_follow(r);
		changes = changes_of(r);
		if (r->changed)
			return RATES_CHANGED;
		if (mark_of(r, changes) != *mark) {
			*mark = mark_of(r, changes);
			return RATES_OK;
		}
		result = doze(r, changes, end);
	}
	return result;
}
