/*
 * A source's request, whole.
 */
#ifndef RATESD_DAEMON_REQUEST_H
#define RATESD_DAEMON_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "fetch/transfer.h"
#include "source/catalogue.h"

/*
 * Fills the whole request, unconditional, from a mirror of the source (0: its
 * url) with its header lines and key; base is a code, symbols what {symbols}
 * stands for.  NULL, or what is wrong (source_url, source_headers): the URL is
 * then "", which no transfer starts with.
 */
const char *request_make(struct transfer_request *request,
    const struct source *source, unsigned mirror, const char *base,
    const char *symbols);

/*
 * The codes joined by commas, for {symbols}.  "" if they don't all fit: part
 * of them would be another question.  Returns buf.
 */
const char *request_symbols(
    const uint64_t *codes, unsigned count, char *buf, size_t size);

#endif
