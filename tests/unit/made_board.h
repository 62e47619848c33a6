/*
 * Boards for unit tests: each test begins with none and leaves none.
 */
#ifndef RATESD_UNIT_MADE_BOARD_H
#define RATESD_UNIT_MADE_BOARD_H

#include <stdint.h>

#include "base/clock.h"
#include "base/code.h"
#include "board/attach.h"
#include "board/board.h"
#include "board/last.h"
#include "board/publish.h"

#define MADE_PATIENCE (10 * CLOCK_SECOND)
#define MADE_ROW_MAX (ROW_META + BOARD_CURRENCIES_MAX)
#define MADE_WORKER ((UINT64_C(1) << 48) | 1)

/* Two boards of one name, which the end of a test closes; NULL: none. */
extern struct board *made, *made_next;

/* cmocka's setup and teardown of a test. */
int made_begin(void **state);
int made_end(void **state);

/*
 * A board, not yet published, of codes such as "EUR USD" and of sources such as
 * "vatcomply frankfurter".
 */
struct board *made_of(const char *codes, const char *sources);

/* The usual two: made of EUR, USD, PLN; and the next one, which adopts it. */
void made_open(void);
void made_adopt(const char *codes, const char *sources);

struct attached made_view(const struct board *board);

/* A row's words, and its sequence. */
uint64_t made_row(
    const struct board *board, uint32_t row, uint64_t words[MADE_ROW_MAX]);
uint64_t made_word(const struct board *board, uint32_t row, size_t at);

/* The text of a row that begins at a word. */
void made_text(const struct board *board, uint32_t row, size_t at, char *to,
    size_t size);

/* An answer of frankfurter for row 0, at 1000 s of both clocks. */
struct publication made_answer(enum attempt_class class, const double *numbers);

/* A number of row 0 is gone, as from pages that somebody cut off. */
void made_damage(void);

/* publish() on made, within MADE_PATIENCE. */
int made_publish(const struct publication *publication);

#endif
