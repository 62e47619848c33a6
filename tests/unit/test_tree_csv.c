#include "source/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define TEXT(text) text, sizeof(text) - 1

static struct tree_defect defect;

/* Reads exact bytes, with nothing after them. */
static json_object *
read_bytes(const char *bytes, size_t size)
{
	char *exact = malloc(size + (size == 0));
	json_object *root;

	assert_non_null(exact);
	memcpy(exact, bytes, size);
	memset(&defect, 'x', sizeof(defect));
	root = tree_read_csv(exact, size, &defect);
	free(exact);
	return root;
}

static void
assert_reads(const char *text, const char *wanted)
{
	json_object *root = read_bytes(text, strlen(text));

	if (defect.what != NULL)
		fail_msg("%s: %s at %zu", text, defect.what, defect.at);
	assert_string_equal(json_object_to_json_string_ext(
	    root, JSON_C_TO_STRING_PLAIN), wanted);
	json_object_put(root);
}

static void
assert_refuses(const char *bytes, size_t size, const char *what, size_t line,
    size_t at)
{
	json_object *root = read_bytes(bytes, size);

	if (defect.what == NULL)
		fail_msg("took %s", bytes);
	assert_null(root);
	assert_string_equal(defect.what, what);
	assert_int_equal(defect.line, line);
	assert_int_equal(defect.at, at);
}

static void
reads_rows_by_column_name(void **state)
{
	static const char wanted[] = "[{\"a\":\"1\",\"b\":\"2\"},"
	    "{\"a\":\"\",\"b\":\"x y\"}]";

	(void)state;
	assert_reads("a,b\r\n1,2\r\n,x y\r\n", wanted);
	assert_reads("a,b\n1,2\n,x y\n", wanted);
	assert_reads("a,b\r\n1,2\n,x y", wanted);
	assert_reads("\xef\xbb\xbf" "a,b\r\n1,2\n,x y", wanted);
	assert_reads("\"a\",\"b\"\n\"1\",2\n\"\",\"x y\"", wanted);
}

static void
reads_quoted_fields(void **state)
{
	(void)state;
	assert_reads("a,b\n\"1,\"\"2\"\"\",\"\r\n\"\n",
	    "[{\"a\":\"1,\\\"2\\\"\",\"b\":\"\\r\\n\"}]");
	assert_reads("a,\"b \"\"c\"\"\"\n\"\"\"\",\"\"\n",
	    "[{\"a\":\"\\\"\",\"b \\\"c\\\"\":\"\"}]");
	assert_reads("a,b\n 1 , 2 \n", "[{\"a\":\" 1 \",\"b\":\" 2 \"}]");
}

static void
reads_a_header_alone(void **state)
{
	(void)state;
	assert_reads("a,b\r\n", "[]");
	assert_reads("a,b", "[]");
	assert_reads("a", "[]");
	assert_reads("a\n\n", "[{\"a\":\"\"}]");
}

#define FIELDS "a row with another number of fields"

static void
refuses_what_is_no_table(void **state)
{
	static const struct {
		const char *text, *what;
		size_t line, at;
	} rows[] = {
		{ "a,b\n1\n", FIELDS, 2, 4 },
		{ "a,b\n1,2\n1,2,3\n", FIELDS, 3, 8 },
		{ "a,b\r\n1,2,\r\n", FIELDS, 2, 5 },
		{ "a,b\n\n1,2\n", FIELDS, 2, 4 },
		{ "a,b\n1,2\n\n", FIELDS, 3, 8 },
		{ "a,b\n\"x\n\ny\",2\n1\n", FIELDS, 5, 13 },
		{ "a,b,a\n1,2,3\n", "a column named twice", 1, 4 },
		{ "a,\"a\"\n", "a column named twice", 1, 2 },
		{ "a,,\n1,2,3\n", "a column named twice", 1, 3 },
		{ "a,b\n\"1,2\n", "a quote that is not closed", 2, 4 },
		{ "a,b\n1\"2,3\n", "unexpected character", 2, 5 },
		{ "a,b\n\"1\"2,3\n", "unexpected character", 2, 7 },
		{ "a,b\r1,2\r", "unexpected character", 1, 3 },
		{ "a,b\n1,\xff\n", "invalid utf-8 string", 1, 6 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_refuses(rows[i].text, strlen(rows[i].text),
		    rows[i].what, rows[i].line, rows[i].at);
	assert_refuses(TEXT("a,b\n1,\0\n"), "a NUL", 1, 6);
}

static void
bounds_the_values(void **state)
{
	size_t size = TREE_VALUES_MAX * 2;
	char *text = malloc(size + 2);
	json_object *root;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < size; i += 2)
		memcpy(text + i, i == 0 ? "a\n" : "1\n", 2);
	root = read_bytes(text, size);
	assert_null(defect.what);
	assert_int_equal(json_object_array_length(root), TREE_VALUES_MAX - 1);
	json_object_put(root);
	memcpy(text + size, "1\n", 2);
	assert_refuses(text, size + 2, "too many values", TREE_VALUES_MAX + 1,
	    size);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_rows_by_column_name),
		cmocka_unit_test(reads_quoted_fields),
		cmocka_unit_test(reads_a_header_alone),
		cmocka_unit_test(refuses_what_is_no_table),
		cmocka_unit_test(bounds_the_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
