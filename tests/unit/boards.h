/*
 * A board of a test's own, under a name of its own, and rows for it.
 */
#ifndef RATESD_TESTS_BOARDS_H
#define RATESD_TESTS_BOARDS_H

#include <stdint.h>

#include "base/clock.h"
#include "base/code.h"
#include "board/board.h"
#include "board/publish.h"

#define PATIENCE (20 * CLOCK_SECOND)
#define STALE (26 * 3600 * CLOCK_SECOND)
#define PUBLISHED (INT64_C(1776038400) * CLOCK_SECOND) /* 2026-04-13 */
#define SLOTS 4
#define LIST_MAX 16 /* currencies in the text of a list */

extern const uint64_t me; /* the worker that publishes */
extern const double three[3];

/* What a test has open; boards_end closes and removes it all. */
extern char instance[INSTANCE_TEXT_MAX];
extern struct board *board, *next;
extern char boards_error[256];

/*
 * Set-up: no object has the test's name, which begins with prefix.  A test
 * that takes longer than seconds or aborts leaves none behind either.
 */
int boards_begin(const char *prefix, unsigned seconds);
int boards_end(void);

/* Codes such as "EUR USD PLN": how many. */
uint32_t pack_list(const char *list, uint64_t codes[LIST_MAX]);

/*
 * A board not yet published, with the first source_count of vatcomply and
 * frankfurter.  create_of gives NULL with the reason in boards_error, create
 * fails the test.
 */
struct board *create_of(
    const uint64_t *codes, uint32_t count, uint32_t source_count);
struct board *create(const char *list);
void publish_board(struct board *made);

/* What frankfurter and vatcomply answered. */
struct publication good_answer(
    uint32_t row, const double *numbers, int64_t wall, int64_t boot);
struct publication failure(
    uint32_t row, const char *text, int64_t wall, int64_t boot);

/* Publishes it, or fails the test. */
void put(struct board *to, struct publication publication);

#endif
