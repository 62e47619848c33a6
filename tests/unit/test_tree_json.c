#include "source/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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
	root = tree_read_json(exact, size, &defect);
	free(exact);
	return root;
}

static void
assert_reads(const char *text, const char *wanted)
{
	json_object *root = read_bytes(text, strlen(text));

	if (defect.what != NULL)
		fail_msg("%s: %s at %zu", text, defect.what, defect.at);
	assert_string_equal(json_object_to_json_string_ext(root,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE), wanted);
	json_object_put(root);
}

static void
assert_refuses(const char *bytes, size_t size, const char *what, size_t at)
{
	json_object *root = read_bytes(bytes, size);

	if (defect.what == NULL)
		fail_msg("took %s", bytes);
	assert_null(root);
	assert_string_equal(defect.what, what);
	assert_int_equal(defect.at, at);
	assert_int_equal(defect.line, 0);
}

static void
reads_values(void **state)
{
	(void)state;
	assert_reads(" [ 1 , \"x\" ,true,false,null,{},[] ]\r\n\t",
	    "[1,\"x\",true,false,null,{},[]]");
	assert_reads("{\"a\":{\"b\":[]},\"\":2}", "{\"a\":{\"b\":[]},\"\":2}");
	assert_reads("7", "7");
	assert_reads("null", "null");
	assert_reads("[[[[[[[[1]]]]]]]]", "[[[[[[[[1]]]]]]]]");
}

