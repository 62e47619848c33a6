/*
 * How a source's answer is laid out, as data: what the keys of a `source`
 * block say, with nothing known of any provider.
 *
 * JSON, CSV and XML all become one tree, in which RFC 6901 pointers name
 * places.  CSV: an array of objects, one a line, by column name.  XML: an
 * object whose one member is the root element; an element is an object with
 * its attributes as "@name", its text, if it has more than blanks, as "#text",
 * and for each name of child elements an array of them.  All their values are
 * strings.  Element and attribute names are as written, prefix included.
 */
#ifndef RATESD_SOURCE_MAPPING_H
#define RATESD_SOURCE_MAPPING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"

#define MAPPING_POINTER_MAX 96 /* with its NUL, as all of these */
#define MAPPING_TEXT_MAX 48
#define MAPPING_ERRORS_MAX 6
#define MAPPING_CLASSES_MAX 16

#define MAPPING_FORMATS(X)                                                     \
	X(JSON, "json")                                                        \
	X(CSV, "csv")                                                          \
	X(XML, "xml")

#define MAPPING_SHAPES(X)                                                      \
	X(MAP, "map")         /* code -> number */                             \
	X(OBJECTS, "objects") /* code -> object with the number at `rate` */   \
	X(ROWS, "rows")       /* list of objects: `quote`, `rate` */

#define MAPPING_DATES(X)                                                       \
	X(DAY, "day")         /* 2026-04-13 */                                 \
	X(UNIX, "unix")       /* seconds since 1970 */                         \
	X(RFC3339, "rfc3339") /* 2026-04-13T14:00:00Z */                       \
	X(RFC1123, "rfc1123") /* Mon, 13 Apr 2026 14:00:00 +0000 or GMT */

#define MAPPING_DIRECTIONS(X)                                                  \
	X(QUOTE_PER_BASE, "quote-per-base")                                    \
	X(BASE_PER_QUOTE, "base-per-quote")

#define X(id, name) MAPPING_##id,
enum mapping_format { MAPPING_FORMATS(X) };
enum mapping_shape { MAPPING_SHAPES(X) };
enum mapping_date { MAPPING_DATES(X) };
enum mapping_direction { MAPPING_DIRECTIONS(X) };
#undef X

/* A value at one of `errors` (a string, or a number as text) -> class. */
struct mapping_class {
	char value[MAPPING_TEXT_MAX];
	enum attempt_class class;
};

/*
 * Pointers may contain {base} and {base:lower}, the base asked for.  "" is the
 * root for `rates`, and elsewhere that the answer has no such thing.  Those
 * marked "item" are relative to one row or one object of the rates.
 */
struct mapping {
	enum mapping_format format;
	enum mapping_shape shape;
	char rates[MAPPING_POINTER_MAX];
	char quote[MAPPING_POINTER_MAX];     /* item; rows */
	char rate[MAPPING_POINTER_MAX];      /* item; rows, objects */
	char item_base[MAPPING_POINTER_MAX]; /* item; a row of another base is
	                                      * refused */
	char item_date[MAPPING_POINTER_MAX]; /* item; the oldest of the board's
	                                      * currencies counts */
	char base[MAPPING_POINTER_MAX];      /* "": it names none */
	char date[MAPPING_POINTER_MAX];
	enum mapping_date date_form;         /* of date and item_date */
	char next_update[MAPPING_POINTER_MAX]; /* unix seconds, or date_form */
	char key_prefix[MAPPING_TEXT_MAX];   /* taken off each code; may contain
	                                      * {base} */
	bool key_upper;                      /* codes come in lower case */
	enum mapping_direction direction;
	char unit[MAPPING_POINTER_MAX]; /* "": 1; a whole number: of so many units
	                                 * is the rate; else a pointer, item */
	char success[MAPPING_POINTER_MAX]; /* "": no such thing */
	char success_value[MAPPING_TEXT_MAX]; /* "true", "success", "200" */
	char errors[MAPPING_ERRORS_MAX][MAPPING_POINTER_MAX]; /* in order */
	unsigned error_count;
	struct mapping_class classes[MAPPING_CLASSES_MAX];
	unsigned class_count;
};

/*
 * What a source has that names no mapping keys, the vatcomply shape: a JSON
 * map at /rates, the base at /base, the day at /date, and the usual places of
 * error texts.
 */
extern const struct mapping mapping_default;

#endif
