/*
 * Where the rates may be: every place of the tree is tried in each shape, and
 * the one with most currencies is taken.
 */
#include "source/guess_parts.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/code.h"
#include "base/text.h"
#include "source/tree.h"

#define NO_BASE 0
#define KNOWN_MIN 2     /* currencies; fewer are a coincidence */
#define ELEMENTS_MAX 4  /* of a list that are looked into */
#define KNOWN_SCORE 64  /* for each currency; less for all else together */
#define ASKED_SCORE 40  /* the place is named by the base */

struct search {
	enum mapping_format format;
	char asked[CODE_TEXT_MAX];
	struct guess_rates best;
	unsigned barred; /* the best score in a shape that can't be */
};

/* As daemon/conf_fit.h demands. */
static bool
allowed(const struct search *search, const struct guess_rates *rates)
{
	if (search->format == MAPPING_JSON)
		return true;
	return rates->shape == MAPPING_ROWS &&
	    (search->format == MAPPING_XML || rates->pointer[0] == '\0');
}

static bool
named_by_base(const struct search *search, const char *pointer)
{
	const char *last = strrchr(pointer, '/');

	return last != NULL && search->asked[0] != '\0' &&
	    guess_known(last + 1) != -1 &&
	    guess_known(last + 1) == guess_known(search->asked);
}

static void
offer(struct search *search, struct guess_rates *rates, unsigned quality)
{
	if (rates->style.known < KNOWN_MIN)
		return;
	rates->score = rates->style.known * KNOWN_SCORE + quality;
	if (named_by_base(search, rates->pointer))
		rates->score += ASKED_SCORE;
	if (!allowed(search, rates)) {
		if (rates->score > search->barred)
			search->barred = rates->score;
	} else if (rates->score > search->best.score) {
		search->best = *rates;
	}
}

/* How good a pointer is as that of the items' numbers; 0: not at all. */
static unsigned
rate_quality(const struct guess_rates *rates, const struct guess_leaf *leaf,
    const struct guess_item *items, unsigned count)
{
	unsigned rank = guess_rate_rank(leaf->name), numbers = 0, known = 0;
	size_t length = strlen(rates->style.prefix);
	bool differ = false;
	double number, first = 0;

	/* A matrix: each item has a number for each currency. */
	if (rank == 0 || guess_known(leaf->name) != -1)
		return 0;
	for (unsigned i = 0; i < count; i++) {
		if (strlen(items[i].name) <= length ||
		    guess_known(items[i].name + length) == -1)
			continue;
		known++;
		if (!guess_number(
			tree_at(items[i].value, leaf->pointer, NO_BASE),
			&number))
			continue;
		differ |= numbers > 0 && (number < first || number > first);
		first = numbers++ == 0 ? number : first;
	}
	if (2 * numbers < known || (known > 1 && !differ))
		return 0;
	return rank;
}

/* The number in each item; the items' style is known. */
static unsigned
choose_rate(struct guess_rates *rates, const struct guess_item *items,
    unsigned count)
{
	size_t length = strlen(rates->style.prefix);
	struct guess_leaves leaves = { .count = 0 };
	unsigned best = 0;

	for (unsigned i = 0; i < count && leaves.count == 0; i++)
		if (strlen(items[i].name) > length &&
		    guess_known(items[i].name + length) != -1)
			guess_leaves(items[i].value, NULL, &leaves);
	for (unsigned i = 0; i < leaves.count; i++) {
		const struct guess_leaf *leaf = &leaves.list[i];
		unsigned quality = rate_quality(rates, leaf, items, count);

		if (quality <= best)
			continue;
		best = quality;
		text_format(
		    rates->rate, sizeof(rates->rate), "%s", leaf->pointer);
	}
	return best;
}

static void
try_shape(struct search *search, struct json_object *value,
    const char *pointer, enum mapping_shape shape, const char *quote)
{
	struct guess_rates rates = { .at = value, .shape = shape };
	unsigned count, quality = 1;
	struct guess_item *items = guess_items(value, shape, quote, &count);

	if (items == NULL)
		return;
	text_format(rates.pointer, sizeof(rates.pointer), "%s", pointer);
	text_format(rates.quote, sizeof(rates.quote), "%s", quote);
	guess_style(items, count, &rates.style);
	if (shape != MAPPING_MAP && rates.style.known >= KNOWN_MIN)
		quality = choose_rate(&rates, items, count);
	free(items);
	if (quality > 0)
		offer(search, &rates, quality);
}

/* A list: each member of its first row may be the code. */
static void
try_rows(struct search *search, struct json_object *list, const char *pointer)
{
	struct json_object *row = json_object_array_get_idx(list, 0);
	struct guess_leaves leaves;

	if (!json_object_is_type(row, json_type_object))
		return;
	guess_leaves(row, NULL, &leaves);
	for (unsigned i = 0; i < leaves.count; i++)
		if (json_object_is_type(leaves.list[i].value, json_type_string))
			try_shape(search, list, pointer, MAPPING_ROWS,
			    leaves.list[i].pointer);
}

static void
visit(struct search *search, struct json_object *value, const char *pointer)
{
	char next[MAPPING_POINTER_MAX], index[24];

	if (json_object_is_type(value, json_type_object)) {
		try_shape(search, value, pointer, MAPPING_MAP, "");
		try_shape(search, value, pointer, MAPPING_OBJECTS, "");
		json_object_object_foreach(value, key, member) {
			if (guess_step(pointer, key, next))
				visit(search, member, next);
		}
	} else if (json_object_is_type(value, json_type_array)) {
		size_t count = json_object_array_length(value);

		try_rows(search, value, pointer);
		for (size_t i = 0; i < count && i < ELEMENTS_MAX; i++) {
			text_format(index, sizeof(index), "%zu", i);
			if (guess_step(pointer, index, next))
				visit(search,
				    json_object_array_get_idx(value, i), next);
		}
	}
}

bool
guess_find_rates(struct json_object *root, enum mapping_format format,
    uint64_t asked, struct guess_rates *rates, bool *barred)
{
	struct search search = { .format = format };

	if (asked != 0)
		code_unpack(asked, search.asked);
	visit(&search, root, "");
	*rates = search.best;
	*barred = search.barred > 0;
	return search.best.score > 0;
}
