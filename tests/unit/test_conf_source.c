/*
 * The keys of a source: what each makes of its value, which values it refuses,
 * and what doesn't fit together.
 */
#include "told.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/outcome.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define HEAD                                                                   \
	"currencies = {\"EUR\"}\n"                                             \
	"sources = {\"a\"}\n"                                                  \
	"source \"a\" {\n"

/* A file whose source has these lines, from the fourth of the file on. */
static struct conf *
load_source(const char *lines)
{
	char text[4096];

	snprintf(text, sizeof(text), HEAD "%s\n}\n", lines);
	return load_text(text);
}

#define URL "url = 'http://a/{base}'\n"

static void
accepts(const char *lines)
{
	struct conf *conf = load_source(lines);

	assert_string_equal(told, "");
	assert_non_null(conf);
	conf_free(conf);
}

/* fault: what comes after "source 'a': ". */
static void
refuses_at(int line, const char *lines, const char *fault)
{
	char wanted[1024];

	assert_null(load_source(lines));
	snprintf(wanted, sizeof(wanted), ":%d: source 'a': %s\n", line, fault);
	assert_string_equal(told, wanted);
}

static void
a_source_that_says_nothing_has_the_default_mapping(void **state)
{
	struct conf *conf = load_source(URL);
	const struct source *source = &conf->sources[0];

	(void)state;
	assert_string_equal(source->mapping.rates, mapping_default.rates);
	assert_string_equal(source->mapping.base, mapping_default.base);
	assert_string_equal(source->mapping.date, mapping_default.date);
	assert_int_equal(
	    source->mapping.error_count, mapping_default.error_count);
	assert_int_equal(source->mirror_count, 0);
	assert_int_equal(source->auth, SOURCE_AUTH_NONE);
	assert_int_equal(source->base, 0);
	assert_int_equal(source->quota, 0);
	assert_string_equal(source->terms, "");
	conf_free(conf);
}

static void
every_key_gets_where_it_belongs(void **state)
{
	struct conf *conf = load_text(
	    "currencies = EUR sources = 'testbank'\n"
	    "source testbank { base = any }\n");
	const struct source *s = &conf->sources[0];
	const struct mapping *m = &s->mapping;

	(void)state;
	assert_string_equal(told, "");
	assert_string_equal(s->name, "testbank");
	assert_string_equal(s->url, "https://bank.example/{base}?s={symbols}");
	assert_int_equal(s->mirror_count, 2);
	assert_string_equal(s->mirrors[1], "https://three.bank.example/{base}");
	assert_int_equal(s->header_count, 1);
	assert_string_equal(s->headers[0], "Accept-Language: en");
	assert_int_equal(m->shape, MAPPING_ROWS);
	assert_string_equal(m->rates, "/list");
	assert_string_equal(m->quote, "/code");
	assert_string_equal(m->rate, "/mid");
	assert_string_equal(m->item_base, "/from");
	assert_string_equal(m->item_date, "/day");
	assert_string_equal(m->base, "");
	assert_string_equal(m->date, "/when");
	assert_int_equal(m->date_form, MAPPING_RFC3339);
	assert_string_equal(m->next_update, "/next");
	assert_string_equal(m->key_prefix, "X{base}");
	assert_true(m->key_upper);
	assert_int_equal(m->direction, MAPPING_BASE_PER_QUOTE);
	assert_string_equal(m->unit, "100");
	assert_string_equal(m->success, "/a=b/ok");
	assert_string_equal(m->success_value, "true");
	assert_int_equal(m->error_count, 2);
	assert_string_equal(m->errors[1], "/error/code");
	assert_int_equal(m->class_count, 2);
	assert_string_equal(m->classes[0].value, "104");
	assert_int_equal(m->classes[0].class, ATTEMPT_QUOTA);
	assert_string_equal(m->classes[1].value, "no such=currency");
	assert_int_equal(m->classes[1].class, ATTEMPT_UNSUPPORTED);
	assert_int_equal(s->exact_base, code_pack("PLN"));
	assert_int_equal(s->rate_interval, 10 * CLOCK_SECOND);
	assert_int_equal(s->burst, 2);
	assert_int_equal(s->quota, 1500);
	assert_string_equal(s->publishes, "12:00 UTC");
	assert_string_equal(s->terms, "Say \"Bank\" and nothing");
	conf_free(conf);
}

