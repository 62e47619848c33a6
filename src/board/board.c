#include "board/board.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bsd/string.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/text.h"
#include "board/adopt.h"
#include "board/attach.h"
#include "board/lock.h"

/* ProcSubset=pid hides it: then a board of another boot goes unrecognised,
 * but /dev/shm did not survive that boot either. */
#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"

static void
new_name(const char *instance, char *buf, size_t size)
{
	char name[BOARD_OBJECT_MAX];

	board_object_name(instance, name, sizeof(name));
	text_format(buf, size, "%s.new", name);
}

static void
read_boot_id(char *buf, size_t size)
{
	int fd = open(BOOT_ID_FILE, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd == -1 ? 0 : read(fd, buf, size - 1);

	buf[got > 0 ? got : 0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	if (fd != -1)
		close(fd);
}

/*
 * All pages now: with ftruncate alone, a full /dev/shm shows as SIGBUS at some
 * later store.
 */
static int
allocate(int fd, size_t size, mode_t mode)
{
	int error = posix_fallocate(fd, 0, (off_t)size);

	if (error != 0) {
		errno = error;
		return -1;
	}
	return fchmod(fd, mode); /* what the umask took */
}

/* A mapping of a new object under the temporary name, or NULL. */
static void *
new_object(const struct board_plan *plan, size_t size, char *error,
    size_t error_size)
{
	char name[BOARD_OBJECT_MAX];
	void *map = MAP_FAILED;
	int fd;

	new_name(plan->instance, name, sizeof(name));
	shm_unlink(name); /* left by a supervisor that died in between */
	fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, plan->mode);
	if (fd == -1) {
		text_format(
		    error, error_size, "%s%s: %m", BOARD_SHM_DIR, name);
		return NULL;
	}
	if (allocate(fd, size, plan->mode) == 0)
		map = mmap(
		    NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		text_format(error, error_size,
		    "the board needs %zu KiB in %s: %m", size / 1024 + 1,
		    BOARD_SHM_DIR);
		shm_unlink(name);
	}
	close(fd);
	return map == MAP_FAILED ? NULL : map;
}

static void
fill_header(struct board *board, const struct board_plan *plan)
{
	struct board_header *h = board->map;

	h->magic = BOARD_MAGIC;
	h->layout_version = BOARD_LAYOUT_VERSION;
	h->byte_order = BOARD_BYTE_ORDER;
	h->header_size = sizeof(*h);
	h->total_size = board->shape.total_size;
	h->layout_hash = board_layout_hash();
	h->currencies = board->shape.currencies;
	h->slots = board->shape.slots;
	h->sources = board->shape.sources;
	h->index_size = board->shape.index_size;
	h->generation = 1;
	h->created_wall = clock_wall();
	strlcpy(h->instance, plan->instance, sizeof(h->instance));
	read_boot_id(h->boot_id, sizeof(h->boot_id));
	atomic_init(&h->state, BOARD_STARTING);
	atomic_init(&h->heartbeat, clock_mono());
	atomic_init(&h->supervisor, getpid());
	atomic_init(&h->since_wall, clock_wall());
	atomic_init(&h->stale_after, plan->stale_after);
}

static void
fill_codes(struct board *board, const uint64_t *list)
{
	uint64_t *codes = board_at(board->map, board->shape.codes_at);
	uint16_t *index = board_index(board->map, &board->shape);
	uint32_t mask = board->shape.index_size - 1;

	for (uint32_t i = 0; i < board->shape.currencies; i++) {
		uint32_t at = (uint32_t)code_hash(list[i]) & mask;

		while (index[at] != 0)
			at = (at + 1) & mask;
		index[at] = (uint16_t)(i + 1);
		codes[i] = list[i];
	}
}

static int
fill_rows(struct board *board)
{
	const struct board_shape *shape = &board->shape;

	for (uint32_t i = 0; i < shape->currencies; i++) {
		struct board_row *row = board_row(board->map, shape, i);
		board_word *copy = board_row_copy(row, shape, 0);

		if (lock_init(board_lock_of(board->map, shape, i)) == -1)
			return -1;
		for (uint32_t q = 0; q < shape->currencies; q++)
			atomic_init(copy + ROW_META + q, BOARD_ABSENT);
	}
	return 0;
}

static void
fill_sources(struct board *board, const struct board_plan *plan)
{
	for (uint32_t i = 0; i < plan->source_count; i++)
		strlcpy(board_source(board->map, &board->shape, i)->name,
		    plan->sources[i], BOARD_SOURCE_MAX);
}

struct board *
board_create(const struct board_plan *plan, char *error, size_t error_size)
{
	struct board *board = calloc(1, sizeof(*board));

	if (board == NULL) {
		text_format(error, error_size, "the board: %m");
		return NULL;
	}
	if (board_shape(plan->currencies, plan->slots, plan->source_count,
		&board->shape) == -1) {
		text_format(error, error_size,
		    "the board's dimensions are out of bounds");
		free(board);
		errno = EINVAL;
		return NULL;
	}
	strlcpy(board->instance, plan->instance, sizeof(board->instance));
	board->map =
	    new_object(plan, board->shape.total_size, error, error_size);
	if (board->map == NULL) {
		free(board);
		return NULL;
	}
	fill_header(board, plan);
	fill_codes(board, plan->codes);
	fill_sources(board, plan);
	if (fill_rows(board) == -1) {
		text_format(error, error_size, "semaphores: %m");
		board_close(board);
		return NULL;
	}
	return board;
}

unsigned
board_adopt(struct board *board)
{
	struct attached old;
	unsigned rows;

	if (attach(board->instance, &old) == -1)
		return 0;
	rows = old.owner == geteuid() ? adopt(board, &old) : 0;
	detach(&old);
	return rows;
}

/* Maps the object under a name read-write if it is ours, or NULL. */
static struct board_header *
open_old(const char *name, char *error, size_t error_size, int *result)
{
	int fd = shm_open(name, O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0);
	struct board_header *map = MAP_FAILED;
	struct stat st;

	*result = 0;
	if (fd == -1 && errno == ENOENT)
		return NULL;
	if (fd == -1 || fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) ||
	    st.st_uid != geteuid()) {
		text_format(error, error_size,
		    "%s%s exists and is not ours: remove it or choose another "
		    "instance name",
		    BOARD_SHM_DIR, name);
		errno = EEXIST;
		*result = -1;
	} else if (st.st_size >= (off_t)sizeof(*map)) {
		map = mmap(NULL, sizeof(*map), PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
	}
	if (fd != -1)
		close(fd);
	return map == MAP_FAILED ? NULL : map;
}

static void
futex_wake_all(_Atomic uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* Readers of the replaced board learn it from its state, sleepers too. */
static void
retire(struct board_header *old)
{
	if (old->magic == BOARD_MAGIC &&
	    old->layout_version == BOARD_LAYOUT_VERSION) {
		atomic_store(&old->state, BOARD_RETIRED);
		atomic_store(&old->heartbeat, 0);
		atomic_fetch_add(&old->changes, 1);
		futex_wake_all(&old->changes);
	}
	munmap(old, sizeof(*old));
}

/*
 * A POSIX object can't be renamed by its own interface; on Linux it is a file
 * of tmpfs (shm_overview(7)), whose rename is atomic.
 */
static int
rename_object(const char *from, const char *to)
{
	char old_path[PATH_MAX], new_path[PATH_MAX];

	text_format(old_path, sizeof(old_path), "%s%s", BOARD_SHM_DIR, from);
	text_format(new_path, sizeof(new_path), "%s%s", BOARD_SHM_DIR, to);
	return rename(old_path, new_path);
}

int
board_publish(struct board *board, char *error, size_t error_size)
{
	char name[BOARD_OBJECT_MAX], temporary[BOARD_OBJECT_MAX];
	struct board_header *old;
	int result;

	board_object_name(board->instance, name, sizeof(name));
	new_name(board->instance, temporary, sizeof(temporary));
	old = open_old(name, error, error_size, &result);
	if (result == -1)
		return -1;
	atomic_store(&board->map->state, BOARD_READY);
	if (rename_object(temporary, name) == -1) {
		text_format(
		    error, error_size, "%s%s: %m", BOARD_SHM_DIR, name);
		atomic_store(&board->map->state, BOARD_STARTING);
		result = -1;
	}
	if (old != NULL && result == 0)
		retire(old);
	else if (old != NULL)
		munmap(old, sizeof(*old));
	return result;
}

void
board_close(struct board *board)
{
	char temporary[BOARD_OBJECT_MAX];

	if (board == NULL)
		return;
	new_name(board->instance, temporary, sizeof(temporary));
	if (atomic_load(&board->map->state) == BOARD_STARTING)
		shm_unlink(temporary);
	munmap(board->map, board->shape.total_size);
	free(board);
}

void
board_wake(struct board *board)
{
	atomic_fetch_add(&board->map->changes, 1);
	futex_wake_all(&board->map->changes);
}

void
board_rest(struct board *board)
{
	atomic_store(&board->map->state, BOARD_CLOSING);
	atomic_store(&board->map->heartbeat, 0);
	board_wake(board);
}

int
board_remove(const char *instance)
{
	char name[BOARD_OBJECT_MAX];

	new_name(instance, name, sizeof(name));
	shm_unlink(name);
	board_object_name(instance, name, sizeof(name));
	return shm_unlink(name) == -1 && errno != ENOENT ? -1 : 0;
}

bool
board_is_current(const struct board *board)
{
	struct attached now;
	bool same;

	if (attach(board->instance, &now) == -1)
		return false;
	same = now.map->generation == board->map->generation &&
	    now.map->created_wall == board->map->created_wall;
	detach(&now);
	return same;
}

void
board_count(struct board *board, enum board_counter counter, uint64_t by)
{
	atomic_fetch_add_explicit(
	    &board->map->counters[counter], by, memory_order_relaxed);
}

int
board_find(const struct board *board, uint64_t code)
{
	return attached_find(board->map, &board->shape, code);
}
