/*
 * What all targets share.
 */
#ifndef RATESD_TESTS_FUZZ_H
#define RATESD_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An input must fail whatever NDEBUG says of assert, and stdio is taken. */
static inline void
require_failed(const char *file, int line, const char *condition)
{
	dprintf(2, "%s:%d: not true: %s\n", file, line, condition);
	abort();
}
#define REQUIRE(condition)                                                     \
	((condition) ? (void)0 : require_failed(__FILE__, __LINE__, #condition))

/* A text that ends within its buffer and can be shown. */
static inline void
require_printable(const char *text, size_t size)
{
	REQUIRE(strnlen(text, size) < size);
	for (; *text != '\0'; text++)
		REQUIRE(*text >= ' ' && *text <= '~');
}

#endif
