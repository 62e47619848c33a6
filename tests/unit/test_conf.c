/*
 * What a sound file gives, and the faults of single values.
 */
#include "told.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/text.h"

#define MINUTE (60 * CLOCK_SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static void
good_file_gives_its_currencies(void **state)
{
	static const char *const codes[] = { "EUR", "USD", "PLN", "XAU1",
		"ABCDEFGH" };
	struct conf *conf = load_file("good.conf");

	(void)state;
	assert_string_equal(told, "");
	assert_non_null(conf);
	assert_int_equal(conf->currencies, 5);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(conf->codes[i], code_pack(codes[i]));
	conf_free(conf);
}

static void
good_file_gives_its_sources_in_order(void **state)
{
	struct conf *conf = load_file("good.conf");

	(void)state;
	assert_non_null(conf);
	assert_int_equal(conf->source_count, 2);
	assert_string_equal(conf->sources[0].name, "second");
	assert_string_equal(conf->sources[0].url,
	    "http://127.0.0.1:8080/rates?base={base}");
	assert_int_equal(conf->sources[0].rate_interval, 0);
	assert_int_equal(conf->sources[0].burst, 1);
	assert_string_equal(conf->sources[1].name, "first.one");
	assert_string_equal(conf->sources[1].url,
	    "https://one.example/{base:lower}.json#not-a-comment");
	assert_int_equal(conf->sources[1].rate_interval, 36 * CLOCK_SECOND);
	assert_int_equal(conf->sources[1].burst, 1000000);
	conf_free(conf);
}

static void
good_file_gives_its_numbers(void **state)
{
	struct conf *conf = load_file("good.conf");

	(void)state;
	assert_non_null(conf);
	assert_int_equal(conf->workers, 64);
	assert_int_equal(conf->concurrency, 256);
	assert_int_equal(conf->restart_limit, 1000);
	assert_false(conf->sandbox);
	assert_string_equal(conf->engine->name, "pool");
	assert_int_equal(conf->refresh, 100 * CLOCK_MS);
	assert_int_equal(conf->stale_after, 3650 * DAY);
	assert_int_equal(conf->connect_timeout, 60 * CLOCK_SECOND);
	assert_int_equal(conf->timeout, 5 * MINUTE);
	assert_int_equal(conf->board_mode, 0600);
	assert_int_equal(conf->queue_mode, 0666);
	conf_free(conf);
}

static void
what_a_file_leaves_out_has_its_default(void **state)
{
	struct conf *conf = load_file("defaults.conf");

	(void)state;
	assert_string_equal(told, "");
	assert_non_null(conf);
	assert_int_equal(conf->workers, 4);
	assert_int_equal(conf->concurrency, 16);
	assert_int_equal(conf->restart_limit, 20);
	assert_string_equal(conf->engine->name, "async");
	assert_int_equal(conf->refresh, 60 * CLOCK_SECOND);
	assert_int_equal(conf->stale_after, 26 * HOUR);
	assert_int_equal(conf->connect_timeout, 5 * CLOCK_SECOND);
	assert_int_equal(conf->timeout, 15 * CLOCK_SECOND);
	assert_int_equal(conf->board_mode, 0644);
	assert_int_equal(conf->queue_mode, 0660);
	assert_false(conf->derive);
	assert_true(conf->max_jump == 0.2);
	assert_int_equal(conf->late_after, 2 * HOUR);
	assert_int_equal(conf->currencies, 1);
	assert_int_equal(conf->source_count, 1);
	assert_int_equal(conf->sources[0].rate_interval, 0);
	assert_int_equal(conf->sources[0].burst, 1);
	assert_true(conf->sandbox);
	conf_free(conf);
}

static void
the_example_is_sound(void **state)
{
	struct conf *conf;

	(void)state;
	told_sources = TEST_DATA "/../../etc/sources";
	conf = load_file("../../../etc/ratesd.conf");
	told_sources = TEST_DATA "/presets";
	assert_string_equal(told, "");
	assert_non_null(conf);
	assert_int_equal(conf->currencies, 5);
	assert_int_equal(conf->source_count, 3);
	assert_true(conf->derive);
	assert_int_equal(conf->sources[0].base, code_pack("EUR"));
	for (unsigned i = 0; i < conf->source_count; i++) {
		assert_int_equal(conf->sources[i].auth, SOURCE_AUTH_NONE);
		assert_true(conf->sources[i].rate_interval > 0);
	}
	conf_free(conf);
}

