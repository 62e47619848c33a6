/*
 * Whether the keys of a source fit together.
 */
#ifndef RATESD_DAEMON_CONF_FIT_H
#define RATESD_DAEMON_CONF_FIT_H

#include "source/catalogue.h"

/* Called for each fault with the key that it is of. */
typedef void conf_misfit(void *context, const char *key, const char *why);

/* Looks at a source that has all of its values. */
void conf_fit(
    const struct source *source, conf_misfit *report, void *context);

#endif
