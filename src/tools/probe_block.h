/*
 * A guess as a section of the configuration.
 */
#ifndef RATESD_TOOLS_PROBE_BLOCK_H
#define RATESD_TOOLS_PROBE_BLOCK_H

#include <stddef.h>

#include "daemon/conf_block.h"
#include "source/catalogue.h"
#include "source/guess.h"

#define PROBE_NOWHERE "https://where-it-is.invalid/" /* for no URL */

/* A URL's parameter that is a key by its name. */
struct probe_secret {
	char name[MAPPING_TEXT_MAX]; /* "": there is none */
	char value[SOURCE_KEY_MAX];
};

void probe_find_secret(const char *url, struct probe_secret *secret);

/*
 * The section that guess and URL ("": none) come to: in block, which is the
 * caller's to clear even after a failure, and as the daemon would have it, in
 * source.  The key is not in it.  0, or -1 with why a configuration can't say
 * it.
 */
int probe_block(const struct guess *guess, const char *url,
    const struct probe_secret *secret, struct conf_block *block,
    struct source *source, char *error, size_t size);

#endif
