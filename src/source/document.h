/*
 * A source's answer, from bytes to numbers, as its mapping lays it out.
 *
 * Pure: no clock, no system call.
 */
#ifndef RATESD_SOURCE_DOCUMENT_H
#define RATESD_SOURCE_DOCUMENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"
#include "source/mapping.h"

#define DOCUMENT_ERROR_MAX 128

/*
 * Finds the number of a packed code on the board: the index, or -1 for a code
 * that the board doesn't have.
 */
typedef int document_find(const void *context, uint64_t code);

struct document {
	/* In. */
	const struct mapping *mapping;
	uint64_t base; /* asked for; the board may lack it */
	document_find *find;
	const void *context;
	double *numbers; /* room for count; each set, NaN where absent */
	unsigned count;

	/* Out. */
	unsigned present; /* numbers that are not absent */
	enum published_form published_form;
	int64_t published;   /* ns since 1970 UTC */
	int64_t next_update; /* the same; 0: not said, or not to be read */
};

/*
 * Reads an answer.  Codes that the board doesn't have are passed over.  The
 * base itself is exactly 1 if the board has it.  ATTEMPT_OK, or
 * the class of what is wrong, with its text in error:
 * ATTEMPT_REFUSED, or the mapping's class: it says that it is an error, by the
 *                   success predicate, or by having no rates but an error
 * ATTEMPT_DOCUMENT: no document of the format, no rates of the shape where
 *                   they should be, a currency there twice, none of the
 *                   board's, or a date that is none
 * ATTEMPT_BASE: rates of another base than asked, or of none where one should
 *               be named, or the base against itself is not 1
 * ATTEMPT_VALUE: a rate that is no number, not finite, or not above zero
 * A refused answer gives no number.
 */
enum attempt_class document_read(struct document *document, const char *bytes,
    size_t size, char *error, size_t error_size);

/*
 * Of a body that came with a failure status: the class that the mapping gives
 * one of its errors, or ATTEMPT_NONE, and the error's text (at `errors`, or a
 * list by field), cleaned; "" if none.  It may be JSON whatever the format is.
 */
enum attempt_class document_error(const struct mapping *mapping,
    const char *bytes, size_t size, char *buf, size_t buf_size);

#endif
