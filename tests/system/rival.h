/*
 * Who else is at the row while its worker is killed: other writers, with the
 * daemon's own publish(), and a reader who knows what a whole row is.
 */
#ifndef RATESD_TESTS_RIVAL_H
#define RATESD_TESTS_RIVAL_H

#include <stdint.h>
#include <sys/types.h>

#include "board/board.h"
#include "board/rates.h"

#define RIVALS 2
#define RIVAL_SLOT 62 /* and the next; no daemon of a test has so many */
#define NUMBERS_MAX 8

/* What is known of the row. */
struct subject {
	unsigned row, count;
	double served[NUMBERS_MAX]; /* what the daemon's source says */
	int64_t fetched;            /* what rivals say when they fetched */
	/* Each publication raises sequence, version and attempts by one. */
	uint64_t version_less, attempts_less;
};

/* Shared by all processes of the test. */
struct tallies {
	_Atomic int stop;
	_Atomic uint64_t writes[RIVALS];
	_Atomic uint64_t missed[RIVALS]; /* the lock was not to be had */
	_Atomic uint64_t reads, moved;   /* moved: the row had changed */
	_Atomic uint64_t torn;
};

/* What is wrong with a row, or NULL; static text. */
const char *row_fault(const struct subject *subject,
    const struct rates_row *row, const double *numbers);

/*
 * Reads the row and counts it: what is wrong with it, or NULL.  *row is what
 * was read.
 */
const char *row_check(const struct subject *subject, struct rates *rates,
    struct tallies *tallies, struct rates_row *row);

/*
 * Forks a writer that publishes the row again and again as worker i of the
 * rivals, or a reader that checks it, until tallies->stop or the end of its
 * parent.  The pid, or -1.
 */
pid_t rival_start(struct board *board, const struct subject *subject,
    struct tallies *tallies, unsigned i);
pid_t reader_start(const char *instance, const struct subject *subject,
    struct tallies *tallies);

#endif
