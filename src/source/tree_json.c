/*
 * json-c's own tokener, even when strict, takes 'a', -01, 1., NaN, control
 * characters, bytes that are no UTF-8 and the last of a key's values, and makes
 * the largest integer of a larger one; it cannot be told not to.  Hence a
 * reader of our own, for json-c's values.
 */
#include "source/tree.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "source/json_number.h"
#include "source/json_string.h"
#include "source/sheet.h"

#define NO_MEMORY "no memory"

struct reader {
	const char *bytes;
	size_t size, at;
	/*
	 * Room for all strings that are in the making: keys of the objects
	 * around, then what is read now.  None is longer than in the bytes,
	 * where each has two quotes, or ends with a byte that is not its own.
	 */
	char *text;
	size_t used;
	unsigned depth, values;
	struct tree_defect *defect;
	struct sheet *sheet; /* or NULL */
	/* What is left of the pointer to the sheet's object from the value that
	 * is read; NULL: that is not on the way to it. */
	const char *way;
};

static bool read_value(struct reader *r, json_object **value);

static bool
fail_at(struct reader *r, size_t at, const char *what)
{
	*r->defect = (struct tree_defect){ .what = what, .at = at };
	return false;
}

/* At the byte that is next: it has no place here, or there is none. */
static bool
fail_here(struct reader *r)
{
	return fail_at(r, r->at, r->at < r->size ? JSON_UNEXPECTED : JSON_CUT);
}

/* The next byte, or 0 at the end; a NUL has no place in JSON either. */
static char
next(const struct reader *r)
{
	return r->at < r->size ? r->bytes[r->at] : '\0';
}

static bool
take(struct reader *r, char c)
{
	if (c == '\0' || next(r) != c)
		return false;
	r->at++;
	return true;
}

static char
skip_blanks(struct reader *r)
{
	char c;

	while ((c = next(r)) == ' ' || c == '\t' || c == '\r' || c == '\n')
		r->at++;
	return c;
}

/* Onto r->text, with a NUL. */
static bool
read_string(struct reader *r)
{
	size_t length;
	const char *fault = json_string_read(
	    r->bytes, r->size, &r->at, r->text + r->used, &length);

	if (fault != NULL)
		return fail_at(r, r->at, fault);
	r->used += length + 1;
	return true;
}

static bool
read_double(struct reader *r, double *number)
{
	const char *fault = json_number_read(
	    r->bytes, r->size, &r->at, r->text + r->used, number);

	return fault == NULL || fail_at(r, r->at, fault);
}

/* A number that is read, from start on, for the tree. */
static bool
make_number(struct reader *r, size_t start, double number, json_object **value)
{
	char *text = r->text + r->used;

	memcpy(text, r->bytes + start, r->at - start);
	text[r->at - start] = '\0';
	*value = json_object_new_double_s(number, text);
	return *value != NULL || fail_at(r, start, NO_MEMORY);
}

static bool
read_number(struct reader *r, json_object **value)
{
	size_t start = r->at;
	double number;

	return read_double(r, &number) && make_number(r, start, number, value);
}

static bool
read_text(struct reader *r, json_object **value)
{
	size_t start = r->at, mark = r->used;

	if (!read_string(r))
		return false;
	*value = json_object_new_string_len(
	    r->text + mark, (int)(r->used - mark - 1));
	r->used = mark;
	return *value != NULL || fail_at(r, start, NO_MEMORY);
}

static bool
read_word(struct reader *r, const char *word)
{
	for (; *word != '\0'; word++) {
		if (!take(r, *word))
			return fail_here(r);
	}
	return true;
}

static bool
read_boolean(struct reader *r, bool truth, json_object **value)
{
	if (!read_word(r, truth ? "true" : "false"))
		return false;
	*value = json_object_new_boolean(truth);
	return *value != NULL || fail_at(r, r->at, NO_MEMORY);
}

/* The way from an object on, into its member. */
static const char *
way_into(const char *way, const char *key, size_t length)
{
	if (way == NULL || way[0] == '\0' || strpbrk(key, "/~") != NULL ||
	    strncmp(way + 1, key, length) != 0)
		return NULL;
	way += 1 + length;
	return *way == '/' || *way == '\0' ? way : NULL;
}

/* Is the object that is read the sheet's? */
static bool
at_sheet(const struct reader *r)
{
	return r->way != NULL && r->way[0] == '\0';
}

static bool
there_already(const struct reader *r, json_object *object, const char *key,
    size_t length)
{
	if (at_sheet(r) && sheet_has(r->sheet, key, length))
		return true;
	return json_object_object_length(object) > 0 &&
	    json_object_object_get_ex(object, key, NULL);
}

static bool
count_value(struct reader *r)
{
	return ++r->values <= TREE_VALUES_MAX ||
	    fail_at(r, r->at, "too many values");
}

