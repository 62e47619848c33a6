/*
 * What ratesctl reads besides rates: slots, counters, sources, jobs.
 *
 * The same read-only handle as rates.h; every count and name is checked before
 * use, for board bytes are untrusted input.
 */
#ifndef RATESD_BOARD_INSPECT_H
#define RATESD_BOARD_INSPECT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/expected.h"
#include "board/layout.h"
#include "board/rates.h"

struct inspect_slot {
	uint64_t incarnation;
	int64_t pid;
	const char *state; /* static text */
	int64_t since;     /* ns since 1970 UTC */
	int64_t age;       /* ns since then, by a clock that nobody sets */
	uint64_t done, failed, restarts;
	bool ended;      /* an earlier incarnation did */
	int wait_status; /* of the last that ended */
	enum sandbox_state sandbox[SANDBOX_PART_COUNT]; /* of who lives */
};

/* The user whose board it is: whoever made it, which anyone may. */
uid_t inspect_owner(const struct rates *handle);

/* Its group, which is also the queue's: one process makes both. */
gid_t inspect_group(const struct rates *handle);

/* ns since the supervisor's start, by a clock that nobody sets. */
int64_t inspect_supervisor_age(const struct rates *handle);

/*
 * The inode of the supervisor's PID namespace, in which alone its pid means
 * something; 0 if it is not known.
 */
uint64_t inspect_pid_space(const struct rates *handle);

/* How many slots. */
unsigned inspect_slots(const struct rates *handle);

/* Fills *slot for slot i, which must be below inspect_slots(). */
void inspect_slot(
    const struct rates *handle, unsigned i, struct inspect_slot *slot);

/*
 * The slot whose worker has row i's job now, or -1.
 */
int inspect_job(const struct rates *handle, unsigned i);

/* Boot clock: when row i's job was last asked for that was taken; 0: never. */
int64_t inspect_asked(const struct rates *handle, unsigned i);

/* True while a source is asked for row i's job. */
bool inspect_asking(const struct rates *handle, unsigned i);

/*
 * Until when row i's job is set aside, for workers died on it: ns since 1970
 * UTC, or 0 if it is not.
 */
int64_t inspect_aside(const struct rates *handle, unsigned i);

/* The row's lock word: the slot that holds it now, or -1. */
int inspect_lock(const struct rates *handle, unsigned i);

uint64_t inspect_counter(
    const struct rates *handle, enum board_counter counter);

/*
 * What a row has besides struct rates_row.  Texts are printable and end; times
 * are ns since 1970 UTC, 0 where there is none that can be.
 */
struct inspect_row {
	uint64_t seq; /* as in struct rates_row: the same, one moment */
	char hub[RATES_CODE_MAX]; /* whose numbers it follows from; "": own */
	int64_t changed_age; /* ns, counting suspended time */

	bool refused; /* some attempt gave no numbers; of the last such: */
	int64_t refused_at;
	const char *refused_class; /* static text */
	unsigned refused_http;     /* status, 0: none came */
	char refused_source[RATES_SOURCE_MAX];
	char refused_text[RATES_ERROR_MAX];

	bool held; /* an answer waits for somebody to confirm it: */
	int64_t held_since;
	int64_t held_mark; /* which one it is, for struct job; above 0 */
	enum rates_published held_form;
	int64_t held_published;
	char held_source[RATES_SOURCE_MAX];
	char held_text[RATES_ERROR_MAX]; /* why it was not published */
	bool accepted; /* an operator did, and it is not yet published */
};

/* Fills *row: OK, or NO_CURRENCY, CHANGED, BUSY. */
enum rates_result inspect_row(
    const struct rates *handle, unsigned i, struct inspect_row *row);

/*
 * The number for quote that row base holds; NaN if it holds none, or not whole.
 */
double inspect_held(const struct rates *handle, unsigned base, unsigned quote);

#define INSPECT_SOURCE_STATES(X)                                               \
	X(OK, "ok")                                                            \
	X(THROTTLED, "throttled")   /* it told us to come back later */        \
	X(LEFT_ALONE, "left alone") /* it failed too often, or for good */     \
	X(QUOTA, "quota used up")   /* until the month (UTC) ends */

/* A source, as struct inspect_row has a row. */
struct inspect_source {
	char name[RATES_SOURCE_MAX];
	char terms[BOARD_TERMS_MAX];
	char publishes[BOARD_PUBLISHES_MAX];
	char base[RATES_CODE_MAX]; /* the only one it has; "": any */
	int64_t interval;          /* ns between requests; 0: no limit */
	uint64_t burst;
	uint64_t quota;  /* requests a month; 0: no limit */
	uint64_t used;   /* requests in this month, UTC */
	uint64_t requests, failures;
	uint64_t streak; /* failures since the last good answer */
	int64_t good;    /* the last good answer */
	int64_t bad;     /* the last failure */
	const char *bad_class; /* static text */
	unsigned bad_http;
	const char *state; /* static text */
	int64_t until;     /* when it is asked again; 0: now, or not known */
#define X(name, count) uint64_t name[count];
	SOURCE_TALLIES(X)
#undef X
	uint64_t took_ns; /* all that took counts, together */
};

/* How many sources. */
unsigned inspect_source_count(const struct rates *handle);

/* Fills *source for source i, which must be below inspect_source_count(). */
void inspect_source(
    const struct rates *handle, unsigned i, struct inspect_source *source);

/*
 * What the calendar of the source of a name expects: true, or, with *words all
 * 0, false if none is known.
 */
bool inspect_expected(const struct rates *handle, const char *name,
    struct expected *words);

/* How long (ns) after its time an expected publication is late. */
int64_t inspect_grace(const struct rates *handle);

#endif
