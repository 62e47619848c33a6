/*
 * Reads an instance's board until SIGTERM, by librates alone, and checks all
 * that it reads against what the stub can have said (tests/stub/serial.h).
 *
 * usage: storm_reader INSTANCE
 *
 * What is wrong goes to standard error, the first few times; the figures are
 * one JSON object on standard output at the end.  Exit status 0, or 1 if there
 * was no board to read.
 */
#include <err.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "board/rates.h"
#include "../stub/serial.h"

#define SECOND INT64_C(1000000000)
#define PATIENCE (60 * SECOND)
#define BURST 16      /* snapshots between two pauses */
#define PAUSE 1000000 /* ns; the writers need a processor too */
#define COMPLAINTS_MAX 10

/* What was last read of a row; each of it only ever grows. */
struct known {
	uint64_t version, serial, attempts, seq;
	int64_t moved; /* when the attempts were last seen to grow */
};

struct reader {
	const char *instance;
	struct rates *rates;
	unsigned count;
	char (*codes)[RATES_CODE_MAX];
	struct rates_row *rows;
	double *numbers;
	struct known *known;
	sigset_t end; /* the signals that end it */
	uint64_t generation;
	int64_t gap; /* the longest time between two attempts of a row */

	/* Figures. */
	uint64_t reads, busy, news, boards;
	uint64_t torn, back, bad;
};

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

/* Waits for ns at most; true once it is to end. */
static bool
pause_for(const struct reader *r, long ns)
{
	const struct timespec t = { .tv_nsec = ns };

	return sigtimedwait(&r->end, NULL, &t) != -1;
}

