#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bsd/string.h>

#include "base/fault.h"
#include "base/text.h"

#define SUFFIX_NEW ".new"
#define SUFFIX_DAMAGED ".damaged"

static int
close_keeping_errno(int fd, int result)
{
	int kept = errno;

	close(fd);
	errno = kept;
	return result;
}

/* --- reading ------------------------------------------------------------- */

/* Fills buf from fd; how many bytes came before the end, or -1. */
static ssize_t
read_up_to(int fd, char *buf, size_t size)
{
	size_t used = 0;

	while (used < size) {
		ssize_t got = read(fd, buf + used, size - used);

		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0)
			return got == -1 ? -1 : (ssize_t)used;
		used += (size_t)got;
	}
	return (ssize_t)used;
}

static int
load(int fd, size_t most, void **bytes, size_t *size)
{
	struct stat st;
	ssize_t got;

	if (fstat(fd, &st) == -1)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return -1;
	}
	if ((uintmax_t)st.st_size > most) {
		errno = EFBIG;
		return -1;
	}
	*bytes = malloc((size_t)st.st_size + 1);
	if (*bytes == NULL)
		return -1;
	got = read_up_to(fd, *bytes, (size_t)st.st_size);
	if (got == -1) {
		free(*bytes);
		*bytes = NULL;
		return -1;
	}
	*size = (size_t)got;
	return 0;
}

int
file_load(const char *path, size_t most, void **bytes, size_t *size)
{
	/* A FIFO would wait for its writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	*bytes = NULL;
	*size = 0;
	if (fd == -1)
		return -1;
	return close_keeping_errno(fd, load(fd, most, bytes, size));
}

/* --- replacing ----------------------------------------------------------- */

static int
write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t put = FAULT_FAILS("save.write")
		    ? -1
		    : write(fd, bytes, size);

		if (put == -1 && errno == EINTR)
			continue;
		if (put == -1)
			return -1;
		bytes += put;
		size -= (size_t)put;
	}
	return 0;
}

static int
beside(const char *path, const char *suffix, char other[PATH_MAX])
{
	if (strlcpy(other, path, PATH_MAX) < PATH_MAX &&
	    strlcat(other, suffix, PATH_MAX) < PATH_MAX)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

/* The directory that a path is in. */
static void
directory_of(const char *path, char directory[PATH_MAX])
{
	char *slash;

	strlcpy(directory, path, PATH_MAX);
	slash = strrchr(directory, '/');
	if (slash == NULL)
		strlcpy(directory, ".", PATH_MAX);
	else if (slash == directory)
		slash[1] = '\0';
	else
		*slash = '\0';
}

static int
open_new(const char *path, const char *temporary)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	char directory[PATH_MAX];

	directory_of(path, directory);
	if (mkdir(directory, 0755) == -1 && errno != EEXIST)
		return -1;
	/* Left by one that died in between; a name that is a trap, too. */
	if (unlink(temporary) == -1 && errno != ENOENT)
		return -1;
	return FAULT_FAILS("save.open") ? -1 : open(temporary, flags, 0644);
}

static int
fill_new(int fd, const void *bytes, size_t size, const char **what)
{
	*what = "write";
	if (fchmod(fd, 0644) == -1 || write_all(fd, bytes, size) == -1)
		return -1;
	*what = "sync";
	return FAULT_FAILS("save.sync") ? -1 : fsync(fd);
}

/* A name is on disk once its directory is. */
static int
sync_directory(const char *path)
{
	char directory[PATH_MAX];
	int fd;

	directory_of(path, directory);
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	return close_keeping_errno(
	    fd, FAULT_FAILS("save.sync-name") ? -1 : fsync(fd));
}

int
file_replace(
    const char *path, const void *bytes, size_t size, const char **what)
{
	char temporary[PATH_MAX];
	int fd, result, kept;

	*what = "open";
	if (beside(path, SUFFIX_NEW, temporary) == -1)
		return -1;
	fd = open_new(path, temporary);
	if (fd == -1)
		return -1;
	FAULT_POINT("save.opened");
	result =
	    close_keeping_errno(fd, fill_new(fd, bytes, size, what));
	FAULT_POINT("save.written");
	if (result == 0) {
		*what = "rename";
		result = FAULT_FAILS("save.rename") ? -1
						    : rename(temporary, path);
	}
	if (result == -1) {
		kept = errno;
		unlink(temporary);
		errno = kept;
		return -1;
	}
	FAULT_POINT("save.renamed");
	*what = "sync of the name";
	return sync_directory(path);
}

int
file_replaceable(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == -1)
		return errno == ENOENT ? 0 : -1;
	if (S_ISREG(st.st_mode))
		return 0;
	errno = EINVAL;
	return -1;
}

int
file_set_aside(const char *path)
{
	char other[PATH_MAX];

	if (beside(path, SUFFIX_DAMAGED, other) == -1)
		return -1;
	return rename(path, other);
}

int
file_remove(const char *path)
{
	static const char *const suffixes[] = { "", SUFFIX_NEW,
		SUFFIX_DAMAGED };
	char other[PATH_MAX];

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (beside(path, suffixes[i], other) == -1 ||
		    (unlink(other) == -1 && errno != ENOENT &&
			errno != ENOTDIR))
			return -1;
	return 0;
}
