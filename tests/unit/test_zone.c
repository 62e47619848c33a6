#include "base/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/days.h"
#include "base/file.h"
#include "base/zone_rule.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define HOUR INT64_C(3600)
#define STEP (24 * HOUR) /* no two changes within it */
#define YEAR_2101 INT64_C(4133980800)

static const char *const names[] = { "Europe/Berlin", "America/New_York",
	"Asia/Tokyo", "Australia/Lord_Howe", "Africa/Casablanca",
	"Pacific/Apia", "Etc/UTC", "America/Sao_Paulo", "Europe/Dublin",
	"America/St_Johns", "Asia/Kathmandu", "Asia/Tehran", "Africa/Cairo",
	"America/Nuuk", "Pacific/Chatham", "Antarctica/Troll",
	"Asia/Gaza", "Pacific/Kwajalein", "Etc/GMT-14", "Africa/El_Aaiun" };

/* Rules that no zone's file may have today. */
static const char *const rules[] = { "EST5EDT,M3.2.0,M11.1.0",
	"CET-1CEST,M3.5.0,M10.5.0/3", "XST-3:30:15XDT-4,J60/2,J300/2:30:10",
	"XST3XDT,59/0,300/24", "XST3XDT,J59,J365/12", "AAA12BBB,0/0,364/0",
	"IST-1GMT0,M10.5.0,M3.5.0/1", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
	"NZST-12NZDT,M9.5.0,M4.1.0/3", "UTC0", "<+0545>-5:45",
	"ABC-14ABD-15,M1.3.1/-100,M7.4.6/150" };

static uint64_t seed = 20261123;

/* xorshift64*: the same numbers in each run. */
static uint64_t
random_bits(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * UINT64_C(2685821657736338717);
}

static int64_t
random_below(int64_t below)
{
	return (int64_t)(random_bits() % (uint64_t)below);
}

static struct zone *
loaded(const char *name)
{
	char why[160] = "";
	struct zone *zone = zone_load(name, why, sizeof(why));

	if (zone == NULL)
		fail_msg("%s: %s", name, why);
	return zone;
}

/* What the C library says of the zone that TZ names. */
static int64_t
library_offset(int64_t seconds)
{
	time_t time = (time_t)seconds;
	struct tm tm;

	assert_non_null(localtime_r(&time, &tm));
	return tm.tm_gmtoff;
}

static void
ask_library(const char *name)
{
	assert_int_equal(setenv("TZ", name, 1), 0);
	tzset();
}

static void
agree(const char *name, int64_t seconds, int64_t ours)
{
	int64_t theirs = library_offset(seconds);

	if (ours != theirs)
		fail_msg("%s at %lld: %lld, and the library says %lld", name,
		    (long long)seconds, (long long)ours, (long long)theirs);
}

static void
offsets_are_those_of_the_c_library(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct zone *zone = loaded(names[i]);

		ask_library(names[i]);
		for (unsigned n = 0; n < 5000; n++) {
			int64_t at = random_below(YEAR_2101);

			agree(names[i], at, zone_offset(zone, at));
		}
		/* Each change, to the second. */
		for (int64_t at = 0; at < YEAR_2101; at += STEP) {
			int64_t low = at, high = at + STEP;

			if (library_offset(low) == library_offset(high))
				continue;
			while (high - low > 1) {
				int64_t middle = low + (high - low) / 2;

				if (library_offset(middle) ==
				    library_offset(low))
					low = middle;
				else
					high = middle;
			}
			agree(names[i], low, zone_offset(zone, low));
			agree(names[i], high, zone_offset(zone, high));
		}
		zone_free(zone);
	}
}

static void
rules_are_those_of_the_c_library(void **state)
{
	struct zone_rule rule;

	(void)state;
	for (size_t i = 0; i < COUNT(rules); i++) {
		assert_int_equal(
		    zone_rule_parse(rules[i], strlen(rules[i]), &rule), 0);
		ask_library(rules[i]);
		for (int64_t at = 0; at < YEAR_2101; at += STEP) {
			int64_t next = zone_rule_next(&rule, at);

			agree(rules[i], at, zone_rule_offset(&rule, at));
			if (next > at + STEP)
				continue;
			agree(rules[i], next - 1,
			    zone_rule_offset(&rule, next - 1));
			agree(rules[i], next, zone_rule_offset(&rule, next));
		}
	}
}

