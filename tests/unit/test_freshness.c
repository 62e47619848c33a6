#include "board/freshness.h"

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
#include "source/calendar.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define HOUR (3600 * CLOCK_SECOND)
#define DAY (24 * HOUR)
#define NEVER INT64_MAX
#define GRACE FRESHNESS_GRACE
#define ECB "16:00 Europe/Berlin mon-fri target"

/* One letter an hour: enum freshness, in its order. */
static const char letters[] = "-.cLZS";

#define ALL_FRESH "........................"
#define ALL_CLOSED "cccccccccccccccccccccccc"
#define ALL_LATE "LLLLLLLLLLLLLLLLLLLLLLLL"
#define ALL_FROZEN "ZZZZZZZZZZZZZZZZZZZZZZZZ"
#define LATE_AT_18 "..................LLLLLL"

/* What came; all times here are local. */
struct answer {
	const char *at;
	const char *published; /* a day, or with a time */
	bool same;             /* the numbers of the answer before */
};

struct day {
	const char *day;
	const char *hours; /* 00:00, 01:00 ... 23:00 */
};

struct story {
	const char *calendar;
	enum published_form form;
	const char *died; /* when the words were last made; NULL: never */
	bool deaf;        /* fetched with the last answer; else just now */
	struct answer answers[8];
	struct day days[9];
};

/* "2026-04-13", "2026-04-13T16:00": seconds, in no zone. */
static int64_t
seconds_of(const char *text)
{
	char day[11];
	int64_t days, minutes = 0;

	snprintf(day, sizeof(day), "%.10s", text);
	assert_int_equal(clock_parse_day(day, &days), 0);
	if (text[10] == 'T')
		minutes = strtol(text + 11, NULL, 10) * 60 +
		    strtol(text + 14, NULL, 10);
	return days * DAYS_SECONDS + minutes * 60;
}

static int64_t
wall_of(const struct zone *zone, const char *text)
{
	return zone_to_utc(zone, seconds_of(text)) * CLOCK_SECOND;
}

static struct freshness_row
row_at(const struct story *story, const struct zone *zone, int64_t now)
{
	struct freshness_row row = { .form = story->form };

	for (const struct answer *a = story->answers; a->at != NULL; a++) {
		int64_t at = wall_of(zone, a->at);

		if (at > now)
			break;
		row.published = story->form == PUBLISHED_DAY
		    ? seconds_of(a->published) * CLOCK_SECOND
		    : wall_of(zone, a->published);
		if (!row.filled || !a->same)
			row.changed = at;
		row.filled = true;
		row.fetched = at;
	}
	if (!story->deaf)
		row.fetched = now;
	row.fetched_age = now - row.fetched;
	return row;
}

static char
letter_at(const struct story *story, const struct calendar *calendar,
    const struct zone *zone, int64_t now)
{
	struct freshness_row row = row_at(story, zone, now);
	struct expected words;
	int64_t made = now;

	if (story->died != NULL && wall_of(zone, story->died) < now)
		made = wall_of(zone, story->died);
	calendar_words(calendar, zone, made - GRACE, &words);
	return letters[freshness(&row, &words, NEVER, GRACE, now)];
}

static void
play(const struct story *story)
{
	struct calendar calendar;
	struct zone *zone;
	char why[160], hours[25] = "";

	assert_int_equal(calendar_parse(story->calendar, &calendar, why,
			     sizeof(why)),
	    0);
	zone = zone_load(calendar.zone, why, sizeof(why));
	assert_non_null(zone);
	for (const struct day *day = story->days; day->day != NULL; day++) {
		for (int hour = 0; hour < 24; hour++) {
			int64_t local = seconds_of(day->day) + hour * 3600;

			hours[hour] = letter_at(story, &calendar, zone,
			    zone_to_utc(zone, local) * CLOCK_SECOND);
		}
		if (strcmp(hours, day->hours) != 0)
			fail_msg("%s: %s, and should be %s", day->day, hours,
			    day->hours);
	}
	zone_free(zone);
}

