/*
 * The text of a configuration: its syntax, its lines, and all of its faults in
 * their order.
 */
#include "told.h"

#include <stdlib.h>
#include <string.h>

static void
every_unknown_key_is_told(void **state)
{
	(void)state;
	refuses_file("unknown-key.conf",
	    "unknown-key.conf:5: unknown key 'wrokers'"
	    " (did you mean 'workers'?)\n"
	    "unknown-key.conf:8: unknown key 'brust' in source 'one'"
	    " (did you mean 'burst'?)\n"
	    "unknown-key.conf:9: unknown key 'nothing-like-it'"
	    " in source 'one'\n"
	    "unknown-key.conf:12: unknown key 'sorce'"
	    " (did you mean 'source'?)\n"
	    "unknown-key.conf:15: unknown key 'wrokers'"
	    " (did you mean 'workers'?)\n");
}

static void
nothing_is_set_twice(void **state)
{
	(void)state;
	refuses_file("twice.conf",
	    "twice.conf:2: currencies: set twice, first at line 1\n"
	    "twice.conf:5: workers: set twice, first at line 4\n"
	    "twice.conf:9: source 'one': burst: set twice,"
	    " first at line 8\n"
	    "twice.conf:11: source 'one': there twice, first at line 6\n");
}

static void
all_faults_are_told_in_order(void **state)
{
	(void)state;
	refuses_file("several.conf",
	    "several.conf:2: currencies: 'eur' is not a currency code"
	    " (3 to 8 of A-Z 0-9)\n"
	    "several.conf:3: unknown key 'spuorces'"
	    " (did you mean 'sources'?)\n"
	    "several.conf:5: workers: '65' is not a whole number"
	    " from 1 to 64\n"
	    "several.conf:6: refresh: '1 fortnight' is not a time"
	    " from 100ms to 30d (units: ms s m h d)\n"
	    "several.conf:8: source 'one': url: none given\n"
	    "several.conf:9: source 'one': rate-limit: 'often' is not a rate"
	    " like 2/s (1 to 1000000; units: s m h d)\n"
	    "several.conf:12: sources: none given\n"
	    "several.conf:12: connect-timeout must not be above timeout\n");
}

static void
a_fault_is_told_once_a_line(void **state)
{
	(void)state;
	refuses_text(WHOLE "foo = 1 foo = 2 workers = 0 foo = 3\n",
	    ":4: unknown key 'foo'\n"
	    ":4: workers: '0' is not a whole number from 1 to 64\n");
}

static void
comments_do_not_shift_lines(void **state)
{
	(void)state;
	refuses_text("# one\n// two\n/* three\n four \" { */ workers = 0\n" WHOLE
	             "refresh = '1m' # eight\nconcurrency = 0 /* nine */\n",
	    ":4: workers: '0' is not a whole number from 1 to 64\n"
	    ":9: concurrency: '0' is not a whole number from 1 to 256\n");
}

static void
a_comment_sign_in_a_string_is_no_comment(void **state)
{
	struct conf *conf = load_text("currencies = EUR sources = a\n"
	                              "source a { url = 'http://a/#/*{base}' }");

	(void)state;
	assert_non_null(conf);
	assert_string_equal(conf->sources[0].url, "http://a/#/*{base}");
	conf_free(conf);
}

/* A file that was cut off must not pass for a whole one. */
static void
a_file_that_ends_within_something_is_refused(void **state)
{
	(void)state;
	refuses_text(WHOLE "workers = 0\nrefresh = \"1m\n",
	    ":4: workers: '0' is not a whole number from 1 to 64\n"
	    ":5: a string without an end on its line\n");
	refuses_text(WHOLE "'", ":4: a string without an end on its line\n");
	refuses_text(WHOLE "/* ratesd\n", ":4: a comment without an end\n");
	refuses_text(WHOLE "source \"b\" {\n url = \"http://b/{base}\"\n",
	    ":4: a '{' that is never closed\n");
	refuses_text("currencies = {\"EUR\",\n",
	    ":1: a '{' that is never closed\n");
	refuses_text(WHOLE "workers = \"${HOME\nrefresh = \"}\"\n",
	    ":4: a '${' that has no '}'\n");
	refuses_text(WHOLE "workers =\n", ":4: premature end of file\n");
}

