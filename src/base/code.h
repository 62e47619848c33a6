/*
 * Currency codes and instance names.
 *
 * A code is 3 to 8 of A-Z 0-9; packed, it is its bytes in a 64-bit word (the
 * first byte lowest, zero filled), so that two codes are equal exactly if
 * their words are.
 */
#ifndef RATESD_BASE_CODE_H
#define RATESD_BASE_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CODE_MIN 3
#define CODE_MAX 8
#define CODE_TEXT_MAX (CODE_MAX + 1)
#define INSTANCE_MAX 32
#define INSTANCE_TEXT_MAX (INSTANCE_MAX + 1)

/* The packed code, or 0 if text is none. */
uint64_t code_pack(const char *text);

/* Like code_pack for a text of a given length that has no final NUL. */
uint64_t code_pack_n(const char *text, size_t length);

/* The text of a packed code; bytes that no code has come out as '?'. */
const char *code_unpack(uint64_t code, char buf[CODE_TEXT_MAX]);

/* True for a word that code_pack could have given. */
bool code_valid(uint64_t code);

/* Spreads a code over 64 bits for a hash table. */
uint64_t code_hash(uint64_t code);

/* 1 to 32 of A-Z a-z 0-9 _ - */
bool instance_valid(const char *name);

#endif
