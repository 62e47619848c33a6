#include "step.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "jobs/queue.h"

#define STUCK (5 * CLOCK_SECOND) /* nobody got in for so long */
#define TOLD_MAX 20 /* torn rows in words; the others are counted */
#define ASK_EVERY (CLOCK_SECOND / 2)

/* Of one round: what was before, and when which change was first seen. */
struct round {
	uint64_t restarts, done, seq, writes[RIVALS];
	int64_t reaped, written, back, asked;
};

static void
ask(struct step *s)
{
	const struct job job = { .kind = JOB_REFRESH,
		.reason = JOB_REQUEST,
		.base = s->base,
		.queued = clock_boot() };

	if (queue_send(s->queue, &job) == -1 && errno != EAGAIN)
		err(2, "the queue");
}

static void
check(struct step *s, const char *when, int64_t k)
{
	struct rates_row row;
	const char *fault = row_check(&s->subject, s->rates, s->tallies, &row);

	if (fault != NULL && s->told++ < TOLD_MAX)
		printf("# torn %s, instruction %lld: %s\n", when, (long long)k,
		    fault);
}

/*
 * No more deaths in a minute than a daemon puts up with.  Waits while nobody
 * is stopped: a stopped worker may have the lock.
 */
static void
keep_pace(struct step *s)
{
	int64_t *then = &s->deaths[s->death_count++ % DEATHS_MINUTE];

	while (s->death_count > DEATHS_MINUTE &&
	    clock_mono() < *then + 61 * CLOCK_SECOND)
		usleep(1000);
	*then = clock_mono();
}

struct asking {
	struct traced traced;
	int64_t next;
	enum trace_result result;
};

static bool
has_come(struct step *s, void *context)
{
	struct asking *a = context;

	if (clock_mono() >= a->next) {
		ask(s);
		a->next = clock_mono() + ASK_EVERY;
	}
	a->result = trace_look(&a->traced);
	return a->result != TRACE_RUNNING;
}

/* The worker at the entry of publish(). */
static struct traced
bring_to_entry(struct step *s)
{
	struct asking a = { .next = 0 };
	pid_t pid;

	if (!step_wait(s, step_worker_is_ready, NULL, START_PATIENCE))
		errx(2, "no worker");
	pid = (pid_t)atomic_load(&s->slot->pid);
	a.result = trace_begin(&a.traced, pid, s->entry);
	if (a.result == TRACE_ERROR && (errno == EPERM || errno == ENOSYS))
		exit(77);
	if (a.result != TRACE_RUNNING)
		err(2, "ptrace");
	if (!step_wait(s, has_come, &a, START_PATIENCE) ||
	    a.result != TRACE_STOPPED)
		err(2, "the worker did not come to publish()");
	return a.traced;
}

/* k instructions, or fewer if it returned: true then. */
static bool
walk(const struct step *s, struct traced *t, int64_t k)
{
	for (int64_t i = 0; i < k; i++) {
		enum trace_result result = trace_step(t, &s->vdso);

		if (result == TRACE_RETURNED)
			return true;
		if (result != TRACE_STOPPED)
			err(2, "instruction %lld", (long long)i);
	}
	return false;
}

/* k instructions on, and not one more. */
static void
kill_at(struct step *s, int64_t k, struct round *r)
{
	struct traced t = bring_to_entry(s);

	s->returned = walk(s, &t, k);
	if (s->options.pause > 0 && !s->returned) {
		usleep((useconds_t)(s->options.pause / 1000));
		check(s, "while it is stopped", k);
		walk(s, &t, INT64_MAX);
	}
	check(s, "before the death", k);
	*r = (struct round){ .restarts = step_counter(s, COUNTER_restarts),
		.done = step_counter(s, COUNTER_jobs_done),
		.seq = atomic_load(&s->row->seq) };
	if (trace_kill(&t) == -1)
		err(2, "kill");
	check(s, "after the death", k);
}

/*
 * A rival's publication counts as an attempt of its row, so that the daemon
 * may take the dead worker's job for done.
 */
static void
ask_anew(struct step *s, struct round *r, int64_t now)
{
	if (!s->options.contended || now < r->asked + ASK_EVERY)
		return;
	ask(s);
	r->asked = now;
}

static bool
goes_on(struct step *s, void *context)
{
	struct round *r = context;
	int64_t now = clock_mono();
	uint64_t seq = atomic_load(&s->row->seq);

	if (r->reaped == 0) {
		if (step_counter(s, COUNTER_restarts) == r->restarts)
			return false;
		r->reaped = now;
		/* Alone, whatever came after the death is the replacement's. */
		if (s->options.contended)
			r->seq = seq;
		for (unsigned i = 0; i < RIVALS; i++)
			r->writes[i] = atomic_load(&s->tallies->writes[i]);
	}
	if (r->written == 0 && seq != r->seq)
		r->written = now;
	if (r->back == 0 && step_counter(s, COUNTER_jobs_done) > r->done)
		r->back = now;
	if (r->written == 0 || r->back == 0) {
		ask_anew(s, r, now);
		return false;
	}
	for (unsigned i = 0; s->options.contended && i < RIVALS; i++)
		if (atomic_load(&s->tallies->writes[i]) == r->writes[i])
			return false;
	return true;
}

static bool
is_done(struct step *s, void *context)
{
	return step_counter(s, COUNTER_jobs_done) > *(uint64_t *)context;
}

/*
 * By hand, so that the instructions after it get their turn; but never from an
 * owner that may be alive.
 */
static void
free_lock(struct step *s)
{
	uint64_t owner = atomic_load(&s->lock->owner);
	uint64_t done = step_counter(s, COUNTER_jobs_done);
	int value;

	/* Slot 0 is the worker's: an id of it that is not the present one. */
	if (owner >> 48 == 0 && owner != atomic_load(&s->slot->incarnation))
		atomic_store(&s->lock->owner, 0);
	if (sem_getvalue(&s->lock->semaphore, &value) == 0 && value == 0)
		sem_post(&s->lock->semaphore);
	for (int i = 0; i < 60; i++) {
		ask(s);
		if (step_wait(s, is_done, &done, CLOCK_SECOND))
			return;
	}
	errx(2, "the row is stuck even with its lock freed");
}

static void
say_stuck(const struct step *s, int64_t k, const struct round *r)
{
	printf("# stuck after instruction %lld: %s%s%s, owner %#llx\n",
	    (long long)k, r->reaped == 0 ? "not reaped, " : "",
	    r->written == 0 ? "nobody wrote" : "somebody wrote",
	    r->back == 0 ? ", not the replacement" : "",
	    (unsigned long long)atomic_load(&s->lock->owner));
}

int64_t
step_round(struct step *s, int64_t k)
{
	struct round r;

	alarm(120);
	keep_pace(s);
	kill_at(s, k, &r);
	if (!step_wait(s, goes_on, &r, STUCK)) {
		say_stuck(s, k, &r);
		free_lock(s);
		return -1;
	}
	check(s, "after the recovery", k);
	return r.written - r.reaped;
}
