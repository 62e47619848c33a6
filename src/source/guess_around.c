/*
 * What an answer says besides its rates.
 */
#include "source/guess_parts.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/code.h"
#include "base/number.h"
#include "base/text.h"
#include "source/tree.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define NO_BASE 0
#define UNIT_MAX 1000000

static uint64_t
pack_known(const char *text, bool *lower)
{
	char code[CODE_TEXT_MAX];

	if (guess_known(text) == -1)
		return 0;
	*lower |= text[0] >= 'a';
	text_format(code, sizeof(code), "%s", text);
	for (char *p = code; *p != '\0'; p++)
		if (*p >= 'a')
			*p = (char)(*p - 'a' + 'A');
	return code_pack(code);
}

static const char *
text_at(const struct guess_item *item, const char *pointer)
{
	struct json_object *value = tree_at(item->value, pointer, NO_BASE);

	return json_object_is_type(value, json_type_string)
	    ? json_object_get_string(value) : NULL;
}

/* Each item names the same currency there, which then is the base. */
static bool
is_item_base(const struct guess_leaf *leaf, const struct guess_item *items,
    unsigned count)
{
	const char *first = text_at(&items[0], leaf->pointer);

	if (first == NULL || guess_known(first) == -1)
		return false;
	for (unsigned i = 1; i < count; i++) {
		const char *text = text_at(&items[i], leaf->pointer);

		if (text == NULL || strcmp(text, first) != 0)
			return false;
	}
	return count > 1;
}

static bool
is_item_date(const struct guess_leaf *leaf, const struct guess_item *items,
    unsigned count, enum mapping_date *form)
{
	enum mapping_date other;

	if (!guess_date(leaf, leaf->value, form) ||
	    strstr(leaf->name, "next") != NULL)
		return false;
	for (unsigned i = 0; i < count; i++) {
		struct json_object *value =
		    tree_at(items[i].value, leaf->pointer, NO_BASE);

		if (!guess_date(leaf, value, &other) || other != *form)
			return false;
	}
	return true;
}

static bool
is_unit(const struct guess_leaf *leaf, const struct guess_item *items,
    unsigned count)
{
	int64_t unit;

	if (!guess_unit_name(leaf->name))
		return false;
	for (unsigned i = 0; i < count; i++) {
		const char *text =
		    tree_text(tree_at(items[i].value, leaf->pointer, NO_BASE));

		if (text == NULL ||
		    number_parse_int(text, 1, UNIT_MAX, &unit) == -1)
			return false;
		while (unit % 10 == 0)
			unit /= 10;
		if (unit != 1)
			return false;
	}
	return true;
}

static void
look_at_leaf(struct guess *guess, const struct guess_leaf *leaf,
    const struct guess_item *items, unsigned count)
{
	struct mapping *mapping = &guess->mapping;
	enum mapping_date form;

	if (mapping->item_base[0] == '\0' && mapping->shape == MAPPING_ROWS &&
	    is_item_base(leaf, items, count)) {
		text_format(mapping->item_base, sizeof(mapping->item_base),
		    "%s", leaf->pointer);
		guess->base = pack_known(
		    text_at(&items[0], leaf->pointer), &mapping->key_upper);
	} else if (mapping->item_date[0] == '\0' &&
	    is_item_date(leaf, items, count, &form)) {
		text_format(mapping->item_date, sizeof(mapping->item_date),
		    "%s", leaf->pointer);
		mapping->date_form = form;
	} else if (mapping->unit[0] == '\0' && is_unit(leaf, items, count)) {
		text_format(mapping->unit, sizeof(mapping->unit), "%s",
		    leaf->pointer);
	}
}

void
guess_item_parts(struct guess *guess, const struct guess_rates *rates)
{
	struct guess_leaves leaves;
	struct guess_item *items;
	unsigned count;

	if (rates->shape == MAPPING_MAP)
		return;
	items = guess_items(rates->at, rates->shape, rates->quote, &count);
	if (items == NULL)
		return;
	guess_leaves(items[0].value, NULL, &leaves);
	for (unsigned i = 0; i < leaves.count; i++) {
		const struct guess_leaf *leaf = &leaves.list[i];

		if (strcmp(leaf->pointer, rates->rate) == 0 ||
		    strcmp(leaf->pointer, rates->quote) == 0)
			continue;
		if (guess_rate_rank(leaf->name) >= 5 &&
		    guess_known(leaf->name) == -1 &&
		    json_object_is_type(leaf->value, json_type_double))
			guess_note(guess, "the number at %s is not used",
			    leaf->pointer);
		look_at_leaf(guess, leaf, items, count);
	}
	free(items);
}

/* How well the place of a code says that it is the base; 0: not at all. */
static unsigned
base_rank(const struct guess_leaf *leaf)
{
	static const struct {
		const char *word;
		unsigned rank;
	} words[] = { { "base", 10 }, { "denom", 8 }, { "source", 8 },
		{ "from", 7 }, { "home", 5 }, { "main", 5 },
		{ "currency", 3 } };
	char plain[GUESS_NAME_MAX];

	guess_plain(leaf->pointer, plain);
	for (size_t i = 0; i < COUNT(words); i++)
		if (strstr(leaf->name, words[i].word) != NULL ||
		    strstr(plain, words[i].word) != NULL)
			return words[i].rank;
	return 0;
}

