/*
 * The items of a place that may be the rates: codes, and how they are written.
 */
#include "source/guess_parts.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/code.h"
#include "base/text.h"
#include "source/tree.h"

#define NO_BASE 0
#define DONORS_MAX 8 /* names that are looked at for a prefix */
#define LETTERS 3    /* of a code that is known */

static unsigned
list_members(struct json_object *rates, bool numbers, struct guess_item *items)
{
	unsigned count = 0;
	double number;

	json_object_object_foreach(rates, key, value) {
		if (numbers ? guess_number(value, &number)
			    : json_object_is_type(value, json_type_object))
			items[count++] = (struct guess_item){ key, value };
	}
	return count;
}

static unsigned
list_rows(struct json_object *rates, const char *quote,
    struct guess_item *items)
{
	size_t rows = json_object_array_length(rates);
	unsigned count = 0;

	for (size_t i = 0; i < rows; i++) {
		json_object *row = json_object_array_get_idx(rates, i);
		json_object *name = tree_at(row, quote, NO_BASE);

		if (json_object_is_type(name, json_type_string))
			items[count++] = (struct guess_item){
				json_object_get_string(name), row };
	}
	return count;
}

struct guess_item *
guess_items(struct json_object *rates, enum mapping_shape shape,
    const char *quote, unsigned *count)
{
	bool rows = shape == MAPPING_ROWS;
	struct guess_item *items;
	size_t room;

	*count = 0;
	if (!json_object_is_type(
		rates, rows ? json_type_array : json_type_object))
		return NULL;
	room = rows ? json_object_array_length(rates)
		    : (size_t)json_object_object_length(rates);
	if (room == 0)
		return NULL;
	items = calloc(room, sizeof(*items));
	if (items == NULL)
		return NULL;
	*count = rows ? list_rows(rates, quote, items)
		      : list_members(rates, shape == MAPPING_MAP, items);
	if (*count > 0)
		return items;
	free(items);
	return NULL;
}

/* The known code of a name after a prefix, or -1. */
static int
known_after(const char *name, const char *prefix, size_t length)
{
	return strncmp(name, prefix, length) == 0 ? guess_known(name + length)
						  : -1;
}

static void
try_prefix(const struct guess_item *items, unsigned count, const char *from,
    size_t length, struct guess_style *best)
{
	bool seen[GUESS_KNOWN_MAX] = { false };
	struct guess_style style = { .known = 0 };

	if (length >= sizeof(style.prefix))
		return;
	text_format(
	    style.prefix, sizeof(style.prefix), "%.*s", (int)length, from);
	for (unsigned i = 0; i < count; i++) {
		int code = known_after(items[i].name, from, length);

		if (code == -1)
			continue;
		style.lower |= items[i].name[length] >= 'a';
		style.known += !seen[code];
		seen[code] = true;
	}
	if (style.known > best->known)
		*best = style;
}

void
guess_style(const struct guess_item *items, unsigned count,
    struct guess_style *style)
{
	unsigned donors = 0;

	*style = (struct guess_style){ .known = 0 };
	try_prefix(items, count, "", 0, style);
	for (unsigned i = 0; i < count && donors < DONORS_MAX; i++) {
		size_t length = strlen(items[i].name);

		if (length <= LETTERS ||
		    guess_known(items[i].name + length - LETTERS) == -1)
			continue;
		donors++;
		try_prefix(
		    items, count, items[i].name, length - LETTERS, style);
	}
}

bool
guess_item_number(const struct guess_rates *rates,
    const struct guess_item *item, double *number)
{
	json_object *value = item->value;

	if (rates->shape != MAPPING_MAP)
		value = tree_at(value, rates->rate, NO_BASE);
	return guess_number(value, number);
}

uint64_t
guess_item_code(const struct guess_rates *rates, const struct guess_item *item)
{
	size_t length = strlen(rates->style.prefix);
	char code[CODE_TEXT_MAX + 1];

	if (strncmp(item->name, rates->style.prefix, length) != 0)
		return 0;
	text_format(code, sizeof(code), "%s", item->name + length);
	for (char *p = code; rates->style.lower && *p != '\0'; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	return code_pack(code);
}
