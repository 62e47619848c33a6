#include "board/object.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/text.h"

static void
new_name(const char *instance, char *buf, size_t size)
{
	char name[BOARD_OBJECT_MAX];

	board_object_name(instance, name, sizeof(name));
	text_format(buf, size, "%s.new", name);
}

static void
path_of(const char *name, char path[PATH_MAX])
{
	text_format(path, PATH_MAX, "%s%s", BOARD_SHM_DIR, name);
}

/*
 * All pages now: with ftruncate alone, a full /dev/shm shows as SIGBUS at some
 * later store.
 */
static int
allocate(int fd, size_t size, mode_t mode)
{
	int error = FAULT_FAILS("board.allocate")
	    ? errno
	    : posix_fallocate(fd, 0, (off_t)size);

	if (error != 0) {
		errno = error;
		return -1;
	}
	return fchmod(fd, mode); /* what the umask took */
}

/* Maps the new object, whose descriptor stays open. */
static int
map_new(struct object *object, int fd, size_t size, mode_t mode)
{
	struct stat st;

	if (allocate(fd, size, mode) == -1 || fstat(fd, &st) == -1)
		return -1;
	object->map =
	    mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	object->size = size;
	object->device = st.st_dev;
	object->inode = st.st_ino;
	return object->map == MAP_FAILED ? -1 : 0;
}

/* 0 if the name is free, or has an object of ours: then *fd is open. */
static int
open_ours(const char *name, int *fd, char *error, size_t error_size)
{
	struct stat st;

	*fd = shm_open(name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0);
	if (*fd == -1 && errno == ENOENT)
		return 0;
	if (*fd != -1 && fstat(*fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid())
		return 0;
	if (*fd != -1)
		close(*fd);
	text_format(error, error_size,
	    "%s%s exists and is not ours: remove it or choose another "
	    "instance name",
	    BOARD_SHM_DIR, name);
	errno = EEXIST;
	return -1;
}

static int
check_name(const char *name, char *error, size_t error_size)
{
	int fd;

	if (open_ours(name, &fd, error, error_size) == -1)
		return -1;
	if (fd != -1)
		close(fd);
	return 0;
}

int
object_check_names(const char *instance, char *error, size_t error_size)
{
	char name[BOARD_OBJECT_MAX];

	board_object_name(instance, name, sizeof(name));
	if (check_name(name, error, error_size) == -1)
		return -1;
	new_name(instance, name, sizeof(name));
	return check_name(name, error, error_size);
}

int
object_create(struct object *object, const char *instance, size_t size,
    mode_t mode, char *error, size_t error_size)
{
	char name[BOARD_OBJECT_MAX];
	int fd, result;

	if (object_check_names(instance, error, error_size) == -1)
		return -1;
	new_name(instance, name, sizeof(name));
	shm_unlink(name); /* left by a supervisor that died in between */
	fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd == -1) {
		text_format(
		    error, error_size, "%s%s: %m", BOARD_SHM_DIR, name);
		return -1;
	}
	result = map_new(object, fd, size, mode);
	if (result == -1) {
		text_format(error, error_size,
		    "the board needs %zu KiB in %s: %m", size / 1024 + 1,
		    BOARD_SHM_DIR);
		shm_unlink(name);
	}
	close(fd);
	return result;
}

static struct board_header *
map_header(int fd)
{
	struct board_header *map = MAP_FAILED;
	struct stat st;

	if (fstat(fd, &st) == 0 && st.st_size >= (off_t)sizeof(*map))
		map = mmap(NULL, sizeof(*map), PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
	return map == MAP_FAILED ? NULL : map;
}

/* A POSIX object can't be renamed by its own interface; the file can. */
static int
rename_new(const char *instance, const char *name)
{
	char temporary[BOARD_OBJECT_MAX], from[PATH_MAX], to[PATH_MAX];

	new_name(instance, temporary, sizeof(temporary));
	path_of(temporary, from);
	path_of(name, to);
	return FAULT_FAILS("board.rename") ? -1 : rename(from, to);
}

int
object_replaced(const char *instance, struct board_header **old, char *error,
    size_t error_size)
{
	char name[BOARD_OBJECT_MAX];
	int fd;

	*old = NULL;
	board_object_name(instance, name, sizeof(name));
	if (open_ours(name, &fd, error, error_size) == -1)
		return -1;
	if (fd == -1)
		return 0;
	*old = map_header(fd);
	close(fd);
	return 0;
}

int
object_publish(const char *instance, char *error, size_t error_size)
{
	char name[BOARD_OBJECT_MAX];

	board_object_name(instance, name, sizeof(name));
	if (rename_new(instance, name) == 0)
		return 0;
	text_format(error, error_size, "%s%s: %m", BOARD_SHM_DIR, name);
	return -1;
}

void
object_discard(const char *instance)
{
	char name[BOARD_OBJECT_MAX];

	new_name(instance, name, sizeof(name));
	shm_unlink(name);
}

int
object_remove(const char *instance)
{
	char name[BOARD_OBJECT_MAX];

	object_discard(instance);
	board_object_name(instance, name, sizeof(name));
	return shm_unlink(name) == -1 && errno != ENOENT ? -1 : 0;
}

enum object_presence
object_presence(const struct object *object, const char *instance)
{
	char name[BOARD_OBJECT_MAX], path[PATH_MAX];
	struct stat st;

	board_object_name(instance, name, sizeof(name));
	path_of(name, path);
	if (lstat(path, &st) == -1)
		return OBJECT_MISSING;
	if (st.st_dev != object->device || st.st_ino != object->inode)
		return OBJECT_OTHER;
	return st.st_size == (off_t)object->size ? OBJECT_THERE : OBJECT_CUT;
}
