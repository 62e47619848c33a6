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
	root = tree_read_xml(exact, size, &defect);
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
assert_refuses(const char *bytes, size_t size, const char *what)
{
	json_object *root = read_bytes(bytes, size);

	if (defect.what == NULL)
		fail_msg("took %s", bytes);
	assert_null(root);
	assert_string_equal(defect.what, what);
	assert_true(defect.at <= size && defect.line == 0);
}

static void
reads_elements_and_attributes(void **state)
{
	(void)state;
	assert_reads("<a/>", "{\"a\":[{}]}");
	assert_reads("<g:a xmlns:g='u' b='1' g:c=' 2 '/>",
	    "{\"g:a\":[{\"@xmlns:g\":\"u\",\"@b\":\"1\",\"@g:c\":\" 2 \"}]}");
	assert_reads("<a><b x='1'/><c/><b x='2'/></a>",
	    "{\"a\":[{\"b\":[{\"@x\":\"1\"},{\"@x\":\"2\"}],\"c\":[{}]}]}");
	assert_reads("<a><a><a/></a></a>", "{\"a\":[{\"a\":[{\"a\":[{}]}]}]}");
}

static void
reads_the_text_of_elements(void **state)
{
	(void)state;
	assert_reads("<a> \n 1.5\t</a>", "{\"a\":[{\"#text\":\"1.5\"}]}");
	assert_reads("<a> \n </a>", "{\"a\":[{}]}");
	assert_reads("<a>x<b>y</b> z<b/></a>",
	    "{\"a\":[{\"b\":[{\"#text\":\"y\"},{}],\"#text\":\"x z\"}]}");
	assert_reads("<a>1&lt;2<![CDATA[ & ]]>&#65;<!-- no --><?no?></a>",
	    "{\"a\":[{\"#text\":\"1<2 & A\"}]}");
	assert_reads("<a>x<b>inner</b></a>",
	    "{\"a\":[{\"b\":[{\"#text\":\"inner\"}],\"#text\":\"x\"}]}");
}

static void
reads_the_encodings_of_expat(void **state)
{
	static const char latin[] =
	    "<?xml version='1.0' encoding='ISO-8859-1'?><a b='\xe9'>";
	char text[1000];
	json_object *root;

	(void)state;
	assert_reads("\xef\xbb\xbf<?xml version='1.0'?><a/>", "{\"a\":[{}]}");
	/* Twice as long in UTF-8. */
	memset(text, '\xe9', sizeof(text));
	memcpy(text, latin, strlen(latin));
	memcpy(text + sizeof(text) - 4, "</a>", 4);
	root = read_bytes(text, sizeof(text));
	assert_null(defect.what);
	assert_string_equal(
	    tree_text(tree_at(root, "/a/0/@b", 0)), "\xc3\xa9");
	assert_int_equal(strlen(tree_text(tree_at(root, "/a/0/#text", 0))),
	    2 * (sizeof(text) - strlen(latin) - 4));
	json_object_put(root);
	root = read_bytes(TEXT("\xfe\xff\0<\0a\0>\x20\xac\0<\0/\0a\0>"));
	assert_null(defect.what);
	assert_string_equal(
	    tree_text(tree_at(root, "/a/0/#text", 0)), "\xe2\x82\xac");
	json_object_put(root);
}

static void
refuses_a_document_type(void **state)
{
	static const char *const texts[] = { "<!DOCTYPE a><a/>",
		"<!DOCTYPE a SYSTEM 'file:///etc/hosts'><a/>",
		"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
		"<!DOCTYPE a [<!ENTITY % p SYSTEM 'x'> %p;]><a/>",
		"<!DOCTYPE a [<!ATTLIST a b CDATA 'c'>]><a/>" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_refuses(
		    texts[i], strlen(texts[i]), "a document type");
}

static void
refuses_what_is_no_xml(void **state)
{
	static const char *const texts[] = { "", " ", "x", "<a>", "<a></b>",
		"<a/><b/>", "<a/>x", "<a b='1' b='2'/>", "<a>&x;</a>",
		"<a>&#0;</a>", "<a>\xff</a>", "<a b=1/>", "<a", "</a>",
		"<?xml version='1.0' encoding='nobody'?><a/>",
		"<?xml version='1.0'?>" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_null(read_bytes(texts[i], strlen(texts[i])));
		assert_non_null(defect.what);
		assert_true(defect.at <= strlen(texts[i]));
	}
	assert_refuses(TEXT("<a>\0</a>"), "not well-formed (invalid token)");
	assert_refuses(TEXT("<a><b></a>"), "mismatched tag");
	assert_int_equal(defect.at, 8);
}

static void
bounds_depth_and_names(void **state)
{
	char text[400], name[200];

	(void)state;
	assert_reads("<a><a><a><a><a><a><a><a>1</a></a></a></a></a></a></a>"
	    "</a>", "{\"a\":[{\"a\":[{\"a\":[{\"a\":[{\"a\":[{\"a\":[{\"a\":"
	    "[{\"a\":[{\"#text\":\"1\"}]}]}]}]}]}]}]}]}");
	assert_refuses(TEXT("<a><a><a><a><a><a><a><a><a/></a></a></a></a></a>"
	    "</a></a></a>"), "nesting too deep");
	assert_int_equal(defect.at, 24);
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	snprintf(text, sizeof(text), "<%s/>", name);
	assert_refuses(text, strlen(text), "a name too long");
	snprintf(text, sizeof(text), "<a %s='1'/>", name);
	assert_refuses(text, strlen(text), "a name too long");
}

static void
bounds_the_values(void **state)
{
	size_t count = TREE_VALUES_MAX, size = 4 * count + 7;
	char *text = malloc(size + 1);

	(void)state;
	assert_non_null(text);
	memcpy(text, "<a>", 3);
	for (size_t i = 0; i < count; i++)
		memcpy(text + 3 + 4 * i, "<b/>", 4);
	memcpy(text + size - 4, "</a>", 4);
	assert_refuses(text, size, "too many values");
	assert_int_equal(defect.at, 3 + 4 * (count - 1));
	memcpy(text + size - 8, "</a>    ", 8);
	json_object_put(read_bytes(text, size));
	assert_null(defect.what);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_elements_and_attributes),
		cmocka_unit_test(reads_the_text_of_elements),
		cmocka_unit_test(reads_the_encodings_of_expat),
		cmocka_unit_test(refuses_a_document_type),
		cmocka_unit_test(refuses_what_is_no_xml),
		cmocka_unit_test(bounds_depth_and_names),
		cmocka_unit_test(bounds_the_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
