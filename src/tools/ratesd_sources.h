/*
 * ratesd --sources: the presets there are.
 */
#ifndef RATESD_TOOLS_RATESD_SOURCES_H
#define RATESD_TOOLS_RATESD_SOURCES_H

#include "daemon/conf.h"

/*
 * Prints a table of all presets, or, with a name, that one as a section of a
 * configuration.  source_dir may be NULL.  What is wrong with their files goes
 * to report.  0; -1 when something was wrong, or there is none of that name.
 */
int ratesd_sources(const char *name, const char *source_dir,
    conf_report *report, void *context);

#endif
