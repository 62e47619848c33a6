/*
 * A line of small bars: how a number went, in a few characters.
 */
#ifndef RATESD_TOOLS_SPARK_H
#define RATESD_TOOLS_SPARK_H

#include <stdbool.h>
#include <stddef.h>

#define SPARK_BYTES 3 /* of a bar, at most */

/*
 * The last of count values, oldest first, at most width of them, a bar each
 * from the lowest of them to the highest; half-way up if all are the same, and
 * a blank where a value is none.  In blocks of Unicode if utf8, U+2581 to
 * U+2587 (the full one would run into the line above), else as "_.-^".
 * size takes width * SPARK_BYTES + 1.  Returns buf.
 */
const char *spark(const double *values, unsigned count, unsigned width,
    bool utf8, char *buf, size_t size);

#endif
