/*
 * Part of follow.c: the currencies, which may become others.
 */
#ifndef RATESD_TOOLS_FOLLOW_CODES_H
#define RATESD_TOOLS_FOLLOW_CODES_H

#include <stddef.h>

#include "tools/follow.h"

/*
 * Makes the board's currencies those of *follow, which keeps what it knows of
 * the ones that stay; text says for people which are others.  0, or -1 with
 * errno.
 */
int follow_currencies(struct follow *follow, char *text, size_t size);

/* Frees all that is kept of rows. */
void follow_forget(struct follow *follow);

#endif