static void
good_values_are_taken(void **state)
{
	static const char *const good[] = { "auth = none", "format = json",
		"shape = map", "shape = objects rate = /r", "rates = ''",
		"rates = '/{base:lower}/~0/~1'", "shape = rows quote = /q"
		" rate = /r", "shape = rows quote = /q rate = /r format = xml",
		"shape = rows quote = /q rate = /r format = csv rates = ''",
		"date-form = day", "date-form = unix", "date-form = rfc3339",
		"date-form = rfc1123", "keys = as-is", "keys = upper",
		"key-prefix = ''", "key-prefix = '{base}-{base:lower}'",
		"direction = quote-per-base", "unit = ''", "unit = 1",
		"unit = 1000000000", "shape = objects rate = /r unit = /u",
		"success = ''", "success = '/status=200'",
		"error-classes = {'a=auth', 'b=quota', 'c=plan', 'd=unsupported',"
		" 'e=throttled', 'f=refused'}", "base = any", "base = EUR",
		"base = EUR exact-base = EUR", "exact-base = none",
		"rate-limit = off", "quota = off", "quota = 1",
		"quota = 1000000000", "publishes = ''", "preset = ''",
		"headers = {'A: b', 'C-d: e: f'}",
		"mirrors = {'https://m/{base}'}" };
	char lines[512];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		snprintf(lines, sizeof(lines), URL "%s", good[i]);
		accepts(lines);
	}
	accepts("url = 'http://a/all' base = EUR");
}

static void
bad_values_are_told(void **state)
{
	static const struct {
		const char *line, *fault;
	} bad[] = {
		{ "format = yaml",
		    "format: 'yaml' is none of: json csv xml" },
		{ "shape = list", "shape: 'list' is none of: map objects rows" },
		{ "keys = lower", "keys: 'lower' is none of: as-is upper" },
		{ "date-form = iso", "date-form: 'iso' is none of:"
		    " day unix rfc3339 rfc1123" },
		{ "direction = up", "direction: 'up' is none of:"
		    " quote-per-base base-per-quote" },
		{ "key-prefix = '{bass}'", "key-prefix: '{bass}': a '{' that is"
		    " neither {base} nor {base:lower}" },
		{ "key-prefix = '}'", "key-prefix: '}': a '}' with no '{'" },
		{ "unit = 0", "unit: '0' is neither a pointer nor a whole"
		    " number from 1 to 1000000000" },
		{ "unit = 1.5", "unit: '1.5' is neither a pointer nor a whole"
		    " number from 1 to 1000000000" },
		{ "success = '/ok'", "success: '/ok' has no '=' in it, or"
		    " nothing on one side" },
		{ "success = '/ok='", "success: '/ok=' has no '=' in it, or"
		    " nothing on one side" },
		{ "success = '=true'", "success: '=true' has no '=' in it, or"
		    " nothing on one side" },
		{ "errors = {''}", "errors: a pointer is empty" },
		{ "errors = {/1, /2, /3, /4, /5, /6, /7, /8, /9}",
		    "errors: more than 8" },
		{ "error-classes = {'104=http'}", "error-classes: 'http' is"
		    " none of: auth quota plan unsupported throttled refused" },
		{ "error-classes = {'auth'}", "error-classes: 'auth' has no"
		    " '=' in it, or nothing on one side" },
		{ "base = usd", "base: 'usd' is neither a currency code"
		    " (3 to 8 of A-Z 0-9) nor 'any'" },
		{ "exact-base = any", "exact-base: 'any' is neither a currency"
		    " code (3 to 8 of A-Z 0-9) nor 'none'" },
		{ "quota = 0", "quota: '0' is not a whole number from 1 to"
		    " 1000000000" },
		{ "terms = \"a\\nb\"", "terms: a control character in it" },
		{ "auth = basic", "auth: 'basic' is none of:"
		    " none query header bearer token path" },
		{ "auth = query", "auth: 'query' takes the name of a parameter"
		    " or header after it" },
		{ "auth = 'header Host'", "auth: 'header' takes the name of a"
		    " parameter or header after it" },
		{ "auth = 'query a b'", "auth: 'query' takes the name of a"
		    " parameter or header after it" },
		{ "auth = 'bearer x'", "auth: 'bearer' takes nothing after"
		    " it" },
		{ "key = 'S3CRET'", "key: keys belong in a credential file" },
		{ "preset = 'no good'", "preset: 'no good' is not a source"
		    " name (1 to 31 of A-Z a-z 0-9 _ - .)" },
		{ "mirrors = {'ftp://m/{base}'}", "mirrors: 'ftp://m/{base}':"
		    " only http and https are fetched" },
		{ "mirrors = {'http://m/{bass}'}", "mirrors: unknown"
		    " placeholder '{bass}'" },
		{ "credential = 'a/b'", "credential: neither an absolute path"
		    " nor a file's name" },
		{ "credential = '..'", "credential: neither an absolute path"
		    " nor a file's name" },
	};
	char lines[512];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		snprintf(lines, sizeof(lines), URL "%s", bad[i].line);
		refuses_at(5, lines, bad[i].fault);
	}
}

