/*
 * The crew at work: keeps it at its number.  Starts workers, watches whether
 * they get on, recovers what the dead held, and plans their replacement.
 */
#ifndef RATESD_DAEMON_STAFF_H
#define RATESD_DAEMON_STAFF_H

#include "daemon/backoff.h"
#include "daemon/crew.h"
#include "daemon/recover.h"
#include "daemon/world.h"

/* A row whose lock or claim has an owner that is no worker. */
struct stray {
	uint64_t owner, claim, seq; /* as they were at the last look */
};

struct staff {
	struct crew crew;
	struct stray strays[BOARD_CURRENCIES_MAX];
	struct deaths deaths;
	bool gave_up;    /* too many deaths, or one that says it is no use */
	bool board_lost; /* a worker died of the board's memory being gone */
};

/* Workers for the world's configuration, all due to be started. */
void staff_begin(struct staff *staff, const struct world *world);

/* Forks whoever is due. */
void staff_start(struct staff *staff, const struct world *world);

/*
 * Recovers and buries the dead.  Where their end was not planned (how is
 * RECOVER_CRASH) it is told, and a restart planned, or given up.
 */
void staff_bury(struct staff *staff, struct world *world, enum recovery how);

/*
 * Aborts workers that make no progress, kills those that survive it, and gives
 * back locks and claims of nobody alive, which only a damaged board has, once
 * they are the same at two looks and the row did not move in between.
 */
void staff_watch(struct staff *staff, struct world *world);

/* When the next worker is to be started (monotonic), or INT64_MAX. */
int64_t staff_next(const struct staff *staff);

#endif