static void
a_bad_unit_is_told(void **state)
{
	(void)state;
	refuses_file("bad-unit.conf",
	    "bad-unit.conf:3: refresh: '60' is not a time"
	    " from 100ms to 30d (units: ms s m h d)\n"
	    "bad-unit.conf:4: stale-after: '26hours' is not a time"
	    " from 1s to 3650d (units: ms s m h d)\n"
	    "bad-unit.conf:5: timeout: '15 s' is not a time"
	    " from 100ms to 5m (units: ms s m h d)\n"
	    "bad-unit.conf:6: connect-timeout: '-5s' is not a time"
	    " from 100ms to 60s (units: ms s m h d)\n"
	    "bad-unit.conf:9: source 'one': rate-limit: '2/x' is not a rate"
	    " like 2/s (1 to 1000000; units: s m h d)\n");
}

static void
a_bad_code_is_told_on_its_own_line(void **state)
{
	(void)state;
	refuses_file("bad-code.conf",
	    "bad-code.conf:1: currencies: 'usd' is not a currency code"
	    " (3 to 8 of A-Z 0-9)\n"
	    "bad-code.conf:2: currencies: 'EU' is not a currency code"
	    " (3 to 8 of A-Z 0-9)\n"
	    "bad-code.conf:3: currencies: 'EUR' is there twice\n"
	    "bad-code.conf:3: currencies: 'TOOLONGCODE' is not a currency"
	    " code (3 to 8 of A-Z 0-9)\n"
	    "bad-code.conf:4: currencies: '' is not a currency code"
	    " (3 to 8 of A-Z 0-9)\n");
}

static void
a_file_without_sources_is_refused(void **state)
{
	(void)state;
	refuses_file("no-source.conf",
	    "no-source.conf:4: sources: none given\n");
	refuses_text("sources = {}\ncurrencies = { /* \"EUR\" */\n }\n",
	    ":1: an empty list\n"
	    ":2: an empty list\n"
	    ":3: currencies: none given\n"
	    ":3: sources: none given\n");
	refuses_text("", ":1: currencies: none given\n"
	                 ":1: sources: none given\n");
}

static void
a_source_needs_its_section(void **state)
{
	(void)state;
	refuses_file("unknown-source.conf",
	    "unknown-source.conf:3: sources: 'one' is there twice\n"
	    "unknown-source.conf:3: sources: there is no section"
	    " source 'two'\n"
	    "unknown-source.conf:4: sources: 'no good' is not a source name"
	    " (1 to 31 of A-Z a-z 0-9 _ - .)\n");
}

static void
a_section_needs_a_sound_name(void **state)
{
	(void)state;
	refuses_text(WHOLE "source \"b c\" {\n url = \"http://b/{base}\"\n}\n",
	    ":4: source: 'b c' is not a source name"
	    " (1 to 31 of A-Z a-z 0-9 _ - .)\n");
	accepts_text(WHOLE "source \"1234567890123456789012345678901\" {\n"
	                   "url = \"http://b/{base}\" }\n");
	refuses_text(WHOLE "source \"12345678901234567890123456789012\" {\n"
	                   "url = \"http://b/{base}\" }\n",
	    ":4: source: '12345678901234567890123456789012' is not a source"
	    " name (1 to 31 of A-Z a-z 0-9 _ - .)\n");
}

