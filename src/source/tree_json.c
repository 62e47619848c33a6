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

#include "base/number.h"
#include "source/json_string.h"

#define BLANKS " \t\r\n"
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
	while (next(r) != '\0' && strchr(BLANKS, next(r)) != NULL)
		r->at++;
	return next(r);
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
skip_digits(struct reader *r)
{
	size_t before = r->at;

	while (next(r) >= '0' && next(r) <= '9')
		r->at++;
	return r->at > before;
}

/* number = [ minus ] int [ frac ] [ exp ] of RFC 8259, section 6. */
static bool
skip_number(struct reader *r)
{
	take(r, '-');
	if (!take(r, '0') && !skip_digits(r))
		return false;
	if (take(r, '.') && !skip_digits(r))
		return false;
	if (take(r, 'e') || take(r, 'E')) {
		if (!take(r, '+'))
			take(r, '-');
		return skip_digits(r);
	}
	return true;
}

static bool
read_number(struct reader *r, json_object **value)
{
	size_t start = r->at, mark = r->used;
	double number;

	if (!skip_number(r))
		return fail_at(r, r->at, r->at < r->size ? "number expected"
							 : JSON_CUT);
	memcpy(r->text + mark, r->bytes + start, r->at - start);
	r->text[mark + r->at - start] = '\0';
	if (number_parse_double(r->text + mark, &number) == -1)
		return fail_at(r, start, "a number out of range");
	*value = json_object_new_double_s(number, r->text + mark);
	return *value != NULL || fail_at(r, start, NO_MEMORY);
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

/* One member of an object. */
static bool
read_member(struct reader *r, json_object *object)
{
	size_t start = (skip_blanks(r), r->at), mark = r->used;
	json_object *value = NULL;

	if (!read_string(r))
		return false;
	if (json_object_object_get_ex(object, r->text + mark, NULL))
		return fail_at(r, start, "a key given twice");
	skip_blanks(r);
	if (!take(r, ':'))
		return fail_here(r);
	if (!read_value(r, &value))
		return false;
	if (!tree_add_new(object, r->text + mark, value))
		return fail_at(r, start, NO_MEMORY);
	r->used = mark;
	return true;
}

static bool
read_element(struct reader *r, json_object *array)
{
	json_object *value = NULL;

	if (!read_value(r, &value))
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

	if (++r->values > TREE_VALUES_MAX)
		return fail_at(r, r->at, "too many values");
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
		if (c == '-' || (c >= '0' && c <= '9'))
			return read_number(r, value);
		return fail_here(r);
	}
}

struct json_object *
tree_read_json(const char *bytes, size_t size, struct tree_defect *defect)
{
	struct reader r = { .bytes = bytes, .size = size, .defect = defect };
	size_t utf8 = tree_utf8_length(bytes, size);
	json_object *root = NULL;

	*defect = (struct tree_defect){ NULL, 0, 0 };
	if (utf8 < size) {
		fail_at(&r, utf8, "invalid utf-8 string");
		return NULL;
	}
	r.text = malloc(size + 1);
	if (r.text == NULL) {
		fail_at(&r, 0, NO_MEMORY);
		return NULL;
	}
	if (read_value(&r, &root) && (skip_blanks(&r), r.at < size)) {
		fail_here(&r);
		json_object_put(root);
		root = NULL;
	}
	free(r.text);
	return root;
}
