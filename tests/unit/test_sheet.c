#include "source/sheet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "source/tree.h"

static struct tree_defect defect;
static struct sheet *sheet;

static int
make_sheet(void **state)
{
	(void)state;
	sheet = sheet_new();
	return sheet == NULL ? -1 : 0;
}

static int
free_sheet(void **state)
{
	(void)state;
	free(sheet);
	return 0;
}

static void
clear_sheet(void)
{
	sheet->count = 0;
	memset(sheet->slots, 0, sizeof(sheet->slots));
}

static json_object *
read_beside(const char *place, const char *text)
{
	clear_sheet();
	memset(&defect, 'x', sizeof(defect));
	return tree_read_json_beside(
	    text, strlen(text), place, sheet, &defect);
}

/* What of the text is in the tree, and what is on the sheet. */
static void
assert_parts(const char *place, const char *text, const char *tree,
    const char *listed)
{
	char got[512] = "";
	json_object *root = read_beside(place, text);
	size_t used = 0;

	if (defect.what != NULL)
		fail_msg("%s: %s at %zu", text, defect.what, defect.at);
	for (unsigned i = 0; i < sheet->count; i++) {
		const struct sheet_number *n = &sheet->numbers[i];

		used += (size_t)snprintf(got + used, sizeof(got) - used,
		    "%s=%.*s=%g ", n->key, (int)n->length, text + n->at,
		    n->value);
	}
	assert_string_equal(
	    json_object_to_json_string_ext(root, JSON_C_TO_STRING_PLAIN),
	    tree);
	assert_string_equal(got, listed);
	json_object_put(root);
}

static void
takes_the_numbers_of_its_place(void **state)
{
	(void)state;
	assert_parts("/rates", "{\"base\":\"EUR\",\"at\":7,\"rates\":"
	    "{\"USD\":1.50,\"x\":\"2\",\"JPY\":2e2,\"n\":null}}",
	    "{\"base\":\"EUR\",\"at\":7,\"rates\":{\"x\":\"2\",\"n\":null}}",
	    "USD=1.50=1.5 JPY=2e2=200 ");
	assert_parts("/a/b", "{\"b\":{\"x\":1},\"a\":{\"x\":2,\"b\":"
	    "{\"x\":3,\"b\":{\"x\":4}},\"c\":{\"b\":{\"x\":5}}}}",
	    "{\"b\":{\"x\":1},\"a\":{\"x\":2,\"b\":{\"b\":{\"x\":4}},"
	    "\"c\":{\"b\":{\"x\":5}}}}", "x=3=3 ");
}

static void
leaves_what_is_not_there(void **state)
{
	static const char *const texts[] = { "{\"rates\":[1,2]}",
		"{\"rates\":7}", "[{\"rates\":{\"USD\":1}}]", "7", "{}",
		"{\"rate\":{\"USD\":1}}", "{\"ratess\":{\"USD\":1}}",
		"{\"x\":{\"rates\":{\"USD\":1}}}",
		"{\"rate\":{\"\":{\"USD\":1}}}", "{\"rates\":[{\"x\":1}]}" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_parts("/rates", texts[i], texts[i], "");
	/* A name with a '/' is no way of two names. */
	assert_parts("/a/b", "{\"a/b\":{\"x\":1}}", "{\"a\\/b\":{\"x\":1}}",
	    "");
}

static void
leaves_keys_that_are_none_of_a_code(void **state)
{
	(void)state;
	assert_parts("/r", "{\"r\":{\"\":1,\"ninebytes\":2,\"eightbyt\":3}}",
	    "{\"r\":{\"\":1,\"ninebytes\":2}}", "eightbyt=3=3 ");
}

/* Wherever each of the two is. */
static void
refuses_keys_given_twice(void **state)
{
	static const char *const texts[] = { "{\"r\":{\"A\":1,\"A\":2}}",
		"{\"r\":{\"A\":1,\"A\":\"2\"}}",
		"{\"r\":{\"A\":null,\"A\":2}}",
		"{\"r\":{\"A\":1,\"\\u0041\":2}}",
		"{\"r\":{\"A\":\"x\",\"A\":\"y\"}}",
		"{\"r\":{\"ninebytes\":1,\"ninebytes\":2}}" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_null(read_beside("/r", texts[i]));
		assert_string_equal(defect.what, "a key given twice");
		assert_int_equal(texts[i][defect.at], '"');
		assert_true(defect.at > 6);
	}
}

static void
refuses_what_is_no_number(void **state)
{
	(void)state;
	assert_null(read_beside("/r", "{\"r\":{\"A\":01}}"));
	assert_int_equal(defect.at, 11);
	assert_null(read_beside("/r", "{\"r\":{\"A\":1e999}}"));
	assert_string_equal(defect.what, "a number out of range");
	assert_int_equal(defect.at, 10);
	assert_null(read_beside("/r", "{\"r\":{\"A\":1"));
	assert_int_equal(defect.at, 11);
}

/* Whatever the keys are: what it doesn't take is found to be elsewhere. */
static void
has_what_it_took(void **state)
{
	struct sheet_number number = { .value = 1 };
	unsigned left = 0;
	char key[SHEET_KEY_MAX + 1];

	(void)state;
	for (unsigned i = 0; i < 2 * SHEET_NUMBERS_MAX; i++) {
		snprintf(key, sizeof(key), "%c%03x", 'A' + i % 26, i / 26);
		assert_false(sheet_has(sheet, key, strlen(key)));
		if (!sheet_add(sheet, key, strlen(key), &number))
			left++;
		else
			assert_true(sheet_has(sheet, key, strlen(key)));
	}
	assert_true(sheet->count > SHEET_NUMBERS_MAX / 2);
	assert_int_equal(sheet->count + left, 2 * SHEET_NUMBERS_MAX);
	for (unsigned i = 0; i < sheet->count; i++)
		assert_true(sheet_has(sheet, sheet->numbers[i].key,
		    strlen(sheet->numbers[i].key)));
	assert_false(sheet_has(sheet, "", 0));
	assert_false(sheet_has(sheet, "ninebytes", 9));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_sheet, free_sheet)
	const struct CMUnitTest tests[] = {
		TEST(takes_the_numbers_of_its_place),
		TEST(leaves_what_is_not_there),
		TEST(leaves_keys_that_are_none_of_a_code),
		TEST(refuses_keys_given_twice),
		TEST(refuses_what_is_no_number),
		TEST(has_what_it_took),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
