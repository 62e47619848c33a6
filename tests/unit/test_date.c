#include "source/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define APRIL_13 INT64_C(1776038400)

struct row {
	const char *text;
	int64_t seconds, ns;
};

static void
assert_dates(enum mapping_date form, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int64_t ns = -1;

		if (date_parse(form, rows[i].text, &ns) == -1)
			fail_msg("%s is refused", rows[i].text);
		assert_true(ns == rows[i].seconds * CLOCK_SECOND + rows[i].ns);
	}
}

static void
assert_none(enum mapping_date form, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int64_t ns;

		if (date_parse(form, texts[i], &ns) == 0)
			fail_msg("%s is taken for %lld", texts[i],
			    (long long)ns);
	}
}

static void
reads_days(void **state)
{
	static const struct row good[] = {
		{ "2026-04-13", APRIL_13, 0 },
		{ "2026-04-13T00:00:00", APRIL_13, 0 },
		{ "1970-01-01", 0, 0 },
		{ "1969-12-31", -86400, 0 },
		{ "2262-04-11", INT64_C(9223286400), 0 },
	};
	static const char *const bad[] = { "", "2026-04-1", "2026-04-131",
		"2026-02-29", "2026-04-13T00:00:00Z", "2026-04-13T00:00:01",
		" 2026-04-13", "2026-04-13 ", "2026/04/13", "9999-12-31",
		"0001-01-01", "2262-04-12", "+026-04-13" };

	(void)state;
	assert_dates(MAPPING_DAY, good, COUNT(good));
	assert_none(MAPPING_DAY, bad, COUNT(bad));
}

static void
reads_unix_seconds(void **state)
{
	static const struct row good[] = {
		{ "1776038400", APRIL_13, 0 },
		{ "0", 0, 0 },
		{ "-5", -5, 0 },
		{ "9223372036", INT64_C(9223372036), 0 },
	};
	/* Milliseconds are out of range, and no date in the far future. */
	static const char *const bad[] = { "", "x", "1.5", "1e9", " 1",
		"9223372037", "1776038400000", "99999999999999999999",
		"-9223372037", "0x10" };

	(void)state;
	assert_dates(MAPPING_UNIX, good, COUNT(good));
	assert_none(MAPPING_UNIX, bad, COUNT(bad));
}

static void
reads_rfc3339(void **state)
{
	static const struct row good[] = {
		{ "2026-04-13T00:00:00Z", APRIL_13, 0 },
		{ "2026-04-13t01:02:03z", APRIL_13 + 3723, 0 },
		{ "2026-04-13 01:02:03Z", APRIL_13 + 3723, 0 },
		{ "2026-04-13T02:00:00+02:00", APRIL_13, 0 },
		{ "2026-04-12T18:30:00-05:30", APRIL_13, 0 },
		{ "2026-04-13T00:00:00-00:00", APRIL_13, 0 },
		{ "2026-04-13T00:00:00.5Z", APRIL_13, 500000000 },
		{ "2026-04-13T00:00:00.123456789Z", APRIL_13, 123456789 },
		{ "2026-04-13T00:00:00.1234567899999Z", APRIL_13, 123456789 },
		{ "2016-12-31T23:59:60Z", INT64_C(1483228800), 0 },
		{ "1969-12-31T23:59:59.25Z", -1, 250000000 },
	};
	static const char *const bad[] = { "", "2026-04-13",
		"2026-04-13T00:00:00", "2026-04-13T00:00Z",
		"2026-04-13T24:00:00Z", "2026-04-13T00:60:00Z",
		"2026-04-13T00:00:61Z", "2026-04-13T00:00:60Z",
		"2026-04-13T00:00:00.Z", "2026-04-13T00:00:00,5Z",
		"2026-04-13T00:00:00+0200", "2026-04-13T00:00:00+24:00",
		"2026-04-13T00:00:00+02:60", "2026-04-13T00:00:00Zx",
		"2026-04-13T00:00:00 Z", "2026-02-30T00:00:00Z",
		"9999-12-31T00:00:00Z", "2262-04-11T23:47:17Z",
		"0001-01-01T00:00:00Z", "2026-04-13T0:00:00Z" };

	(void)state;
	assert_dates(MAPPING_RFC3339, good, COUNT(good));
	assert_none(MAPPING_RFC3339, bad, COUNT(bad));
}

static void
reads_rfc1123(void **state)
{
	static const struct row good[] = {
		{ "Mon, 13 Apr 2026 00:00:00 GMT", APRIL_13, 0 },
		{ "Mon, 13 Apr 2026 00:02:31 +0000", APRIL_13 + 151, 0 },
		{ "Mon, 13 Apr 2026 02:00:00 +0200", APRIL_13, 0 },
		{ "Sun, 12 Apr 2026 19:00:00 -0500", APRIL_13, 0 },
		{ "13 Apr 2026 00:00:00 UTC", APRIL_13, 0 },
		{ "Fri, 3 Apr 2026 00:00:00 GMT", APRIL_13 - 10 * 86400, 0 },
		{ "Fri, 03 Apr 2026 00:00:00 GMT", APRIL_13 - 10 * 86400, 0 },
		{ "Wed, 31 Dec 1969 00:00:00 GMT", -86400, 0 },
	};
	static const char *const bad[] = { "", "Tue, 13 Apr 2026 00:00:00 GMT",
		"Mon 13 Apr 2026 00:00:00 GMT", "Mon,13 Apr 2026 00:00:00 GMT",
		"Mon, 13 April 2026 00:00:00 GMT",
		"Mon, 013 Apr 2026 00:00:00 GMT",
		"Mon, 13 Apr 26 00:00:00 GMT", "Mon, 13 Apr 2026 00:00 GMT",
		"Mon, 13 Apr 2026 00:00:00", "Mon, 13 Apr 2026 00:00:00 CET",
		"Mon, 13 Apr 2026 00:00:00 +02:00",
		"Mon, 13 Apr 2026 00:00:00 GMTx",
		"Tue, 31 Feb 2026 00:00:00 GMT", "13 Apr 9999 00:00:00 GMT", "13 apr 2026 00:00:00 GMT",
		"0 Apr 2026 00:00:00 GMT", "1x Apr 2026 00:00:00 GMT",
		"Monday, 13 Apr 2026 00:00:00 GMT" };

	(void)state;
	assert_dates(MAPPING_RFC1123, good, COUNT(good));
	assert_none(MAPPING_RFC1123, bad, COUNT(bad));
}

/* What strftime writes of any time is read back as that time. */
static void
reads_what_is_written(void **state)
{
	(void)state;
	srand48(1123);
	for (int i = 0; i < 20000; i++) {
		time_t seconds = (time_t)(drand48() * 18e9 - 9e9);
		char text[64];
		struct tm tm;
		int64_t ns;

		gmtime_r(&seconds, &tm);
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
		assert_int_equal(date_parse(MAPPING_RFC3339, text, &ns), 0);
		assert_true(ns == seconds * CLOCK_SECOND);
		strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm);
		assert_int_equal(date_parse(MAPPING_RFC1123, text, &ns), 0);
		assert_true(ns == seconds * CLOCK_SECOND);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_days),
		cmocka_unit_test(reads_unix_seconds),
		cmocka_unit_test(reads_rfc3339),
		cmocka_unit_test(reads_rfc1123),
		cmocka_unit_test(reads_what_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
