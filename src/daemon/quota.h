/*
 * A source's monthly allowance: how many requests were made in this calendar
 * month, UTC.  The words are on the board and in the saved board, so that
 * neither a restart nor a reboot begins anew.
 */
#ifndef RATESD_DAEMON_QUOTA_H
#define RATESD_DAEMON_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "board/layout.h"

/* ns from the wall clock's time to the next month, UTC; at least 1. */
int64_t quota_month_left(int64_t wall);

/* How many requests of quota are left; quota 0: always UINT64_MAX. */
uint64_t quota_left(
    const struct board_source *source, unsigned quota, int64_t wall);

/*
 * A clock that was ahead for a while must not leave a quota that never begins
 * anew: months that lie ahead become this one, and what was counted stays.
 */
void quota_heal(struct board_source *source, int64_t wall);

/* Counts one request, of quota (0: without a limit): false if none is left. */
bool quota_take(struct board_source *source, unsigned quota, int64_t wall);

#endif
