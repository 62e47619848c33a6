/*
 * An existing board, mapped read-only and checked; and its rows, read.
 *
 * Board bytes are untrusted: no offset or count is taken from them but the
 * three dimensions, and those only when the object's size agrees.  Anyone may
 * make an object of a board's name: owner says who did, and an object that its
 * group or others may write is refused.
 */
#ifndef RATESD_BOARD_ATTACH_H
#define RATESD_BOARD_ATTACH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "board/layout.h"

struct attached {
	const struct board_header *map; /* NULL if there is none */
	struct board_shape shape;
	dev_t device; /* of the object, with inode: is it still the one? */
	ino_t inode;
	uid_t owner;
	gid_t group;
	const char *fault; /* why it was refused, else NULL; static text */
};

/*
 * Maps the board of an instance: 0, or -1 with errno (ENOENT: none; EACCES;
 * EPROTO: refused, *attached says why in fault).
 */
int attach(const char *instance, struct attached *attached);

void detach(struct attached *attached); /* an empty one is fine */

/*
 * The header of an instance's board as it is now, without mapping it: for who
 * looks around, whom a stranger's board that is being truncated must not end
 * by SIGBUS.  0, or -1 with errno as attach() gives it.
 */
int attach_peek(const char *instance, struct board_header *header);

/*
 * Copies words [first, first + count) of row i from one moment: 0 with the
 * row's sequence in *seq, or -1 if writers were faster for 64 tries.  words
 * may be of any type of 64 bits.
 */
int attached_read(const struct attached *attached, uint32_t i, size_t first,
    size_t count, void *words, uint64_t *seq);

/* True if words, a whole row as attached_read() gave it, are undamaged. */
bool attached_sound(const struct attached *attached, const uint64_t *words);

/*
 * The numbers that row i holds, one a currency, if check is the one that its
 * copy has of them: false if a death, or a writer at work, has left others.
 */
bool attached_held(const struct attached *attached, uint32_t i,
    uint64_t check, uint64_t *words);

/* The row of a packed code, or -1. */
int attached_find(const void *map, const struct board_shape *shape,
    uint64_t code);

#endif
