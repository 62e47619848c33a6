#include "source/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/days.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define MINUTE (60 * CLOCK_SECOND)
#define DAY (DAYS_SECONDS * CLOCK_SECOND)
#define ECB "16:00 Europe/Berlin mon-fri target"

/* A calendar with its zone. */
struct source {
	struct calendar calendar;
	struct zone *zone;
};

static struct calendar
parsed(const char *text)
{
	struct calendar calendar;
	char why[160] = "";

	if (calendar_parse(text, &calendar, why, sizeof(why)) == -1)
		fail_msg("%s: %s", text, why);
	return calendar;
}

static struct source
source(const char *text)
{
	struct source source = { .calendar = parsed(text) };
	char why[160] = "";

	source.zone = zone_load(source.calendar.zone, why, sizeof(why));
	if (source.zone == NULL)
		fail_msg("%s: %s", text, why);
	return source;
}

/* The day of "2026-04-13", as base/days.h counts. */
static int64_t
day_of(const char *text)
{
	char day[11];
	int64_t days;

	snprintf(day, sizeof(day), "%.10s", text);
	assert_int_equal(clock_parse_day(day, &days), 0);
	return days;
}

/* "2026-04-13T14:00" (UTC) in ns. */
static int64_t
at(const char *text)
{
	int64_t hour = strtol(text + 11, NULL, 10);
	int64_t minute = strtol(text + 14, NULL, 10);

	return day_of(text) * DAY + (hour * 60 + minute) * MINUTE;
}

static void
is_at(int64_t time, const char *expected)
{
	char text[CLOCK_TEXT_MAX], whole[CLOCK_TEXT_MAX];

	snprintf(whole, sizeof(whole), "%s:00Z", expected);
	assert_string_equal(
	    clock_format_utc(time, text, sizeof(text)), whole);
}

/* --- texts --------------------------------------------------------------- */

static void
good_texts_are_read(void **state)
{
	static const struct {
		const char *text;
		int minute;
		const char *zone;
		unsigned days;
		bool target;
	} good[] = {
		{ ECB, 960, "Europe/Berlin", 0x1f, true },
		{ "00:00 UTC", 0, "UTC", 0x7f, false },
		{ "23:59 Etc/GMT+12 daily", 1439, "Etc/GMT+12", 0x7f, false },
		{ "  09:30\tAsia/Tokyo  target ", 570, "Asia/Tokyo", 0x7f,
		    true },
		{ "12:00 UTC tue,thu-sat", 720, "UTC", 0x3a, false },
		{ "12:00 UTC sun-thu", 720, "UTC", 0x4f, false },
		{ "12:00 UTC sun", 720, "UTC", 0x40, false },
		{ "12:00 UTC mon-mon,mon", 720, "UTC", 0x01, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct calendar calendar = parsed(good[i].text);

		assert_true(calendar.known);
		assert_int_equal(calendar.minute, good[i].minute);
		assert_string_equal(calendar.zone, good[i].zone);
		assert_int_equal(calendar.days, good[i].days);
		assert_int_equal(calendar.target, good[i].target);
	}
	assert_false(parsed("").known);
	assert_false(parsed("  ").known);
}

static void
bad_texts_say_what_is_wrong(void **state)
{
	static const char not_time[] =
	    "is not a time of the day, 00:00 to 23:59";
	static const char not_days[] =
	    "is neither \"daily\", nor days as in \"mon-fri\" or "
	    "\"tue,thu-sat\", nor \"target\"";
	static const char no_zone[] =
	    "needs a time zone after it: \"UTC\", \"Europe/Berlin\"";
	static const char not_zone[] = "is not the name of a time zone";
	static const char too_many[] = "is one word too many";
	static const struct {
		const char *text, *word, *what;
	} bad[] = {
		{ "24:00 UTC", "24:00", not_time },
		{ "12:60 UTC", "12:60", not_time },
		{ "9:00 UTC", "9:00", not_time },
		{ "-1:00 UTC", "-1:00", not_time },
		{ "12.00 UTC", "12.00", not_time },
		{ "12:000 UTC", "12:000", not_time },
		{ "UTC 12:00", "UTC", not_time },
		{ "12:00", "12:00", no_zone },
		{ "12:00 ../etc", "../etc", not_zone },
		{ "12:00 /etc/passwd", "/etc/passwd", not_zone },
		{ "12:00 UTC weekdays", "weekdays", not_days },
		{ "12:00 UTC mon-", "mon-", not_days },
		{ "12:00 UTC mon-fri,", "mon-fri,", not_days },
		{ "12:00 UTC mon-wed-fri", "mon-wed-fri", not_days },
		{ "12:00 UTC mo", "mo", not_days },
		{ "12:00 UTC Mon", "Mon", not_days },
		{ "12:00 UTC target mon", "mon", too_many },
		{ "12:00 UTC daily mon", "mon", too_many },
		{ "12:00 UTC daily\x1b[2J", "daily?[2J", not_days },
		{ "a b c d e", "a b c d e", "has too many words; it is "
					    "\"HH:MM ZONE [DAYS] [target]\"" },
	};
	struct calendar calendar;
	char why[160], expected[200], longest[300];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		snprintf(expected, sizeof(expected), "\"%s\" %s", bad[i].word,
		    bad[i].what);
		assert_int_equal(calendar_parse(bad[i].text, &calendar, why,
				     sizeof(why)),
		    -1);
		assert_string_equal(why, expected);
		assert_false(calendar.known);
	}
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(
	    calendar_parse(longest, &calendar, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "is too long"));
}