/* In the words of the mapping and of the calendar. */
static void
bad_pointers_and_schedules_are_told(void **state)
{
	static const char *const bad[] = { "rates", "quote", "rate",
		"item-base", "item-date", "base-at", "date-at", "next-update",
		"publishes" };
	char lines[512], wanted[128];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		snprintf(lines, sizeof(lines), URL "%s = 'x'", bad[i]);
		assert_null(load_source(lines));
		snprintf(wanted, sizeof(wanted), ":5: source 'a': %s: 'x': ",
		    bad[i]);
		assert_memory_equal(told, wanted, strlen(wanted));
	}
}

static void
texts_have_an_end(void **state)
{
	char lines[1024];

	(void)state;
	snprintf(lines, sizeof(lines), URL "terms = '%0191d'", 0);
	accepts(lines);
	snprintf(lines, sizeof(lines), URL "terms = '%0192d'", 0);
	refuses_at(5, lines, "terms: longer than 191 bytes");
	snprintf(lines, sizeof(lines), URL "rates = '/%094d'", 0);
	accepts(lines);
	snprintf(lines, sizeof(lines), URL "rates = '/%095d'", 0);
	assert_null(load_source(lines));
	assert_memory_equal(told, ":5: source 'a': rates: '/000", 27);
	snprintf(lines, sizeof(lines), URL "success = '/%094d=1'", 0);
	accepts(lines);
	snprintf(lines, sizeof(lines), URL "success = '/%095d=1'", 0);
	refuses_at(5, lines, "success: longer than 95 bytes before the '='");
	snprintf(lines, sizeof(lines), URL "error-classes = {'%047d=auth'}", 0);
	accepts(lines);
	snprintf(lines, sizeof(lines), URL "error-classes = {'%048d=auth'}", 0);
	refuses_at(5, lines,
	    "error-classes: longer than 47 bytes before the '='");
	snprintf(lines, sizeof(lines), URL "headers = {'A: %0156d'}", 0);
	accepts(lines);
	snprintf(lines, sizeof(lines), URL "headers = {'A: %0157d'}", 0);
	refuses_at(5, lines, "headers: longer than 159 bytes");
}

static void
headers_are_checked_and_never_shown(void **state)
{
	static const struct {
		const char *header, *fault;
	} bad[] = {
		{ "X", "an element is not 'Name: value'" },
		{ "X:", "an element is not 'Name: value'" },
		{ "X:  ", "an element is not 'Name: value'" },
		{ ": S3CRET", "an element is not 'Name: value'" },
		{ "X Y: S3CRET", "an element is not 'Name: value'" },
		{ "X: a\\r\\nY: S3CRET", "'X': a header has a byte that is"
		    " no printable ASCII" },
		{ "X: a\\nS3CRET", "'X': a header has a byte that is no"
		    " printable ASCII" },
		{ "expect: S3CRET", NULL },
		{ "authorization: Bearer S3CRET", "'authorization' can't be"
		    " set: a key is passed with auth" },
		{ "HOST: a", "'HOST' can't be set: the URL says which host it"
		    " is" },
	};
	char lines[512], fault[256];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		snprintf(lines, sizeof(lines), URL "headers = {\"%s\"}",
		    bad[i].header);
		if (bad[i].fault != NULL) {
			snprintf(fault, sizeof(fault), "headers: %s",
			    bad[i].fault);
			refuses_at(5, lines, fault);
		} else {
			assert_null(load_source(lines));
		}
		assert_null(strstr(told, "S3CRET"));
	}
	refuses_at(5, URL "headers = {'A: 1', 'a: 2'}",
	    "headers: 'a' is there twice");
}

