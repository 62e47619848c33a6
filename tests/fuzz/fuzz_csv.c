/*
 * Whatever bytes there are: either a defect within them, or rows that all have
 * the same columns, with text in each; and those, written as CSV again with
 * every field in quotes, are read as the same.
 */
#include "source/tree.h"

#include <json-c/json.h>

#include "fuzz.h"

/* As CSV, into memory that the caller frees. */
struct text {
	char *bytes;
	size_t size;
};

static void
write_field(FILE *out, const char *field, size_t length)
{
	fputc('"', out);
	for (size_t i = 0; i < length; i++) {
		if (field[i] == '"')
			fputc('"', out);
		fputc(field[i], out);
	}
	fputc('"', out);
}

static void
write_row(FILE *out, json_object *row, bool names)
{
	bool first = true;

	json_object_object_foreach(row, name, value) {
		if (!first)
			fputc(',', out);
		first = false;
		if (names)
			write_field(out, name, strlen(name));
		else
			write_field(out, json_object_get_string(value),
			    (size_t)json_object_get_string_len(value));
	}
	fputs("\r\n", out);
}

static struct text
write_csv(json_object *rows)
{
	struct text text = { NULL, 0 };
	FILE *out = open_memstream(&text.bytes, &text.size);
	size_t count = json_object_array_length(rows);

	REQUIRE(out != NULL);
	write_row(out, json_object_array_get_idx(rows, 0), true);
	for (size_t i = 0; i < count; i++)
		write_row(out, json_object_array_get_idx(rows, i), false);
	fclose(out);
	return text;
}

static void
require_row(json_object *row, json_object *first)
{
	REQUIRE(json_object_is_type(row, json_type_object));
	REQUIRE(json_object_object_length(row) > 0);
	REQUIRE(json_object_object_length(row) ==
	    json_object_object_length(first));
	json_object_object_foreach(row, name, value) {
		REQUIRE(json_object_object_get_ex(first, name, NULL));
		REQUIRE(json_object_is_type(value, json_type_string));
	}
}

static void
require_again(json_object *rows)
{
	struct text text = write_csv(rows);
	struct tree_defect defect;
	json_object *again = tree_read_csv(text.bytes, text.size, &defect);

	REQUIRE(defect.what == NULL);
	REQUIRE(json_object_equal(rows, again));
	json_object_put(again);
	free(text.bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tree_defect defect;
	json_object *rows = tree_read_csv((const char *)data, size, &defect);
	size_t count;

	REQUIRE((rows == NULL) == (defect.what != NULL));
	REQUIRE(defect.at <= size && defect.line <= size + 1);
	if (rows == NULL)
		return 0;
	REQUIRE(tree_utf8_length((const char *)data, size) == size);
	count = json_object_array_length(rows);
	for (size_t i = 0; i < count; i++)
		require_row(json_object_array_get_idx(rows, i),
		    json_object_array_get_idx(rows, 0));
	if (count > 0)
		require_again(rows);
	json_object_put(rows);
	return 0;
}