static void
a_bad_url_is_told(void **state)
{
	const char *rest;

	(void)state;
	assert_null(load_file("bad-url.conf"));
	/* Lines 4 and 5 go on with libcurl's own words. */
	rest = strstr(told, "bad-url.conf:4: source 'b': url:"
	                    " 'https://b.example:99999/{base}': ");
	assert_non_null(rest);
	assert_memory_equal(told,
	    "bad-url.conf:3: source 'a': url: 'ftp://a.example/{base}': "
	    "only http and https are fetched\n",
	    rest - told);
	rest = strstr(rest, "\nbad-url.conf:5: source 'c': url:"
	                    " 'rates?base={base}': ");
	assert_non_null(rest);
	rest = strstr(rest, "\nbad-url.conf:6:");
	assert_non_null(rest);
	assert_string_equal(rest + 1,
	    "bad-url.conf:6: source 'd': url: no {base}\n"
	    "bad-url.conf:7: source 'e': url: unknown placeholder '{bass}'\n"
	    "bad-url.conf:8: source 'f': url: no '}' after '{base'\n"
	    "bad-url.conf:9: source 'g': url: no '{' before '}'\n"
	    "bad-url.conf:10: source 'h': url: none given\n"
	    "bad-url.conf:11: source 'i': url: empty\n");
}

static void
a_url_fits_with_the_longest_code(void **state)
{
	char text[2048];
	const int fixed = (int)strlen("http://b/ZZZZZZZZ");

	(void)state;
	snprintf(text, sizeof(text),
	    WHOLE "source \"b\" { url = \"http://b/%0*d{base}\" }\n",
	    511 - fixed, 0);
	accepts_text(text);
	snprintf(text, sizeof(text),
	    WHOLE "source \"b\" { url = \"http://b/%0*d{base}\" }\n",
	    512 - fixed, 0);
	refuses_text(text, ":4: source 'b': url: longer than 511 bytes\n");
}

static void
values_out_of_range_are_told(void **state)
{
	(void)state;
	refuses_file("bad-range.conf",
#define BAD "bad-range.conf:"
	    BAD "3: workers: '0' is not a whole number from 1 to 64\n"
	    BAD "4: concurrency: '257' is not a whole number from 1 to 256\n"
	    BAD "5: refresh: '99ms' is not a time from 100ms to 30d"
	    " (units: ms s m h d)\n"
	    BAD "6: stale-after: '3651d' is not a time from 1s to 3650d"
	    " (units: ms s m h d)\n"
	    BAD "7: restart-limit: 'many' is not a whole number"
	    " from 1 to 1000\n"
	    BAD "8: connect-timeout: '61s' is not a time from 100ms to 60s"
	    " (units: ms s m h d)\n"
	    BAD "9: timeout: '0s' is not a time from 100ms to 5m"
	    " (units: ms s m h d)\n"
	    BAD "10: engine: 'magic' is none of: sync pool async\n"
	    BAD "11: rows: 'both' is none of: fetch derive\n"
	    BAD "12: board-mode: '0664' lets more than the owner write\n"
	    BAD "13: queue-mode: '0440' keeps the owner from reading and"
	    " writing\n"
	    BAD "16: source 'one': burst: '1000001' is not a whole number"
	    " from 1 to 1000000\n"
	    BAD "17: source 'one': rate-limit: '0/s' is not a rate like 2/s"
	    " (1 to 1000000; units: s m h d)\n");
#undef BAD
}

static void
values_at_the_ends_of_a_range_are_taken(void **state)
{
	static const char *const lines[] = { "workers = 1", "workers = 64",
		"concurrency = 1", "concurrency = 256", "refresh = 100ms",
		"refresh = 30d", "stale-after = 1s", "stale-after = 3650d",
		"restart-limit = 1", "restart-limit = 1000",
		"connect-timeout = 100ms",
		"connect-timeout = 60s timeout = 60s", "timeout = 5s",
		"timeout = 100ms connect-timeout = 100ms", "timeout = 5m",
		"board-mode = 0600", "board-mode = 0755", "max-jump = 1%",
		"max-jump = 1000%", "max-jump = off", "late-after = 1m",
		"late-after = 30d", "rows = derive",
		"sandbox = on", "sandbox = off",
		"queue-mode = 0777" };
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(text, sizeof(text), WHOLE "%s\n", lines[i]);
		accepts_text(text);
	}
}