/* RFC 9636, section 3.3.1: summer from the first second to the last. */
static void
summer_can_last_all_year(void **state)
{
	static const char text[] = "XXX3EDT4,0/0,J365/23";
	struct zone_rule rule;

	(void)state;
	assert_int_equal(zone_rule_parse(text, strlen(text), &rule), 0);
	for (int64_t at = 0; at < YEAR_2101; at += HOUR)
		assert_int_equal(zone_rule_offset(&rule, at), -4 * HOUR);
}

static void
what_is_no_rule_is_refused(void **state)
{
	static const char *const bad[] = { "", "C", "CE-1", "CET", "<CET-1",
		"CET-25", "CET-1:60", "CET-1CEST", "CET-1CEST,M3.5.0",
		"CET-1CEST,M3.5.0,M10.5.0/3 ", "CET-1CEST,M13.5.0,M10.5.0",
		"CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
		"CET-1CEST,M0.5.0,M10.5.0", "CET-1CEST,J0,J366",
		"CET-1CEST,0,366", "CET-1CEST,0/168,1", "CET-1CEST,0/,1",
		"CET-1CEST,0/1:2:60,1", "CET-1CEST,00000000000000000001,1",
		"CET-1CEST,0,1,2", ":Europe/Berlin", "CET--1",
		"CET-0001" };
	struct zone_rule rule;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (zone_rule_parse(bad[i], strlen(bad[i]), &rule) != -1)
			fail_msg("taken for a rule: %s", bad[i]);
}

/* --- local times --------------------------------------------------------- */

static int64_t
at(int64_t year, int64_t month, int64_t day, int64_t hour, int64_t minute)
{
	return days_since_1970(year, month, day) * DAYS_SECONDS + hour * HOUR +
	    minute * 60;
}

static void
a_gap_ends_and_an_overlap_begins_it(void **state)
{
	struct zone *berlin = loaded("Europe/Berlin");
	struct zone *apia = loaded("Pacific/Apia");

	(void)state;
	/* 2026-03-29: 02:00 is 03:00; 2026-10-25: 03:00 is 02:00. */
	assert_int_equal(zone_to_utc(berlin, at(2026, 3, 29, 1, 59)),
	    at(2026, 3, 29, 0, 59));
	assert_int_equal(
	    zone_to_utc(berlin, at(2026, 3, 29, 2, 0)), at(2026, 3, 29, 1, 0));
	assert_int_equal(zone_to_utc(berlin, at(2026, 3, 29, 2, 30)),
	    at(2026, 3, 29, 1, 0));
	assert_int_equal(
	    zone_to_utc(berlin, at(2026, 3, 29, 3, 0)), at(2026, 3, 29, 1, 0));
	assert_int_equal(zone_to_utc(berlin, at(2026, 3, 29, 3, 30)),
	    at(2026, 3, 29, 1, 30));
	assert_int_equal(zone_to_utc(berlin, at(2026, 10, 25, 2, 30)),
	    at(2026, 10, 25, 0, 30));
	assert_int_equal(zone_to_utc(berlin, at(2026, 10, 25, 3, 0)),
	    at(2026, 10, 25, 2, 0));
	/* It had no 30 December 2011. */
	assert_int_equal(zone_to_utc(apia, at(2011, 12, 30, 0, 0)),
	    at(2011, 12, 30, 10, 0));
	assert_int_equal(zone_to_utc(apia, at(2011, 12, 31, 0, 0)),
	    at(2011, 12, 30, 10, 0));
	zone_free(berlin);
	zone_free(apia);
}

/* The contract, word by word; offsets and changes here are whole minutes. */
static int64_t
first_that_shows(const struct zone *zone, int64_t local)
{
	for (int64_t utc = local - 15 * HOUR;; utc += 60)
		if (utc + zone_offset(zone, utc) >= local)
			return utc;
}

static void
local_times_are_when_clocks_show_them_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct zone *zone = loaded(names[i]);

		/* Those with a change in their two days, and a few others. */
		for (int64_t time = INT64_C(600000000); time < YEAR_2101;
		     time += 12 * HOUR) {
			int64_t local = time +
			    60 * random_below(12 * HOUR / 60);

			if (zone_offset(zone, local - DAYS_SECONDS) ==
				zone_offset(zone, local + DAYS_SECONDS) &&
			    random_below(200) != 0)
				continue;
			assert_int_equal(zone_to_utc(zone, local),
			    first_that_shows(zone, local));
		}
		zone_free(zone);
	}
}

