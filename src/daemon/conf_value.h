/*
 * The keys of the configuration: one table, from which the parser's options,
 * the checks and the defaults come.
 */
#ifndef RATESD_DAEMON_CONF_VALUE_H
#define RATESD_DAEMON_CONF_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#define CONF_KEYS_MAX 48

struct conf_key;

/*
 * Checks a value and puts it into object, a struct conf or struct source; a
 * list takes it as its next element.  0, or -1 with what is wrong in why.
 */
typedef int conf_setter(const struct conf_key *key, void *object,
    const char *value, char *why, size_t size);

struct conf_key {
	const char *name;
	conf_setter *set;
	const char *min, *max; /* as one would write them in the file; for a
	                        * mode: the bits it must and may have */
	const char *usual;     /* NULL: required; "": as if all were zero */
	size_t offset;         /* of the field in the object; for a list: of
	                        * the count of its elements */
	bool list;             /* max: how many elements */
};

/* All keys of one place. */
struct conf_keys {
	const struct conf_key *key;
	size_t count; /* at most CONF_KEYS_MAX */
};

extern const struct conf_keys conf_root_keys;   /* of a struct conf */
extern const struct conf_keys conf_source_keys; /* of a struct source;
                                                 * in conf_source.c */

/* The number of a key, or -1. */
int conf_key_find(const struct conf_keys *keys, const char *name);

/* The key that a misspelt name seems to mean, or NULL. */
const char *conf_key_near(const struct conf_keys *keys, const char *name);

/* Gives every field that has a default its default; the object is all zero. */
void conf_set_defaults(const struct conf_keys *keys, void *object);

/* How many elements a list may have. */
unsigned conf_list_max(const struct conf_key *key);

/* Empties a list. */
void conf_list_clear(const struct conf_key *key, void *object);

/* 1 to 31 of A-Z a-z 0-9 _ - . */
bool conf_source_name_valid(const char *name);
#define CONF_SOURCE_NAME "a source name (1 to 31 of A-Z a-z 0-9 _ - .)"

#endif
