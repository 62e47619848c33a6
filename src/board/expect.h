/*
 * The calendar of a source on the board: written by the supervisor alone, read
 * by anyone.
 */
#ifndef RATESD_BOARD_EXPECT_H
#define RATESD_BOARD_EXPECT_H

#include <stdbool.h>

#include "base/expected.h"
#include "board/layout.h"

/* Stores the words, and their check last. */
void board_expect(struct board_source *source, const struct expected *words);

/*
 * The words from one moment; all 0, which is no calendar, and false if they are
 * never whole.
 */
bool board_expected(
    const struct board_source *source, struct expected *words);

#endif