static void
keeps_the_text_of_numbers(void **state)
{
	static const char *const texts[] = { "0", "-0", "0.10", "1E+2",
		"18446744073709551616", "0.85587007123456789123", "1e-308",
		"0e999", "0.0e-999", "5e-324", "-1.50e1" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_reads(texts[i], texts[i]);
}

static void
reads_escapes(void **state)
{
	json_object *root = read_bytes(TEXT("\"\\u00e9\\u20ac\\ud83d\\uDE00"
	    "\\u0041\\\"\\\\\\/\\b\\f\\n\\r\\t\\u007f\""));

	(void)state;
	assert_null(defect.what);
	assert_string_equal(json_object_get_string(root),
	    "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" "A\"\\/\b\f\n\r\t\x7f");
	json_object_put(root);
}

static void
keeps_keys_apart_from_values(void **state)
{
	(void)state;
	assert_reads("{\"one\":{\"two\":{\"three\":\"four\"},\"five\":[\"six\","
	    "{\"seven\":8}]},\"nine\":\"ten\"}",
	    "{\"one\":{\"two\":{\"three\":\"four\"},\"five\":[\"six\","
	    "{\"seven\":8}]},\"nine\":\"ten\"}");
}

#define SURROGATE "half of a surrogate pair"
#define CONTROL "a control character in a string"
#define RANGE "a number out of range"
#define TWICE "a key given twice"
#define UTF8 "invalid utf-8 string"
#define CHARACTER "unexpected character"
#define NUMBER "number expected"
#define CUT "unexpected end of data"

static void
refuses_what_rfc_8259_has_not(void **state)
{
	static const struct {
		const char *text, *what;
		size_t at;
	} rows[] = {
		{ "", CUT, 0 }, { "  ", CUT, 2 },
		{ "NaN", CHARACTER, 0 }, { "[Infinity]", CHARACTER, 1 },
		{ "[-Infinity]", NUMBER, 2 }, { "[nan]", CHARACTER, 2 },
		{ "[1e999]", RANGE, 1 }, { "[-1e999]", RANGE, 1 },
		{ "[1e-400]", RANGE, 1 }, { "[0.1e-999]", RANGE, 1 },
		{ "[1.]", NUMBER, 3 }, { "[.5]", CHARACTER, 1 },
		{ "[+1]", CHARACTER, 1 }, { "[1e]", NUMBER, 3 },
		{ "[1e+]", NUMBER, 4 }, { "[-]", NUMBER, 2 },
		{ "[01]", CHARACTER, 2 }, { "[-01]", CHARACTER, 3 },
		{ "[00]", CHARACTER, 2 }, { "[0x10]", CHARACTER, 2 },
		{ "[1-2]", CHARACTER, 2 }, { "[1.2.3]", CHARACTER, 4 },
		{ "-", CUT, 1 }, { "1e", CUT, 2 }, { "1.", CUT, 2 },
		{ "{'a':1}", CHARACTER, 1 }, { "['a']", CHARACTER, 1 },
		{ "{a:1}", CHARACTER, 1 }, { "{1:1}", CHARACTER, 1 },
		{ "[1,]", CHARACTER, 3 }, { "[,1]", CHARACTER, 1 },
		{ "{\"a\":1,}", CHARACTER, 7 }, { "{,}", CHARACTER, 1 },
		{ "{\"a\":}", CHARACTER, 5 }, { "{\"a\" 1}", CHARACTER, 5 },
		{ "[1 2]", CHARACTER, 3 }, { "[1}", CHARACTER, 2 },
		{ "{\"a\":1]", CHARACTER, 6 },
		{ "/*x*/[1]", CHARACTER, 0 }, { "[1]//x", CHARACTER, 3 },
		{ "[1]#", CHARACTER, 3 }, { "[1][2]", CHARACTER, 3 },
		{ "[True]", CHARACTER, 1 }, { "[nul]", CHARACTER, 4 },
		{ "[tru", CUT, 4 }, { "\"a", CUT, 2 }, { "[1", CUT, 2 },
		{ "{\"a\"", CUT, 4 }, { "[1\f]", CHARACTER, 2 },
		{ "[\"a\tb\"]", CONTROL, 3 }, { "[\"\n\"]", CONTROL, 2 },
		{ "[\"\x01\"]", CONTROL, 2 }, { "{\"\x1f\":1}", CONTROL, 2 },
		{ "[\"\\x\"]", CHARACTER, 3 }, { "[\"\\'\"]", CHARACTER, 3 },
		{ "[\"\\u00g0\"]", CHARACTER, 6 }, { "\"\\", CUT, 2 },
		{ "\"\\u12", CUT, 5 },
		{ "[\"\\u0000\"]", "a NUL", 2 },
		{ "{\"\\u0000\":1}", "a NUL", 2 },
		{ "[\"\\ud800\"]", SURROGATE, 2 },
		{ "[\"\\udc00\"]", SURROGATE, 2 },
		{ "[\"\\ud800\\ud800\"]", SURROGATE, 2 },
		{ "[\"\\ud83dx\"]", SURROGATE, 2 },
		{ "[\"\\ud83d\\n\"]", SURROGATE, 2 },
		{ "\xef\xbb\xbf[1]", CHARACTER, 0 },
		{ "[\"\xff\"]", UTF8, 2 }, { "[\"\xc0\x80\"]", UTF8, 2 },
		{ "[\"\xed\xa0\x80\"]", UTF8, 2 },
		{ "[\"\xe0\x80\x80\"]", UTF8, 2 },
		{ "[\"\xf0\x80\x80\x80\"]", UTF8, 2 },
		{ "[\"\xf4\x90\x80\x80\"]", UTF8, 2 },
		{ "[\"\xf5\x80\x80\x80\"]", UTF8, 2 },
		{ "[\"\xe2\x82", UTF8, 2 }, { "[\xa0" "1]", UTF8, 1 },
		{ "{\"a\":1,\"a\":1}", TWICE, 7 },
		{ "{\"a\":null,\"b\":1,\"a\":1}", TWICE, 16 },
		{ "{\"a\":1,\"\\u0061\":1}", TWICE, 7 },
		{ "[{\"x\":[{\"\":1,\"\":1}]}]", TWICE, 13 },
		{ "[[[[[[[[[1]]]]]]]]]", "nesting too deep", 8 },
		{ "[[[[[[[{\"a\":{}}]]]]]]]", "nesting too deep", 12 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_refuses(rows[i].text, strlen(rows[i].text),
		    rows[i].what, rows[i].at);
}

static void
refuses_a_raw_nul(void **state)
{
	(void)state;
	assert_refuses(TEXT("[1]\0"), CHARACTER, 3);
	assert_refuses(TEXT("[\"a\0b\"]"), CONTROL, 3);
	assert_refuses(TEXT("[1\0]"), CHARACTER, 2);
	assert_refuses(TEXT("[\"\\\0\"]"), CHARACTER, 3);
	assert_refuses(TEXT("[\"\\u00\0" "0\"]"), CHARACTER, 6);
}

static void
takes_equal_keys_of_different_objects(void **state)
{
	(void)state;
	assert_reads("[{\"a\":{\"a\":1}},{\"a\":1,\"A\":2}]",
	    "[{\"a\":{\"a\":1}},{\"a\":1,\"A\":2}]");
}

/* A list of count zeros: its bytes, and so the value too many at its place. */
static void
bounds_the_values(void **state)
{
	size_t count = TREE_VALUES_MAX - 1, size;
	char *text = malloc(2 * count + 4);
	json_object *root;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i <= count; i++)
		memcpy(text + 1 + 2 * i, "0,", 2);
	text[0] = '[';
	size = 2 * count + 1;
	text[size - 1] = ']';
	root = read_bytes(text, size);
	assert_null(defect.what);
	assert_int_equal(json_object_array_length(root), count);
	json_object_put(root);
	text[size - 1] = ',';
	text[size + 1] = ']';
	assert_refuses(text, size + 2, "too many values", size);
	free(text);
}

/* The largest texts and the whole range of lengths fit where they are kept. */
static void
reads_one_long_string(void **state)
{
	char text[300];

	(void)state;
	for (size_t size = 2; size < sizeof(text); size++) {
		json_object *root;

		memset(text, 'x', size);
		text[0] = text[size - 1] = '"';
		root = read_bytes(text, size);
		assert_int_equal(json_object_get_string_len(root), size - 2);
		json_object_put(root);
		memset(text, '7', size);
		root = read_bytes(text, size);
		assert_null(defect.what);
		json_object_put(root);
	}
}

static void
finds_values_by_pointer(void **state)
{
	json_object *root = read_bytes(TEXT("{\"a/b\":[{\"eur\":1.50}],"
	    "\"t\":true,\"n\":null}"));

	(void)state;
	assert_string_equal(tree_text(tree_at(root,
	    "/a~1b/0/{base:lower}", 0x525545)), "1.50");
	assert_string_equal(tree_text(tree_at(root, "/t", 0)), "true");
	assert_null(tree_text(tree_at(root, "/n", 0)));
	assert_null(tree_text(tree_at(root, "/a~1b", 0)));
	assert_null(tree_text(NULL));
	assert_ptr_equal(tree_at(root, "", 0), root);
	assert_null(tree_at(root, "/a~1b/1", 0));
	assert_null(tree_at(root, "/a~1b/-", 0));
	assert_null(tree_at(root, "/t/x", 0));
	assert_null(tree_at(NULL, "/t", 0));
	json_object_put(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_values),
		cmocka_unit_test(keeps_the_text_of_numbers),
		cmocka_unit_test(reads_escapes),
		cmocka_unit_test(keeps_keys_apart_from_values),
		cmocka_unit_test(refuses_what_rfc_8259_has_not),
		cmocka_unit_test(refuses_a_raw_nul),
		cmocka_unit_test(takes_equal_keys_of_different_objects),
		cmocka_unit_test(bounds_the_values),
		cmocka_unit_test(reads_one_long_string),
		cmocka_unit_test(finds_values_by_pointer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
