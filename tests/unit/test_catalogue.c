#include "source/catalogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "source/header.h"

static const char *
fault_for(const struct source *source, const char *template)
{
	static char text[128];
	char detail[40];
	const char *fault = source_template_fault(
	    source, template, detail, sizeof(detail));

	if (fault == NULL)
		return NULL;
	snprintf(text, sizeof(text), "%s|%s", fault, detail);
	return text;
}

static const char *
fault_of(const char *template)
{
	static const struct source plain = { .name = "test" };

	return fault_for(&plain, template);
}

static void
sound_templates_have_no_fault(void **state)
{
	(void)state;
	assert_null(fault_of("https://a.example/rates?base={base}"));
	assert_null(fault_of("{base:lower}"));
	assert_null(fault_of("{base}/{base:lower}/{base}"));
}

static void
a_template_without_a_base_is_a_fault(void **state)
{
	(void)state;
	assert_string_equal(fault_of("https://a.example/"), "no {base}|");
	assert_string_equal(fault_of(""), "no {base}|");
}

static void
an_unknown_placeholder_is_named(void **state)
{
	(void)state;
	assert_string_equal(
	    fault_of("{base}{bass}{date}"), "unknown placeholder|{bass}");
	assert_string_equal(
	    fault_of("{base}{BASE}"), "unknown placeholder|{BASE}");
	assert_string_equal(fault_of("{base}{}"), "unknown placeholder|{}");
	assert_string_equal(
	    fault_of("{base:upper}"), "unknown placeholder|{base:upper}");
	assert_string_equal(
	    fault_of("{{base}}"), "unknown placeholder|{{base}");
}

static void
a_brace_needs_its_other_half(void **state)
{
	(void)state;
	assert_string_equal(
	    fault_of("a/{base}/{base"), "no '}' after|{base");
	assert_string_equal(fault_of("{base}}"), "no '{' before|}");
	assert_string_equal(fault_of("a{"), "no '}' after|{");
}

static void
the_detail_is_cut_to_fit(void **state)
{
	static const struct source plain = { .name = "test" };
	char detail[6] = "xxxxx";

	(void)state;
	assert_non_null(source_template_fault(
	    &plain, "{nonsense}", detail, sizeof(detail)));
	assert_string_equal(detail, "{nons");
}

static void
a_source_with_one_base_needs_none_in_its_url(void **state)
{
	static const struct source fixed = { .base = 1 };

	(void)state;
	assert_null(fault_for(&fixed, "https://a.example/daily.xml"));
	assert_null(fault_for(&fixed, "https://a.example/{base}"));
	assert_null(fault_for(&fixed, "https://a.example/?s={symbols}"));
	assert_string_equal(fault_of("https://a.example/?s={symbols}"),
	    "no {base}|");
}

static void
a_key_is_in_the_path_with_auth_path_alone(void **state)
{
	static const struct source path = { .auth = SOURCE_AUTH_PATH };
	static const struct source query = { .auth = SOURCE_AUTH_QUERY };

	(void)state;
	assert_null(fault_for(&path, "https://a.example/{key}/{base}"));
	assert_null(fault_for(&path, "https://a.example/{base}?k={key}"));
	assert_string_equal(
	    fault_for(&path, "https://a.example/{base}"), "no {key}|");
	assert_string_equal(fault_for(&query, "https://a.example/{key}/{base}"),
	    "only auth \"path\" has|{key}");
	assert_string_equal(fault_of("https://a.example/{key}/{base}"),
	    "only auth \"path\" has|{key}");
	assert_string_equal(fault_for(&path, "https://{key}.example/{base}"),
	    "before the path:|{key}");
	assert_string_equal(fault_for(&path, "https://a.example?{key}/{base}"),
	    "before the path:|{key}");
	assert_string_equal(fault_for(&path, "{key}/{base}"),
	    "before the path:|{key}");
}