static void
look_for_base(struct guess *guess, const struct guess_leaves *leaves)
{
	struct mapping *mapping = &guess->mapping;
	uint64_t base = guess->base;
	unsigned best = 0;
	bool lower = false;

	for (unsigned i = 0; i < leaves->count; i++) {
		const struct guess_leaf *leaf = &leaves->list[i];
		unsigned rank = base_rank(leaf);
		bool small = false;
		uint64_t code;

		if (rank <= best ||
		    !json_object_is_type(leaf->value, json_type_string))
			continue;
		code = pack_known(json_object_get_string(leaf->value), &small);
		if (code == 0 || (guess->base != 0 && code != guess->base))
			continue;
		best = rank;
		base = code;
		lower = small;
		text_format(mapping->base, sizeof(mapping->base), "%s",
		    leaf->pointer);
	}
	guess->base = base;
	mapping->key_upper |= best > 0 && lower;
}

/* How well a date says when the rates were published; 0: not at all. */
static unsigned
date_rank(const struct guess_leaf *leaf, enum mapping_date form)
{
	static const char *const not[] = { "next", "expir", "eol", "start",
		"request", "server", "since", "first", "prev" };
	static const char *const good[] = { "publish", "effective", "last",
		"updat", "asof", "timestamp" };
	static const unsigned forms[] = { [MAPPING_DAY] = 2,
		[MAPPING_UNIX] = 4, [MAPPING_RFC3339] = 5,
		[MAPPING_RFC1123] = 3 };

	for (size_t i = 0; i < COUNT(not); i++)
		if (strstr(leaf->name, not[i]) != NULL)
			return 0;
	for (size_t i = 0; i < COUNT(good); i++)
		if (strstr(leaf->name, good[i]) != NULL)
			return forms[form] + 2;
	return forms[form];
}

static void
look_for_date(struct guess *guess, const struct guess_leaves *leaves)
{
	struct mapping *mapping = &guess->mapping;
	enum mapping_date form;
	unsigned best = 0, found = 0;

	for (unsigned i = 0; i < leaves->count; i++) {
		const struct guess_leaf *leaf = &leaves->list[i];
		unsigned rank;

		if (!guess_date(leaf, leaf->value, &form))
			continue;
		rank = date_rank(leaf, form);
		found += rank > 0;
		if (rank <= best)
			continue;
		best = rank;
		mapping->date_form = form;
		text_format(mapping->date, sizeof(mapping->date), "%s",
		    leaf->pointer);
	}
	if (found > 1)
		guess_note(guess, "there are %u dates; of them, date-at is %s",
		    found, mapping->date);
}

/* It must be in the form of the other dates, or seconds. */
static void
look_for_next(struct guess *guess, const struct guess_leaves *leaves)
{
	struct mapping *mapping = &guess->mapping;
	enum mapping_date form;

	for (unsigned i = 0; i < leaves->count; i++) {
		const struct guess_leaf *leaf = &leaves->list[i];

		if (mapping->next_update[0] == '\0' &&
		    strstr(leaf->name, "next") != NULL &&
		    guess_date(leaf, leaf->value, &form) &&
		    (form == MAPPING_UNIX || form == mapping->date_form))
			text_format(mapping->next_update,
			    sizeof(mapping->next_update), "%s", leaf->pointer);
	}
}

static void
look_for_success(struct guess *guess, const struct guess_leaves *leaves)
{
	static const struct {
		const char *name, *value;
	} good[] = { { "success", "true" }, { "ok", "true" },
		{ "result", "success" }, { "status", "success" },
		{ "status", "ok" }, { "status", "OK" }, { "success", "1" },
		{ "status", "200" }, { "code", "200" } };
	struct mapping *mapping = &guess->mapping;

	for (unsigned i = 0; i < leaves->count; i++) {
		const struct guess_leaf *leaf = &leaves->list[i];
		const char *text = tree_text(leaf->value);

		for (size_t k = 0; k < COUNT(good) && text != NULL &&
		     mapping->success[0] == '\0'; k++) {
			if (strcmp(leaf->name, good[k].name) != 0 ||
			    strcmp(text, good[k].value) != 0)
				continue;
			text_format(mapping->success, sizeof(mapping->success),
			    "%s", leaf->pointer);
			text_format(mapping->success_value,
			    sizeof(mapping->success_value), "%s", text);
		}
	}
}

void
guess_around(struct guess *guess, struct json_object *root,
    const struct guess_rates *rates)
{
	struct guess_leaves leaves;

	if (rates->at == root && rates->shape == MAPPING_ROWS)
		return;
	guess_leaves(root, rates->at == root ? NULL : rates->at, &leaves);
	if (guess->mapping.item_base[0] == '\0')
		look_for_base(guess, &leaves);
	if (guess->mapping.item_date[0] == '\0')
		look_for_date(guess, &leaves);
	look_for_next(guess, &leaves);
	look_for_success(guess, &leaves);
}
