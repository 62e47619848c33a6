#include "source/calendar.h"

#include <string.h>

#include <bsd/string.h>

#include "base/clock.h"
#include "base/days.h"
#include "base/text.h"

#define YEAR_DAYS 366
#define DAY_NS (DAYS_SECONDS * CLOCK_SECOND)
#define MARGIN (2 * YEAR_DAYS * DAY_NS)
#define EVERY_DAY 0x7fU
#define TEXT_MAX 128
#define WORDS_MAX 4

/* --- reading ------------------------------------------------------------- */

static int
two_digits(const char *text)
{
	if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
		return -1;
	return (text[0] - '0') * 10 + text[1] - '0';
}

/* "16:00": its minute of the day, or -1. */
static int
read_time(const char *text)
{
	int hour, minute;

	if (strlen(text) != strlen("HH:MM") || text[2] != ':')
		return -1;
	hour = two_digits(text);
	minute = two_digits(text + 3);
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
		return -1;
	return hour * 60 + minute;
}

/* 0 for the three letters of "mon" ... 6, or -1. */
static int
read_weekday(const char *text)
{
	static const char names[7][4] = { "mon", "tue", "wed", "thu", "fri",
		"sat", "sun" };

	for (int i = 0; i < 7; i++)
		if (strncmp(text, names[i], 3) == 0)
			return i;
	return -1;
}

/* "tue" or "thu-sat": adds its bits; 0, or -1. */
static int
read_range(const char *text, unsigned *days)
{
	int first = read_weekday(text), last = first;

	if (first == -1)
		return -1;
	if (text[3] == '-') {
		text += 4;
		last = read_weekday(text);
	}
	if (last == -1 || text[3] != '\0')
		return -1;
	for (int day = first;; day = (day + 1) % 7) {
		*days |= 1U << day;
		if (day == last)
			return 0;
	}
}

/* "daily" or "tue,thu-sat": 0, or -1.  Takes text apart. */
static int
read_days(char *text, unsigned *days)
{
	char *range;

	if (strcmp(text, "daily") == 0) {
		*days = EVERY_DAY;
		return 0;
	}
	*days = 0;
	while ((range = strsep(&text, ",")) != NULL)
		if (read_range(range, days) == -1)
			return -1;
	return 0;
}

/* The words between blanks, at most WORDS_MAX; how many there are. */
static unsigned
split(char *text, char *words[WORDS_MAX])
{
	unsigned count = 0;
	char *word;

	while ((word = strsep(&text, " \t")) != NULL) {
		if (*word == '\0')
			continue;
		if (count < WORDS_MAX)
			words[count] = word;
		count++;
	}
	return count;
}

static int
complain(char *why, size_t size, const char *word, const char *what)
{
	char shown[40];

	text_clean(shown, sizeof(shown), word, strlen(word));
	text_format(why, size, "\"%s\" %s", shown, what);
	return -1;
}

static int
read_words(char *words[WORDS_MAX], unsigned count, struct calendar *calendar,
    char *why, size_t size)
{
	char days[TEXT_MAX];
	unsigned at = 2;

	calendar->minute = read_time(words[0]);
	if (calendar->minute == -1)
		return complain(why, size, words[0],
		    "is not a time of the day, 00:00 to 23:59");
	if (count < 2)
		return complain(why, size, words[0],
		    "needs a time zone after it: \"UTC\", \"Europe/Berlin\"");
	if (!zone_name_valid(words[1]))
		return complain(why, size, words[1],
		    "is not the name of a time zone");
	strlcpy(calendar->zone, words[1], sizeof(calendar->zone));
	calendar->days = EVERY_DAY;
	if (at < count && strcmp(words[at], "target") != 0) {
		strlcpy(days, words[at], sizeof(days));
		if (read_days(days, &calendar->days) == -1)
			return complain(why, size, words[at],
			    "is neither \"daily\", nor days as in "
			    "\"mon-fri\" or \"tue,thu-sat\", nor \"target\"");
		at++;
	}
	if (at < count && strcmp(words[at], "target") == 0) {
		calendar->target = true;
		at++;
	}
	if (at < count)
		return complain(why, size, words[at], "is one word too many");
	calendar->known = true;
	return 0;
}