static void
only_a_key_that_can_be_sent_has_no_fault(void **state)
{
	static const char *const bad[] = { "", " a", "a ", "a\r\nX: y", "a\n",
		"\r", "a\tb", "a\x01", "a\x7f", "\xc3\xa4" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_non_null(source_key_fault(bad[i]));
	assert_null(source_key_fault("k"));
	assert_null(source_key_fault("a&b=c% \"d' {base}\\~"));
}

static void
only_a_header_that_can_be_sent_has_no_fault(void **state)
{
	static const char *const bad[] = { "", ":", ": a", "A", "A a: b",
		"A : b", "A:", "A:  ", "A: b\r\nC: d", "A: b\n", "A: \x7f",
		"A: \xc3\xa4", "host: a", "Connection: close",
		"IF-NONE-MATCH: \"a\"", "Transfer-Encoding: chunked", "A;" };
	static const char *const good[] = { "A:b", "a-b: c: d", "Hosts: a",
		"Accept: x/y;q=0.1, z/*", "User-Agent: me", "!#$%&'*+-.^_`|~: x" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_non_null(source_header_fault(bad[i]));
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_null(source_header_fault(good[i]));
}

/* --- URLs ----------------------------------------------------------------- */

#define ODD "a&b=c%d \"e'/?#{base}+\\~"
#define ODD_ENCODED "a%26b%3Dc%25d%20%22e%27%2F%3F%23%7Bbase%7D%2B%5C~"

static char url[64];

static const char *
url_of(const char *template, const char *base, size_t size)
{
	struct source source = { .name = "test" };

	snprintf(source.url, sizeof(source.url), "%s", template);
	return source_url(&source, 0, base, "EUR,USD", url, size);
}

static void
every_placeholder_becomes_its_value(void **state)
{
	(void)state;
	assert_null(url_of("x/{base}?{base:lower}&{base}", "EUR", sizeof(url)));
	assert_string_equal(url, "x/EUR?eur&EUR");
	assert_null(url_of("{base:lower}", "A1Z9", sizeof(url)));
	assert_string_equal(url, "a1z9");
	assert_null(url_of("{base}?s={symbols}", "PLN", sizeof(url)));
	assert_string_equal(url, "PLN?s=EUR,USD");
	assert_null(url_of("{base}#{base}", "PLN", sizeof(url)));
	assert_string_equal(url, "PLN");
	assert_null(url_of("{base}{no}{", "PLN", sizeof(url)));
	assert_string_equal(url, "PLN{no}{");
}

static void
no_symbols_are_an_empty_list(void **state)
{
	struct source source = { .url = "{base}?s={symbols}&x" };

	(void)state;
	assert_null(source_url(&source, 0, "EUR", NULL, url, sizeof(url)));
	assert_string_equal(url, "EUR?s=&x");
}

static void
a_url_may_fill_its_buffer(void **state)
{
	(void)state;
	assert_null(url_of("x/{base}/y", "EURO", 9));
	assert_string_equal(url, "x/EURO/y");
}

static void
a_url_that_does_not_fit_is_refused(void **state)
{
	(void)state;
	memset(url, '+', sizeof(url));
	assert_string_equal(
	    url_of("x/{base}/y", "EURO", 8), "the URL is too long");
	assert_string_equal(url, "");
	assert_non_null(url_of("x/{base}", "EUROEUROEUR", 8));
	assert_non_null(url_of("{symbols}", "EUR", 7));
	assert_non_null(url_of("{base}", "EUR", 1));
	assert_int_equal(url[8], '+');
}

static void
mirrors_are_templates_too(void **state)
{
	struct source source = { .url = "0/{base}",
		.mirrors = { "1/{base:lower}", "2/{base}" },
		.mirror_count = 2 };

	(void)state;
	assert_null(source_url(&source, 1, "EUR", NULL, url, sizeof(url)));
	assert_string_equal(url, "1/eur");
	assert_null(source_url(&source, 2, "EUR", NULL, url, sizeof(url)));
	assert_string_equal(url, "2/EUR");
	assert_string_equal(
	    source_url(&source, 3, "EUR", NULL, url, sizeof(url)),
	    "no such mirror");
	assert_string_equal(url, "");
	source.mirror_count = UINT32_MAX;
	assert_non_null(source_url(&source, SOURCE_MIRRORS_MAX + 1, "EUR",
	    NULL, url, sizeof(url)));
}

static void
a_key_in_the_query_is_appended_and_encoded(void **state)
{
	static const struct {
		const char *template, *name, *key, *url;
	} cases[] = {
		{ "x/{base}", "k", "v", "x/EUR?k=v" },
		{ "x?b={base}", "k", "v", "x?b=EUR&k=v" },
		{ "x?b={base}&", "k", "v", "x?b=EUR&k=v" },
		{ "x/{base}#f?g", "k", "v", "x/EUR?k=v" },
		{ "{base}?", "k", "v", "EUR?k=v" },
		{ "{base}", "a b&", ODD, "EUR?a%20b%26=" ODD_ENCODED },
	};
	struct source source = { .auth = SOURCE_AUTH_QUERY };
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(source.url, sizeof(source.url), "%s",
		    cases[i].template);
		snprintf(source.auth_name, sizeof(source.auth_name), "%s",
		    cases[i].name);
		snprintf(source.key, sizeof(source.key), "%s", cases[i].key);
		assert_null(
		    source_url(&source, 0, "EUR", NULL, text, sizeof(text)));
		assert_string_equal(text, cases[i].url);
	}
}

static void
a_key_in_the_path_is_encoded(void **state)
{
	struct source source = { .auth = SOURCE_AUTH_PATH,
		.url = "h/{key}/{base}",
		.key = ODD };
	char text[128];

	(void)state;
	assert_null(source_url(&source, 0, "EUR", NULL, text, sizeof(text)));
	assert_string_equal(text, "h/" ODD_ENCODED "/EUR");
}

static void
without_a_good_key_there_is_no_url(void **state)
{
	struct source source = { .url = "h/{base}" };

	(void)state;
	for (int auth = SOURCE_AUTH_QUERY; auth <= SOURCE_AUTH_PATH; auth++) {
		source.auth = (enum source_auth)auth;
		source.key[0] = '\0';
		assert_string_equal(
		    source_url(&source, 0, "EUR", NULL, url, sizeof(url)),
		    "no key");
		snprintf(source.key, sizeof(source.key), "a\r\nX: y");
		assert_non_null(
		    source_url(&source, 0, "EUR", NULL, url, sizeof(url)));
		assert_string_equal(url, "");
	}
}

/* --- header lines --------------------------------------------------------- */

static char lines[SOURCE_LINES_MAX][SOURCE_LINE_MAX];

static void
accept_is_by_the_format_unless_it_is_given(void **state)
{
	static const char *const wanted[] = { "Accept: application/json",
		"Accept: text/csv", "Accept: application/xml" };
	struct source source = { .header_count = 0 };
	unsigned count;

	(void)state;
	for (int format = MAPPING_JSON; format <= MAPPING_XML; format++) {
		source.mapping.format = (enum mapping_format)format;
		assert_null(source_headers(&source, lines, &count));
		assert_int_equal(count, 1);
		assert_string_equal(lines[0], wanted[format]);
	}
	source.header_count = 2;
	snprintf(source.headers[0], SOURCE_HEADER_MAX, "Accept-Language: de");
	snprintf(source.headers[1], SOURCE_HEADER_MAX, "accept: a/b");
	assert_null(source_headers(&source, lines, &count));
	assert_int_equal(count, 2);
	assert_string_equal(lines[0], "Accept-Language: de");
	assert_string_equal(lines[1], "accept: a/b");
}

static void
a_key_is_a_header_line_as_its_auth_says(void **state)
{
	static const struct {
		enum source_auth auth;
		const char *line;
	} cases[] = {
		{ SOURCE_AUTH_HEADER, "apikey: " ODD },
		{ SOURCE_AUTH_BEARER, "Authorization: Bearer " ODD },
		{ SOURCE_AUTH_TOKEN, "Authorization: Token " ODD },
		{ SOURCE_AUTH_QUERY, NULL },
		{ SOURCE_AUTH_PATH, NULL },
		{ SOURCE_AUTH_NONE, NULL },
	};
	struct source source = { .auth_name = "apikey", .key = ODD };
	unsigned count;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		source.auth = cases[i].auth;
		assert_null(source_headers(&source, lines, &count));
		assert_int_equal(count, cases[i].line != NULL ? 2 : 1);
		if (cases[i].line != NULL)
			assert_string_equal(lines[1], cases[i].line);
	}
}