/* --- Easter 2026: Friday 3 to Monday 6 April are closed ------------------ */

static void
a_sound_source_is_fresh_or_closed(void **state)
{
	struct story story = {
		ECB, PUBLISHED_DAY, NULL, false,
		{ { "2026-03-31T16:05", "2026-03-31", false },
		    { "2026-04-01T15:58", "2026-04-01", false },
		    { "2026-04-02T17:59", "2026-04-02", false },
		    { "2026-04-07T16:05", "2026-04-07", false },
		    { "2026-04-08T16:05", "2026-04-08", false } },
		{ { "2026-04-01", ALL_FRESH }, { "2026-04-02", ALL_FRESH },
		    { "2026-04-03", ALL_CLOSED }, { "2026-04-04", ALL_CLOSED },
		    { "2026-04-05", ALL_CLOSED }, { "2026-04-06", ALL_CLOSED },
		    { "2026-04-07", ALL_FRESH }, { "2026-04-08", ALL_FRESH } },
	};

	(void)state;
	play(&story);
	/* The same with times, some before the publication's. */
	story.form = PUBLISHED_TIME;
	story.answers[0].published = "2026-03-31T16:00";
	story.answers[1].published = "2026-04-01T15:57";
	story.answers[2].published = "2026-04-02T00:00";
	story.answers[3].published = "2026-04-07T16:01";
	story.answers[4].published = "2026-04-08T16:01";
	play(&story);
	story.form = PUBLISHED_NONE;
	play(&story);
}

static void
one_that_stops_at_easter_is_late_on_tuesday(void **state)
{
	struct story story = {
		ECB, PUBLISHED_DAY, NULL, false,
		{ { "2026-04-01T16:05", "2026-04-01", false },
		    { "2026-04-02T16:05", "2026-04-02", false } },
		{ { "2026-04-02", ALL_FRESH }, { "2026-04-03", ALL_CLOSED },
		    { "2026-04-04", ALL_CLOSED }, { "2026-04-05", ALL_CLOSED },
		    { "2026-04-06", ALL_CLOSED }, { "2026-04-07", LATE_AT_18 },
		    { "2026-04-08", ALL_LATE } },
	};

	(void)state;
	play(&story);
	story.form = PUBLISHED_TIME;
	story.answers[0].published = "2026-04-01T16:01";
	story.answers[1].published = "2026-04-02T16:01";
	play(&story);
	/* No dates, and no answers either. */
	story.form = PUBLISHED_NONE;
	story.deaf = true;
	play(&story);
}

static void
one_that_stops_before_easter_is_late_all_through(void **state)
{
	const struct story story = {
		ECB, PUBLISHED_DAY, NULL, false,
		{ { "2026-04-01T16:05", "2026-04-01", false } },
		{ { "2026-04-02", LATE_AT_18 }, { "2026-04-03", ALL_LATE },
		    { "2026-04-06", ALL_LATE }, { "2026-04-07", ALL_LATE } },
	};

	(void)state;
	play(&story);
}

static void
what_comes_late_is_late_no_more(void **state)
{
	const struct story story = {
		ECB, PUBLISHED_DAY, NULL, false,
		{ { "2026-04-01T16:05", "2026-04-01", false },
		    { "2026-04-02T20:10", "2026-04-02", false } },
		{ { "2026-04-02", "..................LLL..." },
		    { "2026-04-03", ALL_CLOSED } },
	};

	(void)state;
	play(&story);
}

