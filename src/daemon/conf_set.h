/*
 * How values become fields: the setters that keys of any place share, and
 * what setters of one place's own are made of.
 */
#ifndef RATESD_DAEMON_CONF_SET_H
#define RATESD_DAEMON_CONF_SET_H

#include <stddef.h>

#include "daemon/conf_value.h"

/* A value as faults show it: long ones are cut. */
#define CONF_SHOWN "'%.64s'"
#define CONF_LIMIT_(number) #number
#define CONF_LIMIT(number) CONF_LIMIT_(number)

/* A whole number from min to max into an unsigned. */
conf_setter conf_set_int;

/* A time from min to max into an int64_t, ns. */
conf_setter conf_set_time;

/* An octal mode with all bits of min and none beyond max into a mode_t. */
conf_setter conf_set_mode;

/* "2/s" into an int64_t, the ns between two; "off": 0. */
conf_setter conf_set_rate;

/* A text in a char[max] that has no control characters in it. */
conf_setter conf_set_text;

/* The field of an object that a key is about. */
void *conf_field(const struct conf_key *key, void *object);

/*
 * A text into a buffer: 0, or -1 with why when it doesn't fit or has a control
 * character.
 */
int conf_copy_text(
    char *buf, size_t room, const char *value, char *why, size_t size);

/* The number of a word among count names, or -1 with why. */
int conf_choose(const char *const *names, size_t count, const char *value,
    char *why, size_t size);

#endif