static void
a_jump_is_a_percentage(void **state)
{
	static const char *const bad[] = { "0.2", "20", "0%", "1001%",
		"20 %", "%", "-5%", "2e1%", "20%%", "00000000020%" };
	struct conf *conf = load_text(WHOLE "max-jump = 5%\n");
	char text[512], fault[256];

	(void)state;
	assert_non_null(conf);
	assert_true(conf->max_jump == 0.05);
	conf_free(conf);
	conf = load_text(WHOLE "max-jump = off\n");
	assert_non_null(conf);
	assert_true(conf->max_jump == 0);
	conf_free(conf);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), WHOLE "max-jump = '%s'\n",
		    bad[i]);
		snprintf(fault, sizeof(fault), ":4: max-jump: '%s' is neither"
		    " 1%% to 1000%% nor off\n", bad[i]);
		refuses_text(text, fault);
	}
}

static void
a_connection_may_not_take_longer_than_the_whole(void **state)
{
	const char *fault = ":5: connect-timeout must not be above timeout\n";

	(void)state;
	refuses_text(WHOLE "timeout = 2s\nconnect-timeout = 2001ms\n", fault);
	refuses_text(WHOLE "\ntimeout = 4s\n", fault);
	refuses_text(WHOLE "\nconnect-timeout = 20s\n", fault);
	refuses_text(WHOLE "timeout = 10m\nconnect-timeout = 20s\n",
	    ":4: timeout: '10m' is not a time from 100ms to 5m"
	    " (units: ms s m h d)\n");
}

/* A file with so many currencies, and so many sources. */
static struct conf *
load_many(unsigned currencies, unsigned sources)
{
	size_t size = 64 * 1024;
	char *text = calloc(1, size);
	struct conf *conf;

	assert_non_null(text);
	text_append(text, size, "currencies = {C00000");
	for (unsigned i = 1; i < currencies; i++)
		text_append(text, size, ",C%05u", i);
	text_append(text, size, "}\nsources = {s0");
	for (unsigned i = 1; i < sources; i++)
		text_append(text, size, ",s%u", i);
	text_append(text, size, "}\n");
	for (unsigned i = 0; i < sources; i++)
		text_append(text, size,
		    "source s%u { url = 'http://s%u/{base}' }\n", i, i);
	conf = load_text(text);
	free(text);
	return conf;
}

static void
lists_have_an_end(void **state)
{
	struct conf *conf = load_many(1024, 32);

	(void)state;
	assert_string_equal(told, "");
	assert_non_null(conf);
	assert_int_equal(conf->currencies, 1024);
	assert_int_equal(conf->codes[1023], code_pack("C01023"));
	assert_int_equal(conf->source_count, 32);
	assert_string_equal(conf->sources[31].url, "http://s31/{base}");
	conf_free(conf);
	assert_null(load_many(1026, 34));
	assert_string_equal(told, ":1: currencies: more than 1024\n"
	                          ":2: sources: more than 32\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_file_gives_its_currencies),
		cmocka_unit_test(good_file_gives_its_sources_in_order),
		cmocka_unit_test(good_file_gives_its_numbers),
		cmocka_unit_test(what_a_file_leaves_out_has_its_default),
		cmocka_unit_test(the_example_is_sound),
		cmocka_unit_test(a_bad_unit_is_told),
		cmocka_unit_test(a_bad_code_is_told_on_its_own_line),
		cmocka_unit_test(a_file_without_sources_is_refused),
		cmocka_unit_test(a_source_needs_its_section),
		cmocka_unit_test(a_section_needs_a_sound_name),
		cmocka_unit_test(a_bad_url_is_told),
		cmocka_unit_test(a_url_fits_with_the_longest_code),
		cmocka_unit_test(values_out_of_range_are_told),
		cmocka_unit_test(values_at_the_ends_of_a_range_are_taken),
		cmocka_unit_test(a_jump_is_a_percentage),
		cmocka_unit_test(
		    a_connection_may_not_take_longer_than_the_whole),
		cmocka_unit_test(lists_have_an_end),
	};

	return cmocka_run_group_tests(tests, enter_samples, NULL);
}
