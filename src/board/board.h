/*
 * The board as its makers see it: created, filled from an older one, published
 * under its name, and written.
 *
 * The object is built under a name of its own and renamed over the old one, so
 * that a reader finds either the one or the other and never neither.  It is
 * never resized.
 */
#ifndef RATESD_BOARD_BOARD_H
#define RATESD_BOARD_BOARD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "board/layout.h"
#include "board/object.h"

struct board {
	struct board_header *map; /* read-write */
	struct board_shape shape;
	char instance[BOARD_NAME_MAX];
	struct object object;
	bool published;
	uint64_t generation; /* as it was published */
	/*
	 * After board_adopt(): rows whose job somebody had when the old board
	 * was left, or that lack a currency which is new.
	 */
	bool owed[BOARD_CURRENCIES_MAX];
};

struct board_plan_source {
	const char *name, *terms, *publishes;
#define X(name) uint64_t name;
	SOURCE_FACTS(X)
#undef X
};

struct board_plan {
	const char *instance;
	const uint64_t *codes; /* packed, no two alike */
	uint32_t currencies;
	const struct board_plan_source *sources;
	uint32_t source_count;
	uint32_t slots;
	mode_t mode;
	int64_t stale_after; /* ns */
	int64_t late_after;
	/* When the supervisor started, which may have had other boards. */
	int64_t since_wall, since_boot;
};

/*
 * Makes a board as planned, not yet visible under its name.  All its memory is
 * allocated now, so no store can fault later.  NULL with errno and, in error,
 * what failed and what to do.
 */
struct board *board_create(
    const struct board_plan *plan, char *error, size_t error_size);

/*
 * Copies into a board that is not yet published what the instance's present
 * one has for the same codes, slots and sources: rows, counters, throttle
 * words; and the generation, plus one.  Nothing if there is no old board, or
 * none of ours that can be read.  How many rows have numbers then.
 */
unsigned board_adopt(struct board *board);

/*
 * Makes the board the one of its name, and marks the one it replaces retired.
 * 0, or -1 with errno and error.
 */
int board_publish(struct board *board, char *error, size_t error_size);

/* How many rows have numbers; for whoever alone writes the board. */
unsigned board_filled(const struct board *board);

/*
 * Marks the board retired, also when it is no longer under its name: readers
 * look for the one that is.
 */
void board_retire(struct board *board);

/* Unmaps.  An object that was published stays; NULL is fine. */
void board_close(struct board *board);

/* Marks the board closing and its heartbeat stopped: it is fed no more. */
void board_rest(struct board *board);

/* Wakes all who sleep on the board. */
void board_wake(struct board *board);

/*
 * The inode of this process's PID namespace, namespaces(7), outside which its
 * pid says nothing; 0 if /proc hides it.
 */
uint64_t board_pid_space(void);

/* What is under the board's name while it is in use. */
enum board_presence {
	BOARD_PRESENT,
	BOARD_CUT,   /* it was cut short: its memory may be gone */
	BOARD_GONE,  /* nothing, or nothing of use */
	BOARD_TAKEN, /* a board that another supervisor feeds */
};

/*
 * 0 if a new board could have this one's name, or -1 with error: something
 * that is not ours is there.
 */
int board_check_name(
    const struct board *board, char *error, size_t error_size);

enum board_presence board_presence(const struct board *board);

void board_count(struct board *board, enum board_counter counter, uint64_t by);

/* The row of a packed code, or -1. */
int board_find(const struct board *board, uint64_t code);

#endif
