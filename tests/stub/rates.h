#ifndef STUB_RATES_H
#define STUB_RATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The JSON bodies made of the day's rates.  Same thread rule as data.h.
 * A body is malloc()ed, the caller frees it; its length goes to *len.
 */

/* Answers that day from now on; the number comes from data_find_day(). */
void	 rates_select(int day);

/*
 * The answer for a base: {"date":..,"base":..,"rates":{..}}.  want has an
 * entry a currency id, or is NULL for all.  form as in kinds.h; NULL leaves
 * the rates out.  The numbers are made of serial (serial.h), or are the
 * published ones if it is 0.  NULL if the base has no rate on the day, or no
 * memory.
 */
char	*rates_body(int base, const bool *want, const char *form,
	    uint64_t serial, size_t *len);

/* The day's currency codes as a JSON list; NULL if there is no memory. */
char	*rates_codes(size_t *len);

/* Gives back the memory of the cross rates that were computed. */
void	 rates_forget(void);

#endif
