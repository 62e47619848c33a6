#include "source/document.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/code.h"
#include "base/text.h"
#include "source/date.h"
#include "source/envelope.h"
#include "source/reading.h"
#include "source/sheet.h"
#include "source/tree.h"

#define BLANKS " \t\r\n"
#define NOTHING "rates: none of the board's currencies"

static const struct format {
	json_object *(*read)(
	    const char *bytes, size_t size, struct tree_defect *defect);
	const char *name;
} formats[] = {
	[MAPPING_JSON] = { tree_read_json, "JSON" },
	[MAPPING_CSV] = { tree_read_csv, "CSV" },
	[MAPPING_XML] = { tree_read_xml, "XML" },
};

static void
clear(struct document *document)
{
	for (unsigned i = 0; i < document->count; i++)
		document->numbers[i] = NAN;
	document->present = 0;
	document->published_form = PUBLISHED_NONE;
	document->published = 0;
	document->next_update = 0;
}

static bool
only_blanks(const char *bytes, size_t size)
{
	while (size > 0 && memchr(BLANKS, *bytes, strlen(BLANKS)) != NULL)
		bytes++, size--;
	return size == 0;
}

static enum attempt_class
read_members(struct reading *reading, json_object *rates)
{
	const struct sheet *sheet = reading->sheet;
	enum attempt_class class;

	for (unsigned i = 0; sheet != NULL && i < sheet->count; i++) {
		class = reading_number(reading, &sheet->numbers[i]);
		if (class != ATTEMPT_OK)
			return class;
	}
	json_object_object_foreach(rates, key, value) {
		class = reading_item(reading, key, value);
		if (class != ATTEMPT_OK)
			return class;
	}
	return ATTEMPT_OK;
}

/* A row without a quote is of no currency of the board either. */
static enum attempt_class
read_rows(struct reading *reading, json_object *rates)
{
	enum attempt_class class = ATTEMPT_OK;
	size_t count = json_object_array_length(rates);

	for (size_t i = 0; i < count && class == ATTEMPT_OK; i++) {
		json_object *row = json_object_array_get_idx(rates, i);
		json_object *quote = tree_at(row, reading->mapping->quote,
		    reading->document->base);

		if (json_object_is_type(quote, json_type_string))
			class = reading_item(
			    reading, json_object_get_string(quote), row);
	}
	return class;
}

static enum attempt_class
read_rates(struct reading *reading, json_object *rates)
{
	struct document *document = reading->document;
	bool rows = reading->mapping->shape == MAPPING_ROWS;
	int base = document->find(document->context, document->base);
	bool has_base = base >= 0 && (unsigned)base < document->count;
	enum attempt_class class = rows ? read_rows(reading, rates)
					: read_members(reading, rates);

	if (class != ATTEMPT_OK)
		return class;
	if (has_base && isnan(document->numbers[base])) {
		document->numbers[base] = 1;
		document->present++;
	}
	/* The base alone says nothing, unless it is all that the board has. */
	if (document->present == (has_base && document->count > 1))
		return reading_refuse(reading, ATTEMPT_DOCUMENT, NOTHING);
	return ATTEMPT_OK;
}

static json_type
shape_type(const struct mapping *mapping)
{
	return mapping->shape == MAPPING_ROWS ? json_type_array
					      : json_type_object;
}

/* Are there rates in the shape of the mapping? */
static bool
has_rates(const struct reading *reading, json_object *rates)
{
	if (!json_object_is_type(rates, shape_type(reading->mapping)))
		return false;
	if (reading->mapping->shape == MAPPING_ROWS)
		return json_object_array_length(rates) > 0;
	return json_object_object_length(rates) > 0 ||
	    (reading->sheet != NULL && reading->sheet->count > 0);
}

/*
 * Where rates of the shape should be there are none (rates: what is there):
 * does the answer say why?
 */
