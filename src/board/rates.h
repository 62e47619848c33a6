/*
 * librates: read exchange rates from the board of a running ratesd.
 *
 * A handle maps the board read-only.  Reading takes no lock, makes no system
 * call and allocates nothing; nothing that a reader does is felt by the daemon
 * or by another reader.  Every call is described in a manual of its own name;
 * librates(3) begins them.
 *
 * Every call that can fail returns enum rates_result; rates_strerror() gives
 * its text.  After a failure the objects that it would have filled are as they
 * were, but where a call says otherwise.  errno means something after
 * RATES_SYSTEM alone.  No pointer may be NULL but where it is said.
 *
 * When the daemon replaces its board (a restart, other currencies) a handle
 * attaches to the new one by itself, in the next call that reads a number or a
 * row, waits, or asks who feeds it; that one call makes system calls.  Until
 * then codes, indexes and the count are those of what was last read.  While
 * there is none it stays with the old one, whose rows are the last good ones,
 * and each read looks for a new one; a board that nobody feeds may have been
 * removed, so then some calls look once a second: see librates(3).  If the
 * currencies are not the same ones in the same order, calls by index answer
 * RATES_CHANGED until rates_resync() says that the caller has looked its
 * indexes up again.
 *
 * Threads: a handle belongs to one thread at a time, for reading too: a call
 * may unmap the board that another one reads.  Open one a thread; they share
 * the board's memory, and handles know nothing of each other.
 *
 * Processes: after fork(2) the child has a copy of each handle, which it may
 * use and close as it likes, and so may the parent.  Nothing of a handle
 * survives execve(2).
 *
 * Signals: a handler may call rates_strerror() and nothing else.  A thread must
 * not be cancelled within a call.
 *
 * ratesd never shrinks a board.  Yet whoever owns one can truncate it, and then
 * reading raises SIGBUS, as it does with every mapped file.  A program that
 * must survive that handles SIGBUS (sigaction(2) with SA_SIGINFO; si_code is
 * BUS_ADRERR) and leaves the handler by siglongjmp(3) to where it called the
 * library.  From all but rates_open() that is safe; the handle is then good for
 * rates_close() alone.
 *
 * A board belongs to whoever made it, and any local user may make one under a
 * name that is free.  ratesctl(1) warns of a stranger's.
 */
#ifndef RATES_H
#define RATES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RATES_RESULTS(X)                                                       \
	X(OK, "done")                                                          \
	X(NO_BOARD, "no board: ratesd does not run under this name")              \
	X(BAD_BOARD, "not a board that this version can read")                 \
	X(BAD_NAME, "not an instance name")                                    \
	X(DENIED, "no permission to read the board")                           \
	X(NO_CURRENCY, "no such currency on the board")                        \
	X(NO_NUMBER, "no number for this pair")                                \
	X(TOO_OLD, "the number is older than allowed")                         \
	X(CHANGED, "the board's currencies have changed")                      \
	X(NOT_FED, "nobody feeds the board")                                   \
	X(BUSY, "the row changed too often while it was read")                 \
	X(TIMEOUT, "no change in time")                                        \
	X(SYSTEM, "system error")

enum rates_result {
#define X(id, text) RATES_##id,
	RATES_RESULTS(X)
#undef X
};

struct rates; /* a handle */

#define RATES_CODE_MAX 9 /* with its NUL, as are those below */
#define RATES_SOURCE_MAX 32
#define RATES_ERROR_MAX 128

enum rates_published {
	RATES_PUBLISHED_NONE,
	RATES_PUBLISHED_DAY,
	RATES_PUBLISHED_TIME
};

/* What is known of a row besides its numbers.  Times are ns since 1970 UTC. */
struct rates_row {
	uint64_t seq;     /* raised by every change of the row: for rates_wait() */
	uint64_t version; /* raised by every good answer; 0: never fetched */
	enum rates_published published_form;
	int64_t published; /* what the source says */
	int64_t fetched, changed;
	int64_t age;      /* ns since fetched, counting suspended time;
			     INT64_MAX: after now, so by another clock */
	unsigned present; /* how many numbers the row has, as its writer says */
	char source[RATES_SOURCE_MAX];

	/* The last attempt, good or not. */
	uint64_t attempts;
	uint64_t failures; /* in a row; 0 after a good answer */
	int64_t attempted;
	int64_t attempt_age;
	const char *attempt; /* "none", "ok", or an error class; static text */
	unsigned http_status;
	char attempt_source[RATES_SOURCE_MAX];
	char error[RATES_ERROR_MAX]; /* empty if the attempt was good */
};

/* Who feeds the board. */
struct rates_feed {
	int fed;           /* 1 if a supervisor beats */
	const char *state; /* of the board: "ready", ...; static text */
	int64_t supervisor; /* pid */
	int64_t since;      /* ns since 1970 UTC */
	int64_t heartbeat_age; /* ns; -1: it beats no more */
	int64_t stale_after; /* ns */
	uint64_t generation;
};

