/*
 * The header lines that a source is asked with.  Pure, as is all of this room.
 */
#ifndef RATESD_SOURCE_HEADER_H
#define RATESD_SOURCE_HEADER_H

#include "source/catalogue.h"

/* Room for the header lines of a request, each with its NUL. */
#define SOURCE_LINE_MAX 320
#define SOURCE_LINES_MAX (SOURCE_HEADERS_MAX + 2) /* Accept, and the key's */

/*
 * What is wrong with a key, or NULL: empty, a byte that is no printable ASCII,
 * a blank at an end.
 */
const char *source_key_fault(const char *key);

/*
 * What is wrong with a header line, or NULL: not "Name: value" with a token
 * (RFC 9110 5.6.2) and a value of printable ASCII, or one of the names that
 * are the transfer's own.
 */
const char *source_header_fault(const char *line);

/*
 * The header lines of a request: Accept by the mapping's format unless the
 * source has one of its own, the source's own, and the key's.  NULL, or what
 * is wrong: a fault of a line or of the key, too long.  *count is then 0.
 */
const char *source_headers(const struct source *source,
    char lines[SOURCE_LINES_MAX][SOURCE_LINE_MAX], unsigned *count);

#endif
