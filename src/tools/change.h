/*
 * What became of a row between two looks at it.  Pure: no board is read here.
 */
#ifndef RATESD_TOOLS_CHANGE_H
#define RATESD_TOOLS_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "board/freshness.h"
#include "board/rates.h"

/* A row as it was at a look; texts are safe to show. */
struct seen {
	struct rates_row row;
	enum freshness state;
	int64_t boot; /* of the look, by the boot clock: row.age is of then */
	bool held, accepted; /* it holds an answer; and an operator took it */
	int64_t held_mark;   /* which one */
	char held_source[RATES_SOURCE_MAX];
	char held_text[RATES_ERROR_MAX];
};

/*
 * Of a row.  numbers: one of those looked at is another one.  published: they
 * are the same, of another publication or source.  fetched: the same, asked for
 * again.  failed: an attempt gave no numbers, and the one before it did or
 * failed otherwise; again: it failed the same way.  recovered: a good answer
 * after failures.  held, accepted, released: an answer waits to be confirmed;
 * an operator did so; it waits no more.  state: another freshness.
 *
 * Of the board.  unfed, fed: nobody feeds it any more, and somebody does again.
 * currencies: others are on it.
 */
#define CHANGES(X)                                                             \
	X(NUMBERS, "numbers")                                                  \
	X(PUBLISHED, "published")                                              \
	X(FETCHED, "fetched")                                                  \
	X(RECOVERED, "recovered")                                              \
	X(FAILED, "failed")                                                    \
	X(AGAIN, "failed again")                                               \
	X(HELD, "held")                                                        \
	X(ACCEPTED, "accepted")                                                \
	X(RELEASED, "released")                                                \
	X(STATE, "state")                                                      \
	X(UNFED, "unfed")                                                      \
	X(FED, "fed")                                                          \
	X(CURRENCIES, "currencies")

enum change {
#define X(id, name) CHANGE_##id,
	CHANGES(X)
#undef X
	CHANGE_COUNT
};

#define CHANGE_BIT(id) (1u << CHANGE_##id)

/* Those that say no more than that somebody asked once more. */
#define CHANGES_VERBOSE (CHANGE_BIT(FETCHED) | CHANGE_BIT(AGAIN))

/* "numbers"; static text. */
const char *change_name(enum change change);

/* Whether a number is another one; NaN stands for none. */
bool change_differs(double before, double after);

/*
 * What happened, a bit each; numbers_differ says it of those that are looked
 * at.  Numbers that changed and changed back between the looks are a change of
 * numbers too: the row's time of change tells.
 */
unsigned change_of(
    const struct seen *old, const struct seen *now, bool numbers_differ);

/* Good answers that came between the two looks and were not seen. */
uint64_t change_skipped(const struct seen *old, const struct seen *now);

#define CHANGE_TEXT_MAX 40

/*
 * How far a number moved, with its sign and at least one digit that isn't 0:
 * "+0.15%", "-0.0003%"; "0%" if it didn't, "new" and "gone" if one of the two
 * is none.  Returns buf.
 */
const char *change_percent(
    double before, double after, char *buf, size_t size);

/* In percent; NaN if there is no such number. */
double change_percent_of(double before, double after);

/*
 * Both numbers as people read them, or with all digits where they would look
 * the same though they differ.
 */
void change_numbers(double before, double after, char *old, char *new,
    size_t size);

#endif
