/*
 * What a dead worker held, given back.
 */
#ifndef RATESD_DAEMON_RECOVER_H
#define RATESD_DAEMON_RECOVER_H

#include <stdint.h>

#include "board/board.h"
#include "daemon/crew.h"
#include "daemon/schedule.h"

/*
 * For a worker that is dead and not buried: gives back its locks, puts its
 * jobs back on the schedule (counted against them if blame), and notes its end
 * in its slot.  Each step may be repeated.
 */
void recover(struct board *board, struct schedule *schedule,
    const struct death *death, bool blame);

#endif
