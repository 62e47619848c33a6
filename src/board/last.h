/*
 * What a row has, for whoever is to judge an answer against it.
 */
#ifndef RATESD_BOARD_LAST_H
#define RATESD_BOARD_LAST_H

#include <stdbool.h>
#include <stdint.h>

#include "board/board.h"

struct row_last {
	uint64_t seq;
	uint64_t version; /* 0: the row is empty */
	int64_t fetched_boot;
	char source[BOARD_SOURCE_MAX];
	enum published_form form;
	int64_t published; /* wall clock, ns */
	uint64_t recipe, hash;
	char etag[BOARD_ETAG_MAX], modified[BOARD_MODIFIED_MAX];

	/* The last attempt without numbers; NONE: there was none. */
	enum attempt_class refused;
	unsigned refused_http;
	char refused_source[BOARD_SOURCE_MAX], refused_text[BOARD_ERROR_MAX];

	/* Since when an answer waits; 0: none does, and the rest is 0 too. */
	int64_t held_wall;
	bool accepted;     /* an operator accepts it */
	char held_source[BOARD_SOURCE_MAX], held_text[BOARD_ERROR_MAX];
	enum published_form held_form;
	int64_t held_published;
	uint64_t held_hash;
};

/*
 * The row from one moment; numbers and held, room for one a currency each, are
 * NaN where absent; either may be NULL.  A row that is damaged is empty.  0, or
 * -1 when writers were faster.
 */
int board_row_last(const struct board *board, uint32_t row,
    struct row_last *last, double *numbers, double *held);

/* Notes that an operator accepts what the row holds since held_wall. */
void board_row_accept(struct board *board, uint32_t row, int64_t held_wall);

#endif
