/*
 * Whether there is anybody to ask: the sources as the board tells of them.
 */
#ifndef RATESD_TOOLS_BLOCKED_H
#define RATESD_TOOLS_BLOCKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "board/rates.h"

/*
 * True if no source may be asked within ns from now, and none is being asked,
 * which could change that; then why, source by source, for people, is in buf.
 */
bool blocked(struct rates *rates, int64_t ns, char *buf, size_t size);

#endif
