#ifndef STUB_BEHAVE_H
#define STUB_BEHAVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data.h"
#include "kinds.h"

#define WHY_SIZE	96	/* room for the reason of a refusal */
#define RETRY_SIZE	64
#define LATENCY_MAX	600000	/* ms */

/*
 * What the stub was told to do.  The command line and /control change it by
 * the same keys: fill a copy with behave_set(), then behave_commit() it, so
 * that a refused change leaves nothing half done.  Same thread rule as data.h.
 */
struct behave {
	int		latency;	/* ms */
	unsigned char	percent[KIND_COUNT];
	unsigned char	base_kind[CURRENCY_MAX]; /* 0: none, else kind + 1 */
	int		day;
	bool		hold, serial;
	int		hold_base;	/* -1: none */
	uint64_t	random;		/* state of the random choice */
	char		retry_after[RETRY_SIZE];
	bool		fail_given, base_fail_given, reset;
};

/* The settings in force, ready to be changed. */
struct behave	 behave_copy(void);

/*
 * One setting.  The first fail or base-fail of a copy replaces that list, the
 * next ones add to it; an empty value clears it.  False, with the reason in
 * why, for a key or value it does not know.
 */
bool		 behave_set(struct behave *b, const char *key,
		    const char *value, char why[WHY_SIZE]);

/* Puts a copy in force, for the requests that come from now on. */
void		 behave_commit(const struct behave *b);

/* How the next request for this base is to be answered. */
enum kind	 behave_draw(int base);

/* Extra time before an answer, in ns; the text of a Retry-After header. */
int64_t		 behave_latency(void);
const char	*behave_retry_after(void);

/* Whether answers carry serials (serial.h) for their numbers. */
bool		 behave_serial(void);

const char	*kind_name(enum kind kind);

#endif
