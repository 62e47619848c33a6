/*
 * What the parts of the program step have in common: one daemon, its worker,
 * and one row.  All of them end the program (exit status 2) on an error that
 * is not what is looked for.
 */
#ifndef RATESD_TESTS_STEP_H
#define RATESD_TESTS_STEP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "board/board.h"
#include "board/rates.h"
#include "rival.h"
#include "trace.h"

#define START_PATIENCE (20 * CLOCK_SECOND)
#define DEATHS_MINUTE 950 /* the daemon gives up at 1000 */

struct options {
	bool contended;
	int64_t every, first, last, limit, pause;
};

struct step {
	struct options options;
	const char *instance;
	pid_t daemon, helpers[RIVALS + 1];
	unsigned helper_count;
	uint64_t base;
	uintptr_t entry;
	struct region vdso;
	struct board board;
	struct board_lock *lock;
	struct board_slot *slot;
	struct board_row *row;
	struct rates *rates;
	struct subject subject;
	struct tallies *tallies;
	int queue;
	int64_t deaths[DEATHS_MINUTE];
	uint64_t death_count;
	/* What came of it. */
	uint64_t points, stuck, repeated, slow;
	int64_t worst;
	unsigned told;
	bool returned;
};

/* Starts the daemon (arguments, NULL) and waits until its row is fetched. */
void step_begin(struct step *s, uintptr_t offset, char **arguments);

/* Starts the reader and, if it is to be contended, the rivals. */
void step_start_helpers(struct step *s);

void step_end(struct step *s);

/* True once condition(s, context) is; false after the patience (ns). */
bool step_wait(struct step *s, bool (*condition)(struct step *s, void *context),
    void *context, int64_t patience);
bool step_worker_is_ready(struct step *s, void *context);

uint64_t step_counter(const struct step *s, enum board_counter which);

/*
 * A round: the worker dies k instructions after the entry, or at the return
 * if that is earlier (s->returned then); with a pause it is stopped there for
 * so long, and dies at the return.  ns from the burial to the next
 * publication, -1 if somebody does not get in any more.
 */
int64_t step_round(struct step *s, int64_t k);

#endif