/* --- TARGET -------------------------------------------------------------- */

static void
target_closes_around_easter(void **state)
{
	static const char *const sundays[] = { "2024-03-31", "2025-04-20",
		"2026-04-05", "2027-03-28", "2028-04-16", "2029-04-01",
		"2030-04-21", "2031-04-13", "2032-03-28", "2033-04-17",
		"2034-04-09", "2035-03-25" };

	(void)state;
	for (size_t i = 0; i < COUNT(sundays); i++) {
		int64_t sunday = day_of(sundays[i]);

		assert_false(calendar_target_closed(sunday - 3));
		assert_true(calendar_target_closed(sunday - 2));
		assert_false(calendar_target_closed(sunday - 1));
		assert_true(calendar_target_closed(sunday + 1));
		assert_false(calendar_target_closed(sunday + 2));
	}
}

/* Lines of the file of weekdays on which the ECB published nothing. */
static bool
ecb_closed(int64_t day, char *list)
{
	char text[CLOCK_TEXT_MAX];

	clock_format_day(day * DAY, text, sizeof(text));
	return strstr(list, text) != NULL;
}

static char *
ecb_list(void)
{
	static char list[8192];
	FILE *file = fopen(TEST_DATA "/ecb-closed.txt", "r");
	size_t size;

	assert_non_null(file);
	size = fread(list, 1, sizeof(list) - 1, file);
	assert_in_range(size, 1, sizeof(list) - 2);
	fclose(file);
	list[size] = '\0';
	return list;
}

/* What the ECB did against the calendar in 27 years. */
static const struct {
	const char *day;
	bool published;
} exceptions[] = {
	/* Of 1999 it had closed 1 January and 25 December alone. */
	{ "1999-04-02", true },  /* Good Friday */
	{ "1999-04-05", true },  /* Easter Monday */
	{ "1999-12-31", false }, /* before the year 2000 */
	{ "2001-12-31", false }, /* before the notes and coins */
};

static bool
is_exception(int64_t day, bool published)
{
	for (size_t i = 0; i < COUNT(exceptions); i++)
		if (day == day_of(exceptions[i].day))
			return published == exceptions[i].published;
	return false;
}

static void
the_ecb_published_on_its_days(void **state)
{
	struct source ecb = source(ECB);
	char *list = ecb_list(), text[CLOCK_TEXT_MAX];
	unsigned published = 0, found = 0;

	(void)state;
	for (int64_t day = day_of("1999-01-04"); day <= day_of("2026-04-13");
	     day++) {
		/* The next one from the day's first second on. */
		int64_t begin =
		    zone_to_utc(ecb.zone, day * DAYS_SECONDS) * CLOCK_SECOND;
		int64_t next = calendar_next(&ecb.calendar, ecb.zone, begin);
		bool expected = calendar_day(ecb.zone, next) == day * DAY;
		bool did = days_weekday(day) < 5 && !ecb_closed(day, list);

		published += did;
		found += expected != did;
		if (expected != did && !is_exception(day, did))
			fail_msg("%s: %s",
			    clock_format_day(day * DAY, text, sizeof(text)),
			    did ? "published" : "not published");
	}
	assert_int_equal(found, COUNT(exceptions));
	assert_int_equal(published, 6983); /* rows of the ECB's file */
	zone_free(ecb.zone);
}

