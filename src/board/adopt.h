/*
 * What a new board takes over from the one that it will replace.
 */
#ifndef RATESD_BOARD_ADOPT_H
#define RATESD_BOARD_ADOPT_H

#include "board/attach.h"
#include "board/board.h"

/*
 * Fills an unpublished board with the old one's rows of the same codes and what
 * they hold, its counters, the histories of its slots and the words of its
 * sources, over a boot the lasting ones; the generation becomes the old one
 * plus one at least.  Rows that are empty
 * or damaged there stay as they are, so that an older source may come first.
 */
void adopt(struct board *board, const struct attached *old);

#endif
