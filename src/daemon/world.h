/*
 * What a configuration makes: the board, the queue and the schedule; and how
 * one configuration's becomes the next one's without a gap for readers.
 */
#ifndef RATESD_DAEMON_WORLD_H
#define RATESD_DAEMON_WORLD_H

#include <stdbool.h>
#include <stddef.h>

#include "board/board.h"
#include "daemon/conf.h"
#include "daemon/forecast.h"
#include "daemon/schedule.h"

struct world {
	const char *instance;
	struct conf *conf;
	int64_t begun; /* boot clock: with this configuration */
	struct board *board;
	struct schedule *schedule;
	struct forecast *forecast;
	int queue;
	int64_t since_wall, since_boot; /* of the first one */
};

/*
 * Makes all of it, taking over what an earlier board of the instance has, and
 * what the file saved has beyond.  conf becomes the world's on success.  0, or -1 and error says why.
 */
int world_open(struct world *world, const char *instance, struct conf *conf,
    const char *saved, char *error, size_t error_size);

/* True if memory of the board is gone, and with it rows. */
bool world_cut(const struct world *world);

/* True if that is so, or the board is no more under its name. */
bool world_lost(const struct world *world);

/*
 * Changes to another configuration; no worker may be alive.  The board is
 * replaced only if its shape or names change, or it is lost.  On success conf is the world's
 * and the old one is freed; else everything is as it was, and error says why.
 */
int world_change(struct world *world, struct conf *conf, const char *saved,
    char *error, size_t error_size);

/* Lets the board rest and frees all; the kernel's objects stay. */
void world_close(struct world *world);

/* What the board says of a row, for the schedule. */
void world_row(
    const struct world *world, unsigned row, struct row_state *state);

#endif
