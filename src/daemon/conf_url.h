/*
 * URLs with places to be filled, as a configuration gives them.
 */
#ifndef RATESD_DAEMON_CONF_URL_H
#define RATESD_DAEMON_CONF_URL_H

#include <stddef.h>

#include "source/catalogue.h"

/*
 * A template that makes http or https URLs of any code and still fits: 0, or
 * -1 with why.
 */
int conf_copy_url(
    char to[SOURCE_URL_MAX], const char *value, char *why, size_t size);

#endif
