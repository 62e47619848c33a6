/*
 * Against SIGBUS: an owner's truncate(2) takes the board's memory away under
 * the supervisor, which has to outlive it.  A store there then goes to private
 * memory, and the supervisor is told to make a new board.
 *
 * The one signal handler of the daemon, for this signal can't be waited for;
 * it calls mmap(2) alone.  Workers and readers do without: they may die.
 */
#ifndef RATESD_DAEMON_GUARD_H
#define RATESD_DAEMON_GUARD_H

#include <stdbool.h>
#include <stddef.h>

/* Guards this memory, and forgets the one before.  0, or -1 with errno. */
int guard_begin(void *memory, size_t size);

/* True if some of it was found to be gone. */
bool guard_hit(void);

/* In a child: SIGBUS ends it again. */
void guard_end(void);

#endif
