#include "source/tree.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#define MARK "\xef\xbb\xbf" /* the byte order mark */
#define NO_MEMORY "no memory"

/* What ended a field. */
enum end { COMMA, LINE, FILE_END };

struct reader {
	const char *bytes;
	size_t size, at;
	size_t lines; /* that are behind */
	size_t line;  /* at which the row that is read begins, from 1 */
	char *text; /* the field, with its NUL; room for all of the bytes */
	size_t length;
	unsigned values;
	struct tree_defect *defect;
};

static bool
fail(struct reader *r, size_t at, const char *what)
{
	*r->defect = (struct tree_defect){ what, at, r->line };
	return false;
}

/* Takes c if it is next. */
static bool
take(struct reader *r, char c)
{
	if (r->at == r->size || r->bytes[r->at] != c)
		return false;
	r->at++;
	return true;
}

/* CR LF, or LF alone; the lines are counted. */
static bool
take_break(struct reader *r)
{
	if (r->size - r->at >= 2 && memcmp(r->bytes + r->at, "\r\n", 2) == 0)
		r->at++;
	if (!take(r, '\n'))
		return false;
	r->lines++;
	return true;
}

/* Takes the byte that is next into the field. */
static void
keep(struct reader *r)
{
	r->text[r->length++] = r->bytes[r->at++];
}

/* A field after its first quote, and what follows; "" is one quote. */
static bool
read_quoted(struct reader *r)
{
	size_t start = r->at - 1;

	while (r->at < r->size) {
		if (take(r, '"') &&
		    (r->at == r->size || r->bytes[r->at] != '"'))
			return true;
		r->lines += r->bytes[r->at] == '\n';
		keep(r);
	}
	return fail(r, start, "a quote that is not closed");
}

static void
read_plain(struct reader *r)
{
	while (r->at < r->size && strchr("\",\r\n", r->bytes[r->at]) == NULL)
		keep(r);
}

/* What stands between two fields. */
static bool
read_end(struct reader *r, enum end *end)
{
	*end = COMMA;
	if (take(r, ','))
		return true;
	*end = FILE_END;
	if (r->at == r->size)
		return true;
	*end = LINE;
	return take_break(r) || fail(r, r->at, "unexpected character");
}

/* The field that is next, as a string. */
static bool
read_field(struct reader *r, json_object **field, enum end *end)
{
	if (++r->values > TREE_VALUES_MAX)
		return fail(r, r->at, "too many values");
	r->length = 0;
	if (!take(r, '"'))
		read_plain(r);
	else if (!read_quoted(r))
		return false;
	if (!read_end(r, end))
		return false;
	r->text[r->length] = '\0';
	*field = json_object_new_string_len(r->text, (int)r->length);
	return *field != NULL || fail(r, r->at, NO_MEMORY);
}

/* The first line: names, and an object with each of them as a key. */
static bool
read_names(struct reader *r, json_object *names, json_object *seen)
{
	enum end end = COMMA;

	while (end == COMMA) {
		size_t start = r->at;
		json_object *name;

		if (!read_field(r, &name, &end))
			return false;
		if (!tree_append(names, name))
			return fail(r, start, NO_MEMORY);
		if (json_object_object_get_ex(seen, r->text, NULL))
			return fail(r, start, "a column named twice");
		if (!tree_add(seen, r->text, NULL))
			return fail(r, start, NO_MEMORY);
	}
	return true;
}

static bool
read_row(struct reader *r, json_object *names, json_object *row)
{
	size_t count = json_object_array_length(names), start = r->at, i = 0;
	enum end end = COMMA;

	for (; end == COMMA && i < count; i++) {
		json_object *field,
		    *name = json_object_array_get_idx(names, i);

		if (!read_field(r, &field, &end))
			return false;
		if (!tree_add(row, json_object_get_string(name), field))
			return fail(r, start, NO_MEMORY);
	}
	if (end == COMMA || i < count)
		return fail(r, start, "a row with another number of fields");
	return true;
}

static bool
read_rows(struct reader *r, json_object *names, json_object *rows)
{
	while (r->at < r->size) {
		json_object *row = json_object_new_object();

		r->line = r->lines + 1;
		if (row == NULL || !tree_append(rows, row))
			return fail(r, r->at, NO_MEMORY);
		if (!read_row(r, names, row))
			return false;
	}
	return true;
}

static bool
read_all(struct reader *r, json_object *rows)
{
	json_object *names = json_object_new_array();
	json_object *seen = json_object_new_object();
	bool good = false;

	if (r->text == NULL || rows == NULL || names == NULL || seen == NULL)
		fail(r, 0, NO_MEMORY);
	else
		good = read_names(r, names, seen) && read_rows(r, names, rows);
	json_object_put(seen);
	json_object_put(names);
	return good;
}

/* What no CSV may have, wherever it is. */
static bool
check_bytes(struct reader *r)
{
	size_t utf8 = tree_utf8_length(r->bytes, r->size);
	const char *nul = memchr(r->bytes, '\0', utf8);

	if (nul != NULL)
		return fail(r, (size_t)(nul - r->bytes), "a NUL");
	return utf8 == r->size || fail(r, utf8, "invalid utf-8 string");
}

struct json_object *
tree_read_csv(const char *bytes, size_t size, struct tree_defect *defect)
{
	struct reader r = { .bytes = bytes,
		.size = size,
		.line = 1,
		.defect = defect };
	json_object *rows = NULL;

	*defect = (struct tree_defect){ NULL, 0, 0 };
	if (!check_bytes(&r))
		return NULL;
	if (size >= strlen(MARK) && memcmp(bytes, MARK, strlen(MARK)) == 0)
		r.at = strlen(MARK);
	rows = json_object_new_array();
	r.text = malloc(size + 1);
	if (!read_all(&r, rows)) {
		json_object_put(rows);
		rows = NULL;
	}
	free(r.text);
	return rows;
}
