#include "source/reading.h"

#include <math.h>
#include <string.h>

#include <json-c/json.h>

#include "base/code.h"
#include "base/number.h"
#include "source/tree.h"

#define UNIT_MAX 1000000000

/* The index of a code in the numbers, or -1. */
static int
find(const struct document *document, uint64_t code)
{
	int i = document->find(document->context, code);

	return i >= 0 && (unsigned)i < document->count ? i : -1;
}

/* The code of a key or a quote, less its prefix; 0 if it is none. */
static uint64_t
item_code(const struct reading *reading, const char *text)
{
	size_t length = strlen(reading->prefix);

	if (strncmp(text, reading->prefix, length) != 0)
		return 0;
	return reading_code(reading, text + length);
}

/* What is wrong with a value that should be a rate, or NULL. */
static const char *
rate_fault(json_object *value, double *rate)
{
	*rate = 0;
	if (json_object_is_type(value, json_type_double))
		*rate = json_object_get_double(value);
	else if (!json_object_is_type(value, json_type_string) ||
	    number_parse_double(json_object_get_string(value), rate) == -1)
		return "is no number";
	return *rate > 0 ? NULL : "is not above zero";
}

/* Of how many units an item's rate is: 0, or -1 if it does not say. */
static int
read_unit(const struct reading *reading, json_object *item, double *unit)
{
	const char *text = reading->mapping->unit;
	int64_t count = 1;

	if (text[0] == '/')
		text = tree_text(tree_at(item, text, reading->document->base));
	if (text == NULL)
		return -1;
	if (reading->mapping->unit[0] != '\0' &&
	    number_parse_int(text, 1, UNIT_MAX, &count) == -1)
		return -1;
	*unit = (double)count;
	return 0;
}

/*
 * The number of a code from its item: one division, of numbers as they were
 * published.
 */
static enum attempt_class
read_number(const struct reading *reading, uint64_t code, json_object *item,
    double *number)
{
	const struct mapping *mapping = reading->mapping;
	json_object *value = item;
	char text[CODE_TEXT_MAX];
	double rate, unit;
	const char *fault;

	if (mapping->shape != MAPPING_MAP)
		value = tree_at(item, mapping->rate, reading->document->base);
	fault = rate_fault(value, &rate);
	code_unpack(code, text);
	if (fault != NULL)
		return reading_refuse(reading, ATTEMPT_VALUE,
		    "rates/%s: %.40s %s", text,
		    reading_shown(value), fault);
	if (read_unit(reading, item, &unit) == -1)
		return reading_refuse(reading, ATTEMPT_VALUE,
		    "rates/%s: no whole number of units", text);
	*number = mapping->direction == MAPPING_BASE_PER_QUOTE ? unit / rate
							       : rate / unit;
	if (!isfinite(*number) || *number <= 0)
		return reading_refuse(reading, ATTEMPT_VALUE,
		    "rates/%s: %.40s is out of range", text,
		    reading_shown(value));
	if (code == reading->document->base && *number != 1)
		return reading_refuse(reading, ATTEMPT_BASE,
		    "rates/%s: the base against itself is not 1", text);
	return ATTEMPT_OK;
}

/* The date of an item, unless an older one is there already. */
static enum attempt_class
read_item_date(struct reading *reading, json_object *item)
{
	enum attempt_class class;
	int64_t ns;
	bool there;

	class = reading_date(
	    reading, item, reading->mapping->item_date, &there, &ns);
	if (class != ATTEMPT_OK || !there)
		return class;
	if (!reading->dated || ns < reading->oldest)
		reading->oldest = ns;
	reading->dated = true;
	return ATTEMPT_OK;
}

/* All of an item whose code is wanted; index -1: the board lacks the base. */
static enum attempt_class
read_wanted(struct reading *reading, uint64_t code, int index,
    json_object *item)
{
	struct document *document = reading->document;
	const char *base = reading->mapping->item_base;
	enum attempt_class class = reading_base(reading, item, base, "row");
	double number = NAN;

	if (class == ATTEMPT_OK)
		class = read_number(reading, code, item, &number);
	if (class == ATTEMPT_OK && index != -1)
		class = read_item_date(reading, item);
	if (class != ATTEMPT_OK)
		return class;
	if (code == document->base)
		reading->base_seen = true;
	if (index != -1) {
		document->numbers[index] = number;
		document->present++;
	}
	return ATTEMPT_OK;
}

enum attempt_class
reading_item(
    struct reading *reading, const char *name, struct json_object *item)
{
	struct document *document = reading->document;
	uint64_t code = item_code(reading, name);
	int i = code != 0 ? find(document, code) : -1;
	char text[CODE_TEXT_MAX];

	if (i == -1 && code != document->base)
		return ATTEMPT_OK;
	if (i == -1 ? reading->base_seen : !isnan(document->numbers[i]))
		return reading_refuse(reading, ATTEMPT_DOCUMENT,
		    "rates/%s: there twice", code_unpack(code, text));
	return read_wanted(reading, code, i, item);
}
