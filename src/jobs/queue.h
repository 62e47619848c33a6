/*
 * The job queue: a POSIX message queue, never blocked upon.
 *
 * On Linux its descriptor is pollable (mq_overview(7)); waiting is poll(2).
 */
#ifndef RATESD_JOBS_QUEUE_H
#define RATESD_JOBS_QUEUE_H

#include <stddef.h>
#include <sys/types.h>

#include "jobs/message.h"

#define QUEUE_DEPTH 10 /* what a stock kernel allows */

/*
 * Creates the queue of an instance, or opens the one that is there if it is
 * ours and of our sizes.  A descriptor, or -1 with errno and, in error, what
 * is wrong and which limit or setting to raise.
 */
int queue_create(
    const char *instance, mode_t mode, char *error, size_t error_size);

/* Opens the queue to send only: a descriptor, or -1 with errno. */
int queue_open_send(const char *instance);

void queue_close(int queue);

/* Removes the queue's name: 0, also if there was none, or -1 with errno. */
int queue_remove(const char *instance);

/* 0, or -1 with errno: EAGAIN if the queue is full. */
int queue_send(int queue, const struct job *job);

/*
 * Takes the first message.  1 and *job; 0 if the queue is empty; -1 with
 * errno; 2 if the message was not a job (*why says why, static text).
 */
int queue_receive(int queue, struct job *job, const char **why);

/* Messages waiting, or -1 with errno; *max, if not NULL, the queue's room. */
long queue_depth(int queue, long *max);

/* Opens just to ask queue_depth() of an instance: -1 with errno. */
long queue_depth_of(const char *instance, long *max);

#endif
