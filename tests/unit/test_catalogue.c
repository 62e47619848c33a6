#include "source/catalogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *
fault_of(const char *template)
{
	static char text[128];
	char detail[40];
	const char *fault =
	    source_template_fault(template, detail, sizeof(detail));

	if (fault == NULL)
		return NULL;
	snprintf(text, sizeof(text), "%s|%s", fault, detail);
	return text;
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
	    fault_of("{base}{bass}{key}"), "unknown placeholder|{bass}");
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
	char detail[6] = "xxxxx";

	(void)state;
	assert_non_null(
	    source_template_fault("{nonsense}", detail, sizeof(detail)));
	assert_string_equal(detail, "{nons");
}

static int
url_of(const char *template, const char *base, char *url, size_t size)
{
	struct source source = { .name = "test" };

	snprintf(source.url, sizeof(source.url), "%s", template);
	return source_url(&source, base, url, size);
}

static void
every_placeholder_becomes_the_base(void **state)
{
	char url[64];

	(void)state;
	assert_int_equal(
	    url_of("x/{base}?{base:lower}&{base}", "EUR", url, sizeof(url)),
	    0);
	assert_string_equal(url, "x/EUR?eur&EUR");
	assert_int_equal(url_of("{base:lower}", "A1Z9", url, sizeof(url)), 0);
	assert_string_equal(url, "a1z9");
}

static void
a_url_may_fill_its_buffer(void **state)
{
	char url[9];

	(void)state;
	assert_int_equal(url_of("x/{base}/y", "EURO", url, sizeof(url)), 0);
	assert_string_equal(url, "x/EURO/y");
}

static void
a_url_that_does_not_fit_is_refused(void **state)
{
	char url[10] = "abcdefgh";

	(void)state;
	assert_int_equal(url_of("x/{base}/y", "EURO", url, 8), -1);
	assert_int_equal(url_of("x/{base}", "EUROEUROEUR", url, 8), -1);
	assert_int_equal(url_of("{base}", "EUR", url, 0), -1);
	assert_string_equal(url + 8, "");
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
		cmocka_unit_test(every_placeholder_becomes_the_base),
		cmocka_unit_test(a_url_may_fill_its_buffer),
		cmocka_unit_test(a_url_that_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