static void
bad_syntax_is_told_where_it_is(void **state)
{
	(void)state;
	refuses_text(WHOLE "}\n", ":4: unexpected closing brace\n");
	refuses_text(WHOLE "workers = {1, 2}\n", ":4: unexpected token '{'\n");
	refuses_text(WHOLE "workers 4\n",
	    ":4: missing equal sign after option 'workers'\n");
	refuses_text(WHOLE "source { }\n",
	    ":4: missing title for section 'source'\n");
	refuses_text(WHOLE "\"\" = 4\n", ":4: not a key\n");
	refuses_text(WHOLE "workers = *4\nrefresh += 2m\n",
	    ":4: unexpected '*'\n"
	    ":5: unexpected '+'\n"
	    ":5: attempt to append to non-list option 'refresh'\n");
	refuses_text(WHOLE "\"source=a|url\" = \"http://b/{base}\"\n",
	    ":4: url: does not belong here\n");
}

static void
unknown_things_of_every_shape_are_passed_over(void **state)
{
	(void)state;
	refuses_text(WHOLE "k = {1, 2}\ns { a = 1\n}\nt \"u\" { b = 2 }\n"
	                   "word\nworkers = 0\n",
	    ":4: unknown key 'k'\n"
	    ":5: unknown key 's'\n"
	    ":7: unknown key 't'\n"
	    ":8: unknown key 'word'\n"
	    ":9: workers: '0' is not a whole number from 1 to 64\n");
}

static void
another_file_is_not_included(void **state)
{
	(void)state;
	assert_null(load_text("include(\"good.conf\")\n"));
	assert_memory_equal(told, ":1: unknown key 'include'\n", 26);
}

static void
reports_are_safe_to_print(void **state)
{
	(void)state;
	refuses_text(WHOLE "workers = \"\\x1b[31m\xff\"\n\033 = 1\n",
	    ":4: workers: '?[31m?' is not a whole number from 1 to 64\n"
	    ":5: a control character\n"
	    ":5: unknown key '?'\n");
}

static void
variables_are_replaced(void **state)
{
	struct conf *conf;

	(void)state;
	setenv("TEST_CONF_WORKERS", "7", 1);
	conf = load_text(WHOLE "workers = \"${TEST_CONF_WORKERS}\"\n"
	                       "concurrency = ${TEST_CONF_NONE:-8}\n");
	assert_non_null(conf);
	assert_int_equal(conf->workers, 7);
	assert_int_equal(conf->concurrency, 8);
	conf_free(conf);
}

static void
a_file_that_cannot_be_read_gives_one_report(void **state)
{
	(void)state;
	refuses_file("no-such.conf",
	    "no-such.conf: No such file or directory\n");
	refuses_file(".", ".: Is a directory\n");
}

static void
what_is_no_text_is_refused(void **state)
{
	static char large[1024 * 1024 + 1];

	(void)state;
	assert_null(load_bytes(WHOLE "\0", sizeof(WHOLE)));
	assert_string_equal(told, ": has a NUL byte in it\n");
	memset(large, ' ', sizeof(large));
	memcpy(large, WHOLE, strlen(WHOLE));
	assert_null(load_bytes(large, sizeof(large)));
	assert_string_equal(told, ": larger than 1 MiB\n");
	conf_free(load_bytes(large, sizeof(large) - 1));
	assert_string_equal(told, "");
}

static void
freeing_nothing_is_fine(void **state)
{
	(void)state;
	conf_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_unknown_key_is_told),
		cmocka_unit_test(nothing_is_set_twice),
		cmocka_unit_test(all_faults_are_told_in_order),
		cmocka_unit_test(a_fault_is_told_once_a_line),
		cmocka_unit_test(comments_do_not_shift_lines),
		cmocka_unit_test(a_comment_sign_in_a_string_is_no_comment),
		cmocka_unit_test(a_file_that_ends_within_something_is_refused),
		cmocka_unit_test(bad_syntax_is_told_where_it_is),
		cmocka_unit_test(unknown_things_of_every_shape_are_passed_over),
		cmocka_unit_test(another_file_is_not_included),
		cmocka_unit_test(reports_are_safe_to_print),
		cmocka_unit_test(variables_are_replaced),
		cmocka_unit_test(a_file_that_cannot_be_read_gives_one_report),
		cmocka_unit_test(what_is_no_text_is_refused),
		cmocka_unit_test(freeing_nothing_is_fine),
	};

	return cmocka_run_group_tests(tests, enter_samples, NULL);
}
