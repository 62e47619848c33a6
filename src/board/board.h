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

struct board {
	struct board_header *map; /* read-write */
	struct board_shape shape;
	char instance[BOARD_NAME_MAX];
	/*
	 * After board_adopt(): rows whose job somebody had when the old board
	 * was left, or that lack a currency which is new.
	 */
	bool owed[BOARD_CURRENCIES_MAX];
};

struct board_plan {
	const char *instance;
	const uint64_t *codes; /* packed, no two alike */
	uint32_t currencies;
	const char *const *sources;
	uint32_t source_count;
	uint32_t slots;
	mode_t mode;
	int64_t stale_after; /* ns */
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
 * words; and the generation, plus one.  How many rows were taken: 0 if there
 * is no old board or none that can be read.
 */
unsigned board_adopt(struct board *board);

/*
 * Makes the board the one of its name, and marks the one it replaces retired.
 * 0, or -1 with errno and error.
 */
int board_publish(struct board *board, char *error, size_t error_size);

/* Unmaps.  The object stays; NULL is fine. */
void board_close(struct board *board);

/* Marks the board closing and its heartbeat stopped: it is fed no more. */
void board_rest(struct board *board);

/* Wakes all who sleep on the board. */
void board_wake(struct board *board);

/*
 * Removes the object of an instance: 0, also if there was none, or -1 with
 * errno.
 */
int board_remove(const char *instance);

/* True if the object under the board's name is still this one. */
bool board_is_current(const struct board *board);

void board_count(struct board *board, enum board_counter counter, uint64_t by);

/* The row of a packed code, or -1. */
int board_find(const struct board *board, uint64_t code);

#endif