static void
what_does_not_fit_together_is_told(void **state)
{
	(void)state;
	refuses_at(4, "url = 'http://a/all'", "url: no {base}");
	refuses_at(5, URL "mirrors = {'http://m/all'}", "mirrors: no {base}");
	refuses_at(4, "url = 'http://a/{key}/{base}'",
	    "url: only auth \"path\" has '{key}'");
	refuses_at(5, URL "shape = rows rate = /r",
	    "shape: \"rows\" needs quote");
	refuses_at(5, URL "shape = rows quote = /q",
	    "shape: \"rows\" needs rate");
	refuses_at(5, URL "shape = objects", "shape: \"objects\" needs rate");
	refuses_at(5, URL "format = xml",
	    "format: all but \"json\" need shape = \"rows\"");
	refuses_at(3, URL "shape = rows quote = /q rate = /r format = csv",
	    "rates: must be \"\" with format = \"csv\"");
	refuses_at(5, URL "unit = /u",
	    "unit: a pointer needs shape = \"rows\" or \"objects\"");
	refuses_at(5, URL "exact-base = USD base = EUR",
	    "exact-base: is not the only base that there is");
	refuses_at(5, URL "credential = k",
	    "credential: there is no auth that takes it");
}

/* Where nothing is wrong with the key, as the section isn't used. */
static void
auth_has_to_fit_as_well(void **state)
{
	(void)state;
	refuses_text(WHOLE "source b {\nauth = path\n" URL "}\n",
	    ":6: source 'b': url: no {key}\n");
	refuses_text(WHOLE "source b { auth = 'query k'\n"
	    "url = 'http://b/?x=1&k=S3CRET&base={base}' }\n",
	    ":5: source 'b': url: has the parameter in it that auth adds\n");
	refuses_text(WHOLE "source b { auth = 'header X-Key'\n"
	    "headers = {'x-key: S3CRET'}\n" URL "}\n",
	    ":5: source 'b': headers: one of them is that of auth\n");
	accepts_text(WHOLE "source b { auth = 'query k'\n"
	    "url = 'http://b/k=1?kk=1&base={base}' }\n");
	accepts_text(WHOLE "source b { auth = path\n"
	    "url = 'http://b/{key}/{base}' }\n");
}

static void
a_list_belongs_to_its_section(void **state)
{
	struct conf *conf = load_text(
	    "currencies = EUR sources = {a, b}\n"
	    "source a { " URL " mirrors = {'http://1/{base}',"
	    " 'http://2/{base}'} }\n"
	    "source b { " URL " mirrors = {'http://3/{base}'} }\n");

	(void)state;
	assert_string_equal(told, "");
	assert_int_equal(conf->sources[0].mirror_count, 2);
	assert_string_equal(conf->sources[0].mirrors[0], "http://1/{base}");
	assert_int_equal(conf->sources[1].mirror_count, 1);
	assert_string_equal(conf->sources[1].mirrors[0], "http://3/{base}");
	conf_free(conf);
	refuses_at(6, URL "errors = {/1, /2, /3, /4, /5, /6, /7}\n"
	    "errors = {/1, /2, /3, /4, /5, /6, /7}",
	    "errors: set twice, first at line 5");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_source_that_says_nothing_has_the_default_mapping),
		cmocka_unit_test(every_key_gets_where_it_belongs),
		cmocka_unit_test(good_values_are_taken),
		cmocka_unit_test(bad_values_are_told),
		cmocka_unit_test(bad_pointers_and_schedules_are_told),
		cmocka_unit_test(texts_have_an_end),
		cmocka_unit_test(headers_are_checked_and_never_shown),
		cmocka_unit_test(what_does_not_fit_together_is_told),
		cmocka_unit_test(auth_has_to_fit_as_well),
		cmocka_unit_test(a_list_belongs_to_its_section),
	};

	return cmocka_run_group_tests(tests, enter_samples, NULL);
}
