/*
 * One matrix of rates, fetched once: as rows that can be shown as those of a
 * board are.
 */
#ifndef RATESD_TOOLS_RATESFETCH_MATRIX_H
#define RATESD_TOOLS_RATESFETCH_MATRIX_H

#include "fetch/throttle.h"
#include "source/catalogue.h"
#include "tools/ratesfetch_options.h"
#include "tools/show.h"

struct matrix {
	const struct source *source;
	struct show show; /* its view has a row for each code of either list */
	uint64_t *codes;  /* of the view, packed */
	unsigned *places; /* their hash table: an index and one, or 0 */
	size_t place_count; /* a power of two, half of them free */
	double *hub;      /* numbers of one answer, before they are a row's */
	char *symbols;    /* the columns, with commas */
	unsigned *asked;  /* rows that are asked for, and */
	unsigned *again;  /* those that a mirror is to be asked for */
	unsigned failed;  /* of show.base_count */
};

struct matrix_run {
	const struct engine *engine;
	unsigned concurrency;
	int64_t timeout;
	const struct throttle *throttle; /* NULL: none */
	void (*progress)(unsigned done, unsigned all); /* NULL: nobody looks */
};

struct matrix_cost {
	int64_t elapsed; /* ns, until the last item was there, or failed */
	unsigned peak;   /* requests in flight */
};

/* An empty one; exits without memory.  The source stays the caller's. */
void matrix_begin(struct matrix *matrix, const struct source *source,
    const struct fetch_list *bases, const struct fetch_list *symbols);
void matrix_end(struct matrix *matrix);

/* What is wrong with the request of the first row, or NULL. */
const char *matrix_fault(const struct matrix *matrix);

/* How many requests it takes: one, if one answer is for all rows. */
unsigned matrix_requests(const struct matrix *matrix);

/*
 * Fetches it, rows that are there already too.  0, or -1 with a line in the log
 * if the engine could not; rows that did not come have their error.
 */
int matrix_fetch(struct matrix *matrix, const struct matrix_run *run,
    struct matrix_cost *cost);

#endif