/* A number in the sheet's object: on the sheet, or as any other. */
static bool
read_listed(struct reader *r, const char *key, size_t length,
    json_object **value, bool *listed)
{
	struct sheet_number number = { .at = (uint32_t)r->at };

	if (!count_value(r) || !read_double(r, &number.value))
		return false;
	number.length = (uint32_t)(r->at - number.at);
	*listed = sheet_add(r->sheet, key, length, &number);
	return *listed || make_number(r, number.at, number.value, value);
}

/* The value of a member; listed: it is on the sheet. */
static bool
read_member_value(struct reader *r, const char *key, size_t length,
    json_object **value, bool *listed)
{
	const char *way = r->way;
	bool good;

	*listed = false;
	skip_blanks(r);
	if (at_sheet(r) && json_number_begins(next(r)))
		return read_listed(r, key, length, value, listed);
	r->way = way_into(way, key, length);
	good = read_value(r, value);
	r->way = way;
	return good;
}

/* One member of an object. */
static bool
read_member(struct reader *r, json_object *object)
{
	size_t start = (skip_blanks(r), r->at), mark = r->used, length;
	json_object *value = NULL;
	bool listed;

	if (!read_string(r))
		return false;
	length = r->used - mark - 1;
	if (there_already(r, object, r->text + mark, length))
		return fail_at(r, start, "a key given twice");
	skip_blanks(r);
	if (!take(r, ':'))
		return fail_here(r);
	if (!read_member_value(r, r->text + mark, length, &value, &listed))
		return false;
	if (!listed && !tree_add_new(object, r->text + mark, value))
		return fail_at(r, start, NO_MEMORY);
	r->used = mark;
	return true;
}

static bool
read_element(struct reader *r, json_object *array)
{
	const char *way = r->way;
	json_object *value = NULL;
	bool good;

	r->way = NULL;
	good = read_value(r, &value);
	r->way = way;
	if (!good)
		return false;
	return tree_append(array, value) || fail_at(r, r->at, NO_MEMORY);
}

/* All of an object or array, after its first bracket, up to close. */
static bool
read_inside(struct reader *r, json_object *container, char close)
{
	bool (*read_part)(struct reader *, json_object *) =
	    close == '}' ? read_member : read_element;

	skip_blanks(r);
	if (take(r, close))
		return true;
	do {
		if (!read_part(r, container))
			return false;
		skip_blanks(r);
	} while (take(r, ','));
	return take(r, close) || fail_here(r);
}

static bool
read_container(struct reader *r, char close, json_object **value)
{
	bool good;

	if (r->depth == TREE_DEPTH_MAX)
		return fail_at(r, r->at, "nesting too deep");
	*value = close == '}' ? json_object_new_object()
			      : json_object_new_array();
	if (*value == NULL)
		return fail_at(r, r->at, NO_MEMORY);
	r->at++;
	r->depth++;
	good = read_inside(r, *value, close);
	r->depth--;
	if (!good) {
		json_object_put(*value);
		*value = NULL;
	}
	return good;
}

/* Any value, which stays NULL on failure, and for null. */
static bool
read_value(struct reader *r, json_object **value)
{
	char c = skip_blanks(r);

	if (!count_value(r))
		return false;
	switch (c) {
	case '{':
		return read_container(r, '}', value);
	case '[':
		return read_container(r, ']', value);
	case '"':
		return read_text(r, value);
	case 't':
	case 'f':
		return read_boolean(r, c == 't', value);
	case 'n':
		return read_word(r, "null");
	default:
		if (json_number_begins(c))
			return read_number(r, value);
		return fail_here(r);
	}
}

static void
read_root(struct reader *r, json_object **root)
{
	if (!read_value(r, root) || (skip_blanks(r), r->at == r->size))
		return;
	fail_here(r);
	json_object_put(*root);
	*root = NULL;
}

struct json_object *
tree_read_json_beside(const char *bytes, size_t size, const char *place,
    struct sheet *sheet, struct tree_defect *defect)
{
	struct reader r = { .bytes = bytes,
		.size = size,
		.defect = defect,
		.sheet = size <= UINT32_MAX ? sheet : NULL };
	size_t utf8 = tree_utf8_length(bytes, size);
	json_object *root = NULL;

	*defect = (struct tree_defect){ NULL, 0, 0 };
	if (r.sheet != NULL)
		r.way = place;
	if (utf8 < size) {
		fail_at(&r, utf8, "invalid utf-8 string");
		return NULL;
	}
	r.text = malloc(size + 1);
	if (r.text == NULL) {
		fail_at(&r, 0, NO_MEMORY);
		return NULL;
	}
	read_root(&r, &root);
	free(r.text);
	return root;
}

struct json_object *
tree_read_json(const char *bytes, size_t size, struct tree_defect *defect)
{
	return tree_read_json_beside(bytes, size, NULL, NULL, defect);
}