static void
utc_is_as_it_is(void **state)
{
	char why[80];

	(void)state;
	assert_int_equal(zone_offset(zone_utc(), 1775000000), 0);
	assert_int_equal(zone_to_utc(zone_utc(), 1775000000), 1775000000);
	setenv("TZDIR", "/nonexistent", 1);
	assert_ptr_equal(zone_load("UTC", why, sizeof(why)), zone_utc());
	unsetenv("TZDIR");
	zone_free(zone_utc());
	zone_free(NULL);
}

static void
times_of_any_size_are_safe(void **state)
{
	static const int64_t ends[] = { INT64_MIN, INT64_MIN + 1, -1, 0,
		INT64_MAX - 1, INT64_MAX };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct zone *zone = loaded(names[i]);

		for (size_t n = 0; n < COUNT(ends); n++) {
			assert_in_range(
			    zone_offset(zone, ends[n]) + 26 * HOUR, 0,
			    52 * HOUR);
			zone_to_utc(zone, ends[n]);
		}
		zone_free(zone);
	}
}

/* --- files --------------------------------------------------------------- */

/* A file's bytes as a test writes them. */
struct draft {
	unsigned char bytes[1024];
	size_t size;
};

static void
put(struct draft *draft, int64_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		draft->bytes[draft->size++] =
		    (unsigned char)((uint64_t)value >> 8 * (size - 1 - i));
}

static void
put_text(struct draft *draft, const char *text, size_t size)
{
	memcpy(draft->bytes + draft->size, text, size);
	draft->size += size;
}

struct content {
	char version;
	unsigned leaps;
	unsigned types;
	int64_t offsets[2];
	unsigned count;
	int64_t times[2];
	unsigned char indices[2];
	const char *footer;
};

static const struct content plain = { '2', 0, 2, { 3600, 7200 }, 2,
	{ 1000000, 2000000 }, { 1, 0 }, "\nCET-1\n" };

static void
put_block(struct draft *draft, const struct content *content, unsigned size)
{
	put_text(draft, "TZif", 4);
	put(draft, content->version, 1);
	for (unsigned i = 0; i < 15; i++)
		put(draft, 0, 1);
	put(draft, 0, 4);
	put(draft, 0, 4);
	put(draft, content->leaps, 4);
	put(draft, content->count, 4);
	put(draft, content->types, 4);
	put(draft, 4, 4);
	for (unsigned i = 0; i < content->count; i++)
		put(draft, content->times[i], size);
	for (unsigned i = 0; i < content->count; i++)
		put(draft, content->indices[i], 1);
	for (unsigned i = 0; i < content->types; i++) {
		put(draft, content->offsets[i], 4);
		put(draft, 0, 2);
	}
	put_text(draft, "ABC", 4);
	for (unsigned i = 0; i < content->leaps; i++) {
		put(draft, 78796800, size);
		put(draft, 1, 4);
	}
}

static struct zone *
parse(const struct content *content, char *why, size_t size)
{
	struct draft draft = { .size = 0 };

	put_block(&draft, content, 4);
	if (content->version != '\0') {
		put_block(&draft, content, 8);
		put_text(&draft, content->footer, strlen(content->footer));
	}
	return zone_parse(draft.bytes, draft.size, why, size);
}

static void
every_version_is_read(void **state)
{
	static const char versions[] = { '\0', '2', '3', '4' };
	struct content content = plain;
	char why[80] = "";

	(void)state;
	for (size_t i = 0; i < COUNT(versions); i++) {
		struct zone *zone;

		content.version = versions[i];
		zone = parse(&content, why, sizeof(why));
		assert_non_null(zone);
		assert_int_equal(zone_offset(zone, 999999), 3600);
		assert_int_equal(zone_offset(zone, 1000000), 7200);
		assert_int_equal(zone_offset(zone, 1999999), 7200);
		assert_int_equal(zone_offset(zone, 2000000), 3600);
		zone_free(zone);
	}
}

static void
the_rule_counts_after_the_last_change_alone(void **state)
{
	struct content content = plain;
	char why[80];
	struct zone *zone;

	(void)state;
	content.footer = "\nXST-5\n";
	zone = parse(&content, why, sizeof(why));
	assert_int_equal(zone_offset(zone, 1999999), 7200);
	assert_int_equal(zone_offset(zone, 2000000), 5 * 3600);
	zone_free(zone);
	content.footer = "\n\n";
	zone = parse(&content, why, sizeof(why));
	assert_int_equal(zone_offset(zone, INT64_C(4000000000)), 3600);
	zone_free(zone);
	content.count = 0;
	content.footer = "\nXST-5\n";
	zone = parse(&content, why, sizeof(why));
	assert_int_equal(zone_offset(zone, 0), 5 * 3600);
	zone_free(zone);
}

