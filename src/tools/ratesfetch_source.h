/*
 * Which source ratesfetch asks: a preset with its key, or a URL.
 */
#ifndef RATESD_TOOLS_RATESFETCH_SOURCE_H
#define RATESD_TOOLS_RATESFETCH_SOURCE_H

#include "source/catalogue.h"
#include "tools/ratesfetch_options.h"

/*
 * Fills the source that the options name, with the interval that they ask for;
 * or says what is wrong, and exits.
 */
void fetch_source(const struct fetch_options *options, struct source *source);

#endif
