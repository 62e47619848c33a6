#include "base/days.h"

#include <stdbool.h>

#define ERA_YEARS 400   /* after which the calendar repeats */
#define ERA_DAYS 146097 /* of so many years */
#define EPOCH 719468    /* 1970-01-01, in days from 0000-03-01 */

static int64_t
floor_of(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

static bool
leap_year(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int64_t
days_in_month(int64_t year, int64_t month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };

	return days[month - 1] + (month == 2 && leap_year(year));
}

/* Years begin in March, so that a leap day is the last of its year. */
int64_t
days_since_1970(int64_t year, int64_t month, int64_t day)
{
	int64_t from_march = (month + 9) % 12, era, of_era;

	if (month <= 2)
		year--;
	era = floor_of(year, ERA_YEARS);
	of_era = year - era * ERA_YEARS;
	return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 +
	    (153 * from_march + 2) / 5 + day - 1 - EPOCH;
}

void
days_split(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
	int64_t era = floor_of(days + EPOCH, ERA_DAYS);
	int64_t left = days + EPOCH - era * ERA_DAYS;
	int64_t of_era =
	    (left - left / 1460 + left / 36524 - left / 146096) / 365;
	int64_t of_year = left - (of_era * 365 + of_era / 4 - of_era / 100);
	int64_t from_march = (5 * of_year + 2) / 153;

	*day = of_year - (153 * from_march + 2) / 5 + 1;
	*month = from_march < 10 ? from_march + 3 : from_march - 9;
	*year = era * ERA_YEARS + of_era + (*month <= 2);
}

unsigned
days_weekday(int64_t days)
{
	/* 1970-01-01 was a Thursday. */
	return (unsigned)(days + 3 - 7 * floor_of(days + 3, 7));
}

/*
 * The "anonymous" Gregorian algorithm (Nature, 20 April 1876; J. Meeus,
 * "Astronomical Algorithms", chapter 8), with its letters.
 */
int64_t
days_easter(int64_t year)
{
	int64_t a = year % 19, b = year / 100, c = year % 100;
	int64_t d = b / 4, e = b % 4, f = (b + 8) / 25, g = (b - f + 1) / 3;
	int64_t h = (19 * a + b - d - g + 15) % 30;
	int64_t i = c / 4, k = c % 4, l = (32 + 2 * e + 2 * i - h - k) % 7;
	int64_t m = (a + 11 * h + 22 * l) / 451;
	int64_t n = h + l - 7 * m + 114;

	return days_since_1970(year, n / 31, n % 31 + 1);
}

int64_t
days_of_seconds(int64_t seconds)
{
	return floor_of(seconds, DAYS_SECONDS);
}
