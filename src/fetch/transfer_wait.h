/*
 * What libcurl waits for: its sockets, in a set of the kernel's, and its clock.
 * Only the transfers that something happened to are carried on, and no socket
 * is asked about by itself.
 *
 * Source: curl_multi_socket_action(3), epoll(7).
 */
#ifndef RATESD_FETCH_TRANSFER_WAIT_H
#define RATESD_FETCH_TRANSFER_WAIT_H

#include <stdint.h>

struct pollfd;

struct transfer_wait {
	void *multi; /* CURLM * */
	int set;     /* epoll(7) */
	int64_t due; /* on the monotonic clock, ns; INT64_MAX: nothing is */
};

/*
 * For all transfers that will be added to multi: 0, or -1 with a line in the
 * log.  What is open stays where it is until the other is called, after the
 * last transfer.
 */
int transfer_wait_open(struct transfer_wait *wait, void *multi);
void transfer_wait_close(struct transfer_wait *wait);

/*
 * Until something happens on a transfer or one of count fds (poll(2) semantics,
 * revents filled), timeout ns at most (negative: for ever); then carries on.
 * 0, or -1 with a line in the log.
 */
int transfer_wait_for(struct transfer_wait *wait, struct pollfd *fds,
    unsigned count, int64_t timeout);

/* Carries on what can be, without a wait; the same result. */
int transfer_wait_none(struct transfer_wait *wait);

#endif
