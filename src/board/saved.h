/*
 * The board in a file, for after a reboot.
 *
 * A file is a header, the fields of a row by name, the codes, one record a row,
 * and the sources (saved_sources.h), all in 64-bit words of the host's byte
 * order.  Fields go by their names, so that a version with others still reads
 * the ones it knows.  What a row holds is not saved.  A checksum
 * covers the whole; a file in which one bit is wrong is refused.
 */
#ifndef RATESD_BOARD_SAVED_H
#define RATESD_BOARD_SAVED_H

#include <stddef.h>

#include "board/attach.h"

/*
 * The file's bytes for the rows of a mapped board, to free(), *size of them;
 * NULL with errno: EBADMSG if a row is damaged, for an older file is better.
 */
void *saved_compose(const struct attached *board, size_t *size);

/*
 * Reads such bytes, on a boundary of 8, into *image: a board with rows and
 * sources alone, made when it was saved, for adopt(); detach() frees it.
 * NULL, or what is wrong with them, static text; without memory it is NULL and
 * image->map too.
 */
const char *saved_parse(
    const void *bytes, size_t size, struct attached *image);

/* No file of a board is larger: bytes. */
#define SAVED_SIZE_MAX (64 << 20)

#endif
