/*
 * POSIX shared memory of this process alone: what a target puts there is a
 * board's object for the code under test, and a crash leaves nothing behind.
 *
 * object.c has shm_open() and shm_unlink() in the place of libc's.
 */
#ifndef RATESD_TESTS_FUZZ_OBJECT_H
#define RATESD_TESTS_FUZZ_OBJECT_H

#include <stddef.h>

#define OBJECT_INSTANCE "fuzz"

/*
 * Makes these bytes the object of instance OBJECT_INSTANCE; one that was
 * there keeps its mappings, but loses its name.
 */
void object_put(const void *bytes, size_t size);

#endif
