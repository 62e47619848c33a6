/*
 * What asking and awaiting answers share: ask.c asks, ask_await.c awaits.
 */
#ifndef RATESD_TOOLS_ASK_PARTS_H
#define RATESD_TOOLS_ASK_PARTS_H

#include <stdint.h>

#include "base/clock.h"
#include "board/rates.h"
#include "tools/ask.h"
#include "tools/progress.h"

#define ASK_PATIENCE (30 * CLOCK_SECOND)

struct one {
	char code[RATES_CODE_MAX];
	uint64_t attempts; /* before the request */
	int64_t held;      /* to be accepted: the mark of inspect_row, or 0 */
};

struct requests {
	struct ctl *ctl;
	enum job_kind kind;
	struct one *list;
	unsigned count;
	unsigned asked;   /* requests on the queue */
	int64_t begin;    /* boot clock: when all of it was asked for */
	int64_t deadline; /* monotonic clock */
	int64_t moved;    /* the same: when an answer last came */
	int64_t silent;   /* the same: since when no beat was seen; 0: it was */
	struct progress progress; /* under --wait */
};

/* Something came: without --timeout patience begins anew. */
void ask_moved(struct requests *all);

/* ns until patience ends; 0: it has. */
int64_t ask_left(const struct requests *all);

/* How long that is, for people. */
const char *ask_patience(const struct requests *all);

/* Complains that nobody feeds the board; the exit status. */
int ask_not_fed(struct ctl *ctl);

/* The row of a request as it is now: CTL_DONE, or the exit status. */
int ask_look(struct requests *all, const struct one *one, unsigned *index,
    struct rates_row *row);

/* Until all have their answers: CTL_DONE, or the exit status. */
int ask_await(struct requests *all);

/* Names those whose answer is a failure; the exit status. */
int ask_report(struct requests *all);

#endif
