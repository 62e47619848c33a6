/*
 * The handle of librates, for read.c and inspect.c alone.
 */
#ifndef RATESD_BOARD_HANDLE_H
#define RATESD_BOARD_HANDLE_H

#include <stdbool.h>

#include "board/attach.h"
#include "board/rates.h"

struct rates {
	struct attached board;
	char instance[BOARD_NAME_MAX];
	bool changed; /* the currencies did; cleared by rates_resync() */
};

#endif
