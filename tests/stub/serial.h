#ifndef STUB_SERIAL_H
#define STUB_SERIAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define SERIAL_FRACTIONS 1000000

/*
 * Numbers that say which answer they came from: SERIAL.FRACTION, with six
 * digits that are of the pair alone.  Serials grow by base, from 1; even ones
 * are given with kind ok alone, odd ones with every other kind.  Same thread
 * rule as data.h.
 */

/* The next serial of a base; good for an answer of kind ok. */
uint64_t	 serial_next(int base, bool good);

/* "serials":{"EUR":12,...}, the last one given to each base; for /stats. */
void		 serial_write(FILE *out);

/* The fraction of a pair, 0 to 999999: FNV-1a over both codes, each with its
 * NUL. */
static inline uint32_t
serial_fraction(const char *base, const char *quote)
{
	const char *codes[] = { base, quote };
	uint32_t hash = UINT32_C(2166136261);

	for (int i = 0; i < 2; i++) {
		const char *p = codes[i];

		do
			hash = (hash ^ (unsigned char)*p) * UINT32_C(16777619);
		while (*p++ != '\0');
	}
	return hash % SERIAL_FRACTIONS;
}

#endif
