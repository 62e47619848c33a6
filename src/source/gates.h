/*
 * Whether an answer may replace what a row has: a wrong number is worse than
 * an old one.  Pure arithmetic; the clock is an argument.
 */
#ifndef RATESD_SOURCE_GATES_H
#define RATESD_SOURCE_GATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"

#define GATES_ERROR_MAX 128

/* The numbers of one base at one time, from one source. */
struct gate_row {
	const double *numbers; /* NaN where absent */
	unsigned source;       /* place in the chain: 0 is the best */
	enum published_form published_form;
	int64_t published; /* wall clock, ns */
	uint64_t hash;     /* of the answer's bytes; 0: not known */
};

struct gate_question {
	unsigned count;            /* of numbers */
	const uint64_t *codes;     /* packed, for the texts */
	unsigned base;             /* whose number is 1; count: not on the board */
	struct gate_row candidate; /* what came */
	struct gate_row last;      /* what the row has; numbers NULL: nothing */
	struct gate_row held;      /* what waits; numbers NULL: nothing */
	bool accepted;             /* an operator accepts what is held */
	bool stale;                /* what the row has is too old for use */
	double max_jump;           /* 0.2: a fifth; 0: any */
	int64_t now;               /* wall clock, ns */
};

/*
 * ATTEMPT_OK: publish the candidate.  ATTEMPT_DATE: published in the future (a
 * day that has begun nowhere on Earth, or a time more than an hour ahead), or
 * before what the row has.  ATTEMPT_HELD: a number jumped by more than max_jump
 * (either way: x 1.2 and / 1.2 for 0.2), or one that the row has is missing,
 * and nobody confirms it: hold the candidate instead.
 *
 * It is confirmed when what is held agrees (each number of both within
 * max_jump, the same ones missing) and came from another source, or from the
 * same one as an earlier publication (an earlier date; where a source gives no
 * dates: other bytes), or was accepted.  Without last, or when that is stale
 * and only coverage is lost, there is nothing to hold it against.
 * The reason is in error, with the code and both numbers.
 */
enum attempt_class gates_judge(const struct gate_question *question,
    char *error, size_t error_size);

#endif
