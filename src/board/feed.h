/*
 * Who feeds a board, as its header says.
 */
#ifndef RATESD_BOARD_FEED_H
#define RATESD_BOARD_FEED_H

#include "board/layout.h"
#include "board/rates.h"

/* Fills *feed from a header, that of a mapped board or a copy of one. */
void feed_read(const struct board_header *header, struct rates_feed *feed);

#endif
