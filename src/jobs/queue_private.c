#include "jobs/queue_private.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include <bsd/stdlib.h>

#include "base/text.h"
#include "jobs/queue.h"

#define NAME_MAX_BYTES 64
#define NAME_TRIES 8

/* mq_overview(7): which limit each failure of mq_open(3) is about. */
static const char *
limit_of(int error)
{
	switch (error) {
	case EMFILE:
		return " (RLIMIT_MSGQUEUE or the number of open files is used "
		       "up: ulimit -q, ulimit -n)";
	case ENOSPC:
		return " (too many queues: raise "
		       "/proc/sys/fs/mqueue/queues_max)";
	case EINVAL:
		return " (/proc/sys/fs/mqueue/msg_max is below 10 or "
		       "msgsize_max below what a job takes)";
	default:
		return "";
	}
}

/* Signals wait: one that ended the process now would leave the name behind. */
static mqd_t
open_nameless(const char *name, struct mq_attr *attr)
{
	sigset_t all, before;
	mqd_t queue;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	queue = mq_open(name,
	    O_RDWR | O_NONBLOCK | O_CLOEXEC | O_CREAT | O_EXCL, 0600, attr);
	error = errno;
	if (queue != -1)
		mq_unlink(name);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = error;
	return queue;
}

int
queue_private(unsigned depth, size_t message_size, char *error,
    size_t error_size)
{
	struct mq_attr attr = {
		.mq_maxmsg = depth < QUEUE_DEPTH ? (long)depth : QUEUE_DEPTH,
		.mq_msgsize = (long)message_size };
	char name[NAME_MAX_BYTES];
	mqd_t queue = -1;

	for (int tries = 0; queue == -1 && tries < NAME_TRIES; tries++) {
		text_format(name, sizeof(name), "/ratesd-private.%ld.%08x",
		    (long)getpid(), arc4random());
		queue = open_nameless(name, &attr);
		if (queue == -1 && errno != EEXIST)
			break;
	}
	if (queue == -1)
		text_format(error, error_size, "queue %s: %m%s", name,
		    limit_of(errno));
	return queue;
}

int
queue_private_send(int queue, const void *message, size_t size)
{
	return mq_send(queue, message, size, 0);
}

int
queue_private_receive(int queue, void *message, size_t size)
{
	ssize_t got = mq_receive(queue, message, size, NULL);

	if (got == -1)
		return errno == EAGAIN ? 0 : -1;
	if ((size_t)got == size)
		return 1;
	errno = EBADMSG;
	return -1;
}
