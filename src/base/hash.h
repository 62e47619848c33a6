/*
 * Checksums against accidents, not against anybody's skill.
 */
#ifndef RATESD_BASE_HASH_H
#define RATESD_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C(0xcbf29ce484222325)

/* FNV-1a of 64 bits, draft-eastlake-fnv; hash is HASH_START at first. */
uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size);

/*
 * The same by whole words, with a shift that brings the high bits down.  Each
 * step is a bijection, so one word that is wrong is always found.
 */
static inline uint64_t
hash_word(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x100000001b3);
	return hash ^ hash >> 32;
}

#endif
