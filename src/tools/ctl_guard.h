/*
 * What becomes of ratesctl when the board is truncated under it.
 */
#ifndef RATESD_TOOLS_CTL_GUARD_H
#define RATESD_TOOLS_CTL_GUARD_H

#include "tools/ctl.h"

/*
 * From now on a page that the board has no more ends the process with
 * CTL_NO_BOARD and a line that says so, which --quiet leaves out; a plugin with
 * UNKNOWN, which is the same number.
 */
void ctl_guard(const struct ctl *ctl);

#endif