static void
what_would_break_the_head_is_refused(void **state)
{
	static const char *const keys[] = { "", "a\r\nX: y", "a\n", " a" };
	static const char *const names[] = { "", "a b", "a:\r\nb", "Host" };
	struct source source = { .auth = SOURCE_AUTH_HEADER };
	unsigned count;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		snprintf(source.auth_name, sizeof(source.auth_name), "k");
		snprintf(source.key, sizeof(source.key), "%s", keys[i]);
		assert_non_null(source_headers(&source, lines, &count));
		assert_int_equal(count, 0);
		snprintf(source.auth_name, sizeof(source.auth_name), "%s",
		    names[i]);
		snprintf(source.key, sizeof(source.key), "k");
		assert_non_null(source_headers(&source, lines, &count));
		assert_int_equal(count, 0);
	}
	source.auth = SOURCE_AUTH_NONE;
	source.header_count = 1;
	snprintf(source.headers[0], SOURCE_HEADER_MAX, "A: b\r\nC: d");
	assert_non_null(source_headers(&source, lines, &count));
	assert_int_equal(count, 0);
}

static void
the_longest_of_all_fit(void **state)
{
	struct source source = { .auth = SOURCE_AUTH_HEADER,
		.header_count = SOURCE_HEADERS_MAX };
	unsigned count;

	(void)state;
	memset(source.auth_name, 'n', sizeof(source.auth_name) - 1);
	memset(source.key, 'k', sizeof(source.key) - 1);
	for (unsigned i = 0; i < SOURCE_HEADERS_MAX; i++) {
		memset(source.headers[i], 'h', SOURCE_HEADER_MAX - 1);
		source.headers[i][1] = ':';
	}
	assert_null(source_headers(&source, lines, &count));
	assert_int_equal(count, SOURCE_LINES_MAX);
	assert_int_equal(strlen(lines[count - 1]),
	    sizeof(source.auth_name) + sizeof(source.key));
}