/* --- last and next ------------------------------------------------------- */

static void
around(const struct source *source, const char *now, const char *last,
    const char *next)
{
	is_at(calendar_last(&source->calendar, source->zone, at(now), 0), last);
	is_at(calendar_next(&source->calendar, source->zone, at(now)), next);
}

static void
christmas_2026_is_left_out(void **state)
{
	struct source ecb = source(ECB);
	static const char *const back[] = { "2026-12-28T15:00",
		"2026-12-24T15:00", "2026-12-23T15:00", "2026-12-22T15:00",
		"2026-12-21T15:00", "2026-12-18T15:00" };

	(void)state;
	around(&ecb, "2026-12-24T14:59", "2026-12-23T15:00",
	    "2026-12-24T15:00");
	around(&ecb, "2026-12-24T15:00", "2026-12-24T15:00",
	    "2026-12-28T15:00");
	around(&ecb, "2026-12-25T15:00", "2026-12-24T15:00",
	    "2026-12-28T15:00");
	around(&ecb, "2026-12-27T23:59", "2026-12-24T15:00",
	    "2026-12-28T15:00");
	for (unsigned i = 0; i < COUNT(back); i++)
		is_at(calendar_last(&ecb.calendar, ecb.zone,
			  at("2026-12-28T15:30"), i),
		    back[i]);
	/* Thursday, Friday (closed), and the next year's first Monday. */
	around(&ecb, "2027-01-01T12:00", "2026-12-31T15:00",
	    "2027-01-04T15:00");
	zone_free(ecb.zone);
}

static void
local_time_goes_on_over_changes_of_clocks(void **state)
{
	struct source ecb = source(ECB);
	struct source night = source("02:30 Europe/Berlin");
	struct source york = source("16:30 America/New_York mon-fri");

	(void)state;
	around(&ecb, "2026-03-28T00:00", "2026-03-27T15:00",
	    "2026-03-30T14:00");
	around(&ecb, "2026-10-25T00:00", "2026-10-23T14:00",
	    "2026-10-26T15:00");
	/* 2026-03-29 has no 02:30, and 2026-10-25 has it twice. */
	around(&night, "2026-03-29T00:59", "2026-03-28T01:30",
	    "2026-03-29T01:00");
	around(&night, "2026-03-29T01:00", "2026-03-29T01:00",
	    "2026-03-30T00:30");
	around(&night, "2026-10-25T00:29", "2026-10-24T00:30",
	    "2026-10-25T00:30");
	around(&night, "2026-10-25T01:30", "2026-10-25T00:30",
	    "2026-10-26T01:30");
	around(&york, "2026-03-08T12:00", "2026-03-06T21:30",
	    "2026-03-09T20:30");
	zone_free(ecb.zone);
	zone_free(night.zone);
	zone_free(york.zone);
}

static void
years_end_where_the_zone_says(void **state)
{
	struct source tokyo = source("08:00 Asia/Tokyo");
	struct source weekly = source("12:00 UTC fri");

	(void)state;
	around(&tokyo, "2026-12-31T22:59", "2026-12-30T23:00",
	    "2026-12-31T23:00");
	around(&tokyo, "2026-12-31T23:00", "2026-12-31T23:00",
	    "2027-01-01T23:00");
	around(&weekly, "2026-12-31T23:00", "2026-12-25T12:00",
	    "2027-01-01T12:00");
	around(&weekly, "1969-12-30T00:00", "1969-12-26T12:00",
	    "1970-01-02T12:00");
	zone_free(tokyo.zone);
	zone_free(weekly.zone);
}

/* Clocks at St. John's went back at 00:01; Apia left a day out. */
static void
odd_midnights_are_sound(void **state)
{
	struct source johns = source("00:00 America/St_Johns");
	struct source apia = source("16:00 Pacific/Apia");

	(void)state;
	around(&johns, "2009-11-01T02:30", "2009-11-01T02:30",
	    "2009-11-02T03:30");
	around(&johns, "2009-11-01T03:00", "2009-11-01T02:30",
	    "2009-11-02T03:30");
	around(&apia, "2011-12-30T02:00", "2011-12-30T02:00",
	    "2011-12-31T02:00");
	zone_free(johns.zone);
	zone_free(apia.zone);
}

