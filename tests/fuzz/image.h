/*
 * Boards for readers to stumble over.
 */
#ifndef RATESD_TESTS_FUZZ_IMAGE_H
#define RATESD_TESTS_FUZZ_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "board/board.h"

/*
 * A board of three currencies as the daemon writes them, of OBJECT_INSTANCE
 * and not published: a row that is good, one that fails, one that is empty.
 */
struct board *image_board(void);

/*
 * The image that an input describes.  Its first byte says how:
 *
 *	'B'  image_board() with changes of 12 bytes each: which part of the
 *	     board, how many bytes (and whether one of a few nasty values), at
 *	     which place in the part (2), and the value (8).  So an input means
 *	     the same whatever the layout
 *	'S'  the same, with the checksums of all rows made right after it
 *	'D'  the dimensions (currencies 2, slots 1, sources 1); the rest fills
 *	     a board of these behind a header that is right
 *	'R'  the rest is the image
 *
 * All numbers have their low byte first.  To be freed; NULL for an input that
 * describes none.
 */
uint8_t *image_make(const uint8_t *data, size_t size, size_t *image_size);

#endif
