#ifndef STUB_COUNT_H
#define STUB_COUNT_H

#include <stddef.h>
#include <stdint.h>

#include "kinds.h"

/*
 * Counts and logs the rates requests.  Same thread rule as data.h.
 */

/* Logs to that file from now on, NULL for no log; ends the program if not. */
void	 count_open(const char *file);
void	 count_close(void);

/*
 * A request came, at that clock_ns(), and will get that kind of answer; base
 * is -1 for one that is not known.  count_end() once for each count_begin(),
 * when its answer is out or its client has gone.
 */
void	 count_begin(int64_t now, int base, enum kind kind);
void	 count_end(void);

/* Forgets all but what is in flight. */
void	 count_reset(void);

/*
 * The JSON object of /stats, malloc()ed, the caller frees it; held and
 * waiting are shown as given.  NULL if there is no memory.
 */
char	*count_stats(size_t held, size_t waiting, size_t *len);

#endif
