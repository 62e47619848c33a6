/*
 * What the files of bench-read share.
 */
#ifndef RATESD_TESTS_BENCH_H
#define RATESD_TESTS_BENCH_H

#include <stdint.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/code.h"
#include "board/publish.h"
#include "board/rates.h"

#define PAIRS 64 /* few, so that their words stay in the first cache */

struct pair {
	unsigned base, quote;
	char base_code[CODE_TEXT_MAX], quote_code[CODE_TEXT_MAX];
	const board_word *word; /* of the number itself */
};

struct bench {
	unsigned count;
	struct board *board;
	struct rates *rates;
	double *row;
	struct pair pairs[PAIRS];
};

/* The compiler must believe that somebody looks at these bytes. */
static inline void
look_at(const void *bytes)
{
	__asm__ volatile("" : : "r"(bytes) : "memory");
}

static inline void
say(const char *name, int64_t ns, int operations)
{
	printf("%s %.4f\n", name, (double)ns / operations);
}

/*
 * A board of our own with as many currencies as text says, all rows published,
 * and a reader of it.  Its name is gone at once, so nothing is left behind.
 */
void bench_begin(struct bench *b, const char *text);
void bench_end(struct bench *b);

/* Publishes b->row as that row. */
void bench_publish_row(const struct bench *b, unsigned row);

/* meet N SECONDS */
void bench_meet(char **argv);

/*
 * replaced NAME TURNS: kills the daemon's workers one by one, and says how long
 * it took each time until the next one in the slot took jobs.
 */
void bench_replaced(char **argv);

/* sockets PORT CODE...: asks the stub on that port for each base at once. */
void bench_sockets(char **argv);

#endif
