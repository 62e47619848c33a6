/*
 * Threads of engines: small stacks, deaf to signals, and joined in time.
 */
#ifndef RATESD_FETCH_ENGINE_THREAD_H
#define RATESD_FETCH_ENGINE_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Where it lies it stays, from its start to its end. */
struct engine_thread {
	pthread_t id;
	void (*run)(void *context);
	void *context;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	bool over;
};

/* 0, or an error number.  Signals stay the caller's thread's. */
int engine_thread_start(struct engine_thread *thread,
    void (*run)(void *context), void *context);

/*
 * Joins a thread that was told to end: 0, or -1 with a line in the log if it
 * has not within some seconds; what it uses must then stay.
 */
int engine_thread_end(struct engine_thread *thread);

/* A condition that waits on the monotonic clock: 0, or an error number. */
int engine_condition(pthread_cond_t *condition);

/* Of clock_mono() ns, for pthread_cond_timedwait(3) on such a condition. */
struct timespec engine_deadline(int64_t at);

#endif
