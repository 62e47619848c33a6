/*
 * The writers of JSON and CSV: nesting, commas, escapes, quotes.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tools/writer.h"

/* What a test has written, in memory. */
static char *text;
static size_t size;
static FILE *out;

static int
open_text(void **state)
{
	(void)state;
	out = open_memstream(&text, &size);
	return out == NULL ? -1 : 0;
}

static int
free_text(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	return 0;
}

static void
expect(const char *expected)
{
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, expected);
}

static void
object_members_are_separated(void **state)
{
	struct json json;

	(void)state;
	json_begin(&json, out);
	json_object(&json);
	json_key(&json, "schema");
	json_bare(&json, "1");
	json_key(&json, "running");
	json_bare(&json, "true");
	json_key(&json, "error");
	json_bare(&json, "null");
	json_close(&json);
	json_end(&json);
	expect("{\"schema\": 1, \"running\": true, \"error\": null}\n");
}

static void
nested_values_keep_their_own_commas(void **state)
{
	struct json json;

	(void)state;
	json_begin(&json, out);
	json_object(&json);
	json_key(&json, "rows");
	json_array(&json);
	for (int i = 0; i < 2; i++) {
		json_object(&json);
		json_key(&json, "a");
		json_array(&json);
		json_close(&json);
		json_key(&json, "b");
		json_bare(&json, i == 0 ? "0" : "1");
		json_close(&json);
	}
	json_close(&json);
	json_key(&json, "end");
	json_bare(&json, "false");
	json_close(&json);
	json_end(&json);
	expect("{\"rows\": [{\"a\": [], \"b\": 0}, {\"a\": [], \"b\": 1}], "
	       "\"end\": false}\n");
}

static void
array_values_are_separated(void **state)
{
	struct json json;

	(void)state;
	json_begin(&json, out);
	json_array(&json);
	json_string(&json, "EUR");
	json_string(&json, NULL);
	json_bare(&json, "1.1684");
	json_close(&json);
	json_end(&json);
	expect("[\"EUR\", null, 1.1684]\n");
}

static void
strings_are_escaped(void **state)
{
	struct json json;

	(void)state;
	json_begin(&json, out);
	json_string(&json, "a\"b\\c/d\n\t\x01\x1b[31m\x7f");
	json_end(&json);
	expect("\"a\\\"b\\\\c/d\\u000a\\u0009\\u0001\\u001b[31m\x7f\"\n");
}

static void
bytes_beyond_ascii_never_make_bad_utf8(void **state)
{
	struct json json;

	(void)state;
	json_begin(&json, out);
	json_string(&json, "\xff\x80");
	json_end(&json);
	expect("\"\\ufffd\\ufffd\"\n");
}

static void
keys_are_escaped_too(void **state)
{
	struct json json;

	(void)state;
	json_begin(&json, out);
	json_object(&json);
	json_key(&json, "a\"b");
	json_bare(&json, "0");
	json_close(&json);
	json_end(&json);
	expect("{\"a\\\"b\": 0}\n");
}

static void
csv_quotes_only_what_needs_it(void **state)
{
	struct csv csv;

	(void)state;
	csv_begin(&csv, out);
	csv_field(&csv, "EUR");
	csv_field(&csv, "a,b");
	csv_field(&csv, "a \"b\"");
	csv_field(&csv, "a\nb");
	csv_field(&csv, "a\rb");
	csv_field(&csv, "a b");
	csv_end(&csv);
	expect("EUR,\"a,b\",\"a \"\"b\"\"\",\"a\nb\",\"a\rb\",a b\n");
}

static void
csv_keeps_empty_fields(void **state)
{
	struct csv csv;

	(void)state;
	csv_begin(&csv, out);
	csv_field(&csv, NULL);
	csv_field(&csv, "");
	csv_number(&csv, NAN);
	csv_end(&csv);
	expect(",,\n");
}

static void
csv_records_begin_anew(void **state)
{
	struct csv csv;

	(void)state;
	csv_begin(&csv, out);
	csv_field(&csv, "a");
	csv_field(&csv, "b");
	csv_end(&csv);
	csv_number(&csv, 0.5);
	csv_number(&csv, 1);
	csv_end(&csv);
	expect("a,b\n0.5,1\n");
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, open_text, free_text)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(object_members_are_separated),
		TEST(nested_values_keep_their_own_commas),
		TEST(array_values_are_separated),
		TEST(strings_are_escaped),
		TEST(bytes_beyond_ascii_never_make_bad_utf8),
		TEST(keys_are_escaped_too),
		TEST(csv_quotes_only_what_needs_it),
		TEST(csv_keeps_empty_fields),
		TEST(csv_records_begin_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
