/*
 * Whatever bytes there are: either a defect within them, or a tree as
 * mapping.h describes it: elements in lists by name, and texts, no deeper than
 * is allowed and no more than there can be.
 */
#include "source/tree.h"

#include <json-c/json.h>

#include "fuzz.h"

#define BLANKS " \t\r\n"

static unsigned values;

static void
require_text(const char *key, json_object *value)
{
	const char *text = json_object_get_string(value);
	size_t length = (size_t)json_object_get_string_len(value);

	REQUIRE(json_object_is_type(value, json_type_string));
	REQUIRE(strlen(text) == length);
	REQUIRE(tree_utf8_length(text, length) == length);
	values++;
	if (key[0] == '@')
		return;
	REQUIRE(strcmp(key, "#text") == 0 && length > 0);
	REQUIRE(strchr(BLANKS, text[0]) == NULL);
	REQUIRE(strchr(BLANKS, text[length - 1]) == NULL);
}

static void require_element(json_object *element, unsigned depth);

static void
require_list(json_object *list, unsigned depth)
{
	size_t count = json_object_array_length(list);

	REQUIRE(count > 0);
	for (size_t i = 0; i < count; i++)
		require_element(json_object_array_get_idx(list, i), depth);
}

static void
require_element(json_object *element, unsigned depth)
{
	REQUIRE(depth <= TREE_DEPTH_MAX);
	REQUIRE(json_object_is_type(element, json_type_object));
	values++;
	json_object_object_foreach(element, key, value) {
		REQUIRE(key[0] != '\0');
		if (json_object_is_type(value, json_type_array))
			require_list(value, depth + 1);
		else
			require_text(key, value);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tree_defect defect;
	json_object *root = tree_read_xml((const char *)data, size, &defect);

	REQUIRE((root == NULL) == (defect.what != NULL));
	REQUIRE(defect.at <= size && defect.line == 0);
	if (root == NULL)
		return 0;
	values = 0;
	REQUIRE(json_object_object_length(root) == 1);
	require_element(root, 0);
	REQUIRE(values <= TREE_VALUES_MAX + 1);
	json_object_put(root);
	return 0;
}
