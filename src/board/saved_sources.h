/*
 * The sources in a saved board: what outlives a boot,
 * SOURCE_LASTING_WORDS and SOURCE_TALLIES.
 *
 * Names of the words, NUL-padded to 24 bytes each; then each source's name and
 * its words.  As with the rows, a word that is not known here is passed over.
 */
#ifndef RATESD_BOARD_SAVED_SOURCES_H
#define RATESD_BOARD_SAVED_SOURCES_H

#include <stddef.h>
#include <stdint.h>

#include "board/layout.h"

#define SAVED_WORDS_MAX 128 /* of a source */

/* How many words there are of a source that is saved now. */
extern const uint32_t saved_source_words;

/* The size, in words, of so many sources with so many words each. */
size_t saved_sources_size(uint32_t sources, uint32_t words);

/* Writes a board's sources.  Where they end. */
uint64_t *saved_sources_put(
    uint64_t *to, const void *map, const struct board_shape *shape);

/*
 * Takes as many sources as the shape has, with so many words each, of which
 * there are at most SAVED_WORDS_MAX, into a board.  NULL, or what is wrong.
 */
const char *saved_sources_take(const uint64_t *from, uint32_t words, void *map,
    const struct board_shape *shape);

#endif
