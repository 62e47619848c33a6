/*
 * A board as it changes: what happened since the last look, also when the
 * daemon restarted or replaced its board meanwhile.
 */
#ifndef RATESD_TOOLS_FOLLOW_H
#define RATESD_TOOLS_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/change.h"
#include "tools/choice.h"
#include "tools/ctl.h"

#define FOLLOW_BOARD UINT32_MAX /* instead of a row: all of the board */

/* The present of a board, and of it what is looked at. */
struct follow {
	struct ctl *ctl;
	struct choice bases, quotes;
	unsigned count;
	char (*codes)[RATES_CODE_MAX];
	struct seen *rows;
	double *numbers; /* count * count */
	double *spare;   /* count: a row before it changed */
	struct rates_feed feed;
	uint64_t mark;  /* of rates_wait_any() */
	bool look_all;  /* whatever the sequences say */
	bool other_board; /* with other currencies, which aren't yet known */
	bool unsettled; /* a row could not be read: look again soon */
	bool begun;
};

/* Something that happened; what it points to is good until the call ends. */
struct happening {
	enum change change;
	int64_t at;    /* of the look, ns since 1970 */
	unsigned base; /* index of the row, or FOLLOW_BOARD */
	const struct seen *old, *now;  /* NULL for the board */
	const double *before, *after;  /* numbers of the row, by index */
	uint64_t skipped; /* as change_skipped(), with numbers alone */
	const char *text; /* for people; may be empty */
};

typedef void follow_tell(void *context, const struct happening *happening);

/*
 * Begins with what the open board of ctl has; bases and --symbols are what is
 * looked at.  An exit status; has spoken.
 */
int follow_begin(struct follow *follow, struct ctl *ctl, int argc,
    char **argv);

/*
 * Looks at the board, and tells all that happened since the last look: of each
 * row, numbers first.  With clock also states that time alone has changed,
 * which takes a look at every row.  0, or -1 with errno without memory.
 */
int follow_look(
    struct follow *follow, bool clock, follow_tell *tell, void *context);

/*
 * Sleeps until the board may have changed, at most timeout ns: 0, or -1 with
 * errno.
 */
int follow_wait(struct follow *follow, int64_t timeout);

/*
 * A board that was removed and made anew tells nobody who has the old one open.
 * Where nobody feeds *rates but its owner or root now has another board under
 * the name, which is fed: true, and *rates is that one.
 */
bool follow_reopen(const char *instance, struct rates **rates);

/* The age of a row by now, ns. */
int64_t follow_age(const struct seen *seen);

void follow_end(struct follow *follow);

static inline const double *
follow_numbers(const struct follow *follow, unsigned base)
{
	return follow->numbers + (size_t)base * follow->count;
}

#endif
