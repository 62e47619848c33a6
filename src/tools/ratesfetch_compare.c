#include "tools/ratesfetch_compare.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/log.h"
#include "base/text.h"

#define NS_PER_US 1000

/* What comes out of the process of one run. */
struct told {
	struct fetch_sample sample;
	bool ran;
	char error[256];
};

/* --- in the process of one run -------------------------------------------- */

static int64_t
cpu_of(const struct rusage *usage)
{
	int64_t seconds = usage->ru_utime.tv_sec + usage->ru_stime.tv_sec;
	int64_t us = usage->ru_utime.tv_usec + usage->ru_stime.tv_usec;

	return seconds * CLOCK_SECOND + us * NS_PER_US;
}

/*
 * The largest child stands for each of them; what it had from its parent when
 * it was forked is counted once.
 */
static void
measure(const struct rusage *before, unsigned processes,
    struct fetch_sample *sample)
{
	struct rusage own, children;

	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &children);
	sample->cpu = cpu_of(&own) - cpu_of(before) + cpu_of(&children);
	sample->memory = 1024 * (uint64_t)own.ru_maxrss;
	if (children.ru_maxrss > before->ru_maxrss)
		sample->memory += 1024 * (uint64_t)processes *
		    (uint64_t)(children.ru_maxrss - before->ru_maxrss);
}

static void
tell_error(const struct matrix *m, char *text, size_t size)
{
	char error[VIEW_ERROR_MAX];

	for (unsigned i = 0; i < m->show.base_count; i++) {
		unsigned row = m->show.bases[i];

		if (m->show.view.rows[row].version != 0)
			continue;
		text_format(text, size, "%s: %s", m->show.view.codes[row],
		    view_error(
			&m->show.view.rows[row], error, sizeof(error)));
		return;
	}
}

static _Noreturn void
run_here(struct matrix *m, const struct matrix_run *run, int out)
{
	struct told told = { .ran = false };
	struct matrix_cost cost;
	struct rusage before;

	getrusage(RUSAGE_SELF, &before);
	told.ran = matrix_fetch(m, run, &cost) == 0;
	measure(&before,
	    run->engine == engine_at(ENGINE_procs) ? cost.peak : 0,
	    &told.sample);
	told.sample.elapsed = cost.elapsed;
	told.sample.peak = cost.peak;
	told.sample.failed = m->failed;
	tell_error(m, told.error, sizeof(told.error));
	_exit(write(out, &told, sizeof(told)) == (ssize_t)sizeof(told) ? 0
								       : 1);
}

/* --- all runs ------------------------------------------------------------- */

/* One run in a process of its own: so memory and CPU time are its own. */
static void
run_once(struct matrix *m, const struct matrix_run *run, struct told *told)
{
	pid_t parent = getpid(), pid;
	int ends[2], status;
	ssize_t got;

	fflush(NULL);
	if (pipe(ends) == -1 || (pid = fork()) == -1)
		fetch_exit(1, "%s", strerror(errno));
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		close(ends[0]);
		run_here(m, run, ends[1]);
	}
	close(ends[1]);
	got = read(ends[0], told, sizeof(*told));
	close(ends[0]);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	if (got != (ssize_t)sizeof(*told))
		fetch_exit(1, "%s: its process died (status %#x)",
		    run->engine->name, (unsigned)status);
	told->error[sizeof(told->error) - 1] = '\0';
}

static void
show_progress(const struct comparison *c, unsigned round, unsigned id)
{
	if (!c->options->quiet && isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[Kround %u of %u: %s", round + 1,
		    c->options->repeat, engine_at(id)->name);
}

static void
clear_progress(const struct comparison *c)
{
	if (!c->options->quiet && isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}

/* More items than it takes: it would only say so, each time. */
static bool
is_refused(const struct comparison *c, unsigned id)
{
	return id == ENGINE_threads && c->requests > ENGINE_THREADS_MAX;
}

/* One run; a model that can't be run is left out from then on. */
static void
run_model(struct comparison *c, struct matrix *m,
    const struct throttle *throttle, unsigned id, struct fetch_sample *samples,
    unsigned *count)
{
	const struct matrix_run run = { .engine = engine_at(id),
		.concurrency = c->options->concurrency,
		.timeout = c->options->timeout,
		.throttle = throttle };
	struct told told;

	run_once(m, &run, &told);
	if (!told.ran)
		return;
	samples[(*count)++] = told.sample;
	if (told.sample.failed > 0 && c->error[0] == '\0')
		text_format(c->error, sizeof(c->error), "%s", told.error);
}

void
compare_run(struct comparison *c, struct matrix *m,
    const struct throttle *throttle)
{
	unsigned repeat = c->options->repeat, counts[ENGINE_COUNT] = { 0 };
	struct fetch_sample *samples =
	    calloc((size_t)repeat * ENGINE_COUNT, sizeof(*samples));
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (samples == NULL)
		fetch_exit(1, "no memory");
	for (unsigned round = 0; round < repeat; round++) {
		for (unsigned id = 0; id < ENGINE_COUNT; id++) {
			if (is_refused(c, id) || counts[id] < round)
				continue;
			show_progress(c, round, id);
			run_model(c, m, throttle, id,
			    &samples[(size_t)id * repeat], &counts[id]);
		}
	}
	clear_progress(c);
	for (unsigned id = 0; id < ENGINE_COUNT; id++)
		if (counts[id] > 0)
			fetch_sum_up(&samples[(size_t)id * repeat], counts[id],
			    &c->figures[id]);
	free(samples);
	c->advised = fetch_advise(c->figures,
	    processors > 0 ? (unsigned)processors : 1, &c->advice) == 0;
}