static enum attempt_class
refuse_without_rates(const struct reading *reading, json_object *rates)
{
	const struct mapping *mapping = reading->mapping;
	char said[DOCUMENT_ERROR_MAX], place[MAPPING_EXPANDED_MAX];
	enum attempt_class class = envelope_error(
	    mapping, reading->root, said, sizeof(said));

	mapping_expand(mapping->rates, reading->document->base, place);
	if (said[0] != '\0')
		return reading_refuse(reading,
		    class != ATTEMPT_NONE ? class : ATTEMPT_REFUSED, "%s",
		    said);
	if (!json_object_is_type(reading->root, json_type_object) &&
	    !json_object_is_type(reading->root, json_type_array))
		return reading_refuse(
		    reading, ATTEMPT_DOCUMENT, "not a JSON object");
	if (json_object_is_type(rates, shape_type(mapping)))
		return reading_refuse(reading, ATTEMPT_DOCUMENT, NOTHING);
	return reading_refuse(reading, ATTEMPT_DOCUMENT, "no %s at %s",
	    mapping->shape == MAPPING_ROWS ? "list" : "object",
	    place[0] != '\0' ? place : "the root");
}

static enum attempt_class
refuse_failure(const struct reading *reading)
{
	const struct mapping *mapping = reading->mapping;
	char said[DOCUMENT_ERROR_MAX];
	enum attempt_class class = envelope_error(
	    mapping, reading->root, said, sizeof(said));

	if (class == ATTEMPT_NONE)
		class = ATTEMPT_REFUSED;
	if (said[0] != '\0')
		return reading_refuse(reading, class, "%s", said);
	return reading_refuse(reading, class, "%s is not %s",
	    mapping->success, mapping->success_value);
}

/* The date of the whole, unless its items have dates of their own. */
static enum attempt_class
read_published(const struct reading *reading)
{
	const struct mapping *mapping = reading->mapping;
	struct document *document = reading->document;
	int64_t ns = reading->oldest;
	bool there = reading->dated;
	enum attempt_class class = ATTEMPT_OK;

	if (!there)
		class = reading_date(
		    reading, reading->root, mapping->date, &there, &ns);
	if (class != ATTEMPT_OK || !there)
		return class;
	document->published = ns;
	document->published_form = mapping->date_form == MAPPING_DAY
	    ? PUBLISHED_DAY
	    : PUBLISHED_TIME;
	return ATTEMPT_OK;
}

/* No more than a hint: one that can't be read is none. */
static void
read_next_update(const struct reading *reading)
{
	const struct mapping *mapping = reading->mapping;
	struct document *document = reading->document;
	const char *text = NULL;
	int64_t ns;

	if (mapping->next_update[0] != '\0')
		text = tree_text(tree_at(
		    reading->root, mapping->next_update, document->base));
	if (text != NULL && (date_parse(MAPPING_UNIX, text, &ns) == 0 ||
	    date_parse(mapping->date_form, text, &ns) == 0))
		document->next_update = ns;
}

static enum attempt_class
read_root(struct reading *reading)
{
	const struct mapping *mapping = reading->mapping;
	enum attempt_class class;
	json_object *rates;

	if (!envelope_success(mapping, reading->root))
		return refuse_failure(reading);
	rates = tree_at(
	    reading->root, mapping->rates, reading->document->base);
	if (!has_rates(reading, rates))
		return refuse_without_rates(reading, rates);
	class = reading_base(reading, reading->root, mapping->base, "answer");
	if (class == ATTEMPT_OK)
		class = read_rates(reading, rates);
	if (class == ATTEMPT_OK)
		class = read_published(reading);
	read_next_update(reading);
	return class;
}

