/*
 * A source's answer, from bytes to numbers.
 *
 * Pure: no clock, no system call; the only user of json-c.
 */
#ifndef RATESD_SOURCE_DOCUMENT_H
#define RATESD_SOURCE_DOCUMENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"

#define DOCUMENT_ERROR_MAX 128

/*
 * Finds the number of a packed code on the board: the index, or -1 for a code
 * that the board doesn't have.
 */
typedef int document_find(const void *context, uint64_t code);

struct document {
	/* In. */
	uint64_t base; /* asked for */
	document_find *find;
	const void *context;
	double *numbers; /* room for count; each set, NaN where absent */
	unsigned count;

	/* Out. */
	unsigned present; /* numbers that are not absent */
	enum published_form published_form;
	int64_t published; /* ns since 1970 UTC */
};

/*
 * Reads an answer in the vatcomply shape: rates at /rates, base at /base,
 * date at /date.  Codes that the board doesn't have are passed over.  The base
 * itself is exactly 1 if the board has it.  ATTEMPT_OK, or
 * the class of what is wrong, with its text in error:
 * ATTEMPT_DOCUMENT: no JSON object, no /rates object, none of its rates is a
 *                   currency of the board, or a date that is none
 * ATTEMPT_BASE: rates of another base than asked, or the base against itself
 *               is not 1
 * ATTEMPT_VALUE: a rate that is no number, not finite, or not above zero
 * A refused answer gives no number.
 */
enum attempt_class document_read(struct document *document, const char *bytes,
    size_t size, char *error, size_t error_size);

/*
 * The error text in a body that came with a failure status (vatcomply:
 * "error", "detail", "message", or a list by field), cleaned; "" if none.
 */
void document_error(const char *bytes, size_t size, char *buf, size_t buf_size);

#endif
