/*
 * The tree that guesses look at: pointers, leaves, and what a leaf may be by
 * its name and value.
 */
#include "source/guess_parts.h"

#include <string.h>

#include <json-c/json.h>

#include "base/number.h"
#include "base/text.h"
#include "source/date.h"
#include "source/tree.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define ELEMENTS_MAX 2 /* of a list that are looked into for leaves */
#define UNIX_MIN INT64_C(946684800)  /* 2000 */
#define UNIX_MAX INT64_C(4102444800) /* 2100 */

const char *
guess_plain(const char *name, char buf[GUESS_NAME_MAX])
{
	size_t used = 0;

	for (; *name != '\0' && used < GUESS_NAME_MAX - 1; name++) {
		if (*name >= 'A' && *name <= 'Z')
			buf[used++] = (char)(*name - 'A' + 'a');
		else if ((*name >= 'a' && *name <= 'z') ||
		    (*name >= '0' && *name <= '9'))
			buf[used++] = *name;
	}
	buf[used] = '\0';
	return buf;
}

bool
guess_step(const char *pointer, const char *key, char to[MAPPING_POINTER_MAX])
{
	char text[MAPPING_POINTER_MAX];
	size_t used = strlen(pointer);

	if (used + 1 >= sizeof(text))
		return false;
	memcpy(text, pointer, used);
	text[used++] = '/';
	for (; *key != '\0'; key++) {
		bool escaped = *key == '~' || *key == '/';

		/* Braces would be placeholders. */
		if (*key < ' ' || *key > '~' || *key == '{' || *key == '}' ||
		    used + 2 >= sizeof(text))
			return false;
		text[used++] = escaped ? '~' : *key;
		if (escaped)
			text[used++] = *key == '~' ? '0' : '1';
	}
	text[used] = '\0';
	memcpy(to, text, used + 1);
	return true;
}

static void
add_leaf(struct guess_leaves *leaves, const char *pointer, const char *name,
    json_object *value)
{
	struct guess_leaf *leaf;

	if (leaves->count == GUESS_LEAVES_MAX)
		return;
	leaf = &leaves->list[leaves->count++];
	text_format(leaf->pointer, sizeof(leaf->pointer), "%s", pointer);
	guess_plain(name, leaf->name);
	leaf->value = value;
}

/* No deeper than the tree, which its readers bound. */
static void
collect(json_object *value, const json_object *except, const char *pointer,
    const char *name, struct guess_leaves *leaves)
{
	char next[MAPPING_POINTER_MAX], index[24];

	if (value == NULL || value == except)
		return;
	if (json_object_is_type(value, json_type_array)) {
		size_t count = json_object_array_length(value);

		for (size_t i = 0; i < count && i < ELEMENTS_MAX; i++) {
			text_format(index, sizeof(index), "%zu", i);
			if (guess_step(pointer, index, next))
				collect(json_object_array_get_idx(value, i),
				    except, next, name, leaves);
		}
	} else if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, key, member) {
			if (guess_step(pointer, key, next))
				collect(member, except, next,
				    key[0] == '#' ? name : key, leaves);
		}
	} else {
		add_leaf(leaves, pointer, name, value);
	}
}

void
guess_leaves(struct json_object *root, const struct json_object *except,
    struct guess_leaves *leaves)
{
	leaves->count = 0;
	collect(root, except, "", "", leaves);
}

bool
guess_number(struct json_object *value, double *number)
{
	if (json_object_is_type(value, json_type_double))
		*number = json_object_get_double(value);
	else if (!json_object_is_type(value, json_type_string) ||
	    number_parse_double(json_object_get_string(value), number) == -1)
		return false;
	return *number > 0;
}

static bool
has_any(const char *text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strstr(text, words[i]) != NULL)
			return true;
	return false;
}

bool
guess_date(const struct guess_leaf *leaf, struct json_object *value,
    enum mapping_date *form)
{
	static const char *const times[] = { "time", "date", "stamp", "unix",
		"asof", "period", "publish", "valid", "next", "epoch" };
	static const enum mapping_date texts[] = { MAPPING_DAY,
		MAPPING_RFC3339, MAPPING_RFC1123 };
	const char *text = tree_text(value);
	int64_t ns, seconds;

	if (text == NULL)
		return false;
	for (size_t i = 0; i < COUNT(texts); i++) {
		*form = texts[i];
		if (date_parse(*form, text, &ns) == 0)
			return true;
	}
	/* A number of seconds is one by its name alone. */
	*form = MAPPING_UNIX;
	return has_any(leaf->name, times, COUNT(times)) &&
	    number_parse_int(text, UNIX_MIN, UNIX_MAX, &seconds) == 0;
}

unsigned
guess_rate_rank(const char *plain)
{
	static const struct {
		const char *name;
		unsigned rank;
	} names[] = {
		{ "rate", 12 }, { "exchangerate", 12 }, { "obsvalue", 12 },
		{ "conversionrate", 12 }, { "mid", 11 }, { "middle", 11 },
		{ "value", 10 }, { "price", 9 }, { "last", 8 }, { "close", 8 },
		{ "average", 8 }, { "avg", 8 }, { "bid", 5 }, { "ask", 5 },
		{ "buy", 5 }, { "sell", 5 }, { "quote", 5 },
	};
	static const char *const other[] = { "inver", "prev", "chang",
		"percent", "diff", "old", "high", "low" };
	static const char *const never[] = { "time", "date", "stamp", "digit",
		"decimal", "precision", "numcode", "num", "order", "rank",
		"year", "unix" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(plain, names[i].name) == 0)
			return names[i].rank;
	if (has_any(plain, never, COUNT(never)) || guess_unit_name(plain) ||
	    strcmp(plain, "id") == 0 || strcmp(plain, "no") == 0)
		return 0;
	if (has_any(plain, other, COUNT(other)))
		return 1;
	return strstr(plain, "rate") != NULL || strstr(plain, "value") != NULL
	    ? 7 : 3;
}

bool
guess_unit_name(const char *plain)
{
	static const char *const names[] = { "unit", "units", "nominal",
		"amount", "multiplier", "quantity", "scale", "lot" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(plain, names[i]) == 0)
			return true;
	return false;
}
