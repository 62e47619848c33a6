/*
 * An answer that is being read: what its parts share.
 */
#ifndef RATESD_SOURCE_READING_H
#define RATESD_SOURCE_READING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"
#include "source/document.h"
#include "source/mapping.h"

struct json_object;
struct sheet;
struct sheet_number;

struct reading {
	struct document *document;
	const struct mapping *mapping;
	const char *bytes; /* the answer */
	struct json_object *root;
	struct sheet *sheet; /* the rates' numbers that the tree lacks, or
	                      * NULL: it has all */
	char prefix[MAPPING_EXPANDED_MAX]; /* of codes */
	bool base_seen;                    /* among the rates */
	bool dated;                        /* an item of the board's has one */
	int64_t oldest;                    /* of those */
	char *error; /* place for what is wrong, cleaned and cut to fit */
	size_t error_size;
};

/* Says why; returns class. */
enum attempt_class reading_refuse(const struct reading *reading,
    enum attempt_class class, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A value as JSON; as it came, or who looks for a key in it finds none. */
const char *reading_shown(struct json_object *value);

/* A code as the mapping says that it is written, packed; 0: it is none. */
uint64_t reading_code(const struct reading *reading, const char *text);

/*
 * Where the mapping names a base ("": it does not), there must be the one that
 * was asked for: ATTEMPT_OK or ATTEMPT_BASE.  what: "answer", "row".
 */
enum attempt_class reading_base(const struct reading *reading,
    struct json_object *from, const char *pointer, const char *what);

/*
 * The date at a pointer below from, if there is one; null is one that can't be
 * read.  ATTEMPT_OK or ATTEMPT_DOCUMENT.
 */
enum attempt_class reading_date(const struct reading *reading,
    struct json_object *from, const char *pointer, bool *there, int64_t *ns);

/*
 * One rate, by its code as the answer writes it, and what stands for it: the
 * number, or the object or row with the number in it.
 */
enum attempt_class reading_item(
    struct reading *reading, const char *name, struct json_object *item);

/* The same of a number on the sheet, which has its code as the key. */
enum attempt_class reading_number(
    struct reading *reading, const struct sheet_number *number);

#endif
