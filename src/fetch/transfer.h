/*
 * HTTP transfers: many at once on one thread.  transfer*.c are the only users
 * of libcurl.
 *
 * Every limit is ours: bytes are counted in our own callbacks, decoded and as
 * they come, times have a bound for the connection, for silence, and for the
 * whole.  http and https only, TLS verified, no signals.
 *
 * Redirects are followed to https only, from wherever, and at most
 * TRANSFER_REDIRECTS_MAX; another one is ATTEMPT_HTTP, with a text that says
 * where it points.  libcurl takes a request's header lines along to another
 * host (all but Authorization and Cookie), so a request with a secret follows
 * none at all.
 */
#ifndef RATESD_FETCH_TRANSFER_H
#define RATESD_FETCH_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/outcome.h"

#define TRANSFER_BODY_MAX (256 * 1024) /* decoded bytes */
#define TRANSFER_TEXT_MAX 128
#define TRANSFER_REDIRECTS_MAX 3
#define TRANSFER_STALL (10 * CLOCK_SECOND)

/* With their NULs, all of these. */
#define TRANSFER_URL_MAX 2048
#define TRANSFER_HEADERS_MAX 10
#define TRANSFER_HEADER_MAX 320
#define TRANSFER_ETAG_MAX 64
#define TRANSFER_MODIFIED_MAX 40
#define TRANSFER_SECRET_MAX 256
#define TRANSFER_EFFECTIVE_MAX 256

/*
 * What is asked for: a GET.  Nothing in it is needed once it is started.  An
 * etag or a time makes it conditional: the answer may then be "not modified".
 */
struct transfer_request {
	char url[TRANSFER_URL_MAX];
	char headers[TRANSFER_HEADERS_MAX][TRANSFER_HEADER_MAX];
	unsigned header_count;
	char etag[TRANSFER_ETAG_MAX];         /* "": no If-None-Match */
	char modified[TRANSFER_MODIFIED_MAX]; /* "": no If-Modified-Since */
	char secret[TRANSFER_SECRET_MAX];     /* the key, which is in the URL or
	                                       * in a header; "": there is none */
};

struct transfer_limits {
	int64_t connect; /* ns, at least 1 ms */
	int64_t total;   /* ns, at least 1 ms */
	int64_t stall;   /* ns of less than 10 bytes a second, by whole seconds;
	                  * 0: TRANSFER_STALL */
};

/* How one transfer ended. */
struct transfer_result {
	enum attempt_class class; /* OK, CONNECT, TIMEOUT, TRANSFER, HTTP,
	                           * THROTTLED, SIZE */
	unsigned http_status;     /* 0: none came */
	int64_t retry_after;      /* ns, 0 to one hour; -1: the answer has none */
	int64_t took;             /* ns, redirects too; 0: it never began */
	char text[TRANSFER_TEXT_MAX]; /* why it failed, with "***" for the
	                               * secret; "" if it did not */
	const char *body; /* ends with a NUL that size doesn't count */
	size_t size;

	/* The rest is of an answer that is OK, else zeros. */
	bool not_modified; /* 304, to a conditional request: an empty body */
	uint64_t hash;     /* of the body, by this build alone; 0: empty */
	char etag[TRANSFER_ETAG_MAX]; /* as sent; "": none, or it is no entity
	                               * tag (RFC 9110 8.8.3), or too long.  A
	                               * 304 without it leaves that asked with */
	char modified[TRANSFER_MODIFIED_MAX]; /* Last-Modified, likewise */
	unsigned redirects;       /* that were followed */
	unsigned redirect_status; /* of the first, say 301; 0: none */
	char effective[TRANSFER_EFFECTIVE_MAX]; /* the URL that answered, after
	                                         * redirects, cut to fit, without
	                                         * user and password; else "" */
};

struct transfers; /* many transfers, one thread */

/* NULL with a line in the log.  capacity: how many at once. */
struct transfers *transfers_new(unsigned capacity);

/* Abandons what is in flight; NULL is fine. */
void transfers_free(struct transfers *transfers);

unsigned transfers_running(const struct transfers *transfers);

/*
 * Starts a request; tag comes back with its result.  0, or -1 when all
 * capacity is in use (errno EBUSY), or the URL is "", a header line has a
 * control character, or libcurl refused (EINVAL).
 */
int transfers_start(struct transfers *transfers,
    const struct transfer_request *request,
    const struct transfer_limits *limits, void *tag);

/*
 * Waits until something happens on a transfer or one of fds (poll(2)
 * semantics, revents filled), at most timeout ns (negative: for ever), and
 * carries the transfers on.  0, or -1 with a line in the log.
 */
struct pollfd;
int transfers_poll(struct transfers *transfers, struct pollfd *fds,
    unsigned count, int64_t timeout);

/*
 * The next finished transfer: 1 with *tag and *result, or 0 if none is.  The
 * body is good until the next call on transfers.
 */
int transfers_next(struct transfers *transfers, void **tag,
    struct transfer_result *result);

/* NULL for an absolute http or https URL that parses, else what is wrong. */
const char *transfer_url_fault(const char *url);

#endif
