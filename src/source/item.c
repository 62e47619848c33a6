#include "source/reading.h"

#include <math.h>
#include <string.h>

#include <bsd/string.h>
#include <json-c/json.h>

#include "base/code.h"
#include "base/number.h"
#include "base/text.h"
#include "source/sheet.h"
#include "source/tree.h"

#define UNIT_MAX 1000000000
#define SHOWN_MAX 40 /* bytes of what was no rate */

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
	const char *prefix = reading->prefix;

	for (; *prefix != '\0'; prefix++, text++)
		if (*text != *prefix)
			return 0;
	return reading_code(reading, text);
}

/* A rate as it came: a value of the tree, or a number of the sheet. */
struct rate {
	json_object *value;
	const struct sheet_number *number;
};

/* What is wrong with what should be a rate, or NULL. */
static const char *
rate_fault(const struct rate *rate, double *value)
{
	json_object *from = rate->value;

	*value = 0;
	if (rate->number != NULL)
		*value = rate->number->value;
	else if (json_object_is_type(from, json_type_double))
		*value = json_object_get_double(from);
	else if (!json_object_is_type(from, json_type_string) ||
	    number_parse_double(json_object_get_string(from), value) == -1)
		return "is no number";
	return *value > 0 ? NULL : "is not above zero";
}

static enum attempt_class
refuse_rate(const struct reading *reading, uint64_t code,
    const struct rate *rate, const char *fault)
{
	const struct sheet_number *number = rate->number;
	char text[CODE_TEXT_MAX], shown[SHOWN_MAX + 1];

	if (number != NULL)
		text_clean(shown, sizeof(shown), reading->bytes + number->at,
		    number->length);
	else
		strlcpy(shown, reading_shown(rate->value), sizeof(shown));
	return reading_refuse(reading, ATTEMPT_VALUE, "rates/%s: %s %s",
	    code_unpack(code, text), shown, fault);
}

/* Of how many units an item's rate is: 0, or -1 if it does not say. */
static int
read_unit(const struct reading *reading, json_object *item, double *unit)
{
	const char *text = reading->mapping->unit;
	int64_t count = 1;

	*unit = 1;
	if (text[0] == '\0')
		return 0;
	if (text[0] == '/')
		text = tree_text(tree_at(item, text, reading->document->base));
	if (text == NULL || number_parse_int(text, 1, UNIT_MAX, &count) == -1)
		return -1;
	*unit = (double)count;
	return 0;
}

/*
 * The number of a code from its rate and units: one division, of numbers as
 * they were published.
 */
static enum attempt_class
read_number(const struct reading *reading, uint64_t code, json_object *item,
    const struct rate *rate, double *number)
{
	char text[CODE_TEXT_MAX];
	double value, unit;
	const char *fault = rate_fault(rate, &value);

	if (fault != NULL)
		return refuse_rate(reading, code, rate, fault);
	if (read_unit(reading, item, &unit) == -1)
		return reading_refuse(reading, ATTEMPT_VALUE,
		    "rates/%s: no whole number of units",
		    code_unpack(code, text));
	*number = reading->mapping->direction == MAPPING_BASE_PER_QUOTE
	    ? unit / value
	    : value / unit;
	if (!isfinite(*number) || *number <= 0)
		return refuse_rate(reading, code, rate, "is out of range");
	if (code == reading->document->base && *number != 1)
		return reading_refuse(reading, ATTEMPT_BASE,
		    "rates/%s: the base against itself is not 1",
		    code_unpack(code, text));
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

/* A code that an answer gives a rate. */
struct wanted {
	uint64_t code;
	int index; /* -1: the board lacks it, so it is the base */
};

/*
 * Whose rate it is; false, with *class OK, if nobody wants it, and with what is
 * wrong, if it is there twice.
 */
static bool
is_wanted(const struct reading *reading, const char *name,
    struct wanted *wanted, enum attempt_class *class)
{
	const struct document *document = reading->document;
	uint64_t code = item_code(reading, name);
	int i = code != 0 ? find(document, code) : -1;
	char text[CODE_TEXT_MAX];

	*wanted = (struct wanted){ code, i };
	*class = ATTEMPT_OK;
	if (i == -1 && code != document->base)
		return false;
	if (i == -1 ? !reading->base_seen : isnan(document->numbers[i]))
		return true;
	*class = reading_refuse(reading, ATTEMPT_DOCUMENT,
	    "rates/%s: there twice", code_unpack(code, text));
	return false;
}

static void
take(struct reading *reading, const struct wanted *wanted, double number)
{
	struct document *document = reading->document;

	if (wanted->code == document->base)
		reading->base_seen = true;
	if (wanted->index == -1)
		return;
	document->numbers[wanted->index] = number;
	document->present++;
}

/* All of an item whose code is wanted. */
static enum attempt_class
read_wanted(struct reading *reading, const struct wanted *wanted,
    json_object *item)
{
	const struct mapping *mapping = reading->mapping;
	enum attempt_class class = reading_base(
	    reading, item, mapping->item_base, "row");
	struct rate rate = { .value = item };
	double number = NAN;

	if (mapping->shape != MAPPING_MAP)
		rate.value = tree_at(
		    item, mapping->rate, reading->document->base);
	if (class == ATTEMPT_OK)
		class = read_number(
		    reading, wanted->code, item, &rate, &number);
	if (class == ATTEMPT_OK && wanted->index != -1)
		class = read_item_date(reading, item);
	if (class == ATTEMPT_OK)
		take(reading, wanted, number);
	return class;
}

enum attempt_class
reading_item(
    struct reading *reading, const char *name, struct json_object *item)
{
	enum attempt_class class;
	struct wanted wanted;

	return is_wanted(reading, name, &wanted, &class)
	    ? read_wanted(reading, &wanted, item)
	    : class;
}

enum attempt_class
reading_number(struct reading *reading, const struct sheet_number *number)
{
	struct rate rate = { .number = number };
	enum attempt_class class;
	struct wanted wanted;
	double value = NAN;

	if (!is_wanted(reading, number->key, &wanted, &class))
		return class;
	class = read_number(reading, wanted.code, NULL, &rate, &value);
	if (class == ATTEMPT_OK)
		take(reading, &wanted, value);
	return class;
}
