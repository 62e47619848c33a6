/*
 * One answer, asked for as the daemon would ask.
 */
#ifndef RATESD_TOOLS_PROBE_FETCH_H
#define RATESD_TOOLS_PROBE_FETCH_H

#include <stddef.h>
#include <stdint.h>

#include "fetch/transfer.h"

struct probe_answer {
	char *bytes; /* to free() */
	size_t size;
	char moved[TRANSFER_EFFECTIVE_MAX]; /* where redirects led, or "" */
};

/*
 * Asks a URL, in which {base} and {symbols} are filled in; secret: what of it
 * is not to be shown, or "".  0, or -1 with why: what was wrong with the URL,
 * or on the way, or the status with what the body says of it.
 */
int probe_fetch(const char *url, uint64_t base, const char *secret,
    struct probe_answer *answer, char *error, size_t size);

#endif
