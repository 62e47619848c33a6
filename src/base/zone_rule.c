#include "base/zone_rule.h"

#include "base/days.h"

#define HOUR 3600
#define NAME_MIN 3
#define MARCH_1 60 /* of a year without a leap day */

/* --- reading ------------------------------------------------------------- */

struct reader {
	const char *at, *end;
	bool bad; /* once and for all */
};

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool
next_is(const struct reader *reader, char c)
{
	return reader->at < reader->end && *reader->at == c;
}

static bool
skip(struct reader *reader, char c)
{
	if (!next_is(reader, c))
		return false;
	reader->at++;
	return true;
}

static void
expect(struct reader *reader, char c)
{
	if (!skip(reader, c))
		reader->bad = true;
}

/* A whole number of at most three digits in [min, max]. */
static int64_t
number(struct reader *reader, int64_t min, int64_t max)
{
	int64_t value = 0;
	unsigned digits = 0;

	for (; reader->at < reader->end && digit(*reader->at) && digits < 4;
	     digits++)
		value = value * 10 + (*reader->at++ - '0');
	if (digits == 0 || digits > 3 || value < min || value > max)
		reader->bad = true;
	return value;
}

/* "CET", "<+01>". */
static void
name(struct reader *reader)
{
	bool quoted = skip(reader, '<');
	size_t length = 0;

	while (reader->at < reader->end &&
	    (letter(*reader->at) ||
		(quoted && (digit(*reader->at) || *reader->at == '+' ||
			       *reader->at == '-')))) {
		reader->at++;
		length++;
	}
	if (length < NAME_MIN)
		reader->bad = true;
	if (quoted)
		expect(reader, '>');
}

/* [+-]hh[:mm[:ss]] in seconds. */
static int64_t
duration(struct reader *reader, int64_t most_hours)
{
	bool negative = skip(reader, '-');
	int64_t seconds;

	if (!negative)
		skip(reader, '+');
	seconds = number(reader, 0, most_hours) * HOUR;
	if (skip(reader, ':')) {
		seconds += number(reader, 0, 59) * 60;
		if (skip(reader, ':'))
			seconds += number(reader, 0, 59);
	}
	return negative ? -seconds : seconds;
}

static void
date(struct reader *reader, struct zone_date *date)
{
	*date = (struct zone_date){ .seconds = INT64_C(2) * HOUR };
	expect(reader, ',');
	if (skip(reader, 'M')) {
		date->form = ZONE_DATE_WEEKDAY;
		date->month = number(reader, 1, 12);
		expect(reader, '.');
		date->week = number(reader, 1, 5);
		expect(reader, '.');
		date->day = number(reader, 0, 6);
	} else if (skip(reader, 'J')) {
		date->form = ZONE_DATE_NO_LEAP;
		date->day = number(reader, 1, 365);
	} else {
		date->form = ZONE_DATE_OF_YEAR;
		date->day = number(reader, 0, 365);
	}
	if (skip(reader, '/'))
		date->seconds = duration(reader, 167);
}

static bool
at_end(const struct reader *reader)
{
	return reader->at == reader->end;
}

static bool
possible(int64_t offset)
{
	return offset > -ZONE_OFFSET_WEST && offset < ZONE_OFFSET_EAST;
}

/* POSIX counts hours west of UTC, and everybody else those east. */
int
zone_rule_parse(const char *text, size_t length, struct zone_rule *rule)
{
	struct reader reader = { text, text + length, false };

	*rule = (struct zone_rule){ 0 };
	name(&reader);
	rule->standard = -duration(&reader, 24);
	rule->summer = rule->standard;
	if (!reader.bad && !at_end(&reader)) {
		rule->has_summer = true;
		name(&reader);
		rule->summer = next_is(&reader, ',')
		    ? rule->standard + HOUR
		    : -duration(&reader, 24);
		date(&reader, &rule->start);
		date(&reader, &rule->end);
	}
	if (reader.bad || !at_end(&reader) || !possible(rule->standard) ||
	    !possible(rule->summer))
		return -1;
	return 0;
}

/* --- use ----------------------------------------------------------------- */

/* The week'th such weekday of the month, or the last one. */
static int64_t
weekday_of_month(const struct zone_date *date, int64_t year)
{
	int64_t first = days_since_1970(year, date->month, 1);
	int64_t from_sunday = (days_weekday(first) + 1) % 7;
	int64_t day = (date->day - from_sunday + 7) % 7 + 7 * (date->week - 1);

	if (day >= days_in_month(year, date->month))
		day -= 7;
	return first + day;
}

/* Seconds since 1970 that the local clocks show then. */
static int64_t
date_in_year(const struct zone_date *date, int64_t year)
{
	int64_t first = days_since_1970(year, 1, 1), day = first;

	switch (date->form) {
	case ZONE_DATE_WEEKDAY:
		day = weekday_of_month(date, year);
		break;
	case ZONE_DATE_NO_LEAP:
		day = first + date->day - 1;
		if (date->day >= MARCH_1 && days_in_month(year, 2) == 29)
			day++;
		break;
	case ZONE_DATE_OF_YEAR:
		day = first + date->day;
		break;
	}
	return day * DAYS_SECONDS + date->seconds;
}

/* A change, and what holds from it on. */
struct change {
	int64_t at;
	bool summer;
};

#define CHANGES 6

/*
 * Those of the year around a time and of both its neighbours: a date may lie
 * a week outside its own year.
 */
static void
changes_around(
    const struct zone_rule *rule, int64_t seconds, struct change list[CHANGES])
{
	int64_t year, month, day;

	days_split(days_of_seconds(seconds), &year, &month, &day);
	for (int i = 0; i < CHANGES; i += 2) {
		list[i].summer = true;
		list[i].at = date_in_year(&rule->start, year - 1 + i / 2) -
		    rule->standard;
		list[i + 1].summer = false;
		list[i + 1].at = date_in_year(&rule->end, year - 1 + i / 2) -
		    rule->summer;
	}
}

/*
 * The last change counts; of two at once the start of summer, so that one
 * which ends as the next begins lasts all year (RFC 9636, section 3.3.1).
 */
int64_t
zone_rule_offset(const struct zone_rule *rule, int64_t seconds)
{
	struct change list[CHANGES];
	const struct change *last = NULL;

	if (!rule->has_summer)
		return rule->standard;
	changes_around(rule, seconds, list);
	for (int i = 0; i < CHANGES; i++) {
		if (list[i].at > seconds)
			continue;
		if (last == NULL || list[i].at > last->at ||
		    (list[i].at == last->at && list[i].summer))
			last = &list[i];
	}
	return last != NULL && last->summer ? rule->summer : rule->standard;
}

int64_t
zone_rule_next(const struct zone_rule *rule, int64_t seconds)
{
	struct change list[CHANGES];
	int64_t next = INT64_MAX;

	if (!rule->has_summer)
		return INT64_MAX;
	changes_around(rule, seconds, list);
	for (int i = 0; i < CHANGES; i++)
		if (list[i].at > seconds && list[i].at < next)
			next = list[i].at;
	return next;
}
