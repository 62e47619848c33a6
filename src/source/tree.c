#include "source/tree.h"

#include <string.h>

#include <json-c/json.h>

/* What may follow a first byte that is not ASCII: how many bytes, and the range
 * of the next. */
static const struct utf8_lead {
	unsigned char from, to;
	unsigned char more, low, high;
} utf8_leads[] = {
	/* The table 3-7 of the Unicode standard, "Well-Formed UTF-8". */
	{ 0xc2, 0xdf, 1, 0x80, 0xbf },
	{ 0xe0, 0xe0, 2, 0xa0, 0xbf },
	{ 0xe1, 0xec, 2, 0x80, 0xbf },
	{ 0xed, 0xed, 2, 0x80, 0x9f },
	{ 0xee, 0xef, 2, 0x80, 0xbf },
	{ 0xf0, 0xf0, 3, 0x90, 0xbf },
	{ 0xf1, 0xf3, 3, 0x80, 0xbf },
	{ 0xf4, 0xf4, 3, 0x80, 0x8f },
};

static const struct utf8_lead *
utf8_lead(unsigned char c)
{
	size_t count = sizeof(utf8_leads) / sizeof(utf8_leads[0]);

	for (size_t i = 0; i < count; i++) {
		if (c >= utf8_leads[i].from && c <= utf8_leads[i].to)
			return &utf8_leads[i];
	}
	return NULL;
}

/* The length of the character that bytes begin with, or 0 if it is none. */
static size_t
utf8_character(const unsigned char *bytes, size_t size)
{
	const struct utf8_lead *lead = utf8_lead(bytes[0]);

	if (lead == NULL || lead->more >= size)
		return 0;
	for (size_t i = 1; i <= lead->more; i++) {
		if (bytes[i] < (i == 1 ? lead->low : 0x80) ||
		    bytes[i] > (i == 1 ? lead->high : 0xbf))
			return 0;
	}
	return (size_t)lead->more + 1;
}

/* ASCII at the beginning, which is nearly all: at least how many bytes of it. */
static size_t
ascii_length(const unsigned char *text, size_t size)
{
	size_t at = 0;
	uint64_t word;

	for (; size - at >= sizeof(word); at += sizeof(word)) {
		memcpy(&word, text + at, sizeof(word));
		if ((word & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	return at;
}

size_t
tree_utf8_length(const char *bytes, size_t size)
{
	const unsigned char *text = (const unsigned char *)bytes;
	size_t at = ascii_length(text, size), length = 1;

	while (at < size && length > 0) {
		length = text[at] < 0x80
		    ? 1 : utf8_character(text + at, size - at);
		at += length;
	}
	return at;
}

struct json_object *
tree_at(struct json_object *root, const char *pointer, uint64_t base)
{
	char text[MAPPING_EXPANDED_MAX];
	json_object *value = NULL;

	mapping_expand(pointer, base, text);
	return json_pointer_get(root, text, &value) == 0 ? value : NULL;
}

const char *
tree_text(struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_string:
		return json_object_get_string(value);
	case json_type_boolean:
	case json_type_int:
	case json_type_double:
		return json_object_to_json_string(value);
	default:
		return NULL;
	}
}

bool
tree_add(struct json_object *object, const char *key, struct json_object *child)
{
	if (json_object_object_add(object, key, child) == 0)
		return true;
	json_object_put(child);
	return false;
}

bool
tree_add_new(
    struct json_object *object, const char *key, struct json_object *child)
{
	if (json_object_object_add_ex(
		object, key, child, JSON_C_OBJECT_ADD_KEY_IS_NEW) == 0)
		return true;
	json_object_put(child);
	return false;
}

bool
tree_append(struct json_object *array, struct json_object *child)
{
	if (json_object_array_add(array, child) == 0)
		return true;
	json_object_put(child);
	return false;
}
