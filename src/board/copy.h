/*
 * Words of the board, copied: what memcpy(3) would do, but each word by an
 * acquire load, as the readers' half of the latch wants it (layout.h).
 */
#ifndef RATESD_BOARD_COPY_H
#define RATESD_BOARD_COPY_H

#include "board/layout.h"

/*
 * Copies count words to where they may lie as they like; the two don't overlap.
 * No word is torn, and each is loaded before the next and before all that the
 * caller loads afterwards: what another thread stored before it stored (with
 * release) a word that is in the copy, the caller sees.
 */
void copy_acquire(void *to, const board_word *from, size_t count);

#endif
