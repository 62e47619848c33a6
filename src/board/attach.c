#include "board/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/code.h"
#include "base/hash.h"
#include "board/copy.h"

#define READ_TRIES 64

/*
 * What is wrong with an object that anyone may have put there, or NULL.  Whose
 * it is, is for the caller to judge; but one that others may write is nobody's.
 */
static const char *
object_fault(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "it is no shared memory";
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return "others than its owner may write it";
	if (st->st_size < (off_t)sizeof(struct board_header))
		return "it is too small for a board";
	return NULL;
}

/* Maps an open object; the descriptor is closed either way. */
static int
map_object(int fd, struct attached *attached)
{
	struct stat st;
	void *map;

	if (fstat(fd, &st) == -1)
		return -1;
	attached->fault = object_fault(&st);
	if (attached->fault != NULL) {
		errno = EPROTO;
		return -1;
	}
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return -1;
	attached->fault =
	    board_header_fault(map, (size_t)st.st_size, &attached->shape);
	if (attached->fault != NULL) {
		munmap(map, (size_t)st.st_size);
		errno = EPROTO;
		return -1;
	}
	attached->map = map;
	attached->device = st.st_dev;
	attached->inode = st.st_ino;
	attached->owner = st.st_uid;
	attached->group = st.st_gid;
	return 0;
}

/* A FIFO put there would hold up who opens it. */
static int
open_object(const char *instance)
{
	char name[BOARD_OBJECT_MAX];

	board_object_name(instance, name, sizeof(name));
	return shm_open(
	    name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0);
}

static void
close_quietly(int fd)
{
	int kept = errno;

	close(fd);
	errno = kept;
}

int
attach(const char *instance, struct attached *attached)
{
	int fd, result;

	*attached = (struct attached){ 0 };
	fd = open_object(instance);
	if (fd == -1)
		return -1;
	result = map_object(fd, attached);
	close_quietly(fd);
	return result;
}

/* pread(2), not a mapping: of what is gone it says so, and kills nobody. */
static int
read_header(int fd, struct board_header *header)
{
	struct board_shape shape;
	struct stat st;

	if (fstat(fd, &st) == -1)
		return -1;
	if (object_fault(&st) != NULL ||
	    pread(fd, header, sizeof(*header), 0) !=
		(ssize_t)sizeof(*header) ||
	    board_header_fault(header, (size_t)st.st_size, &shape) != NULL) {
		errno = EPROTO;
		return -1;
	}
	return 0;
}

int
attach_peek(const char *instance, struct board_header *header)
{
	int fd, result;

	fd = open_object(instance);
	if (fd == -1)
		return -1;
	result = read_header(fd, header);
	close_quietly(fd);
	return result;
}

void
detach(struct attached *attached)
{
	if (attached->map != NULL)
		munmap((void *)(uintptr_t)attached->map,
		    attached->shape.total_size);
	*attached = (struct attached){ 0 };
}

int
attached_read(const struct attached *attached, uint32_t i, size_t first,
    size_t count, void *words, uint64_t *seq)
{
	struct board_row *row = board_row(attached->map, &attached->shape, i);

	for (int tries = 0; tries < READ_TRIES; tries++) {
		uint64_t before =
		    atomic_load_explicit(&row->seq, memory_order_acquire);
		const board_word *copy =
		    board_row_copy(row, &attached->shape, before) + first;

		/*
		 * Acquire: a word of a newer write brings the newer sequence
		 * with it, so the second look can't miss it.
		 */
		copy_acquire(words, copy, count);
		if (atomic_load_explicit(&row->seq, memory_order_relaxed) ==
		    before) {
			*seq = before;
			return 0;
		}
	}
	return -1;
}

bool
attached_sound(const struct attached *attached, const uint64_t *words)
{
	uint64_t hash = HASH_START;

	for (size_t w = 0; w < ROW_META + attached->shape.currencies; w++)
		if (w != ROW_AT_check)
			hash = hash_word(hash, words[w]);
	return hash == words[ROW_AT_check];
}

/* The check is over what was read, whatever a writer has done since. */
bool
attached_held(const struct attached *attached, uint32_t i, uint64_t check,
    uint64_t *words)
{
	const board_word *held =
	    board_row_held(board_row(attached->map, &attached->shape, i),
		&attached->shape);
	uint64_t hash = HASH_START;

	for (size_t q = 0; q < attached->shape.currencies; q++) {
		words[q] =
		    atomic_load_explicit(held + q, memory_order_acquire);
		hash = hash_word(hash, words[q]);
	}
	return hash == check;
}

int
attached_find(
    const void *map, const struct board_shape *shape, uint64_t code)
{
	const uint16_t *index = board_index(map, shape);
	const uint64_t *codes = board_codes(map, shape);
	uint32_t mask = shape->index_size - 1;
	uint32_t at = (uint32_t)code_hash(code) & mask;

	/* Entries are number + 1, 0 ends a chain; bounded, for it may lie. */
	for (uint32_t tries = 0; tries <= mask; tries++) {
		uint16_t entry = index[(at + tries) & mask];

		if (entry == 0 || entry > shape->currencies)
			return -1;
		if (codes[entry - 1] == code)
			return entry - 1;
	}
	return -1;
}
