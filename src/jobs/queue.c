#include "jobs/queue.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define QUEUE_NAME_MAX 64

static const char *
queue_name(const char *instance, char *buf, size_t size)
{
	return text_format(buf, size, "/ratesd.%s", instance);
}

/* mq_overview(7): which limit each failure of mq_open(3) is about. */
static const char *
limit_of(int error)
{
	switch (error) {
	case EMFILE:
		return " (RLIMIT_MSGQUEUE is used up: raise LimitMSGQUEUE= of "
		       "the unit or ulimit -q)";
	case ENOSPC:
		return " (too many queues: raise "
		       "/proc/sys/fs/mqueue/queues_max)";
	case EINVAL:
		return " (/proc/sys/fs/mqueue/msg_max is below 10 or "
		       "msgsize_max below 64)";
	case EACCES:
		return " (it belongs to another user)";
	default:
		return "";
	}
}

/* What is wrong with a queue that was there already, or NULL. */
static const char *
foreign(int queue)
{
	struct mq_attr attr;
	struct stat st;

	if (fstat(queue, &st) == -1 || mq_getattr(queue, &attr) == -1)
		return "it can't be examined";
	if (st.st_uid != geteuid())
		return "it belongs to another user";
	if (attr.mq_msgsize != MESSAGE_SIZE || attr.mq_maxmsg != QUEUE_DEPTH)
		return "its sizes are not ours";
	return NULL;
}

static mqd_t
open_existing(const char *name, char *error, size_t error_size)
{
	mqd_t queue = mq_open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	const char *fault;

	if (queue == -1) {
		text_format(error, error_size, "queue %s: %m%s", name,
		    limit_of(errno));
		return -1;
	}
	fault = foreign(queue);
	if (fault == NULL)
		return queue;
	text_format(error, error_size,
	    "queue %s exists and %s: remove it or choose another instance name",
	    name, fault);
	mq_close(queue);
	errno = EEXIST;
	return -1;
}

int
queue_create(const char *instance, mode_t mode, char *error, size_t error_size)
{
	struct mq_attr attr = { .mq_maxmsg = QUEUE_DEPTH,
		.mq_msgsize = MESSAGE_SIZE };
	char name[QUEUE_NAME_MAX];
	mqd_t queue;

	queue_name(instance, name, sizeof(name));
	queue = mq_open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_CREAT | O_EXCL,
	    mode, &attr);
	if (queue == -1 && errno == EEXIST)
		queue = open_existing(name, error, error_size);
	else if (queue == -1)
		text_format(error, error_size, "queue %s: %m%s", name,
		    limit_of(errno));
	if (queue != -1 && fchmod(queue, mode) == -1) {
		text_format(error, error_size, "queue %s: fchmod: %m", name);
		mq_close(queue);
		return -1;
	}
	return queue;
}

int
queue_open_send(const char *instance)
{
	char name[QUEUE_NAME_MAX];

	return mq_open(queue_name(instance, name, sizeof(name)),
	    O_WRONLY | O_NONBLOCK | O_CLOEXEC);
}

void
queue_close(int queue)
{
	if (queue != -1)
		mq_close(queue);
}

int
queue_remove(const char *instance)
{
	char name[QUEUE_NAME_MAX];

	if (mq_unlink(queue_name(instance, name, sizeof(name))) == -1 &&
	    errno != ENOENT)
		return -1;
	return 0;
}

int
queue_send(int queue, const struct job *job)
{
	unsigned char bytes[MESSAGE_SIZE];

	message_encode(job, bytes);
	return mq_send(queue, (const char *)bytes, sizeof(bytes), job->reason);
}

int
queue_receive(int queue, struct job *job, const char **why)
{
	unsigned char bytes[MESSAGE_SIZE];
	ssize_t size;

	size = mq_receive(queue, (char *)bytes, sizeof(bytes), NULL);
	if (size == -1)
		return errno == EAGAIN ? 0 : -1;
	*why = message_decode(bytes, (size_t)size, job);
	return *why == NULL ? 1 : 2;
}

long
queue_depth(int queue, long *max)
{
	struct mq_attr attr;

	if (mq_getattr(queue, &attr) == -1)
		return -1;
	if (max != NULL)
		*max = attr.mq_maxmsg;
	return attr.mq_curmsgs;
}

long
queue_depth_of(const char *instance, long *max)
{
	char name[QUEUE_NAME_MAX];
	mqd_t queue;
	long depth;

	queue_name(instance, name, sizeof(name));
	/* Whoever may only send may ask too. */
	queue = mq_open(name, O_RDONLY | O_CLOEXEC);
	if (queue == -1)
		queue = mq_open(name, O_WRONLY | O_CLOEXEC);
	if (queue == -1)
		return -1;
	depth = queue_depth(queue, max);
	mq_close(queue);
	return depth;
}
