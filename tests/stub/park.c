#include "park.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include <err.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "clock.h"

#define EVENTS_MAX	64
#define SLEEP_MAX	(60 * NS_PER_S)	/* keeps the ms of a wait in an int */

static LIST_HEAD(parked_list, parked) waiting_list =
    LIST_HEAD_INITIALIZER(waiting_list);
static pthread_mutex_t	lock = PTHREAD_MUTEX_INITIALIZER;

/* Under the lock. */
static int64_t	next_due = PARK_FOREVER;	/* when the main thread wakes */
static bool	hold_all, stopping;
static int	hold_base = -1;

static int	poller = -1;
static int	bell = -1;	/* wakes the main thread */
static int	signals = -1;

static void
watch(int fd, uint32_t events, void *what)
{
	struct epoll_event ev = { .events = events, .data.ptr = what };

	if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &ev) == -1)
		err(1, "epoll_ctl");
}

void
park_open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	poller = epoll_create1(EPOLL_CLOEXEC);
	bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (poller == -1 || bell == -1 || signals == -1)
		err(1, "park");
	watch(bell, EPOLLIN, &bell);
	watch(signals, EPOLLIN, &signals);
}

void
park_close(void)
{
	close(signals);
	close(bell);
	close(poller);
}

static void
ring(void)
{
	uint64_t one = 1;

	/* It can only fail when it rings already. */
	if (write(bell, &one, sizeof(one)) == -1)
		return;
}

static bool
is_held(const struct parked *p)
{
	return p->holdable &&
	    (hold_all || (hold_base >= 0 && p->base == hold_base));
}

static void
suspend(struct parked *p)
{
	p->fd = MHD_get_connection_info(p->conn,
	    MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	MHD_suspend_connection(p->conn);
	LIST_INSERT_HEAD(&waiting_list, p, entry);
	/*
	 * The library does not see a client leave while it is suspended, and
	 * without this every client that gave up would keep its descriptor.
	 */
	watch(p->fd, EPOLLRDHUP, p);
	if (!is_held(p) && p->due < next_due) {
		next_due = p->due;
		ring();
	}
}

enum park
park_wait(struct parked *p)
{
	enum park verdict = PARK_GO;

	pthread_mutex_lock(&lock);
	if (p->gone || stopping) {
		verdict = PARK_GONE;
	} else if (is_held(p) || p->due > clock_ns()) {
		suspend(p);
		verdict = PARK_WAIT;
	}
	pthread_mutex_unlock(&lock);
	return verdict;
}

/*
 * Under the lock and, after the start, in the main thread alone: that is why
 * a pointer which epoll_wait() gave to that thread is always a live one.
 */
static void
let_go(struct parked *p)
{
	epoll_ctl(poller, EPOLL_CTL_DEL, p->fd, NULL);
	LIST_REMOVE(p, entry);
	MHD_resume_connection(p->conn);
}

void
park_hold(bool all, int base)
{
	pthread_mutex_lock(&lock);
	hold_all = all;
	hold_base = base;
	pthread_mutex_unlock(&lock);
	ring();
}

void
park_count(size_t *held, size_t *waiting)
{
	struct parked *p;

	*held = *waiting = 0;
	pthread_mutex_lock(&lock);
	LIST_FOREACH(p, &waiting_list, entry) {
		(*waiting)++;
		if (is_held(p))
			(*held)++;
	}
	pthread_mutex_unlock(&lock);
}

static void
let_go_due(void)
{
	struct parked *p, *next;
	int64_t now = clock_ns();

	next_due = PARK_FOREVER;
	LIST_FOREACH_SAFE(p, &waiting_list, entry, next) {
		if (is_held(p))
			continue;
		if (p->due <= now)
			let_go(p);
		else if (p->due < next_due)
			next_due = p->due;
	}
}

/* False when a signal asked for the end. */
static bool
handle(const struct epoll_event *ev)
{
	struct parked *p;
	uint64_t rings;

	if (ev->data.ptr == &signals)
		return false;
	if (ev->data.ptr == &bell)
		return read(bell, &rings, sizeof(rings)) != 0;
	p = ev->data.ptr;
	p->gone = true;
	let_go(p);
	return true;
}

static int
sleep_ms(int64_t until)
{
	int64_t ns = until - clock_ns();

	if (ns <= 0)
		return 0;
	if (ns > SLEEP_MAX)
		ns = SLEEP_MAX;
	return (int)((ns + NS_PER_MS - 1) / NS_PER_MS);
}

void
park_run(int seconds)
{
	struct epoll_event events[EVENTS_MAX];
	int64_t end = clock_ns() + seconds * NS_PER_S, until = end;
	bool more = true;
	int n;

	while (more && clock_ns() < end) {
		n = epoll_wait(poller, events, EVENTS_MAX, sleep_ms(until));
		pthread_mutex_lock(&lock);
		for (int i = 0; i < n; i++)
			more = handle(&events[i]) && more;
		let_go_due();
		until = next_due < end ? next_due : end;
		pthread_mutex_unlock(&lock);
	}
}

void
park_stop(void)
{
	struct parked *p;

	pthread_mutex_lock(&lock);
	stopping = true;
	while ((p = LIST_FIRST(&waiting_list)) != NULL)
		let_go(p);
	pthread_mutex_unlock(&lock);
}
