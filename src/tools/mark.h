/*
 * The state of a row at a glance: a letter, which is there without colour too,
 * and a style.
 */
#ifndef RATESD_TOOLS_MARK_H
#define RATESD_TOOLS_MARK_H

#include <stdbool.h>

#include "board/freshness.h"
#include "tools/table.h"

/* "C", "L", "F", "S", "E" or "" for a fresh one; with "!" if it failed. */
const char *mark_of(enum freshness state, bool failed);

/* Of a row, and of a worker in a state by name. */
enum table_style mark_style(enum freshness state);
enum table_style mark_worker_style(const char *state);

#endif
