#include "fetch/executor.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/clock.h"
#include "fetch/engine_thread.h"

#define LONGEST_WAIT (600 * CLOCK_SECOND)

struct future {
	TAILQ_ENTRY(future) link; /* among those that wait, or are free */
	struct executor *executor;
	executor_call *call;
	void *argument;
	enum future_state state;
	int result;
	bool dropped; /* nobody wants to know: free when done */
};
TAILQ_HEAD(future_list, future);

struct thread {
	struct executor *executor;
	void *tool;
	struct engine_thread thread;
};

struct executor {
	pthread_mutex_t lock; /* of all below, and of the futures */
	pthread_cond_t work;  /* something waits, or it closes */
	pthread_cond_t done;  /* something is done */
	int event;
	bool closing;
	struct future_list waiting, free;
	struct future *futures;
	unsigned count; /* of threads */
	struct thread threads[];
};

/* With the lock held. */
static void
put_back(struct future *f)
{
	TAILQ_INSERT_TAIL(&f->executor->free, f, link);
}

static struct timespec
deadline(int64_t timeout)
{
	return engine_deadline(clock_mono() +
	    (timeout > LONGEST_WAIT ? LONGEST_WAIT : timeout));
}

/* --- on the pool's threads ------------------------------------------------ */

/* The next call to make; NULL: the executor closes.  With the lock held. */
static struct future *
next_call(struct executor *e)
{
	struct future *f;

	while (!e->closing && TAILQ_EMPTY(&e->waiting)) {
		struct timespec until = deadline(LONGEST_WAIT);

		pthread_cond_timedwait(&e->work, &e->lock, &until);
	}
	f = e->closing ? NULL : TAILQ_FIRST(&e->waiting);
	if (f != NULL) {
		TAILQ_REMOVE(&e->waiting, f, link);
		f->state = FUTURE_RUNNING;
	}
	return f;
}

static void
run_calls(void *context)
{
	struct thread *thread = context;
	struct executor *e = thread->executor;
	struct future *f;

	pthread_mutex_lock(&e->lock);
	while ((f = next_call(e)) != NULL) {
		int result;

		pthread_mutex_unlock(&e->lock);
		result = f->call(thread->tool, f->argument);
		pthread_mutex_lock(&e->lock);
		f->result = result;
		f->state = FUTURE_DONE;
		if (f->dropped)
			put_back(f);
		pthread_cond_broadcast(&e->done);
		eventfd_write(e->event, 1);
	}
	pthread_mutex_unlock(&e->lock);
}

/* --- the executor --------------------------------------------------------- */

/* These can't fail on Linux once there is memory for the executor itself. */
static void
begin_lock(struct executor *e)
{
	pthread_mutex_init(&e->lock, NULL);
	engine_condition(&e->work);
	engine_condition(&e->done);
}

static void
destroy(struct executor *e)
{
	pthread_cond_destroy(&e->done);
	pthread_cond_destroy(&e->work);
	pthread_mutex_destroy(&e->lock);
	if (e->event != -1)
		close(e->event);
	free(e->futures);
	free(e);
}

/* How many threads of count run: 0, or an error number if none does. */
static int
start_threads(struct executor *e, unsigned count, void *const *tools)
{
	int error = 0;

	while (e->count < count && error == 0) {
		struct thread *thread = &e->threads[e->count];

		thread->executor = e;
		thread->tool = tools != NULL ? tools[e->count] : NULL;
		error = engine_thread_start(
		    &thread->thread, run_calls, thread);
		if (error == 0)
			e->count++;
	}
	return e->count > 0 ? 0 : error;
}

struct executor *
executor_new(unsigned count, void *const *tools, unsigned backlog)
{
	struct executor *e =
	    calloc(1, sizeof(*e) + count * sizeof(e->threads[0]));
	int error;

	if (e == NULL)
		return NULL;
	begin_lock(e);
	TAILQ_INIT(&e->waiting);
	TAILQ_INIT(&e->free);
	e->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	e->futures = calloc(backlog, sizeof(*e->futures));
	error = errno;
	if (e->event != -1 && e->futures != NULL) {
		for (unsigned i = 0; i < backlog; i++) {
			e->futures[i].executor = e;
			put_back(&e->futures[i]);
		}
		error = start_threads(e, count, tools);
		if (error == 0)
			return e;
	}
	destroy(e);
	errno = error;
	return NULL;
}

int
executor_free(struct executor *e)
{
	int stuck = 0;

	if (e == NULL)
		return 0;
	pthread_mutex_lock(&e->lock);
	e->closing = true;
	pthread_cond_broadcast(&e->work);
	pthread_mutex_unlock(&e->lock);
	for (unsigned i = 0; i < e->count; i++)
		stuck |= engine_thread_end(&e->threads[i].thread);
	if (stuck != 0)
		return -1;
	destroy(e);
	return 0;
}

int
executor_descriptor(const struct executor *e)
{
	return e->event;
}

void
executor_heard(struct executor *e)
{
	eventfd_t value;

	eventfd_read(e->event, &value);
}

struct future *
executor_submit(struct executor *e, executor_call *call, void *argument)
{
	struct future *f;

	pthread_mutex_lock(&e->lock);
	f = TAILQ_FIRST(&e->free);
	if (f != NULL) {
		TAILQ_REMOVE(&e->free, f, link);
		*f = (struct future){ .executor = e,
			.call = call,
			.argument = argument };
		TAILQ_INSERT_TAIL(&e->waiting, f, link);
		pthread_cond_signal(&e->work);
	}
	pthread_mutex_unlock(&e->lock);
	if (f == NULL)
		errno = EAGAIN;
	return f;
}

/* --- futures -------------------------------------------------------------- */

static bool
is_over(const struct future *f)
{
	return f->state == FUTURE_DONE || f->state == FUTURE_CANCELLED;
}

enum future_state
future_poll(const struct future *f)
{
	enum future_state state;

	pthread_mutex_lock(&f->executor->lock);
	state = f->state;
	pthread_mutex_unlock(&f->executor->lock);
	return state;
}

bool
future_wait(const struct future *f, int64_t timeout)
{
	struct executor *e = f->executor;
	struct timespec until = deadline(timeout);
	int error = 0;
	bool over;

	pthread_mutex_lock(&e->lock);
	while (!is_over(f) && error != ETIMEDOUT)
		error = pthread_cond_timedwait(&e->done, &e->lock, &until);
	over = is_over(f);
	pthread_mutex_unlock(&e->lock);
	return over;
}

bool
future_cancel(struct future *f)
{
	struct executor *e = f->executor;
	bool waited;

	pthread_mutex_lock(&e->lock);
	waited = f->state == FUTURE_WAITING;
	if (waited) {
		TAILQ_REMOVE(&e->waiting, f, link);
		f->state = FUTURE_CANCELLED;
		f->result = ECANCELED;
	}
	pthread_mutex_unlock(&e->lock);
	return waited;
}

int
future_result(const struct future *f)
{
	int result;

	pthread_mutex_lock(&f->executor->lock);
	result = is_over(f) ? f->result : EBUSY;
	pthread_mutex_unlock(&f->executor->lock);
	return result;
}

void
future_free(struct future *f)
{
	struct executor *e = f->executor;

	future_cancel(f);
	pthread_mutex_lock(&e->lock);
	if (is_over(f))
		put_back(f);
	else
		f->dropped = true;
	pthread_mutex_unlock(&e->lock);
}

const char *
future_state_name(enum future_state state)
{
	static const char *const names[] = {
#define X(id, name) [FUTURE_##id] = name,
		FUTURE_STATES(X)
#undef X
	};

	return names[state];
}