static void
numbers_that_stand_still_are_frozen(void **state)
{
	struct story story = {
		ECB, PUBLISHED_DAY, NULL, false,
		{ { "2026-03-31T16:05", "2026-03-31", false },
		    { "2026-04-01T16:05", "2026-04-01", true },
		    { "2026-04-02T16:05", "2026-04-02", true },
		    { "2026-04-07T16:05", "2026-04-07", false } },
		{ { "2026-04-01", ALL_FRESH },
		    { "2026-04-02", "..................ZZZZZZ" },
		    { "2026-04-03", ALL_FROZEN }, { "2026-04-06", ALL_FROZEN },
		    { "2026-04-07", "ZZZZZZZZZZZZZZZZZ......." } },
	};
	const struct story once = {
		ECB, PUBLISHED_DAY, NULL, false,
		{ { "2026-03-31T16:05", "2026-03-31", false },
		    { "2026-04-01T16:05", "2026-04-01", true },
		    { "2026-04-02T16:05", "2026-04-02", false } },
		{ { "2026-04-01", ALL_FRESH }, { "2026-04-02", ALL_FRESH },
		    { "2026-04-03", ALL_CLOSED } },
	};

	(void)state;
	play(&story);
	story.form = PUBLISHED_NONE;
	play(&story);
	play(&once);
}

/* --- the same date for four days ----------------------------------------- */

static void
four_days_with_a_weekend_are_closed(void **state)
{
	const struct story story = {
		ECB, PUBLISHED_DAY, NULL, false,
		{ { "2026-04-16T16:05", "2026-04-16", false },
		    { "2026-04-17T16:05", "2026-04-17", false } },
		{ { "2026-04-17", ALL_FRESH }, { "2026-04-18", ALL_CLOSED },
		    { "2026-04-19", ALL_CLOSED },
		    { "2026-04-20", LATE_AT_18 } },
	};

	(void)state;
	play(&story);
}

static void
four_days_without_one_are_late(void **state)
{
	const struct story story = {
		ECB, PUBLISHED_DAY, NULL, false,
		{ { "2026-04-20T16:05", "2026-04-20", false } },
		{ { "2026-04-20", "-----------------......." },
		    { "2026-04-21", LATE_AT_18 }, { "2026-04-22", ALL_LATE },
		    { "2026-04-23", ALL_LATE } },
	};

	(void)state;
	play(&story);
}

/* A grace that goes over midnight: the Friday of 23:00 is due on Saturday. */
static void
a_grace_may_end_on_the_next_day(void **state)
{
	const struct story story = {
		"23:00 Europe/Berlin mon-fri", PUBLISHED_DAY, NULL, false,
		{ { "2026-04-16T23:05", "2026-04-16", false } },
		{ { "2026-04-17", ALL_FRESH },
		    { "2026-04-18", ".LLLLLLLLLLLLLLLLLLLLLLL" } },
	};

	(void)state;
	play(&story);
}

static void
a_daily_source_has_no_closed_days(void **state)
{
	const struct story story = {
		"00:00 UTC", PUBLISHED_TIME, NULL, false,
		{ { "2026-04-17T00:10", "2026-04-17T00:00", false },
		    { "2026-04-18T00:10", "2026-04-18T00:00", false } },
		{ { "2026-04-18", ALL_FRESH },
		    { "2026-04-19", "..LLLLLLLLLLLLLLLLLLLLLL" } },
	};

	(void)state;
	play(&story);
}

/* --- nobody keeps the words ---------------------------------------------- */

static void
old_words_still_know_the_next_publication(void **state)
{
	struct story story = {
		ECB, PUBLISHED_DAY, "2026-04-03T12:00", true,
		{ { "2026-04-01T16:05", "2026-04-01", false },
		    { "2026-04-02T16:05", "2026-04-02", false } },
		{ { "2026-04-03", ALL_CLOSED }, { "2026-04-06", ALL_CLOSED },
		    { "2026-04-07", LATE_AT_18 }, { "2026-04-08", ALL_LATE },
		    { "2026-04-11", ALL_LATE } },
	};

	(void)state;
	play(&story);
	story.form = PUBLISHED_TIME;
	play(&story);
	story.form = PUBLISHED_NONE;
	play(&story);
}