/* --- nothing of a key in a text ------------------------------------------- */

static void
what_is_sent_of_a_key_is_redacted(void **state)
{
	static const char *const keys[] = { "k", "%", "%25", "a%26b", ODD,
		"abcabcabd", "aaaa", "0123456789abcdef0123456789abcdef" };
	struct source source = { .url = "h/{key}/{base}?x", .auth_name = "n" };
	char text[512];
	unsigned count;

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		snprintf(source.key, sizeof(source.key), "%s", keys[i]);
		source.auth = SOURCE_AUTH_PATH;
		assert_null(source_url(
		    &source, 0, "EUR", NULL, text, sizeof(text)));
		text_redact(text, sizeof(text), source.key);
		assert_string_equal(text, "h/***/EUR?x");
		source.auth = SOURCE_AUTH_HEADER;
		assert_null(source_headers(&source, lines, &count));
		text_redact(lines[1], sizeof(lines[1]), source.key);
		assert_string_equal(lines[1], "n: ***");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_templates_have_no_fault),
		cmocka_unit_test(a_template_without_a_base_is_a_fault),
		cmocka_unit_test(an_unknown_placeholder_is_named),
		cmocka_unit_test(a_brace_needs_its_other_half),
		cmocka_unit_test(the_detail_is_cut_to_fit),
		cmocka_unit_test(a_source_with_one_base_needs_none_in_its_url),
		cmocka_unit_test(a_key_is_in_the_path_with_auth_path_alone),
		cmocka_unit_test(only_a_key_that_can_be_sent_has_no_fault),
		cmocka_unit_test(only_a_header_that_can_be_sent_has_no_fault),
		cmocka_unit_test(every_placeholder_becomes_its_value),
		cmocka_unit_test(no_symbols_are_an_empty_list),
		cmocka_unit_test(a_url_may_fill_its_buffer),
		cmocka_unit_test(a_url_that_does_not_fit_is_refused),
		cmocka_unit_test(mirrors_are_templates_too),
		cmocka_unit_test(a_key_in_the_query_is_appended_and_encoded),
		cmocka_unit_test(a_key_in_the_path_is_encoded),
		cmocka_unit_test(without_a_good_key_there_is_no_url),
		cmocka_unit_test(accept_is_by_the_format_unless_it_is_given),
		cmocka_unit_test(a_key_is_a_header_line_as_its_auth_says),
		cmocka_unit_test(what_would_break_the_head_is_refused),
		cmocka_unit_test(the_longest_of_all_fit),
		cmocka_unit_test(what_is_sent_of_a_key_is_redacted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