static enum attempt_class
refuse_defect(const struct reading *reading, const struct tree_defect *defect)
{
	const char *format = formats[reading->mapping->format].name;

	if (defect->line > 0)
		return reading_refuse(reading, ATTEMPT_DOCUMENT,
		    "not %s: %s at line %zu, byte %zu", format, defect->what,
		    defect->line, defect->at);
	return reading_refuse(reading, ATTEMPT_DOCUMENT,
	    "not %s: %s at byte %zu", format, defect->what, defect->at);
}

/* Does a pointer lead to a place, or into what is there? */
static bool
leads_into(const char *pointer, uint64_t base, const char *place)
{
	char text[MAPPING_EXPANDED_MAX];
	size_t length = strlen(place);

	if (pointer[0] == '\0')
		return false;
	mapping_expand(pointer, base, text);
	return strncmp(text, place, length) == 0 &&
	    (text[length] == '/' || text[length] == '\0');
}

/* May the numbers at place be beside the tree: is nothing else read there? */
static bool
only_rates(const struct mapping *mapping, uint64_t base, const char *place)
{
	const char *const others[] = { mapping->base, mapping->date,
		mapping->next_update, mapping->success };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (leads_into(others[i], base, place))
			return false;
	for (unsigned i = 0; i < mapping->error_count; i++)
		if (leads_into(mapping->errors[i], base, place))
			return false;
	return place[0] != '\0' && strchr(place, '~') == NULL;
}

/* Where each rate is a number alone, and has nothing of its own around it. */
static bool
is_plain(const struct mapping *mapping)
{
	return mapping->format == MAPPING_JSON &&
	    mapping->shape == MAPPING_MAP && mapping->item_base[0] == '\0' &&
	    mapping->item_date[0] == '\0' && mapping->unit[0] != '/';
}

static void
read_tree(struct reading *reading, size_t size, struct tree_defect *defect)
{
	const struct mapping *mapping = reading->mapping;
	char place[MAPPING_EXPANDED_MAX];
	uint64_t base = reading->document->base;

	mapping_expand(mapping->rates, base, place);
	if (is_plain(mapping) && only_rates(mapping, base, place))
		reading->sheet = sheet_new();
	reading->root = reading->sheet != NULL
	    ? tree_read_json_beside(
		reading->bytes, size, place, reading->sheet, defect)
	    : formats[mapping->format].read(reading->bytes, size, defect);
}

enum attempt_class
document_read(struct document *document, const char *bytes, size_t size,
    char *error, size_t error_size)
{
	const struct mapping *mapping = document->mapping;
	struct reading reading = { .document = document,
		.mapping = mapping,
		.bytes = bytes,
		.error = error,
		.error_size = error_size };
	struct tree_defect defect;
	enum attempt_class class;

	assert(code_valid(document->base));
	clear(document);
	text_clean(error, error_size, "", 0);
	if (only_blanks(bytes, size))
		return reading_refuse(
		    &reading, ATTEMPT_DOCUMENT, "empty answer");
	mapping_expand(mapping->key_prefix, document->base, reading.prefix);
	read_tree(&reading, size, &defect);
	class = defect.what != NULL ? refuse_defect(&reading, &defect)
				    : read_root(&reading);
	json_object_put(reading.root);
	free(reading.sheet);
	if (class != ATTEMPT_OK)
		clear(document);
	return class;
}

enum attempt_class
document_error(const struct mapping *mapping, const char *bytes, size_t size,
    char *buf, size_t buf_size)
{
	enum attempt_class class = ATTEMPT_NONE;
	struct tree_defect defect;
	json_object *root;

	text_clean(buf, buf_size, "", 0);
	if (only_blanks(bytes, size))
		return class;
	root = formats[mapping->format].read(bytes, size, &defect);
	if (defect.what != NULL)
		root = tree_read_json(bytes, size, &defect);
	if (json_object_is_type(root, json_type_object)) {
		class = envelope_error(mapping, root, buf, buf_size);
		if (buf[0] == '\0')
			envelope_field_error(root, buf, buf_size);
	}
	json_object_put(root);
	return class;
}
