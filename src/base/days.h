/*
 * Days of the proleptic Gregorian calendar, counted from 1970-01-01.
 */
#ifndef RATESD_BASE_DAYS_H
#define RATESD_BASE_DAYS_H

#include <stdint.h>

#define DAYS_SECONDS INT64_C(86400)

/* How many days a month (1 to 12) of a year has. */
int64_t days_in_month(int64_t year, int64_t month);

/*
 * The day of a date, for years of at most 12 digits; a day beyond the month's
 * last counts on.  Source of both directions: H. Hinnant, "chrono-Compatible
 * Low-Level Date Algorithms", days_from_civil and civil_from_days.
 */
int64_t days_since_1970(int64_t year, int64_t month, int64_t day);

/* The date of a day. */
void days_split(int64_t days, int64_t *year, int64_t *month, int64_t *day);

/* 0: Monday ... 6: Sunday. */
unsigned days_weekday(int64_t days);

/* The day on which Easter Sunday (Western) falls in a year from 1583 on. */
int64_t days_easter(int64_t year);

/* Which day a number of seconds since 1970 is in: rounds down. */
int64_t days_of_seconds(int64_t seconds);

#endif