int
calendar_parse(
    const char *text, struct calendar *calendar, char *why, size_t size)
{
	char copy[TEXT_MAX], *words[WORDS_MAX];
	unsigned count;

	*calendar = (struct calendar){ 0 };
	if (strlcpy(copy, text, sizeof(copy)) >= sizeof(copy))
		return complain(why, size, text, "is too long");
	count = split(copy, words);
	if (count == 0)
		return 0;
	if (count > WORDS_MAX)
		return complain(why, size, text,
		    "has too many words; it is \"HH:MM ZONE [DAYS] [target]\"");
	if (read_words(words, count, calendar, why, size) == 0)
		return 0;
	*calendar = (struct calendar){ 0 };
	return -1;
}

/* --- days ---------------------------------------------------------------- */

bool
calendar_target_closed(int64_t day)
{
	int64_t year, month, of_month, easter;

	days_split(day, &year, &month, &of_month);
	if (of_month == 1 && (month == 1 || month == 5))
		return true;
	if (month == 12 && (of_month == 25 || of_month == 26))
		return true;
	easter = days_easter(year);
	return day == easter - 2 || day == easter + 1;
}

/* When a local day begins; the same as the next day if it has no time. */
static int64_t
begin_of(const struct zone *zone, int64_t day)
{
	return zone_to_utc(zone, day * DAYS_SECONDS) * CLOCK_SECOND;
}

/* A day can be left out altogether: 2011-12-30 at Pacific/Apia. */
static bool
publishes_on(
    const struct calendar *calendar, const struct zone *zone, int64_t day)
{
	return (calendar->days >> days_weekday(day) & 1) != 0 &&
	    !(calendar->target && calendar_target_closed(day)) &&
	    begin_of(zone, day) < begin_of(zone, day + 1);
}

static int64_t
time_on(const struct calendar *calendar, const struct zone *zone, int64_t day)
{
	return zone_to_utc(
		   zone, day * DAYS_SECONDS + calendar->minute * INT64_C(60)) *
	    CLOCK_SECOND;
}

/* Away from the ends, so that a year more or less is still a time. */
static int64_t
safe(int64_t time)
{
	if (time < INT64_MIN + MARGIN)
		return INT64_MIN + MARGIN;
	return time > INT64_MAX - MARGIN ? INT64_MAX - MARGIN : time;
}

static int64_t
local_day(const struct zone *zone, int64_t time)
{
	int64_t seconds = time / CLOCK_SECOND - (time % CLOCK_SECOND < 0);

	return days_of_seconds(seconds + zone_offset(zone, seconds));
}

int64_t
calendar_last(const struct calendar *calendar, const struct zone *zone,
    int64_t now, unsigned back)
{
	int64_t today;

	if (!calendar->known)
		return INT64_MIN;
	now = safe(now);
	today = local_day(zone, now);
	/* Clocks set back over midnight have shown tomorrow already. */
	for (int64_t day = today + 1; day >= today - YEAR_DAYS; day--) {
		int64_t time = time_on(calendar, zone, day);

		if (time > now || !publishes_on(calendar, zone, day))
			continue;
		if (back-- == 0)
			return time;
	}
	return INT64_MIN;
}

int64_t
calendar_next(const struct calendar *calendar, const struct zone *zone,
    int64_t now)
{
	int64_t today;

	if (!calendar->known)
		return INT64_MAX;
	now = safe(now);
	today = local_day(zone, now);
	for (int64_t day = today; day <= today + YEAR_DAYS; day++) {
		int64_t time = time_on(calendar, zone, day);

		if (time > now && publishes_on(calendar, zone, day))
			return time;
	}
	return INT64_MAX;
}

int64_t
calendar_day(const struct zone *zone, int64_t time)
{
	return local_day(zone, safe(time)) * DAY_NS;
}

void
calendar_words(const struct calendar *calendar, const struct zone *zone,
    int64_t time, struct expected *words)
{
	int64_t last = calendar_last(calendar, zone, time, 0);
	int64_t next = calendar_next(calendar, zone, time), day;

	*words = (struct expected){ 0 };
	if (last == INT64_MIN || next == INT64_MAX)
		return;
	day = local_day(zone, last);
	words->last = last;
	words->last_day = day * DAY_NS;
	words->last_begin = begin_of(zone, day);
	words->last_end = begin_of(zone, day + 1);
	words->next = next;
	words->next_begin = begin_of(zone, local_day(zone, next));
	words->before = calendar_last(calendar, zone, time, 1);
	words->before_that = calendar_last(calendar, zone, time, 2);
}
