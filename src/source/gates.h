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
	const double *numbers; /* finite and above zero; NaN where absent */
	unsigned source; /* place in today's chain: 0 is the best; UINT_MAX:
	                  * it is there no more */
	enum published_form published_form;
	int64_t published; /* wall clock, ns */
	uint64_t hash;     /* of the answer's bytes; 0: not known */
};

struct gate_question {
	unsigned count;            /* of numbers */
	const uint64_t *codes;     /* packed, for the texts */
	unsigned base;             /* whose number is 1, and is not looked at;
	                            * count: not on the board */
	struct gate_row candidate; /* what came */
	struct gate_row last;      /* what the row has; numbers NULL: nothing */
	struct gate_row held;      /* what waits; numbers NULL: nothing */
	bool accepted;             /* an operator accepts what is held */
	bool stale;                /* what the row has is too old for use */
	double max_jump;           /* 0.2: a fifth; 0: any */
	int64_t now;               /* wall clock, ns */
};

/*
 * ATTEMPT_OK: publish the candidate.
 *
 * ATTEMPT_DATE: published in the future (a day that has begun nowhere on
 * Earth, or a time more than an hour ahead), or before what the row has,
 * whichever of the two sources is the better one.  Days are compared if either
 * is a day, in UTC.  What has no date is not before anything, and nothing is
 * before what has none, or before a row whose own date is in the future: the
 * clock was wrong.
 *
 * ATTEMPT_HELD: a number jumped by more than max_jump (either way: x 1.2 and
 * / 1.2 for 0.2), or one that the row has is missing, and nobody confirms it:
 * hold the candidate instead.  Without last, or when that is stale and only
 * coverage is lost, there is nothing to hold it against; nor is there for a
 * number that the row lacks.
 *
 * What is held confirms it if
 * - it agrees: it has each number that jumped; numbers that both have are
 *   within max_jump; and if some are missing (and last is not stale), they are
 *   the same ones of those that the row has;
 * - it is not from before what the row has;
 * - and it was accepted, or is an answer of other bytes that came from another
 *   source, or from the same one as an earlier publication, itself later than
 *   what the row has: else a source that another one has contradicted would
 *   confirm itself.
 * Without dates on both sides an earlier publication is one of other bytes and
 * of other numbers: bytes also change with a clock or a request's number in
 * them.
 *
 * The reason is in error, with the code and both numbers; "" for ATTEMPT_OK.
 *
 * The caller forgets what is held when the row gets another publication than
 * it had (not gates_same), for without dates only the caller knows which came
 * first; and when it has waited so long that it is too old for use itself.
 */
enum attempt_class gates_judge(const struct gate_question *question,
    char *error, size_t error_size);

/*
 * One publication, asked for twice: the same bytes, whoever sent them; or the
 * same date, or without dates the same numbers, from the same source.
 */
bool gates_same(
    const struct gate_row *a, const struct gate_row *b, unsigned count);

/* True if the numbers of two rows are the same, and absent where they are. */
bool gates_same_numbers(
    const struct gate_row *a, const struct gate_row *b, unsigned count);

/*
 * Whether a candidate that was judged ATTEMPT_HELD takes the place of what is
 * held.  Not if that is the same publication; and a worse source does not push
 * out a better one but with a later date, or two that differ would do so in
 * turn for ever, and neither be confirmed.
 */
bool gates_replaces(const struct gate_question *question);

#endif
