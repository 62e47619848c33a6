/*
 * A number of JSON, from bytes that nobody has looked at.
 *
 * Source: RFC 8259, section 6.
 */
#ifndef RATESD_SOURCE_JSON_NUMBER_H
#define RATESD_SOURCE_JSON_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* Can a number begin with this byte? */
bool json_number_begins(char c);

/*
 * Reads the number at *at of size bytes, and goes behind it.  scratch: room for
 * its text and a NUL.  NULL, or what is wrong, as static text, and at which
 * byte: no number, or one that a double can't hold (infinite, or zero by
 * rounding).
 */
const char *json_number_read(const char *bytes, size_t size, size_t *at,
    char *scratch, double *value);

#endif
