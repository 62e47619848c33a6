#include "source/envelope.h"

#include <string.h>

#include <json-c/json.h>

#include "base/text.h"
#include "source/tree.h"

#define BLANKS " \t\r\n"
#define NO_BASE 0
#define FIELD_MAX 512

bool
envelope_success(const struct mapping *mapping, struct json_object *root)
{
	const char *text;

	if (mapping->success[0] == '\0')
		return true;
	text = tree_text(tree_at(root, mapping->success, NO_BASE));
	return text != NULL && strcmp(text, mapping->success_value) == 0;
}

/* A text that says something, from its first word on, or NULL. */
static const char *
telling(json_object *value)
{
	const char *text;

	if (!json_object_is_type(value, json_type_string))
		return NULL;
	text = json_object_get_string(value);
	text += strspn(text, BLANKS);
	return *text != '\0' ? text : NULL;
}

static enum attempt_class
class_of(const struct mapping *mapping, const char *text)
{
	for (unsigned i = 0; text != NULL && i < mapping->class_count; i++) {
		if (strcmp(mapping->classes[i].value, text) == 0)
			return mapping->classes[i].class;
	}
	return ATTEMPT_NONE;
}

enum attempt_class
envelope_error(const struct mapping *mapping, struct json_object *root,
    char *buf, size_t size)
{
	enum attempt_class class = ATTEMPT_NONE;
	const char *said = NULL, *known = NULL;

	for (unsigned i = 0; i < mapping->error_count; i++) {
		json_object *value = tree_at(root, mapping->errors[i], NO_BASE);
		const char *text = tree_text(value);

		if (said == NULL)
			said = telling(value);
		if (class != ATTEMPT_NONE)
			continue;
		class = class_of(mapping, text);
		if (class != ATTEMPT_NONE)
			known = text;
	}
	if (said == NULL)
		said = known != NULL ? known : "";
	text_clean(buf, size, said, strlen(said));
	return class;
}

void
envelope_field_error(struct json_object *root, char *buf, size_t size)
{
	char text[FIELD_MAX];
	const char *said;

	text_clean(buf, size, "", 0);
	if (!json_object_is_type(root, json_type_object))
		return;
	json_object_object_foreach(root, field, list) {
		if (!json_object_is_type(list, json_type_array))
			continue;
		said = telling(json_object_array_get_idx(list, 0));
		if (said != NULL) {
			text_format(
			    text, sizeof(text), "%.40s: %s", field, said);
			text_clean(buf, size, text, strlen(text));
			return;
		}
	}
}
