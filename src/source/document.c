#include "source/document.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/text.h"

#define DEPTH_MAX 8
#define DAY (INT64_C(86400) * CLOCK_SECOND)
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define BLANKS " \t\r\n"
#define PARSE_FLAGS (JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8)

/* A document that is being read, and the place for what is wrong with it. */
struct reading {
	struct document *document;
	char *error;
	size_t error_size;
};

/* Why bytes are no document, and at which byte. */
struct defect {
	const char *what;
	size_t at;
};

__attribute__((format(printf, 3, 4))) static enum attempt_class
refuse(const struct reading *reading, enum attempt_class class,
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

static void
clear(struct document *document)
{
	for (unsigned i = 0; i < document->count; i++)
		document->numbers[i] = NAN;
	document->present = 0;
	document->published_form = PUBLISHED_NONE;
	document->published = 0;
}

static bool
only_blanks(const char *bytes, size_t size)
{
	while (size > 0 && memchr(BLANKS, *bytes, strlen(BLANKS)) != NULL)
		bytes++, size--;
	return size == 0;
}

/*
 * Parses all of bytes.  The NUL after them is what ends a number that stands
 * alone; json-c also takes one in the middle for the end, hence the look at
 * what is left.
 */
static json_object *
parse_all(json_tokener *tokener, const char *bytes, size_t size,
    struct defect *defect)
{
	json_object *root = json_tokener_parse_ex(tokener, bytes, (int)size);
	enum json_tokener_error error = json_tokener_get_error(tokener);

	defect->at = json_tokener_get_parse_end(tokener);
	if (error == json_tokener_continue) {
		root = json_tokener_parse_ex(tokener, "", 1);
		error = json_tokener_get_error(tokener);
	}
	defect->what = NULL;
	if (error != json_tokener_success)
		defect->what = json_tokener_error_desc(error);
	else if (!only_blanks(bytes + defect->at, size - defect->at))
		defect->what = "more after the end";
	return root;
}

/*
 * The value in bytes, which is NULL for JSON's null; defect->what says what is
 * wrong with them, or is NULL.  json-c ends a key at an escaped NUL, so that
 * one code could pass for another: none gets there.
 */
static json_object *
parse(const char *bytes, size_t size, struct defect *defect)
{
	const char *escape = memmem(bytes, size, "\\u0000", 6);
	json_tokener *tokener;
	json_object *root;

	if (escape != NULL) {
		*defect = (struct defect){ "a NUL", (size_t)(escape - bytes) };
		return NULL;
	}
	*defect = (struct defect){ "no memory", 0 };
	tokener = size <= INT_MAX ? json_tokener_new_ex(DEPTH_MAX) : NULL;
	if (tokener == NULL)
		return NULL;
	json_tokener_set_flags(tokener, PARSE_FLAGS);
	root = parse_all(tokener, bytes, size, defect);
	json_tokener_free(tokener);
	return root;
}

/*
 * What is wrong with a rate, or NULL.  json-c takes the largest integer for a
 * larger one, lets 1e999 be infinite and 1e-400 zero, and knows NaN.
 */
static const char *
rate_fault(json_object *value)
{
	double rate = json_object_get_double(value);

	switch (json_object_get_type(value)) {
	case json_type_int:
		if (json_object_get_uint64(value) == UINT64_MAX)
			return "is too large";
		break;
	case json_type_double:
		if (!isfinite(rate))
			return "is not finite";
		break;
	default:
		return "is no number";
	}
	return rate > 0 ? NULL : "is not above zero";
}

/* The index of a code in the numbers, or -1. */
static int
find(const struct document *document, uint64_t code)
{
	int i = document->find(document->context, code);

	return i >= 0 && (unsigned)i < document->count ? i : -1;
}

static void
set_number(struct document *document, int i, double number)
{
	if (isnan(document->numbers[i]))
		document->present++;
	document->numbers[i] = number;
}

/* One member of /rates.  Of a code given twice json-c keeps the last. */
static enum attempt_class
read_member(const struct reading *reading, const char *key, json_object *value)
{
	struct document *document = reading->document;
	uint64_t code = code_pack(key);
	int i = code != 0 ? find(document, code) : -1;
	const char *fault;
	double rate;

	if (i == -1 && code != document->base)
		return ATTEMPT_OK;
	if ((fault = rate_fault(value)) != NULL)
		return refuse(reading, ATTEMPT_VALUE, "rates/%s: %.40s %s", key,
		    json_object_to_json_string(value), fault);
	rate = json_object_get_double(value);
	if (code == document->base && rate != 1)
		return refuse(reading, ATTEMPT_BASE,
		    "rates/%s: the base against itself is not 1", key);
	if (i != -1)
		set_number(document, i, rate);
	return ATTEMPT_OK;
}

static enum attempt_class
read_rates(const struct reading *reading, json_object *rates)
{
	struct document *document = reading->document;
	enum attempt_class class;
	int base;

	json_object_object_foreach(rates, key, value) {
		class = read_member(reading, key, value);
		if (class != ATTEMPT_OK)
			return class;
	}
	base = find(document, document->base);
	if (base != -1)
		set_number(document, base, 1);
	/* The base alone says nothing, unless it is all that the board has. */
	if (document->present == (base != -1 && document->count > 1))
		return refuse(reading, ATTEMPT_DOCUMENT,
		    "rates: none of the board's currencies");
	return ATTEMPT_OK;
}

static enum attempt_class
read_base(const struct reading *reading, json_object *root)
{
	json_object *base = json_object_object_get(root, "base");
	uint64_t asked = reading->document->base, got = 0;
	char code[CODE_TEXT_MAX];

	if (base == NULL)
		return refuse(reading, ATTEMPT_BASE,
		    "the answer names no base");
	if (json_object_is_type(base, json_type_string))
		got = code_pack_n(json_object_get_string(base),
		    (size_t)json_object_get_string_len(base));
	if (got == asked)
		return ATTEMPT_OK;
	return refuse(reading, ATTEMPT_BASE, "base: asked for %s, got %.40s",
	    code_unpack(asked, code), json_object_to_json_string(base));
}

/* The board counts from 1970 in nanoseconds, which end in the year 2262. */
static enum attempt_class
read_date(const struct reading *reading, json_object *root)
{
	struct document *document = reading->document;
	json_object *date;
	int64_t days;

	if (!json_object_object_get_ex(root, "date", &date))
		return ATTEMPT_OK;
	if (!json_object_is_type(date, json_type_string) ||
	    clock_parse_day(json_object_get_string(date), &days) == -1 ||
	    days < INT64_MIN / DAY || days > INT64_MAX / DAY)
		return refuse(reading, ATTEMPT_DOCUMENT,
		    "date: %.40s is no day", json_object_to_json_string(date));
	document->published = days * DAY;
	document->published_form = PUBLISHED_DAY;
	return ATTEMPT_OK;
}

static enum attempt_class
read_root(const struct reading *reading, json_object *root)
{
	enum attempt_class class;
	json_object *rates;

	if (!json_object_is_type(root, json_type_object))
		return refuse(reading, ATTEMPT_DOCUMENT, "not a JSON object");
	rates = json_object_object_get(root, "rates");
	if (!json_object_is_type(rates, json_type_object))
		return refuse(reading, ATTEMPT_DOCUMENT, "no object at /rates");
	class = read_base(reading, root);
	if (class == ATTEMPT_OK)
		class = read_date(reading, root);
	if (class == ATTEMPT_OK)
		class = read_rates(reading, rates);
	return class;
}

enum attempt_class
document_read(struct document *document, const char *bytes, size_t size,
    char *error, size_t error_size)
{
	const struct reading reading = { document, error, error_size };
	enum attempt_class class;
	json_object *root;
	struct defect defect;

	assert(code_valid(document->base));
	clear(document);
	text_clean(error, error_size, "", 0);
	if (only_blanks(bytes, size))
		return refuse(&reading, ATTEMPT_DOCUMENT, "empty answer");
	root = parse(bytes, size, &defect);
	if (defect.what != NULL)
		class = refuse(&reading, ATTEMPT_DOCUMENT,
		    "not JSON: %s at byte %zu", defect.what, defect.at);
	else
		class = read_root(&reading, root);
	json_object_put(root);
	if (class != ATTEMPT_OK)
		clear(document);
	return class;
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

/* The text at the first of the usual places that has one, or NULL. */
static const char *
named_error(json_object *root)
{
	static const char *const places[] = { "/error", "/error/info",
		"/error/type", "/error/message", "/detail", "/message",
		"/description", "/error-type" };
	const char *text = NULL;
	json_object *value;

	for (size_t i = 0; text == NULL && i < COUNT(places); i++) {
		if (json_pointer_get(root, places[i], &value) == 0)
			text = telling(value);
	}
	return text;
}

/* The first field with a list of what is wrong with it, and its first text. */
static void
field_error(json_object *root, char *buf, size_t size)
{
	const char *text;

	json_object_object_foreach(root, field, list) {
		if (!json_object_is_type(list, json_type_array))
			continue;
		text = telling(json_object_array_get_idx(list, 0));
		if (text != NULL) {
			text_format(buf, size, "%.40s: %s", field, text);
			return;
		}
	}
}

void
document_error(const char *bytes, size_t size, char *buf, size_t buf_size)
{
	char text[2 * DOCUMENT_ERROR_MAX] = "";
	struct defect defect;
	json_object *root = parse(bytes, size, &defect);
	const char *named;

	if (json_object_is_type(root, json_type_object)) {
		if ((named = named_error(root)) != NULL)
			text_format(text, sizeof(text), "%s", named);
		else
			field_error(root, text, sizeof(text));
	}
	text_clean(buf, buf_size, text, strlen(text));
	json_object_put(root);
}