/* One number and where it comes from; times as above. */
struct rates_quote {
	double rate;
	int64_t age; /* as of struct rates_row */
	int64_t fetched;
	int64_t published; /* what the source says */
	enum rates_published published_form;
	uint64_t version;
	char source[RATES_SOURCE_MAX];
};

/* The text of a result; static, and the same in every locale. */
const char *rates_strerror(enum rates_result result);

/*
 * Opens the board of an instance into *handle.  NULL is the one that
 * RATESD_INSTANCE names in the environment, as for ratesctl(1); if that is
 * unset or empty, or the program has more privileges than its caller
 * (secure_getenv(3)), "default".  NO_BOARD, BAD_BOARD (rates_fault() says what
 * is wrong), BAD_NAME (not 1 to 32 of A-Z a-z 0-9 _ -), DENIED, SYSTEM with
 * errno.  On failure *handle is NULL.
 */
enum rates_result rates_open(const char *instance, struct rates **handle);

/* Unmaps and frees; NULL is fine. */
void rates_close(struct rates *handle);

/*
 * What was wrong with the board that rates_open() last refused in this thread;
 * static text, empty if it refused none.
 */
const char *rates_fault(void);

/* How many currencies, 1 to 1024; indexes run from 0 to count - 1. */
unsigned rates_count(const struct rates *handle);

/*
 * The code of an index, 3 to 8 of A-Z 0-9, into code; NO_CURRENCY if out of
 * range.
 */
enum rates_result rates_code(
    struct rates *handle, unsigned index, char code[RATES_CODE_MAX]);

/* The index of a code, into *index; NO_CURRENCY. */
enum rates_result rates_index(
    struct rates *handle, const char *code, unsigned *index);

/*
 * Attaches to a new board if there is one, and accepts its currencies: all
 * indexes are to be looked up again, and rates_count() asked.
 */
void rates_resync(struct rates *handle);

/*
 * How many units of quote one unit of base is, however old: finite and above
 * 0.  NO_CURRENCY, NO_NUMBER, CHANGED, BUSY.
 */
enum rates_result rates_get(
    struct rates *handle, unsigned base, unsigned quote, double *rate);

/* The same by codes; attaches to a new board by itself, never CHANGED. */
enum rates_result rates_get_code(
    struct rates *handle, const char *base, const char *quote, double *rate);

/*
 * By indexes, but TOO_OLD when the row was fetched more than max_age
 * ns ago.  Makes one clock_gettime(2), which the vDSO answers.
 */
enum rates_result rates_get_fresh(struct rates *handle, unsigned base,
    unsigned quote, int64_t max_age, double *rate);

/*
 * One number by codes with its age and source, all of one moment.  TOO_OLD when
 * it was fetched more than max_age ns ago (INT64_MAX: any age will do), and
 * *found is then filled too.  NO_CURRENCY, NO_NUMBER, BUSY.
 */
enum rates_result rates_quote(struct rates *handle, const char *base,
    const char *quote, int64_t max_age, struct rates_quote *found);

/*
 * A row whole, from one moment: *row and its numbers (room for rates_count();
 * absent ones are NaN); either may be NULL.  An empty row is OK, with version
 * 0.  A number that isn't finite and above 0, which no daemon writes, is absent
 * too.  NO_CURRENCY, CHANGED, BUSY.
 */
enum rates_result rates_row(struct rates *handle, unsigned base,
    struct rates_row *row, double *numbers);

/*
 * All rows from one moment: count rows and count * count numbers, row by row;
 * either may be NULL.  CHANGED also when count isn't rates_count().  BUSY if
 * writers were always faster: all numbers are then NaN, and all rows empty.
 *
 * Numbers come out as they lie on the board, for a look at each would more
 * than double the time: where the board's owner is not to be trusted, one that
 * isn't finite and above 0 is to be taken as absent.
 */
enum rates_result rates_snapshot(struct rates *handle, unsigned count,
    struct rates_row *rows, double *numbers);

/* Who feeds the board, into *feed.  OK, or NOT_FED with *feed filled. */
enum rates_result rates_feed(struct rates *handle, struct rates_feed *feed);

/*
 * Sleeps until the row's sequence is not seq any more (at once if so), at most
 * timeout ns (0: only looks; negative: for ever).  OK, TIMEOUT, NO_CURRENCY,
 * CHANGED (also when the board was replaced), SYSTEM with errno EINTR after a
 * signal.
 */
enum rates_result rates_wait(
    struct rates *handle, unsigned base, uint64_t seq, int64_t timeout);

/*
 * The same for all rows: sleeps while the board is as it was at *mark, 0 before
 * the first call, which returns at once.  OK with a new *mark whenever a row may
 * have changed since the old one, or the board was replaced: look at the rows
 * after the call, and none of their changes is missed.  TIMEOUT, CHANGED,
 * SYSTEM with errno EINTR after a signal.
 */
enum rates_result rates_wait_any(
    struct rates *handle, uint64_t *mark, int64_t timeout);

#ifdef __cplusplus
}
#endif

#endif
