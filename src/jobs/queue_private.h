/*
 * A POSIX message queue that only a process and its children have: its name is
 * gone as soon as it is open.  Never blocked upon; waiting is poll(2).
 */
#ifndef RATESD_JOBS_QUEUE_PRIVATE_H
#define RATESD_JOBS_QUEUE_PRIVATE_H

#include <stddef.h>

/*
 * A queue of at most depth (1 or more) messages of one size, and of no more
 * than a stock kernel allows: who has many has less room for other queues.  A
 * descriptor to close with queue_close(), or -1 with errno and, in error, which
 * limit to raise.
 */
int queue_private(unsigned depth, size_t message_size, char *error,
    size_t error_size);

/* 0, or -1 with errno: EAGAIN if the queue is full. */
int queue_private_send(int queue, const void *message, size_t size);

/*
 * Takes the first message, of exactly that size: 1; 0 if the queue is empty;
 * -1 with errno.
 */
int queue_private_receive(int queue, void *message, size_t size);

#endif
