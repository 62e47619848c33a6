/*
 * The object in shared memory that a board lives in, as the file of tmpfs that
 * it is on Linux (shm_overview(7)).
 */
#ifndef RATESD_BOARD_OBJECT_H
#define RATESD_BOARD_OBJECT_H

#include <stddef.h>
#include <sys/types.h>

#include "board/layout.h"

/* What is under an instance's name. */
enum object_presence {
	OBJECT_THERE,   /* the object asked about, whole */
	OBJECT_CUT,     /* it, and its size is another one */
	OBJECT_MISSING, /* nothing */
	OBJECT_OTHER,   /* something else */
};

struct object {
	void *map; /* read-write */
	size_t size;
	dev_t device;
	ino_t inode;
};

/*
 * 0 if the instance's names are free or ours, or -1 with errno and error.
 */
int object_check_names(const char *instance, char *error, size_t error_size);

/*
 * Makes an object of size bytes under the instance's temporary name, all its
 * memory allocated.  0, or -1 with errno and error; also at once if the name
 * that it is for is not ours to take.
 */
int object_create(struct object *object, const char *instance, size_t size,
    mode_t mode, char *error, size_t error_size);

/*
 * The header of the object that the new one will replace, mapped read-write
 * for the caller to unmap: NULL in *old if there is none.  0, or -1 with errno
 * and error if it is not ours to replace.
 */
int object_replaced(const char *instance, struct board_header **old,
    char *error, size_t error_size);

/* Renames the new object over the old one: 0, or -1 with errno and error. */
int object_publish(const char *instance, char *error, size_t error_size);

/* Removes the object under the temporary name, if there is one. */
void object_discard(const char *instance);

/*
 * Removes the objects of an instance: 0, also if there was none, or -1 with
 * errno.
 */
int object_remove(const char *instance);

enum object_presence object_presence(
    const struct object *object, const char *instance);

#endif
