/*
 * The saved board: every 30 s if anything changed, and at the stop.
 *
 * Each save is a short child of the supervisor, which so never waits for a
 * disk.
 */
#ifndef RATESD_DAEMON_SAVER_H
#define RATESD_DAEMON_SAVER_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "board/board.h"
#include "daemon/crew.h"
#include "daemon/instance.h"

/* A state of the board: two that are equal hold the same. */
struct saved_state {
	uint64_t generation;
	uint32_t changes;
};

struct saver {
	const struct instance *instance;
	char path[PATH_MAX];
	pid_t child;      /* 0: none */
	int64_t started;  /* monotonic */
	int64_t due;      /* monotonic */
	struct saved_state saved;  /* what the file has */
	struct saved_state saving; /* and what the child writes */
	bool failing;
};

/* Before anything is published. */
void saver_begin(struct saver *saver, const struct instance *instance);

/*
 * Takes over what is saved into a board that is not published.  A damaged file
 * is set aside with a line in the log, one that can't be read is left.
 */
void saver_load(const char *path, struct board *board);

/* Starts a save if one is due and no other is on its way; hears its end. */
void saver_tick(
    struct saver *saver, const struct board *board, const struct crew *crew);

/* The last save, waited for up to 3 s. */
void saver_end(
    struct saver *saver, const struct board *board, const struct crew *crew);

#endif
