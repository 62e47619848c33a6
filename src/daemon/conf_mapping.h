/*
 * The keys of a source that say how to read its answers.
 */
#ifndef RATESD_DAEMON_CONF_MAPPING_H
#define RATESD_DAEMON_CONF_MAPPING_H

#include "daemon/conf_set.h"
#include "daemon/conf_value.h"
#include "source/mapping.h"

/* name, setter, limit, field of struct mapping, whether it is a list */
#define CONF_MAPPING_KEYS(X)                                                   \
	X("format", conf_set_format, NULL, format, false)                      \
	X("shape", conf_set_shape, NULL, shape, false)                         \
	X("rates", conf_set_pointer, NULL, rates, false)                       \
	X("quote", conf_set_pointer, NULL, quote, false)                       \
	X("rate", conf_set_pointer, NULL, rate, false)                         \
	X("item-base", conf_set_pointer, NULL, item_base, false)               \
	X("item-date", conf_set_pointer, NULL, item_date, false)               \
	X("base-at", conf_set_pointer, NULL, base, false)                      \
	X("date-at", conf_set_pointer, NULL, date, false)                      \
	X("date-form", conf_set_date_form, NULL, date_form, false)             \
	X("next-update", conf_set_pointer, NULL, next_update, false)           \
	X("key-prefix", conf_set_prefix, NULL, key_prefix, false)              \
	X("keys", conf_set_case, NULL, key_upper, false)                       \
	X("direction", conf_set_direction, NULL, direction, false)             \
	X("unit", conf_set_unit, NULL, unit, false)                            \
	X("success", conf_set_success, NULL, success, false)                   \
	X("errors", conf_add_error, CONF_LIMIT(MAPPING_ERRORS_MAX),            \
	    error_count, true)                                                 \
	X("error-classes", conf_add_class, CONF_LIMIT(MAPPING_CLASSES_MAX),    \
	    class_count, true)

conf_setter conf_set_format, conf_set_shape, conf_set_date_form,
    conf_set_direction; /* words into enums */
conf_setter conf_set_pointer; /* a pointer, "" included */
conf_setter conf_set_prefix;  /* a text with {base} or without */
conf_setter conf_set_case;    /* "as-is" or "upper" */
conf_setter conf_set_unit;    /* "", a number or a pointer */

/* These take a struct source. */
conf_setter conf_set_success; /* "/pointer=value" */
conf_setter conf_add_error;   /* a pointer */
conf_setter conf_add_class;   /* "value=class" */

#endif
