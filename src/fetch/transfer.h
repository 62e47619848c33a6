/*
 * HTTP transfers: many at once on one thread.  The only user of libcurl.
 *
 * Every limit is ours: decoded bytes are counted in our own callback, times
 * have a bound for the connection, for silence, and for the whole.  http and
 * https only, no redirects, TLS verified, no signals.
 */
#ifndef RATESD_FETCH_TRANSFER_H
#define RATESD_FETCH_TRANSFER_H

#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"

#define TRANSFER_BODY_MAX (256 * 1024) /* decoded bytes */
#define TRANSFER_TEXT_MAX 128
#define TRANSFER_URL_MAX 512

struct transfer_limits {
	int64_t connect; /* ns, at least 1 ms */
	int64_t total;   /* ns, at least 1 ms */
};

/* How one transfer ended. */
struct transfer_result {
	enum attempt_class class; /* OK, CONNECT, TIMEOUT, TRANSFER, HTTP,
	                           * THROTTLED, SIZE */
	unsigned http_status;     /* 0: none came */
	int64_t retry_after;      /* ns, 0 to one hour; -1: the answer has none */
	char text[TRANSFER_TEXT_MAX]; /* why it failed; "" if it did not */
	const char *body; /* ends with a NUL that size doesn't count */
	size_t size;
};

struct transfers; /* many transfers, one thread */

/* NULL with a line in the log.  capacity: how many at once. */
struct transfers *transfers_new(unsigned capacity);

/* Abandons what is in flight; NULL is fine. */
void transfers_free(struct transfers *transfers);

unsigned transfers_running(const struct transfers *transfers);

/*
 * Starts a GET; tag comes back with its result.  0, or -1 when all capacity is
 * in use or libcurl refused (errno EBUSY, ENOMEM, EINVAL).
 */
int transfers_start(struct transfers *transfers, const char *url,
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
