/*
 * Text from outside, made safe to show.
 */
#ifndef RATESD_BASE_TEXT_H
#define RATESD_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Copies text into buf, cut to fit; a byte that is no printable ASCII becomes
 * '?', and runs of blanks one blank.  So a source's own words can't carry
 * control characters to a terminal or a log.  Returns buf.
 */
const char *text_clean(char *buf, size_t size, const char *text, size_t length);

/* snprintf that is allowed to cut: always ends buf with a NUL.  Returns buf. */
const char *text_format(char *buf, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Appends to the text in buf, cut to fit.  Returns buf.
 */
const char *text_append(char *buf, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Puts "***" for each occurrence of a secret in the text in buf, as it is or
 * percent-encoded (RFC 3986, in part or whole, a blank also as '+'), and for a
 * part of it at the end, of 4 bytes or more: there the text was cut; and for
 * its first 12 or more anywhere, for a part of the text may have been.  Cut to
 * fit; nothing for "".  Returns buf.
 */
const char *text_redact(char *buf, size_t size, const char *secret);

/*
 * How many single-byte edits (insert, delete, replace, swap of neighbours)
 * make b from a: for "did you mean".  Texts over 32 bytes count as far apart.
 */
unsigned text_distance(const char *a, const char *b);

/*
 * Whether who wrote word may have meant candidate: no more than one edit in
 * three bytes, or word is a part of it.  *edits: how many.
 */
bool text_near(const char *word, const char *candidate, unsigned *edits);

#endif
