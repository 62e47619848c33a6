/*
 * What a dead worker held, given back.
 */
#ifndef RATESD_DAEMON_RECOVER_H
#define RATESD_DAEMON_RECOVER_H

#include "daemon/crew.h"
#include "daemon/world.h"

enum recovery {
	RECOVER_CRASH,  /* jobs go back, and the death counts against them */
	RECOVER_RELOAD, /* jobs go back */
	RECOVER_STOP,   /* jobs stay claimed: the next start finds them so */
};

/*
 * For a worker that is dead and not buried: gives back its locks, deals with
 * its jobs, notes its end in its slot, and wakes the board's readers.  Each step
 * may be repeated.
 */
void recover(
    struct world *world, const struct death *death, enum recovery how);

#endif