static void
what_was_there_before_the_words_aged_is_not_late(void **state)
{
	const struct story story = {
		ECB, PUBLISHED_DAY, "2026-04-07T15:56", true,
		{ { "2026-04-02T16:05", "2026-04-02", false },
		    { "2026-04-07T15:55", "2026-04-07", false } },
		{ { "2026-04-07", ALL_FRESH }, { "2026-04-08", ALL_FRESH } },
	};

	(void)state;
	play(&story);
}

static void
old_words_still_know_what_is_frozen(void **state)
{
	const struct story story = {
		ECB, PUBLISHED_DAY, "2026-04-07T15:56", true,
		{ { "2026-04-01T16:05", "2026-04-01", false },
		    { "2026-04-02T16:05", "2026-04-02", true },
		    { "2026-04-07T15:55", "2026-04-07", true } },
		{ { "2026-04-07", "..................ZZZZZZ" } },
	};

	(void)state;
	play(&story);
}

/* Its local day follows from words with 71, 73 and 23 hours between them. */
static void
old_words_are_right_over_changes_of_clocks(void **state)
{
	struct story story = {
		ECB, PUBLISHED_DAY, "2026-03-28T12:00", true,
		{ { "2026-03-26T16:05", "2026-03-26", false },
		    { "2026-03-27T16:05", "2026-03-27", false } },
		{ { "2026-03-30", LATE_AT_18 }, { "2026-03-31", ALL_LATE } },
	};
	const struct story autumn = {
		ECB, PUBLISHED_DAY, "2026-10-24T12:00", true,
		{ { "2026-10-22T16:05", "2026-10-22", false },
		    { "2026-10-23T16:05", "2026-10-23", false },
		    { "2026-10-26T15:50", "2026-10-26", false } },
		{ { "2026-10-24", ALL_CLOSED }, { "2026-10-26", ALL_FRESH },
		    { "2026-10-27", ALL_FRESH } },
	};

	const struct story daily = {
		"16:00 Europe/Berlin", PUBLISHED_DAY, "2026-03-29T20:00", true,
		{ { "2026-03-28T16:05", "2026-03-28", false },
		    { "2026-03-29T16:05", "2026-03-29", false } },
		{ { "2026-03-29", ALL_FRESH }, { "2026-03-30", LATE_AT_18 } },
	};

	(void)state;
	play(&daily);
	play(&story);
	story.answers[2] = (struct answer){ "2026-03-30T15:50", "2026-03-30",
		false };
	story.days[0].hours = story.days[1].hours = ALL_FRESH;
	play(&story);
	play(&autumn);
}

/* --- one by one ---------------------------------------------------------- */

static void
what_was_never_fetched_is_empty(void **state)
{
	struct freshness_row row = { .fetched_age = NEVER };
	struct expected words = { 0 };

	(void)state;
	assert_int_equal(
	    freshness(&row, &words, 0, GRACE, 0), FRESHNESS_EMPTY);
}

static void
stale_goes_before_what_the_calendar_says(void **state)
{
	struct freshness_row row = { .filled = true,
		.fetched_age = 26 * HOUR };
	struct expected words = { .last = DAY, .last_day = DAY,
		.last_begin = DAY, .last_end = 2 * DAY, .next = 5 * DAY,
		.next_begin = 5 * DAY };

	(void)state;
	row.form = PUBLISHED_DAY;
	assert_int_equal(freshness(&row, &words, 26 * HOUR, GRACE, 4 * DAY),
	    FRESHNESS_LATE);
	row.fetched_age++;
	assert_int_equal(freshness(&row, &words, 26 * HOUR, GRACE, 4 * DAY),
	    FRESHNESS_STALE);
}

