#include "source/date.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"

#define DAY_SECONDS INT64_C(86400)
#define HOUR_SECONDS 3600
#define MINUTE_SECONDS 60
#define DAY_TEXT 10 /* bytes of YYYY-MM-DD */
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
/* 1970-01-01 was a Thursday. */
static const char *const weekdays[] = { "Thu", "Fri", "Sat", "Sun", "Mon",
	"Tue", "Wed" };

/* Seconds since 1970 with the nanoseconds of their fraction. */
static int
join(int64_t seconds, int64_t fraction, int64_t *ns)
{
	if (__builtin_mul_overflow(seconds, CLOCK_SECOND, ns) ||
	    __builtin_add_overflow(*ns, fraction, ns))
		return -1;
	return 0;
}

/* Goes past exactly count digits: their value, or -1. */
static int
take_digits(const char **text, unsigned count)
{
	int value = 0;

	for (; count > 0; count--, (*text)++) {
		if (**text < '0' || **text > '9')
			return -1;
		value = value * 10 + (**text - '0');
	}
	return value;
}

static bool
take(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

/* Goes past one of a list of three-letter names: its number, or -1. */
static int
take_name(const char **text, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strncmp(*text, names[i], 3) == 0) {
			*text += 3;
			return (int)i;
		}
	}
	return -1;
}

/* Goes past hh:mm:ss: seconds, or -1. */
static int64_t
take_clock(const char **text)
{
	int hour = take_digits(text, 2), minute, second;

	if (hour < 0 || hour > 23 || !take(text, ':'))
		return -1;
	minute = take_digits(text, 2);
	if (minute < 0 || minute > 59 || !take(text, ':'))
		return -1;
	second = take_digits(text, 2);
	if (second < 0 || second > 60 || (second == 60 && minute != 59))
		return -1;
	return hour * HOUR_SECONDS + minute * MINUTE_SECONDS + second;
}

/* Goes past ".5" if there is one: nanoseconds, or -1 if no digit follows. */
static int64_t
take_fraction(const char **text)
{
	int64_t ns = 0, place = CLOCK_SECOND;

	if (!take(text, '.'))
		return 0;
	if (**text < '0' || **text > '9')
		return -1;
	for (; **text >= '0' && **text <= '9'; (*text)++) {
		place /= 10;
		ns += (**text - '0') * place;
	}
	return ns;
}

/* Goes past +hhmm or, with a colon, +hh:mm: seconds east of UTC. */
static bool
take_offset(const char **text, bool colon, int64_t *seconds)
{
	bool west = **text == '-';
	int hours, minutes;

	if (!take(text, '+') && !take(text, '-'))
		return false;
	hours = take_digits(text, 2);
	if (hours < 0 || hours > 23 || (colon && !take(text, ':')))
		return false;
	minutes = take_digits(text, 2);
	if (minutes < 0 || minutes > 59)
		return false;
	*seconds = hours * HOUR_SECONDS + minutes * MINUTE_SECONDS;
	if (west)
		*seconds = -*seconds;
	return true;
}

/* The day that text begins with. */
static int
leading_day(const char *text, int64_t *days)
{
	char day[DAY_TEXT + 1];

	snprintf(day, sizeof(day), "%s", text);
	return clock_parse_day(day, days);
}

static int
parse_day(const char *text, int64_t *ns)
{
	int64_t days;

	if (leading_day(text, &days) == -1)
		return -1;
	text += DAY_TEXT;
	if (*text != '\0' && strcmp(text, "T00:00:00") != 0)
		return -1;
	return join(days * DAY_SECONDS, 0, ns);
}

static int
parse_unix(const char *text, int64_t *ns)
{
	int64_t seconds;

	if (number_parse_int(text, INT64_MIN, INT64_MAX, &seconds) == -1)
		return -1;
	return join(seconds, 0, ns);
}

static int
parse_rfc3339(const char *text, int64_t *ns)
{
	int64_t days, seconds, fraction, offset = 0;

	if (leading_day(text, &days) == -1)
		return -1;
	text += DAY_TEXT;
	if (!take(&text, 'T') && !take(&text, 't') && !take(&text, ' '))
		return -1;
	seconds = take_clock(&text);
	fraction = take_fraction(&text);
	if (seconds < 0 || fraction < 0)
		return -1;
	if (!take(&text, 'Z') && !take(&text, 'z') &&
	    !take_offset(&text, true, &offset))
		return -1;
	if (*text != '\0')
		return -1;
	return join(days * DAY_SECONDS + seconds - offset, fraction, ns);
}

/* Goes past "13 Apr 2026 ": days since 1970. */
static int
take_date(const char **text, int64_t *days)
{
	char day[DAY_TEXT + 1];
	int date = take_digits(text, 1), month, year;

	if (date >= 0 && **text != ' ')
		date = date * 10 + take_digits(text, 1);
	if (date < 1 || !take(text, ' '))
		return -1;
	month = take_name(text, months, COUNT(months));
	if (month < 0 || !take(text, ' '))
		return -1;
	year = take_digits(text, 4);
	if (year < 0 || !take(text, ' '))
		return -1;
	snprintf(day, sizeof(day), "%04d-%02d-%02d", year % 10000,
	    (month + 1) % 100, date % 100);
	return clock_parse_day(day, days);
}

static bool
take_zone(const char **text, int64_t *offset)
{
	static const char *const utc[] = { "GMT", "UTC" };

	*offset = 0;
	return take_name(text, utc, COUNT(utc)) >= 0 ||
	    take_offset(text, false, offset);
}

static int
parse_rfc1123(const char *text, int64_t *ns)
{
	int weekday = take_name(&text, weekdays, COUNT(weekdays));
	int64_t days, seconds, offset;

	if (weekday >= 0 && (!take(&text, ',') || !take(&text, ' ')))
		return -1;
	if (take_date(&text, &days) == -1)
		return -1;
	if (weekday >= 0 && (days % 7 + 7) % 7 != weekday)
		return -1;
	seconds = take_clock(&text);
	if (seconds < 0 || !take(&text, ' ') || !take_zone(&text, &offset) ||
	    *text != '\0')
		return -1;
	return join(days * DAY_SECONDS + seconds - offset, 0, ns);
}

static const struct form {
	int (*parse)(const char *text, int64_t *ns);
	const char *name;
} forms[] = {
	[MAPPING_DAY] = { parse_day, "day" },
	[MAPPING_UNIX] = { parse_unix, "number of seconds since 1970" },
	[MAPPING_RFC3339] = { parse_rfc3339, "time of RFC 3339" },
	[MAPPING_RFC1123] = { parse_rfc1123, "time of RFC 1123" },
};

int
date_parse(enum mapping_date form, const char *text, int64_t *ns)
{
	return forms[form].parse(text, ns);
}

const char *
date_form_name(enum mapping_date form)
{
	return forms[form].name;
}
