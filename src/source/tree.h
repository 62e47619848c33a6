/*
 * An answer's bytes as a tree of json-c: the one form in which JSON, CSV and
 * XML are read further (mapping.h says how each becomes it).
 *
 * Bytes are untrusted.  A reader gives a tree, which is the caller's to put,
 * or NULL with the defect; of JSON's null alone is NULL no defect, and
 * defect->what then NULL, as after every success.
 */
#ifndef RATESD_SOURCE_TREE_H
#define RATESD_SOURCE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/mapping.h"

#define TREE_DEPTH_MAX 8      /* containers or elements in each other */
#define TREE_VALUES_MAX 65536 /* in one answer, of any kind */

struct json_object;
struct sheet;

/* Why bytes are no document. */
struct tree_defect {
	const char *what; /* static text; NULL: they are one */
	size_t at;        /* the byte, from 0 */
	size_t line;      /* of CSV, from 1; else 0 */
};

/*
 * JSON as RFC 8259 has it, and as strictly as it allows: UTF-8 with no byte
 * order mark; each key once in its object; no half of a surrogate pair, no
 * escaped NUL; a number that a double can hold, neither infinite nor rounded
 * to zero.  A number is a json_type_double that keeps its text.
 */
struct json_object *tree_read_json(
    const char *bytes, size_t size, struct tree_defect *defect);

/*
 * The same, with the numbers of the object at place on the sheet, as far as it
 * takes them, instead of in the tree.  place: a pointer without '~' in it, and
 * not ""; sheet: an empty one, or NULL.
 */
struct json_object *tree_read_json_beside(const char *bytes, size_t size,
    const char *place, struct sheet *sheet, struct tree_defect *defect);

/*
 * CSV as RFC 4180 has it, in UTF-8 (a byte order mark is passed over): lines
 * end with CR LF or LF, the last one may lack it.  The first line names the
 * columns, each differently; every other has as many fields.
 */
struct json_object *tree_read_csv(
    const char *bytes, size_t size, struct tree_defect *defect);

/* XML without a document type, in the encodings that expat itself knows. */
struct json_object *tree_read_xml(
    const char *bytes, size_t size, struct tree_defect *defect);

/*
 * The value at a pointer of the mapping, whose placeholders mean base; NULL
 * if there is none.  It belongs to the tree.
 */
struct json_object *tree_at(
    struct json_object *root, const char *pointer, uint64_t base);

/*
 * The text of a string, a number (as the answer has it) or a boolean; NULL for
 * anything else.  It belongs to the value.
 */
const char *tree_text(struct json_object *value);

/* Bytes before the first that is not UTF-8 (RFC 3629): size, if all are. */
size_t tree_utf8_length(const char *bytes, size_t size);

/* For the readers: child is the container's from here on, even on failure. */
bool tree_add(
    struct json_object *object, const char *key, struct json_object *child);
/* Where the caller knows that the object has no such key yet. */
bool tree_add_new(
    struct json_object *object, const char *key, struct json_object *child);
bool tree_append(struct json_object *array, struct json_object *child);

#endif
