/*
 * When the sources are expected to publish: their calendars, kept on the board.
 */
#ifndef RATESD_DAEMON_FORECAST_H
#define RATESD_DAEMON_FORECAST_H

#include <stdint.h>

#include "board/board.h"
#include "daemon/conf.h"

struct forecast;

/*
 * The calendars of a configuration's sources; one whose zone this host doesn't
 * have is not known, and the log says so.  NULL with errno.
 */
struct forecast *forecast_new(const struct conf *conf);
void forecast_free(struct forecast *forecast); /* NULL is fine */

/* Brings the board's words up to date; cheap, for once a second. */
void forecast_tick(
    struct forecast *forecast, struct board *board, int64_t wall);

#endif