static void
refused(const struct content *content, const char *what)
{
	char why[80] = "";

	assert_null(parse(content, why, sizeof(why)));
	assert_string_equal(why, what);
}

static void
what_is_wrong_is_said(void **state)
{
	struct content content = plain;

	(void)state;
	content.version = '5';
	refused(&content, "not a TZif file of version 1 to 4");
	content = plain;
	content.leaps = 1;
	refused(&content, "counts leap seconds");
	content = plain;
	content.types = content.count = 0;
	refused(&content, "no type of local time");
	content = plain;
	content.indices[1] = 2;
	refused(&content, "a type or its offset is out of range");
	content = plain;
	content.offsets[1] = 26 * 3600;
	refused(&content, "a type or its offset is out of range");
	content.offsets[0] = INT32_MIN;
	refused(&content, "an offset is out of range");
	content = plain;
	content.times[1] = content.times[0];
	refused(&content, "its times don't ascend");
	content = plain;
	content.footer = "";
	refused(&content, "no footer");
	content.footer = "\nCET-1";
	refused(&content, "its footer has no end");
	content.footer = "\nCET-1CEST\n";
	refused(&content, "its footer is not a rule");
}

static void
use(const struct zone *zone)
{
	zone_offset(zone, random_below(YEAR_2101));
	zone_to_utc(zone, random_below(YEAR_2101));
	zone_to_utc(zone, (int64_t)random_bits());
}

/* Cut at each byte, and with bytes changed: refused, or a zone like another. */
static void
damaged_files_are_harmless(void **state)
{
	const char *path = "/usr/share/zoneinfo/America/New_York";
	unsigned char *whole, *copy;
	char why[80];
	void *bytes;
	size_t size;

	(void)state;
	assert_int_equal(file_load(path, 65536, &bytes, &size), 0);
	whole = bytes;
	for (size_t cut = 0; cut < size; cut++) {
		/* To the byte, for the sanitizer. */
		copy = malloc(cut > 0 ? cut : 1);
		assert_non_null(copy);
		memcpy(copy, whole, cut);
		assert_null(zone_parse(copy, cut, why, sizeof(why)));
		free(copy);
	}
	copy = malloc(size);
	assert_non_null(copy);
	for (unsigned n = 0; n < 20000; n++) {
		struct zone *zone;

		memcpy(copy, whole, size);
		for (int64_t changes = 1 + random_below(4); changes > 0;
		     changes--)
			copy[random_below(random_below(2) == 0
				? 44
				: (int64_t)size)] =
			    (unsigned char)random_bits();
		zone = zone_parse(copy, size, why, sizeof(why));
		if (zone != NULL)
			use(zone);
		zone_free(zone);
	}
	free(copy);
	free(bytes);
}

static void
only_names_of_zones_are_opened(void **state)
{
	static const char *const bad[] = { "", "/etc/passwd", "../passwd",
		"Europe/../../passwd", "Europe/Ber lin", "a\nb",
		("0123456789012345678901234567890123456789012345678901234567890"
		 "123") };
	char why[160];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_false(zone_name_valid(bad[i]));
		assert_null(zone_load(bad[i], why, sizeof(why)));
		assert_string_equal(why, "not the name of a time zone");
	}
	assert_true(zone_name_valid(bad[6] + 1));
	assert_true(zone_name_valid("America/Port-au-Prince"));
	assert_true(zone_name_valid("Etc/GMT+12"));
	assert_null(zone_load("Europe/Brelin", why, sizeof(why)));
	assert_non_null(strstr(why, "Europe/Brelin: No such file"));
	assert_null(zone_load("Europe", why, sizeof(why)));
	assert_non_null(strstr(why, "Europe: not a file"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offsets_are_those_of_the_c_library),
		cmocka_unit_test(rules_are_those_of_the_c_library),
		cmocka_unit_test(summer_can_last_all_year),
		cmocka_unit_test(what_is_no_rule_is_refused),
		cmocka_unit_test(a_gap_ends_and_an_overlap_begins_it),
		cmocka_unit_test(local_times_are_when_clocks_show_them_first),
		cmocka_unit_test(utc_is_as_it_is),
		cmocka_unit_test(times_of_any_size_are_safe),
		cmocka_unit_test(every_version_is_read),
		cmocka_unit_test(the_rule_counts_after_the_last_change_alone),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(damaged_files_are_harmless),
		cmocka_unit_test(only_names_of_zones_are_opened),
	};

	return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
