#include "daemon/conf_credential.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define DIRECTORY "CREDENTIALS_DIRECTORY"

/* Whether a path is below a directory, by its text alone. */
static bool
is_below(const char *path, const char *directory)
{
	size_t length = strlen(directory);

	while (length > 0 && directory[length - 1] == '/')
		length--;
	return length > 0 && strncmp(path, directory, length) == 0 &&
	    path[length] == '/' && strstr(path + length, "/..") == NULL;
}

/* The file of a source's key: 0, or -1 with why. */
static int
find_file(const struct source *source, char path[PATH_MAX], bool *given,
    char *why, size_t size)
{
	const char *directory = getenv(DIRECTORY);
	const char *name = source->credential[0] != '\0' ? source->credential :
	                                                   source->name;

	if (directory != NULL && directory[0] != '/')
		directory = NULL;
	if (name[0] == '/') {
		*given = directory != NULL && is_below(name, directory);
		text_format(path, PATH_MAX, "%s", name);
		return 0;
	}
	if (directory == NULL) {
		text_format(why, size, "%s, and there is no $" DIRECTORY
		    " to find '%.64s' in", source->credential[0] != '\0' ?
		    "not a path" : "none given", name);
		return -1;
	}
	*given = true;
	if (strlen(directory) + strlen(name) + 2 > PATH_MAX) {
		text_format(why, size, "$" DIRECTORY " is too long");
		return -1;
	}
	text_format(path, PATH_MAX, "%s/%s", directory, name);
	return 0;
}

/* given: by the service manager, which sees to who may read it. */
static const char *
status_fault(const struct stat *st, bool given)
{
	if (!S_ISREG(st->st_mode))
		return "not a regular file";
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return "others may write it (chmod go-w)";
	if (!given && (st->st_mode & S_IROTH) != 0)
		return "everybody may read it (chmod o-r)";
	return NULL;
}

/*
 * Opens it, but no device, whose opening may do something, and no FIFO, which
 * would keep us waiting: -1 with *fault.
 */
static int
open_file(const char *path, bool given, const char **fault)
{
	struct stat st;
	int fd = -1;

	*fault = NULL;
	if (stat(path, &st) == -1)
		*fault = strerror(errno);
	else
		*fault = status_fault(&st, given);
	if (*fault != NULL)
		return -1;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1)
		*fault = strerror(errno);
	else
		*fault = status_fault(&st, given);
	if (*fault != NULL && fd != -1) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static ssize_t
read_whole(int fd, char *buf, size_t size)
{
	size_t used = 0;
	ssize_t n = 1;

	while (used < size && n > 0) {
		n = read(fd, buf + used, size - used);
		if (n == -1 && errno == EINTR)
			n = 1;
		else if (n > 0)
			used += (size_t)n;
	}
	return n == -1 ? -1 : (ssize_t)used;
}

/* What no key has: a blank or newline too many is the usual mistake. */
static const char *
bytes_fault(const char *bytes, size_t length)
{
	if (length == 0)
		return "empty";
	if (length >= SOURCE_KEY_MAX)
		return "longer than 255 bytes";
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == '\n')
			return "more than one line";
		if (bytes[i] < '!' || bytes[i] > '~')
			return "a blank, a control character or no ASCII in it";
	}
	return NULL;
}

static const char *
take_key(int fd, char key[SOURCE_KEY_MAX])
{
	char bytes[SOURCE_KEY_MAX + 1]; /* its newline, and one too many */
	ssize_t n = read_whole(fd, bytes, sizeof(bytes));
	size_t length = n > 0 ? (size_t)n : 0;
	const char *fault;

	_Static_assert(SOURCE_KEY_MAX == 256, "bytes_fault says 255");
	if (n == -1)
		return strerror(errno);
	if (length > 0 && bytes[length - 1] == '\n')
		length--;
	fault = bytes_fault(bytes, length);
	if (fault == NULL) {
		memcpy(key, bytes, length);
		key[length] = '\0';
	}
	explicit_bzero(bytes, sizeof(bytes));
	return fault;
}

int
conf_credential_read(struct source *source, char *why, size_t size)
{
	char path[PATH_MAX];
	const char *fault;
	bool given;
	int fd;

	if (find_file(source, path, &given, why, size) == -1)
		return -1;
	fd = open_file(path, given, &fault);
	if (fd != -1) {
		fault = take_key(fd, source->key);
		close(fd);
	}
	if (fault != NULL)
		text_format(why, size, "%.128s: %s", path, fault);
	return fault == NULL ? 0 : -1;
}
