/*
 * What an answer says of itself: that it is an error, which, and of what kind.
 */
#ifndef RATESD_SOURCE_ENVELOPE_H
#define RATESD_SOURCE_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"
#include "source/mapping.h"

struct json_object;

/*
 * True unless the mapping has a success predicate and the answer does not
 * keep it.  The value is compared as text.
 */
bool envelope_success(
    const struct mapping *mapping, struct json_object *root);

/*
 * The class that the mapping gives the first value at its `errors` that it
 * knows, or ATTEMPT_NONE.  In buf, cleaned and cut to fit, the first text there
 * that says something; if there is none, the value that was known; else "".
 */
enum attempt_class envelope_error(const struct mapping *mapping,
    struct json_object *root, char *buf, size_t size);

/*
 * The first member that is a list of texts, as "member: text", cleaned (of
 * {"base": ["not supported"]}); else "".
 */
void envelope_field_error(struct json_object *root, char *buf, size_t size);

#endif
