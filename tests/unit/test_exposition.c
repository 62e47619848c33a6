/*
 * Prometheus' text format: escapes, heads, histograms.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tools/exposition.h"

static char *text;
static size_t size;
static struct exposition out;

static int
begin(void **state)
{
	(void)state;
	out = (struct exposition){ .out = open_memstream(&text, &size) };
	return out.out == NULL ? -1 : 0;
}

static int
end(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	return 0;
}

static void
expect(const char *expected)
{
	assert_int_equal(fclose(out.out), 0);
	assert_string_equal(text, expected);
}

static void
a_head_comes_once_before_the_first_sample(void **state)
{
	(void)state;
	exposition_metric(&out, "none", "gauge", "without a sample");
	exposition_number(&out, NULL, NAN);
	exposition_number(&out, NULL, INFINITY);
	exposition_metric(&out, "some", "counter", "a \\ and a\nline \"q\"");
	exposition_count(&out, NULL, UINT64_MAX);
	exposition_number(&out, &(struct labels){ { { "a", "b" } } }, 1.1684);
	exposition_metric(&out, "more", "gauge", "h");
	exposition_time(&out, NULL, INT64_C(1776038400123456789));
	exposition_time(&out, NULL, 0);
	expect("# HELP some a \\\\ and a\\nline \"q\"\n"
	       "# TYPE some counter\n"
	       "some 18446744073709551615\n"
	       "some{a=\"b\"} 1.1684\n"
	       "# HELP more h\n"
	       "# TYPE more gauge\n"
	       "more 1776038400.123\n"
	       "more 0\n");
}

static void
labels_are_escaped(void **state)
{
	const struct labels labels = { { { "a", "\"\\\n{}," },
	    { "b", "" } } };

	(void)state;
	exposition_metric(&out, "m", "gauge", "h");
	exposition_count(&out, &labels, 1);
	expect("# HELP m h\n# TYPE m gauge\n"
	       "m{a=\"\\\"\\\\\\n{},\",b=\"\"} 1\n");
}

static void
a_label_of_all_comes_first(void **state)
{
	(void)state;
	out.always = (struct label){ "i", "x\"" };
	exposition_metric(&out, "m", "gauge", "h");
	exposition_count(&out, NULL, 1);
	exposition_count(&out, &(struct labels){ { { "a", "b" } } }, 2);
	expect("# HELP m h\n# TYPE m gauge\n"
	       "m{i=\"x\\\"\"} 1\nm{i=\"x\\\"\",a=\"b\"} 2\n");
}

static void
buckets_are_told_together(void **state)
{
	static const char *const ends[] = { "0.5", "2" };
	static const uint64_t counts[] = { 3, 0, 2 };

	(void)state;
	exposition_metric(&out, "m", "histogram", "h");
	exposition_histogram(&out, &(struct labels){ { { "a", "b" } } }, ends,
	    counts, 2, 7.25);
	expect("# HELP m h\n# TYPE m histogram\n"
	       "m_bucket{a=\"b\",le=\"0.5\"} 3\n"
	       "m_bucket{a=\"b\",le=\"2\"} 3\n"
	       "m_bucket{a=\"b\",le=\"+Inf\"} 5\n"
	       "m_sum{a=\"b\"} 7.25\n"
	       "m_count{a=\"b\"} 5\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_head_comes_once_before_the_first_sample, begin, end),
		cmocka_unit_test_setup_teardown(
		    labels_are_escaped, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_label_of_all_comes_first, begin, end),
		cmocka_unit_test_setup_teardown(
		    buckets_are_told_together, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
