#include "fetch/engine_thread.h"

#include <errno.h>
#include <signal.h>

#include "base/clock.h"
#include "base/log.h"

#define STACK (1024 * 1024) /* libcurl with TLS takes some 100 KiB of it */
#define END_WAIT (10 * CLOCK_SECOND)

int
engine_condition(pthread_cond_t *condition)
{
	pthread_condattr_t attr;
	int error = pthread_condattr_init(&attr);

	if (error != 0)
		return error;
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	error = pthread_cond_init(condition, &attr);
	pthread_condattr_destroy(&attr);
	return error;
}

struct timespec
engine_deadline(int64_t at)
{
	return (struct timespec){ .tv_sec = at / CLOCK_SECOND,
		.tv_nsec = (long)(at % CLOCK_SECOND) };
}

static void *
run(void *context)
{
	struct engine_thread *t = context;

	t->run(t->context);
	pthread_mutex_lock(&t->lock);
	t->over = true;
	pthread_cond_signal(&t->ended);
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

static int
create(struct engine_thread *t)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int error = pthread_attr_init(&attr);

	if (error != 0)
		return error;
	pthread_attr_setstacksize(&attr, STACK);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&t->id, &attr, run, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return error;
}

static void
forget(struct engine_thread *t)
{
	pthread_cond_destroy(&t->ended);
	pthread_mutex_destroy(&t->lock);
}

int
engine_thread_start(
    struct engine_thread *t, void (*what)(void *context), void *context)
{
	int error;

	t->run = what;
	t->context = context;
	t->over = false;
	error = pthread_mutex_init(&t->lock, NULL);
	if (error != 0)
		return error;
	error = engine_condition(&t->ended);
	if (error != 0) {
		pthread_mutex_destroy(&t->lock);
		return error;
	}
	error = create(t);
	if (error != 0)
		forget(t);
	return error;
}

/* A join has no end of its own: it comes when there is nothing to wait for. */
int
engine_thread_end(struct engine_thread *t)
{
	struct timespec until = engine_deadline(clock_mono() + END_WAIT);
	int error = 0;

	pthread_mutex_lock(&t->lock);
	while (!t->over && error != ETIMEDOUT)
		error = pthread_cond_timedwait(&t->ended, &t->lock, &until);
	error = t->over ? 0 : -1;
	pthread_mutex_unlock(&t->lock);
	if (error == 0) {
		pthread_join(t->id, NULL);
		forget(t);
		return 0;
	}
	log_error("engine: a thread does not end");
	pthread_detach(t->id);
	return -1;
}
