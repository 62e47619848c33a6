/*
 * Files that are read or replaced as a whole.
 */
#ifndef RATESD_BASE_FILE_H
#define RATESD_BASE_FILE_H

#include <stddef.h>

/*
 * Reads a regular file of at most this many bytes into *bytes, to free(), of
 * *size: 0, or -1 with errno (EFBIG: larger; EINVAL: not a regular file).
 */
int file_load(const char *path, size_t most, void **bytes, size_t *size);

/*
 * Replaces a file, mode 0644: the bytes go to PATH.new, are synced, and take
 * the file's name; a crash or a full disk at any moment leaves the old file
 * or the new one, whole.  Makes the directory if it is missing.  0, or -1 with
 * errno and in *what the step that failed, static text; then the old one is
 * there, unless what says that the name could not be synced.
 */
int file_replace(
    const char *path, const void *bytes, size_t size, const char **what);

/*
 * 0 if file_replace() would replace a regular file, or nothing at all; else -1
 * with errno, EINVAL for what is no file to replace: a device, a link such as
 * /dev/stdout.
 */
int file_replaceable(const char *path);

/* Moves a file to PATH.damaged: 0, or -1 with errno. */
int file_set_aside(const char *path);

/* Removes the file and what the above left beside it: 0, or -1 with errno. */
int file_remove(const char *path);

#endif
