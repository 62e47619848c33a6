/*
 * One line on standard error that says what is waited for, rewritten in place:
 * for people who look on, so only if that is a terminal, and not with --quiet.
 */
#ifndef RATESD_TOOLS_PROGRESS_H
#define RATESD_TOOLS_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/ctl.h"

struct progress {
	bool on;
	int64_t begun;  /* monotonic clock */
	unsigned shown; /* columns that the line on the screen takes */
};

void progress_begin(struct progress *progress, const struct ctl *ctl);

/*
 * How long (ns) a wait may last before the line has to be written again: at
 * most left, which is kept if it is negative, for ever, and nobody looks on.
 */
int64_t progress_pause(const struct progress *progress, int64_t left);

/* Whether it is time for a line: not before a wait is long enough to wonder. */
bool progress_due(const struct progress *progress);

/* Writes the line, with the time that it took so far, cut to the terminal. */
void progress_show(struct progress *progress, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Takes the line away; before anything else is written. */
void progress_end(struct progress *progress);

/* "12 of 33 rows, waiting for PLN, NOK": into buf, which it returns. */
const char *progress_text(char *buf, size_t size, unsigned done,
    unsigned total, const char *names);

#endif
