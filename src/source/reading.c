#include "source/reading.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <bsd/string.h>
#include <json-c/json.h>

#include "base/code.h"
#include "base/text.h"
#include "source/date.h"
#include "source/tree.h"

enum attempt_class
reading_refuse(const struct reading *reading, enum attempt_class class,
    const char *format, ...)
{
	char text[2 * DOCUMENT_ERROR_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	text_clean(reading->error, reading->error_size, text, strlen(text));
	return class;
}

const char *
reading_shown(struct json_object *value)
{
	return json_object_to_json_string_ext(value,
	    JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);
}

uint64_t
reading_code(const struct reading *reading, const char *text)
{
	char code[CODE_TEXT_MAX + 1];

	if (!reading->mapping->key_upper)
		return code_pack(text);
	/* What is cut is too long for a code even so. */
	strlcpy(code, text, sizeof(code));
	for (char *p = code; *p != '\0'; p++) {
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	}
	return code_pack(code);
}

enum attempt_class
reading_base(const struct reading *reading, struct json_object *from,
    const char *pointer, const char *what)
{
	uint64_t asked = reading->document->base, got = 0;
	char code[CODE_TEXT_MAX];
	json_object *base;

	if (pointer[0] == '\0')
		return ATTEMPT_OK;
	base = tree_at(from, pointer, asked);
	if (base == NULL)
		return reading_refuse(
		    reading, ATTEMPT_BASE, "the %s names no base", what);
	if (json_object_is_type(base, json_type_string))
		got = reading_code(reading, json_object_get_string(base));
	if (got == asked)
		return ATTEMPT_OK;
	return reading_refuse(reading, ATTEMPT_BASE,
	    "base: asked for %s, got %.40s", code_unpack(asked, code),
	    reading_shown(base));
}

enum attempt_class
reading_date(const struct reading *reading, struct json_object *from,
    const char *pointer, bool *there, int64_t *ns)
{
	enum mapping_date form = reading->mapping->date_form;
	char place[MAPPING_EXPANDED_MAX];
	json_object *value = NULL;
	const char *text;

	mapping_expand(pointer, reading->document->base, place);
	*there = pointer[0] != '\0' &&
	    json_pointer_get(from, place, &value) == 0;
	if (!*there)
		return ATTEMPT_OK;
	text = tree_text(value);
	if (text != NULL && date_parse(form, text, ns) == 0)
		return ATTEMPT_OK;
	return reading_refuse(reading, ATTEMPT_DOCUMENT, "date: %.40s is no %s",
	    reading_shown(value), date_form_name(form));
}