static void complain(const struct reader *r, uint64_t *count, unsigned row,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

static void
complain(const struct reader *r, uint64_t *count, unsigned row,
    const char *format, ...)
{
	char text[256];
	va_list ap;

	if ((*count)++ >= COMPLAINTS_MAX)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	warnx("%s generation %" PRIu64 " %s: %s", r->instance, r->generation,
	    r->codes[row], text);
}

/* --- one number, one row -------------------------------------------------- */

/* The serial that a number has if it is the right one for its pair, or 0. */
static uint64_t
serial_of(const struct reader *r, unsigned base, unsigned quote, double number)
{
	uint64_t serial, digits;

	if (!(number >= 1 && number < 1e9))
		return 0;
	serial = (uint64_t)number;
	digits = serial * SERIAL_FRACTIONS +
	    serial_fraction(r->codes[base], r->codes[quote]);
	/* Both are below 2^53, so this is the double that the text reads as. */
	return (double)digits / SERIAL_FRACTIONS == number ? serial : 0;
}

/* The one serial of a whole row, or 0. */
static uint64_t
row_serial(struct reader *r, unsigned base, const double *numbers)
{
	unsigned first = base == 0 ? 1 : 0;
	uint64_t serial = serial_of(r, base, first, numbers[first]);

	for (unsigned i = 0; i < r->count; i++) {
		if (i == base ? numbers[i] == 1
			      : serial != 0 &&
			serial_of(r, base, i, numbers[i]) == serial)
			continue;
		complain(r, &r->torn, base, "%s %.17g beside %s %.17g",
		    r->codes[first], numbers[first], r->codes[i], numbers[i]);
		return 0;
	}
	return serial;
}

static bool
is_empty(const struct reader *r, const double *numbers)
{
	for (unsigned i = 0; i < r->count; i++)
		if (!isnan(numbers[i]))
			return false;
	return true;
}

/* What is said of the row must be of the same moment. */
static void
check_words(struct reader *r, unsigned base, const struct rates_row *row)
{
	bool good = strcmp(row->attempt, "ok") == 0;

	if (row->version > row->attempts)
		complain(r, &r->torn, base, "version %" PRIu64 " of %" PRIu64
		    " attempts", row->version, row->attempts);
	if (row->attempts != 0 &&
	    (good != (row->error[0] == '\0') || good != (row->failures == 0) ||
	    (good && row->fetched != row->attempted)))
		complain(r, &r->torn, base, "attempt %s at %" PRId64
		    ", %" PRIu64 " failures, error '%s', fetched %" PRId64,
		    row->attempt, row->attempted, row->failures, row->error,
		    row->fetched);
}

/* A row and what was last read of it. */
static void
check_growth(struct reader *r, unsigned base, const struct rates_row *row,
    uint64_t serial)
{
	const struct known *k = &r->known[base];

	if (row->version < k->version || row->attempts < k->attempts ||
	    row->seq < k->seq)
		complain(r, &r->back, base, "version %" PRIu64 " after %" PRIu64
		    ", attempts %" PRIu64 " after %" PRIu64
		    ", sequence %" PRIu64 " after %" PRIu64, row->version,
		    k->version, row->attempts, k->attempts, row->seq, k->seq);
	if (serial == 0 || k->serial == 0)
		return;
	if ((row->version == k->version) != (serial == k->serial))
		complain(r, &r->torn, base, "version %" PRIu64
		    " serial %" PRIu64 " after version %" PRIu64 " serial %" PRIu64, row->version,
		    serial, k->version, k->serial);
	/* One job a row at a time: a later version is of a later answer. */
	if (serial < k->serial)
		complain(r, &r->back, base, "serial %" PRIu64 " after %" PRIu64,
		    serial, k->serial);
}

static void
learn(struct reader *r, unsigned base, const struct rates_row *row,
    uint64_t serial)
{
	struct known *k = &r->known[base];
	int64_t at;

	if (row->attempts != k->attempts || k->moved == 0) {
		at = now();
		if (k->moved != 0 && at - k->moved > r->gap)
			r->gap = at - k->moved;
		k->moved = at;
		r->news++;
	}
	k->version = row->version;
	k->attempts = row->attempts;
	k->seq = row->seq;
	if (serial != 0)
		k->serial = serial;
}

static void
check_row(struct reader *r, unsigned base, const struct rates_row *row,
    const double *numbers)
{
	uint64_t serial = 0;

	if (row->version == 0) {
		if (row->present != 0 || !is_empty(r, numbers))
			complain(r, &r->torn, base, "numbers, yet no version");
	} else {
		if (row->present != r->count)
			complain(r, &r->torn, base, "%u numbers present",
			    row->present);
		serial = row_serial(r, base, numbers);
		if (serial % 2 != 0)
			complain(r, &r->bad, base, "serial %" PRIu64
			    " is of an answer that was not good", serial);
	}
	check_words(r, base, row);
	check_growth(r, base, row, serial);
	learn(r, base, row, serial);
}

/* --- the three ways to read ----------------------------------------------- */

/* True if there is something to check. */
static bool
is_read(struct reader *r, enum rates_result result)
{
	if (result == RATES_OK) {
		r->reads++;
		return true;
	}
	if (result == RATES_BUSY)
		r->busy++;
	else
		complain(r, &r->torn, 0, "%s", rates_strerror(result));
	return false;
}

static void
read_snapshot(struct reader *r)
{
	if (!is_read(r,
		rates_snapshot(r->rates, r->count, r->rows, r->numbers)))
		return;
	for (unsigned i = 0; i < r->count; i++)
		check_row(r, i, &r->rows[i], r->numbers + i * r->count);
}

static void
read_row(struct reader *r, unsigned base)
{
	if (is_read(r, rates_row(r->rates, base, r->rows, r->numbers)))
		check_row(r, base, r->rows, r->numbers);
}

static void
read_number(struct reader *r, unsigned base, unsigned quote)
{
	double number;
	enum rates_result result =
	    rates_get(r->rates, base, quote, &number);
	uint64_t serial;

	if (result == RATES_NO_NUMBER && r->known[base].version == 0)
		return;
	if (!is_read(r, result) || base == quote)
		return;
	serial = serial_of(r, base, quote, number);
	if (serial == 0)
		complain(r, &r->torn, base, "%s is %.17g", r->codes[quote],
		    number);
	else if (serial % 2 != 0)
		complain(r, &r->bad, base, "%s is of the bad answer %" PRIu64,
		    r->codes[quote], serial);
	else if (serial < r->known[base].serial)
		complain(r, &r->back, base, "%s is of answer %" PRIu64
		    " after %" PRIu64, r->codes[quote], serial,
		    r->known[base].serial);
}

static void
follow(struct reader *r)
{
	struct rates_feed feed;

	rates_feed(r->rates, &feed);
	if (feed.generation < r->generation)
		complain(r, &r->back, 0, "back to generation %" PRIu64,
		    feed.generation);
	r->boards += feed.generation != r->generation;
	r->generation = feed.generation;
}

/* --- from start to end ---------------------------------------------------- */

static void
open_board(struct reader *r)
{
	int64_t until = now() + PATIENCE;
	enum rates_result result;

	while ((result = rates_open(r->instance, &r->rates)) != RATES_OK)
		if (pause_for(r, 10000000) || now() > until)
			errx(1, "%s: %s", r->instance, rates_strerror(result));
	r->count = rates_count(r->rates);
	if (r->count < 2)
		errx(1, "%s: too small a board", r->instance);
	r->codes = calloc(r->count, sizeof(*r->codes));
	r->rows = calloc(r->count, sizeof(*r->rows));
	r->numbers = calloc((size_t)r->count * r->count, sizeof(*r->numbers));
	r->known = calloc(r->count, sizeof(*r->known));
	if (r->codes == NULL || r->rows == NULL || r->numbers == NULL ||
	    r->known == NULL)
		err(1, NULL);
	for (unsigned i = 0; i < r->count; i++)
		rates_code(r->rates, i, r->codes[i]);
}

static void
read_until_told(struct reader *r)
{
	for (unsigned turn = 0; !pause_for(r, PAUSE); turn++) {
		unsigned base = turn % r->count;

		for (int i = 0; i < BURST; i++)
			read_snapshot(r);
		read_row(r, base);
		read_number(r, base, turn / r->count % r->count);
		follow(r);
	}
	/* Once more, for a reader that slept through the last change. */
	read_snapshot(r);
	follow(r);
}

static void
say_figures(const struct reader *r)
{
	printf("{\"reads\":%" PRIu64 ",\"busy\":%" PRIu64 ",\"news\":%" PRIu64
	       ",\"boards\":%" PRIu64 ",\"generation\":%" PRIu64
	       ",\"torn\":%" PRIu64 ",\"back\":%" PRIu64 ",\"bad\":%" PRIu64
	       ",\"gap\":%.3f,\"serials\":{",
	    r->reads, r->busy, r->news, r->boards, r->generation, r->torn,
	    r->back, r->bad, (double)r->gap / SECOND);
	for (unsigned i = 0; i < r->count; i++)
		printf("%s\"%s\":%" PRIu64, i == 0 ? "" : ",", r->codes[i],
		    r->known[i].serial);
	puts("}}");
}

static void
free_reader(struct reader *r)
{
	rates_close(r->rates);
	free(r->codes);
	free(r->rows);
	free(r->numbers);
	free(r->known);
}

int
main(int argc, char *argv[])
{
	struct reader r = { 0 };

	if (argc != 2)
		errx(1, "usage: storm_reader INSTANCE");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	r.instance = argv[1];
	sigemptyset(&r.end);
	sigaddset(&r.end, SIGTERM);
	sigprocmask(SIG_BLOCK, &r.end, NULL);
	open_board(&r);
	read_until_told(&r);
	say_figures(&r);
	free_reader(&r);
	return 0;
}
