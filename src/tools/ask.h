/*
 * Asking the daemon for rows, and waiting for what comes of it.
 */
#ifndef RATESD_TOOLS_ASK_H
#define RATESD_TOOLS_ASK_H

#include "jobs/message.h"
#include "tools/ctl.h"

/*
 * Opens the board of a daemon that runs, into ctl->rates: CTL_DONE or, once it
 * has spoken, CTL_NO_BOARD or CTL_FAILED.
 */
int ask_open(struct ctl *ctl);

/*
 * Sends a job for each base of argv, or for all rows if there is none, to
 * accept only if each of them holds something: that, and nothing later; under
 * --wait returns once each row was tried.  --timeout is its patience.  An exit
 * status; has spoken.
 */
int ask(struct ctl *ctl, enum job_kind kind, int argc, char **argv);

#endif
