/*
 * A decimal number of up to 19 digits as the double nearest to it, as strtod
 * gives it, without strtod's cost: rates are such numbers.
 */
#ifndef RATESD_BASE_DIGITS_H
#define RATESD_BASE_DIGITS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * text: size bytes, a number in the grammar of RFC 8259 section 6, which is not
 * looked at again.  False if it has an exponent or more digits, zeros at its
 * beginning included: then ask strtod.
 *
 * Up to 2^53, by one division of doubles that are exact (Clinger, "How to Read
 * Floating Point Numbers Accurately", 1990), above by one of integers.
 */
bool digits_to_double(const char *text, size_t size, double *value);

#endif
