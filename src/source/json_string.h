/*
 * One string of JSON, from between its quotes.
 */
#ifndef RATESD_SOURCE_JSON_STRING_H
#define RATESD_SOURCE_JSON_STRING_H

#include <stddef.h>

#define JSON_CUT "unexpected end of data"
#define JSON_UNEXPECTED "unexpected character"

/*
 * Reads the string that should begin at bytes[*at], as RFC 8259 section 7 has
 * it; the bytes are UTF-8.  Its text goes to out, with a NUL, and is never
 * longer than it is in the bytes less one; *length is that without the NUL, and
 * there is none in it.  NULL, with *at after the second quote; or what is
 * wrong (static text), with *at the byte.
 */
const char *json_string_read(const char *bytes, size_t size, size_t *at,
    char *out, size_t *length);

#endif