static void
what_is_not_known_expects_nothing(void **state)
{
	struct calendar none = parsed("");
	struct calendar noon = parsed("12:00 UTC");
	struct expected words;

	(void)state;
	assert_true(calendar_last(&none, zone_utc(), 0, 0) == INT64_MIN);
	assert_true(calendar_next(&none, zone_utc(), 0) == INT64_MAX);
	memset(&words, 1, sizeof(words));
	calendar_words(&none, zone_utc(), 0, &words);
	assert_int_equal(words.last, 0);
	assert_int_equal(words.next, 0);
	/* Further back than a year. */
	assert_true(calendar_last(&noon, zone_utc(), 0, 365) != INT64_MIN);
	assert_true(calendar_last(&noon, zone_utc(), 0, 400) == INT64_MIN);
	assert_true(calendar_last(&noon, zone_utc(), 0, ~0U) == INT64_MIN);
}

static void
times_of_any_size_are_safe(void **state)
{
	static const int64_t ends[] = { INT64_MIN, INT64_MAX, -1, 0, 1 };
	struct source ecb = source(ECB);
	struct expected words;

	(void)state;
	for (size_t i = 0; i < COUNT(ends); i++) {
		calendar_words(&ecb.calendar, ecb.zone, ends[i], &words);
		assert_true(words.last < words.next);
		assert_int_equal(calendar_day(ecb.zone, ends[i]) % DAY, 0);
	}
	zone_free(ecb.zone);
}

/* Every half hour of three years, in four zones: what the contract says. */
static void
last_and_next_are_neighbours(void **state)
{
	static const char *const texts[] = { ECB,
		"00:15 Australia/Lord_Howe sat-tue", "23:45 America/New_York",
		"12:00 Africa/Casablanca wed" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct source s = source(texts[i]);

		for (int64_t now = at("2025-01-01T00:00");
		     now < at("2028-01-01T00:00"); now += 30 * MINUTE) {
			int64_t last =
			    calendar_last(&s.calendar, s.zone, now, 0);
			int64_t next = calendar_next(&s.calendar, s.zone, now);

			assert_true(last <= now && now < next);
			assert_true(calendar_next(&s.calendar, s.zone,
					last) == next);
			assert_true(calendar_last(&s.calendar, s.zone, next,
					1) == last);
		}
		zone_free(s.zone);
	}
}

static void
words_are_those_of_the_day(void **state)
{
	struct source ecb = source(ECB);
	struct expected words;

	(void)state;
	calendar_words(
	    &ecb.calendar, ecb.zone, at("2026-04-04T12:00"), &words);
	is_at(words.last, "2026-04-02T14:00");
	is_at(words.last_day, "2026-04-02T00:00");
	is_at(words.last_begin, "2026-04-01T22:00");
	is_at(words.last_end, "2026-04-02T22:00");
	is_at(words.next, "2026-04-07T14:00");
	is_at(words.next_begin, "2026-04-06T22:00");
	is_at(words.before, "2026-04-01T14:00");
	is_at(words.before_that, "2026-03-31T14:00");
	zone_free(ecb.zone);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_texts_are_read),
		cmocka_unit_test(bad_texts_say_what_is_wrong),
		cmocka_unit_test(target_closes_around_easter),
		cmocka_unit_test(the_ecb_published_on_its_days),
		cmocka_unit_test(christmas_2026_is_left_out),
		cmocka_unit_test(local_time_goes_on_over_changes_of_clocks),
		cmocka_unit_test(years_end_where_the_zone_says),
		cmocka_unit_test(odd_midnights_are_sound),
		cmocka_unit_test(what_is_not_known_expects_nothing),
		cmocka_unit_test(times_of_any_size_are_safe),
		cmocka_unit_test(last_and_next_are_neighbours),
		cmocka_unit_test(words_are_those_of_the_day),
	};

	return cmocka_run_group_tests_name("calendar", tests, NULL, NULL);
}
