/*
 * What a comparison of the models comes to: figures of runs, and what they say
 * of how a worker should ask that source.  Pure arithmetic.
 */
#ifndef RATESD_TOOLS_RATESFETCH_ADVICE_H
#define RATESD_TOOLS_RATESFETCH_ADVICE_H

#include <stdint.h>

#include "fetch/engine.h"

/* One run. */
struct fetch_sample {
	int64_t elapsed; /* ns */
	int64_t cpu;     /* ns of all processors, children included */
	uint64_t memory; /* bytes, children included */
	unsigned peak;   /* requests in flight */
	unsigned failed; /* rows */
};

/* All runs of one model. */
struct fetch_figures {
	unsigned runs; /* 0: it was not run */
	int64_t median, least, most; /* ns elapsed */
	int64_t cpu;                 /* ns, the median */
	uint64_t memory;             /* the most */
	unsigned peak;               /* the most */
	unsigned failed;             /* rows of all runs */
};

/* Sorts the samples, count of them, 1 or more. */
void fetch_sum_up(struct fetch_sample *samples, unsigned count,
    struct fetch_figures *figures);

/* How many times as fast as sync; 0 if one of them is not known. */
double fetch_speed_up(
    const struct fetch_figures *sync, const struct fetch_figures *figures);

#define FETCH_WHY_MAX 256

struct fetch_advice {
	enum engine_id engine;
	unsigned workers, concurrency;
	char why[FETCH_WHY_MAX];
};

/*
 * Of the engines that a worker can run: those that lost fewest rows, of them
 * those within a tenth of the fastest, of them the one with least CPU time.
 * Its requests are spread over two workers or more (so that one goes on when
 * the other is replaced), as many as its CPU time asks for and processors are.
 * 0, or -1 if no such engine was run.
 */
int fetch_advise(const struct fetch_figures figures[ENGINE_COUNT],
    unsigned processors, struct fetch_advice *advice);

#endif
