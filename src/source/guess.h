/*
 * How an unknown source's answer may be laid out: a mapping, guessed from one
 * answer.  Whoever uses it reads the answer with it, to see whether it holds.
 *
 * Pure: no clock, no system call.
 */
#ifndef RATESD_SOURCE_GUESS_H
#define RATESD_SOURCE_GUESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/mapping.h"

#define GUESS_CODES_MAX 1024
#define GUESS_LIKELY_MAX 3
#define GUESS_NOTES_MAX 12
#define GUESS_NOTE_MAX 160

struct guess {
	struct mapping mapping; /* whatever is not guessed: mapping_default's */
	uint64_t base;          /* packed */
	/* If base is 0, what it may be by the size of the numbers, packed, the
	 * likeliest first; 0: no more. */
	uint64_t likely[GUESS_LIKELY_MAX];
	/* Codes that have a number above zero, packed, each once. */
	uint64_t codes[GUESS_CODES_MAX];
	unsigned count;
	/* What is not certain, for people; printable ASCII. */
	char notes[GUESS_NOTES_MAX][GUESS_NOTE_MAX];
	unsigned note_count;
};

/*
 * Looks at an answer, whose format is seen from its first byte.  asked: the
 * base, packed, if it is known, else 0; url: where the answer is from, "" if
 * that is not known.  0, or -1 with why there is no guess: it is empty, a web
 * page, an error (with its text), broken, has no rates, or does not say of
 * which base they are.
 */
int guess_answer(const char *bytes, size_t size, uint64_t asked,
    const char *url, struct guess *guess, char *error, size_t error_size);

/*
 * A URL with {base} or {base:lower} where the base's code stands as a word,
 * but not in a list with commas.  True if there is such a word; buf has the
 * whole URL in any case, or "" if it does not fit.
 */
bool guess_template(const char *url, uint64_t base, char *buf, size_t size);

#endif
