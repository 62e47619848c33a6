#include "source/sheet.h"

#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 16
#define SLOT_SHIFT (64 - SHEET_SLOTS_LOG)

struct sheet *
sheet_new(void)
{
	struct sheet *sheet = malloc(sizeof(*sheet));

	if (sheet == NULL)
		return NULL;
	sheet->count = 0;
	memset(sheet->slots, 0, sizeof(sheet->slots));
	return sheet;
}

static uint64_t
word_of(const char *key, size_t length)
{
	uint64_t word = 0;

	memcpy(&word, key, length);
	return word;
}

/* Where a key is looked for first: Fibonacci hashing, Knuth, TAOCP 3, 6.4. */
static unsigned
first_slot(uint64_t word)
{
	return (unsigned)(word * UINT64_C(0x9e3779b97f4a7c15) >> SLOT_SHIFT);
}

/* The slot with the key, or the empty one that it may have; NULL: neither. */
static const uint16_t *
find_slot(const struct sheet *sheet, uint64_t word)
{
	unsigned slot = first_slot(word);

	for (unsigned i = 0; i < STEPS_MAX; i++) {
		const uint16_t *found =
		    &sheet->slots[(slot + i) % SHEET_SLOTS];

		if (*found == 0 || sheet->numbers[*found - 1].word == word)
			return found;
	}
	return NULL;
}

static bool
fits(size_t length)
{
	return length > 0 && length <= SHEET_KEY_MAX;
}

bool
sheet_has(const struct sheet *sheet, const char *key, size_t length)
{
	const uint16_t *slot = NULL;

	if (fits(length))
		slot = find_slot(sheet, word_of(key, length));
	return slot != NULL && *slot != 0;
}

bool
sheet_add(struct sheet *sheet, const char *key, size_t length,
    const struct sheet_number *number)
{
	struct sheet_number *place = &sheet->numbers[sheet->count];
	const uint16_t *slot;
	uint64_t word;

	if (!fits(length) || sheet->count == SHEET_NUMBERS_MAX)
		return false;
	word = word_of(key, length);
	slot = find_slot(sheet, word);
	if (slot == NULL)
		return false;
	*place = *number;
	place->word = word;
	memcpy(place->key, &word, sizeof(word));
	place->key[SHEET_KEY_MAX] = '\0';
	sheet->slots[slot - sheet->slots] = (uint16_t)++sheet->count;
	return true;
}
