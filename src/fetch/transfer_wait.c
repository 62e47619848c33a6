#include "fetch/transfer_wait.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/clock.h"
#include "base/log.h"

#define FDS_MAX 16
#define EVENTS_MAX 64 /* more at a time come with the next look */

static uint32_t
wanted(int what)
{
	return (what & CURL_POLL_IN ? EPOLLIN : 0) |
	    (what & CURL_POLL_OUT ? EPOLLOUT : 0);
}

/*
 * CURLMOPT_SOCKETFUNCTION.  known: that the socket is in the set, as assigned
 * here.  libcurl takes one out before it closes it.
 */
static int
watch_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *known)
{
	struct transfer_wait *wait = context;
	struct epoll_event event = { .events = wanted(what), .data.fd = fd };

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(wait->set, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	if (epoll_ctl(wait->set, known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD,
		fd, &event) == -1) {
		log_error("epoll: %m");
		return -1;
	}
	curl_multi_assign(wait->multi, fd, wait);
	return 0;
}

/* CURLMOPT_TIMERFUNCTION. */
static int
watch_clock(CURLM *multi, long ms, void *context)
{
	struct transfer_wait *wait = context;

	(void)multi;
	wait->due = ms < 0 ? INT64_MAX : clock_mono() + ms * CLOCK_MS;
	return 0;
}

int
transfer_wait_open(struct transfer_wait *wait, void *multi)
{
	*wait = (struct transfer_wait){ .multi = multi, .due = INT64_MAX };
	wait->set = epoll_create1(EPOLL_CLOEXEC);
	if (wait->set == -1) {
		log_error("epoll: %m");
		return -1;
	}
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, wait);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, watch_clock);
	curl_multi_setopt(multi, CURLMOPT_TIMERDATA, wait);
	return 0;
}

void
transfer_wait_close(struct transfer_wait *wait)
{
	if (wait->set != -1)
		close(wait->set);
	wait->set = -1;
}

static int
carry_on(struct transfer_wait *wait, curl_socket_t fd, int events)
{
	int running;
	CURLMcode code = curl_multi_socket_action(
	    wait->multi, fd, events, &running);

	if (code == CURLM_OK)
		return 0;
	log_error("libcurl: %s", curl_multi_strerror(code));
	return -1;
}

/*
 * A socket with an error can be read: then libcurl learns which.  One that an
 * earlier event has closed is none of libcurl's any more, which it says
 * nothing of.
 */
static int
carry_on_socket(struct transfer_wait *wait, const struct epoll_event *event)
{
	int events = 0;

	if (event->events & (EPOLLIN | EPOLLERR | EPOLLHUP))
		events |= CURL_CSELECT_IN;
	if (event->events & EPOLLOUT)
		events |= CURL_CSELECT_OUT;
	return carry_on(wait, event->data.fd, events);
}

int
transfer_wait_none(struct transfer_wait *wait)
{
	struct epoll_event events[EVENTS_MAX];
	int count = epoll_wait(wait->set, events, EVENTS_MAX, 0);

	for (int i = 0; i < count; i++)
		if (carry_on_socket(wait, &events[i]) == -1)
			return -1;
	if (wait->due > clock_mono())
		return 0;
	/* libcurl says what is next, even if it is the same, but not if there
	 * is nothing. */
	wait->due = INT64_MAX;
	return carry_on(wait, CURL_SOCKET_TIMEOUT, 0);
}

/* Milliseconds to wait: for what is due, or as long as the caller may. */
static int
patience(const struct transfer_wait *wait, int64_t timeout)
{
	int64_t left = INT64_MAX;

	if (wait->due != INT64_MAX)
		left = wait->due - clock_mono();
	if (timeout >= 0 && timeout < left)
		left = timeout;
	return left == INT64_MAX ? -1 : clock_poll_ms(left);
}

int
transfer_wait_for(struct transfer_wait *wait, struct pollfd *fds,
    unsigned count, int64_t timeout)
{
	struct pollfd all[FDS_MAX + 1];
	int ready;

	assert(count <= FDS_MAX);
	if (count > 0)
		memcpy(all, fds, count * sizeof(*fds));
	all[count] = (struct pollfd){ .fd = wait->set, .events = POLLIN };
	ready = poll(all, count + 1, patience(wait, timeout));
	if (ready == -1 && errno != EINTR) {
		log_error("transfers: poll: %m");
		return -1;
	}
	for (unsigned i = 0; i < count; i++)
		fds[i].revents = ready > 0 ? all[i].revents : 0;
	return transfer_wait_none(wait);
}
