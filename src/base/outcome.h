/*
 * What an attempt to fetch a row came to: words that all rooms share.
 */
#ifndef RATESD_BASE_OUTCOME_H
#define RATESD_BASE_OUTCOME_H

#include <stdint.h>

#define ATTEMPT_CLASSES(X)                                                     \
	X(NONE, "none") /* there was none yet */                               \
	X(OK, "ok")                                                            \
	X(CONNECT, "connect")     /* no connection: name, refused, TLS */      \
	X(TIMEOUT, "timeout")     /* no answer in time */                      \
	X(TRANSFER, "transfer")   /* cut or broken on the way */               \
	X(HTTP, "http")           /* a status that is no success */            \
	X(THROTTLED, "throttled") /* 429, or 503 with Retry-After */           \
	X(SIZE, "size")           /* more bytes than the cap */                \
	X(DOCUMENT, "document")   /* not a document that the mapping reads */  \
	X(BASE, "base")           /* rates of another base than asked */       \
	X(VALUE, "value")         /* a rate that can't be one */               \
	X(REFUSED, "refused")     /* an answer that says it is an error */     \
	X(AUTH, "auth")           /* the key is missing or not accepted */     \
	X(QUOTA, "quota")         /* the source's allowance is used up */      \
	X(PLAN, "plan")           /* not in what the user pays for */          \
	X(UNSUPPORTED, "unsupported") /* a base that the source lacks */       \
	X(DATE, "date")           /* published in the future, or going back */ \
	X(HELD, "held")           /* a jump, or fewer numbers: unconfirmed */

enum attempt_class {
#define X(id, name) ATTEMPT_##id,
	ATTEMPT_CLASSES(X)
#undef X
	ATTEMPT_CLASS_COUNT
};

/* How exactly a source says when its rates were published. */
enum published_form {
	PUBLISHED_NONE, /* the source said nothing */
	PUBLISHED_DAY,  /* a day: print no time */
	PUBLISHED_TIME,
};

/* The name of a class; "?" for a value that is none.  Static text. */
const char *attempt_class_name(uint64_t class);

#endif
