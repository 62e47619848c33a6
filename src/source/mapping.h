/*
 * How a source's answer is laid out, as data: what the keys of a `source`
 * block say, with nothing known of any provider.
 *
 * JSON, CSV and XML all become one tree, in which RFC 6901 pointers name
 * places.  CSV: an array of objects, one a line, by column name.  XML: an
 * object with the root element as if that were its child; an element is an
 * object with its attributes as "@name", its text, if it has more than blanks,
 * as "#text", and for each name of child elements an array of them, even of
 * one.  The text is all that is between an element's own tags and not in a
 * child, less the blanks around it.  All their values are strings.  Element and
 * attribute names are as written, prefix included.  So
 *     <E><Cube><Cube time='2026-04-13'><Cube currency='USD' rate='1.1684'/>
 * has its rows at /E/0/Cube/0/Cube/0/Cube, there /@currency and /@rate, and the
 * day at /E/0/Cube/0/Cube/0/@time.
 */
#ifndef RATESD_SOURCE_MAPPING_H
#define RATESD_SOURCE_MAPPING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"

#define MAPPING_POINTER_MAX 96 /* with its NUL, as all of these */
#define MAPPING_TEXT_MAX 48
#define MAPPING_ERRORS_MAX 8
#define MAPPING_CLASSES_MAX 16
/* A pointer or prefix whose bases are filled in, with its NUL: at most 8 bytes
 * stand for each {base}. */
#define MAPPING_EXPANDED_MAX (MAPPING_POINTER_MAX + MAPPING_POINTER_MAX / 3)

#define MAPPING_FORMATS(X)                                                     \
	X(JSON, "json")                                                        \
	X(CSV, "csv")                                                          \
	X(XML, "xml")

#define MAPPING_SHAPES(X)                                                      \
	X(MAP, "map")         /* code -> number */                             \
	X(OBJECTS, "objects") /* code -> object with the number at `rate` */   \
	X(ROWS, "rows")       /* list of objects: `quote`, `rate` */

#define MAPPING_DATES(X)                                                       \
	X(DAY, "day")         /* 2026-04-13, or 2026-04-13T00:00:00 */         \
	X(UNIX, "unix")       /* seconds since 1970 */                         \
	X(RFC3339, "rfc3339") /* 2026-04-13T14:00:00Z, or +02:00; fractions */ \
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
 * Pointers may contain {base} and {base:lower}, the base asked for (in `errors`
 * and `success` nothing).  "" is the root for `rates`, and elsewhere that the
 * answer has no such thing.  Those marked "item" are relative to one row or one
 * object of the rates; the others to the root.
 *
 * Quote-per-base: `unit` units of the base are `rate` of the quote, and the
 * number is rate / unit.  Base-per-quote: `unit` units of the quote are `rate`
 * of the base, and the number is unit / rate.
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
	bool key_upper;                      /* codes, and bases, come in lower
	                                      * case; after the prefix */
	enum mapping_direction direction;
	char unit[MAPPING_POINTER_MAX]; /* "": 1; a whole number: of so many
	                                 * units is the rate; else a pointer,
	                                 * item */
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

/*
 * What is wrong with a pointer of RFC 6901 that may have placeholders, or NULL:
 * no '/' at its beginning, a '~' that escapes nothing, another brace than
 * those of {base} and {base:lower}, a control character, too long.  Static
 * text.
 */
const char *mapping_pointer_fault(const char *text);

/* The same for a key_prefix, which is no pointer. */
const char *mapping_prefix_fault(const char *text);

/*
 * Text of less than MAPPING_POINTER_MAX bytes with {base} and {base:lower}
 * filled in; base is packed, 0: nothing.  Returns buf.
 */
const char *mapping_expand(
    const char *text, uint64_t base, char buf[MAPPING_EXPANDED_MAX]);

#endif
