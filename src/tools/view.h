/*
 * The board as ratesctl's commands see it: texts made safe to show, each row
 * with its state.
 */
#ifndef RATESD_TOOLS_VIEW_H
#define RATESD_TOOLS_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "board/freshness.h"
#include "board/inspect.h"
#include "board/rates.h"
#include "tools/ctl.h"

/* The whole board, from one moment. */
struct view {
	unsigned count;
	char (*codes)[RATES_CODE_MAX];
	struct rates_row *rows; /* cleaned */
	enum freshness *states; /* of the rows, when they were read */
	double *numbers;        /* count * count, or NULL if not asked for */
	struct rates_feed feed;
	int64_t read; /* wall clock, ns */
};

/* Opens the instance's board into ctl->rates.  An exit status; has spoken. */
int view_open(struct ctl *ctl);

#define VIEW_OWNER_MAX 40

/*
 * The name of the open board's owner, in buf, if it is one to warn of: neither
 * root, nor the caller, nor the owner of the directory of pid files, which only
 * root can have made.  Else NULL.
 */
const char *view_stranger(const struct ctl *ctl, char *buf, size_t size);

/* Warns of a stranger's board: for who opens one without view_open(). */
void view_warn(const struct ctl *ctl);

/* Fills *view; what it got is view_free()'s also then when it fails. */
int view_load(struct ctl *ctl, bool numbers, struct view *view);
void view_free(struct view *view);

/*
 * The index of a code in *index: CTL_DONE, or CTL_NO_PAIR once it has named the
 * nearest code.
 */
int view_find(struct ctl *ctl, const char *code, unsigned *index);

/*
 * The same of the view, which may be of another board by now than what
 * view_find() sees.
 */
int view_index(struct ctl *ctl, const struct view *view, const char *code,
    unsigned *index);

/* Row i, cleaned, following a replaced board: CTL_DONE, or has spoken. */
int view_row(struct ctl *ctl, unsigned i, struct rates_row *row);

/* What else there is of row i, in the same way. */
int view_inspect(struct ctl *ctl, unsigned i, struct inspect_row *row);

/* Makes the texts of a row safe to show: for who reads one by rates_row(). */
void view_clean(struct rates_row *row);

/* The state of a row at a time (wall clock, ns). */
enum freshness view_state(const struct ctl *ctl, const struct rates_row *row,
    int64_t stale_after, int64_t now);

/* Whether the row's last attempt failed. */
bool view_failed(const struct rates_row *row);

#define VIEW_ERROR_MAX (RATES_ERROR_MAX + 2 * RATES_SOURCE_MAX + 64)

/* "http: status 500, from vatcomply, 3 failures".  Returns buf. */
const char *view_error(const struct rates_row *row, char *buf, size_t size);

/*
 * "http 500": how a source failed last.  A status that is a success says
 * nothing of it, and is left out.  Returns buf.
 */
const char *view_bad(
    const struct inspect_source *source, char *buf, size_t size);

#define VIEW_SILENCE_MAX (CLOCK_TEXT_MAX + 64)

/* "nobody feeds this board for 3m 10s", of one that isn't fed. */
const char *view_silence(
    const struct rates_feed *feed, char *buf, size_t size);

/* RFC 3339, or NULL for a time that there isn't. */
const char *view_time(int64_t wall, char buf[CLOCK_TEXT_MAX]);

/* A time of publication: a day, a time, or NULL. */
const char *view_day(
    enum rates_published form, int64_t wall, char buf[CLOCK_TEXT_MAX]);

/* When the row's numbers were published: a day, a time, or NULL. */
const char *view_published(
    const struct rates_row *row, char buf[CLOCK_TEXT_MAX]);

#endif
