/*
 * Prints each number of the board that changes, when it does.
 *
 *	cc -o follow follow.c $(pkg-config --cflags --libs librates)
 *
 * usage: follow [INSTANCE [COUNT]]
 * Ends after COUNT lines, if that is given, or by a signal.  It sleeps in
 * between: no polling, and no line is missed or told twice.  (Of a row that was
 * replaced twice before it woke up, it sees the last state.)
 */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rates.h>

#define SECOND INT64_C(1000000000)
#define LOOK (5 * SECOND) /* is anybody still feeding the board? */

struct follower {
	struct rates *rates;
	unsigned count;       /* currencies, and room for them squared: */
	double *known, *read; /* what was told, and what is there now */
	struct rates_row *rows;
	long left; /* lines still to be printed; negative: any number */
	int fed;
};

static volatile sig_atomic_t asked_to_stop;

static void
stop(int number)
{
	(void)number;
	asked_to_stop = 1;
}

static void
forget(struct follower *f)
{
	free(f->known);
	free(f->read);
	free(f->rows);
}

/* Room for the board as it is now, of which nothing is known: 0, or -1. */
static int
start_anew(struct follower *f)
{
	size_t all;

	forget(f);
	rates_resync(f->rates);
	f->count = rates_count(f->rates);
	all = (size_t)f->count * f->count;
	f->known = calloc(all, sizeof(f->known[0]));
	f->read = calloc(all, sizeof(f->read[0]));
	f->rows = calloc(f->count, sizeof(f->rows[0]));
	if (f->known == NULL || f->read == NULL || f->rows == NULL)
		return -1;
	for (size_t i = 0; i < all; i++)
		f->known[i] = NAN;
	return 0;
}

/* Absent numbers are NaN, which differs from itself. */
static int
same(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

/* The codes are those of the snapshot: only reading goes to another board. */
static void
tell(struct follower *f, unsigned base, unsigned quote, double rate)
{
	char from[RATES_CODE_MAX], to[RATES_CODE_MAX];

	if (f->left == 0 || rates_code(f->rates, base, from) != RATES_OK ||
	    rates_code(f->rates, quote, to) != RATES_OK)
		return;
	if (isnan(rate))
		printf("%s/%s gone (%s)\n", from, to, f->rows[base].source);
	else
		printf("%s/%s %.15g (%s)\n", from, to, rate,
		    f->rows[base].source);
	if (f->left > 0)
		f->left--;
}

static void
tell_row(struct follower *f, unsigned base)
{
	size_t first = (size_t)base * f->count;

	for (unsigned i = 0; i < f->count; i++)
		if (!same(f->known[first + i], f->read[first + i])) {
			f->known[first + i] = f->read[first + i];
			tell(f, base, i, f->read[first + i]);
		}
}

/* Looks at all rows: OK, or why it can't go on. */
static enum rates_result
look(struct follower *f)
{
	enum rates_result result =
	    rates_snapshot(f->rates, f->count, f->rows, f->read);

	if (result == RATES_OK)
		for (unsigned i = 0; i < f->count; i++)
			tell_row(f, i);
	fflush(stdout);
	return result;
}

/* A word when the daemon is gone or back: the numbers only get older then. */
static void
look_at_feed(struct follower *f)
{
	struct rates_feed feed;
	int fed = rates_feed(f->rates, &feed) == RATES_OK;

	if (fed != f->fed)
		fprintf(stderr, "follow: %s\n",
		    fed ? "the board is fed again"
			: rates_strerror(RATES_NOT_FED));
	f->fed = fed;
}

static enum rates_result
follow(struct follower *f)
{
	enum rates_result result = RATES_CHANGED;
	uint64_t mark = 0; /* the next wait ends at once */

	while (!asked_to_stop && f->left != 0) {
		if (result == RATES_CHANGED) {
			if (start_anew(f) == -1)
				return RATES_SYSTEM;
			mark = 0;
		}
		result = rates_wait_any(f->rates, &mark, LOOK);
		/* The mark comes first, so no change after it is missed. */
		if (result == RATES_OK)
			result = look(f);
		if (result == RATES_BUSY)
			mark = 0;
		if (result == RATES_SYSTEM && errno != EINTR)
			return result;
		look_at_feed(f);
	}
	return RATES_OK;
}

int
main(int argc, char **argv)
{
	struct follower f = { .fed = 1,
		.left = argc > 2 ? strtol(argv[2], NULL, 10) : -1 };
	struct sigaction action = { .sa_handler = stop }; /* no SA_RESTART */
	enum rates_result result;

	if (argc > 3 || (argc > 2 && f.left <= 0)) {
		fprintf(stderr, "usage: follow [INSTANCE [COUNT]]\n");
		return 2;
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	result = rates_open(argc > 1 ? argv[1] : NULL, &f.rates);
	if (result == RATES_OK)
		result = follow(&f);
	if (result != RATES_OK)
		fprintf(stderr, "follow: %s\n", rates_strerror(result));
	rates_close(f.rates);
	forget(&f);
	return result != RATES_OK;
}
