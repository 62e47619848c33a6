/*
 * The numbers of one object of an answer, beside its tree: those of the rates,
 * which are nearly all that an answer has, and for each of which a tree
 * allocates three times.
 *
 * A number that a sheet doesn't take belongs into the tree; readers look at
 * both.
 */
#ifndef RATESD_SOURCE_SHEET_H
#define RATESD_SOURCE_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHEET_KEY_MAX 8 /* bytes */
#define SHEET_SLOTS_LOG 11
#define SHEET_SLOTS (1 << SHEET_SLOTS_LOG)
#define SHEET_NUMBERS_MAX (SHEET_SLOTS / 2)

struct sheet_number {
	uint64_t word; /* the key's bytes, in memory's order, then zeros */
	char key[SHEET_KEY_MAX + 1];
	double value;
	uint32_t at, length; /* of its text, in the answer's bytes */
};

struct sheet {
	unsigned count;
	struct sheet_number numbers[SHEET_NUMBERS_MAX];
	uint16_t slots[SHEET_SLOTS]; /* by key: the index and one; or 0 */
};

/* An empty one, to be freed; NULL without memory. */
struct sheet *sheet_new(void);

/* Does it have a number of this key, which is length bytes with none a NUL? */
bool sheet_has(const struct sheet *sheet, const char *key, size_t length);

/*
 * Takes a number of a key that it does not have.  False if it can't: the key
 * is empty or long, it is full, or too many keys come to the same place, by
 * chance or not: no work is more than a few steps.
 */
bool sheet_add(struct sheet *sheet, const char *key, size_t length,
    const struct sheet_number *number);

#endif
