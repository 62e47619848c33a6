#include "base/clock.h"

#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <bsd/string.h>

#include "base/days.h"

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* The clocks of clock.h exist on every kernel that we run on: no failure. */
static int64_t
read_clock(clockid_t id)
{
	struct timespec now = { 0, 0 };

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * CLOCK_SECOND + now.tv_nsec;
}

int64_t
clock_mono(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t
clock_boot(void)
{
	return read_clock(CLOCK_BOOTTIME);
}

int64_t
clock_wall(void)
{
	return read_clock(CLOCK_REALTIME);
}

/* The calendar of an int64 in nanoseconds reaches from year 1677 to 2262. */
static void
write_utc(int64_t wall_ns, char text[CLOCK_TEXT_MAX])
{
	time_t seconds = (time_t)(wall_ns / CLOCK_SECOND);
	struct tm tm;

	/* Division rounds towards zero; before 1970 that would be too late. */
	if (wall_ns % CLOCK_SECOND < 0)
		seconds--;
	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(text, CLOCK_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		strlcpy(text, "-", CLOCK_TEXT_MAX);
}

const char *
clock_format_utc(int64_t wall_ns, char *buf, size_t size)
{
	char text[CLOCK_TEXT_MAX];

	write_utc(wall_ns, text);
	strlcpy(buf, text, size);
	return buf;
}

const char *
clock_format_day(int64_t wall_ns, char *buf, size_t size)
{
	char text[CLOCK_TEXT_MAX];

	write_utc(wall_ns, text);
	text[strcspn(text, "T")] = '\0';
	strlcpy(buf, text, size);
	return buf;
}

const char *
clock_format_age(int64_t age_ns, char *buf, size_t size)
{
	static const struct {
		int64_t seconds;
		char name, rest_name;
		int64_t rest;
	} units[] = {
		{ DAY, 'd', 'h', HOUR },
		{ HOUR, 'h', 'm', MINUTE },
		{ MINUTE, 'm', 's', 1 },
	};
	int64_t age = age_ns / CLOCK_SECOND;

	if (age <= 0 || age_ns == CLOCK_AGE_UNKNOWN) {
		strlcpy(buf, age <= 0 ? "now" : "?", size);
		return buf;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (age < units[i].seconds)
			continue;
		snprintf(buf, size, "%" PRId64 "%c %" PRId64 "%c",
		    age / units[i].seconds, units[i].name,
		    age % units[i].seconds / units[i].rest, units[i].rest_name);
		return buf;
	}
	snprintf(buf, size, "%" PRId64 "s", age);
	return buf;
}

const char *
clock_format_ago(int64_t age_ns, char *buf, size_t size)
{
	if (age_ns < CLOCK_SECOND) {
		strlcpy(buf, "just now", size);
	} else if (age_ns == CLOCK_AGE_UNKNOWN) {
		strlcpy(buf, "some time ago", size);
	} else {
		clock_format_age(age_ns, buf, size);
		strlcat(buf, " ago", size);
	}
	return buf;
}

/* The number in exactly so many digits, or -1. */
static int64_t
fixed_digits(const char *text, unsigned count)
{
	int64_t value = 0;

	for (; count > 0; count--, text++) {
		if (*text < '0' || *text > '9')
			return -1;
		value = value * 10 + (*text - '0');
	}
	return value;
}

int
clock_parse_day(const char *text, int64_t *days)
{
	int64_t year, month, day;

	if (strlen(text) != strlen("YYYY-MM-DD") || text[4] != '-' ||
	    text[7] != '-')
		return -1;
	year = fixed_digits(text, 4);
	month = fixed_digits(text + 5, 2);
	day = fixed_digits(text + 8, 2);
	if (year < 1 || month < 1 || month > 12 || day < 1 ||
	    day > days_in_month(year, month))
		return -1;
	*days = days_since_1970(year, month, day);
	return 0;
}

int
clock_poll_ms(int64_t remaining_ns)
{
	if (remaining_ns <= 0)
		return 0;
	if (remaining_ns > INT_MAX * CLOCK_MS)
		return INT_MAX;
	return (int)((remaining_ns - 1) / CLOCK_MS + 1);
}
