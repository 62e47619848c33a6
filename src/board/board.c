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
#include "base/fault.h"
#include "base/text.h"
#include "board/adopt.h"
#include "board/attach.h"
#include "board/lock.h"

/* ProcSubset=pid hides it: then a board of another boot goes unrecognised,
 * but /dev/shm did not survive that boot either. */
#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"

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

uint64_t
board_pid_space(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 ? st.st_ino : 0;
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
	atomic_init(&h->pid_space, board_pid_space());
	atomic_init(&h->since_wall, plan->since_wall);
	atomic_init(&h->since_boot, plan->since_boot);
	atomic_init(&h->stale_after, plan->stale_after);
	atomic_init(&h->late_after, plan->late_after);
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
		atomic_init(copy + ROW_AT_check, board_row_check(copy, shape));
	}
	return 0;
}

static void
fill_sources(struct board *board, const struct board_plan *plan)
{
	for (uint32_t i = 0; i < plan->source_count; i++) {
		const struct board_plan_source *from = &plan->sources[i];
		struct board_source *to =
		    board_source(board->map, &board->shape, i);

		strlcpy(to->name, from->name, sizeof(to->name));
		strlcpy(to->terms, from->terms ? from->terms : "",
		    sizeof(to->terms));
		strlcpy(to->publishes, from->publishes ? from->publishes : "",
		    sizeof(to->publishes));
#define X(name) atomic_init(&to->name, from->name);
		SOURCE_FACTS(X)
#undef X
	}
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
	if (object_create(&board->object, plan->instance,
		board->shape.total_size, plan->mode, error, error_size) == -1) {
		free(board);
		return NULL;
	}
	board->map = board->object.map;
	fill_header(board, plan);
	board_fill_codes(board->map, &board->shape, plan->codes);
	fill_sources(board, plan);
	if (fill_rows(board) == -1) {
		text_format(error, error_size, "semaphores: %m");
		board_close(board);
		return NULL;
	}
	return board;
}

unsigned
board_filled(const struct board *board)
{
	unsigned filled = 0;

	for (uint32_t i = 0; i < board->shape.currencies; i++) {
		struct board_row *row = board_row(board->map, &board->shape, i);
		const board_word *copy =
		    board_row_copy(row, &board->shape, atomic_load(&row->seq));

		filled += atomic_load(copy + ROW_AT_version) != 0;
	}
	return filled;
}

unsigned
board_adopt(struct board *board)
{
	struct attached old;

	if (attach(board->instance, &old) == 0) {
		if (old.owner == geteuid())
			adopt(board, &old);
		detach(&old);
	}
	return board_filled(board);
}

static void
futex_wake_all(_Atomic uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static bool
is_board(const struct board_header *header)
{
	return header->magic == BOARD_MAGIC &&
	    header->layout_version == BOARD_LAYOUT_VERSION;
}

/* Readers of the replaced board learn it from its state. */
static void
retire(struct board_header *header)
{
	atomic_store(&header->state, BOARD_RETIRED);
	atomic_store(&header->heartbeat, 0);
}

/* Sleepers look again, and find the board that there is then. */
static void
wake_readers(struct board_header *header)
{
	atomic_fetch_add(&header->changes, 1);
	futex_wake_all(&header->changes);
}

/*
 * The old board is retired before its name is taken: who dies in between has
 * left readers a board to look beyond.  Retired after, it would stay a good
 * one for them for ever, for no successor finds it by its name.
 */
static int
replace(struct board *board, struct board_header *old, char *error,
    size_t error_size)
{
	uint32_t state = atomic_load(&old->state);
	int64_t beat = atomic_load(&old->heartbeat);
	int result;

	retire(old);
	FAULT_POINT("board.retired");
	result = object_publish(board->instance, error, error_size);
	FAULT_POINT("board.renamed");
	if (result == -1) {
		atomic_store(&old->heartbeat, beat);
		atomic_store(&old->state, state);
	}
	wake_readers(old);
	return result;
}

int
board_publish(struct board *board, char *error, size_t error_size)
{
	struct board_header *old;
	int result;

	if (object_replaced(board->instance, &old, error, error_size) == -1)
		return -1;
	atomic_store(&board->map->state, BOARD_READY);
	result = old != NULL && is_board(old)
	    ? replace(board, old, error, error_size)
	    : object_publish(board->instance, error, error_size);
	if (result == -1)
		atomic_store(&board->map->state, BOARD_STARTING);
	board->published = result == 0;
	board->generation = board->map->generation;
	if (old != NULL)
		munmap(old, sizeof(*old));
	return result;
}

void
board_retire(struct board *board)
{
	retire(board->map);
	wake_readers(board->map);
}

void
board_close(struct board *board)
{
	if (board == NULL)
		return;
	if (!board->published)
		object_discard(board->instance);
	munmap(board->map, board->shape.total_size);
	free(board);
}

int
board_check_name(const struct board *board, char *error, size_t error_size)
{
	return object_check_names(board->instance, error, error_size);
}

/* What is there instead is a board that another supervisor feeds. */
static bool
is_taken(const char *instance)
{
	struct attached other;
	int64_t beat;
	bool fed;

	if (attach(instance, &other) == -1)
		return false;
	beat = atomic_load(&other.map->heartbeat);
	fed = beat != 0 && clock_mono() - beat <= BOARD_SILENCE_MAX &&
	    atomic_load(&other.map->supervisor) != getpid();
	detach(&other);
	return fed;
}

/*
 * Cut and made long again, a board has its size and zeros for what was in it;
 * retired for a successor that could not be published, it has no readers.
 */
static bool
is_whole(const struct board *board)
{
	const uint64_t *codes = board_codes(board->map, &board->shape);
	struct board_shape shape;

	if (board_header_fault(board->map, board->shape.total_size, &shape) !=
		NULL ||
	    atomic_load(&board->map->state) == BOARD_RETIRED)
		return false;
	for (uint32_t i = 0; i < board->shape.currencies; i++)
		if (codes[i] == 0 || board_find(board, codes[i]) != (int)i)
			return false;
	return true;
}

enum board_presence
board_presence(const struct board *board)
{
	switch (object_presence(&board->object, board->instance)) {
	case OBJECT_THERE:
		return is_whole(board) ? BOARD_PRESENT : BOARD_CUT;
	case OBJECT_CUT:
		return BOARD_CUT;
	case OBJECT_MISSING:
		return BOARD_GONE;
	case OBJECT_OTHER:
		return is_taken(board->instance) ? BOARD_TAKEN : BOARD_GONE;
	}
	return BOARD_GONE;
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