/* Even by words that were made without it. */
static void
nothing_is_late_within_the_grace(void **state)
{
	struct freshness_row row = { .filled = true, .form = PUBLISHED_DAY };
	struct expected words = { .last = DAY + HOUR, .last_day = DAY,
		.last_begin = DAY, .last_end = 2 * DAY, .next = 2 * DAY + HOUR,
		.next_begin = 2 * DAY };

	(void)state;
	assert_int_equal(freshness(&row, &words, NEVER, GRACE,
			     words.last + GRACE - 1),
	    FRESHNESS_FRESH);
	assert_int_equal(freshness(&row, &words, NEVER, GRACE,
			     words.last + GRACE),
	    FRESHNESS_LATE);
}

static void
without_a_calendar_only_age_counts(void **state)
{
	struct freshness_row row = { .filled = true, .form = PUBLISHED_DAY };
	struct expected words = { 0 };

	(void)state;
	assert_int_equal(freshness(&row, &words, HOUR, GRACE, 1000 * DAY),
	    FRESHNESS_FRESH);
	row.fetched_age = HOUR + 1;
	assert_int_equal(freshness(&row, &words, HOUR, GRACE, 1000 * DAY),
	    FRESHNESS_STALE);
}

/* For the sanitizer: no sum of what another process wrote overflows. */
static void
any_words_are_safe(void **state)
{
	static const int64_t ends[] = { INT64_MIN, INT64_MIN + 1, -DAY, -1, 0,
		1, DAY, INT64_MAX - 1, INT64_MAX };

	(void)state;
	srandom(20260405);
	for (unsigned n = 0; n < 100000; n++) {
		int64_t value[13];
		struct freshness_row row = { .filled = true };
		struct expected words;

		for (size_t i = 0; i < COUNT(value); i++)
			value[i] = ends[(size_t)random() % COUNT(ends)];
		memcpy(&words, value, sizeof(words));
		row.form = (enum published_form)(random() % 4);
		row.published = value[8];
		row.changed = value[9];
		row.fetched = value[10];
		assert_in_range(freshness(&row, &words, 0, value[11],
				    value[12]),
		    FRESHNESS_FRESH, FRESHNESS_FROZEN);
	}
}

static void
each_has_its_name(void **state)
{
	(void)state;
	assert_string_equal(freshness_name(FRESHNESS_EMPTY), "empty");
	assert_string_equal(freshness_name(FRESHNESS_CLOSED), "closed");
	assert_string_equal(freshness_name(FRESHNESS_STALE), "stale");
	assert_string_equal(freshness_name(FRESHNESS_COUNT), "?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_source_is_fresh_or_closed),
		cmocka_unit_test(one_that_stops_at_easter_is_late_on_tuesday),
		cmocka_unit_test(
		    one_that_stops_before_easter_is_late_all_through),
		cmocka_unit_test(what_comes_late_is_late_no_more),
		cmocka_unit_test(numbers_that_stand_still_are_frozen),
		cmocka_unit_test(four_days_with_a_weekend_are_closed),
		cmocka_unit_test(four_days_without_one_are_late),
		cmocka_unit_test(a_grace_may_end_on_the_next_day),
		cmocka_unit_test(a_daily_source_has_no_closed_days),
		cmocka_unit_test(old_words_still_know_the_next_publication),
		cmocka_unit_test(
		    what_was_there_before_the_words_aged_is_not_late),
		cmocka_unit_test(old_words_still_know_what_is_frozen),
		cmocka_unit_test(old_words_are_right_over_changes_of_clocks),
		cmocka_unit_test(what_was_never_fetched_is_empty),
		cmocka_unit_test(stale_goes_before_what_the_calendar_says),
		cmocka_unit_test(nothing_is_late_within_the_grace),
		cmocka_unit_test(without_a_calendar_only_age_counts),
		cmocka_unit_test(any_words_are_safe),
		cmocka_unit_test(each_has_its_name),
	};

	return cmocka_run_group_tests_name("freshness", tests, NULL, NULL);
}
