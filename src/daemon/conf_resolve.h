/*
 * From what a configuration says to what it means: sections over presets, and
 * the sources in their order, with their keys.
 */
#ifndef RATESD_DAEMON_CONF_RESOLVE_H
#define RATESD_DAEMON_CONF_RESOLVE_H

#include "daemon/conf_draft.h"
#include "daemon/conf_preset.h"

/* Fills the draft's sources; what is wrong goes to its faults.  After a whole
 * file whose last line this is. */
void conf_resolve(
    struct conf_draft *draft, struct conf_presets *presets, int last_line);

#endif
