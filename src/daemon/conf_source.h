/*
 * The setters of a source's keys that say how to ask; conf_mapping.h has those
 * that say how to read.  conf_source_keys, in conf_value.h, is all of them.
 */
#ifndef RATESD_DAEMON_CONF_SOURCE_H
#define RATESD_DAEMON_CONF_SOURCE_H

#include "source/catalogue.h"

/* All of a source as it is before any key: the defaults. */
void conf_source_begin(struct source *source);

#endif
