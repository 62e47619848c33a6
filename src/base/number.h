/*
 * Numbers read and written the same in every locale.
 */
#ifndef RATESD_BASE_NUMBER_H
#define RATESD_BASE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/* Enough for any text that this module writes. */
#define NUMBER_TEXT_MAX 40

/*
 * The shortest decimal text that reads back to the same double ("1",
 * "1.1684", "1e-07").  A number that is not finite gives "null".  Returns buf.
 */
const char *number_shortest(double value, char *buf, size_t size);

/*
 * What Python's format specification "7.03" gives for this float: three
 * significant digits, at least one digit after the point, right-aligned in
 * seven columns ("    1.0", " 0.0394", "1.41e+04").  Returns buf.
 * Source: the Python language's "Format Specification Mini-Language".
 */
const char *number_book(double value, char *buf, size_t size);

/* A whole decimal number in [min, max]: 0, or -1. No sign but '-', no blanks. */
int number_parse_int(const char *text, int64_t min, int64_t max, int64_t *out);

/* An octal file mode such as "0644", at most 0777: 0, or -1. */
int number_parse_mode(const char *text, unsigned *out);

/*
 * A number with a unit, "250ms", "60s", "15m", "26h", "3d", in nanoseconds:
 * 0, or -1 when it has no unit, an unknown one, a sign or blanks, or is above
 * ten years.
 */
int number_parse_duration(const char *text, int64_t *out_ns);

/*
 * "10/s", "2/m", "100/h", "500/d": the nanoseconds between two events, 0, or
 * -1.  The count is 1 to 1,000,000.
 */
int number_parse_rate(const char *text, int64_t *out_interval_ns);

/*
 * A finite number in the grammar of RFC 8259 section 6, all of text: 0, or -1.
 */
int number_parse_double(const char *text, double *out);

#endif
