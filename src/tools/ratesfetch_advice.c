#include "tools/ratesfetch_advice.h"

#include <stdlib.h>

#include "base/text.h"

static int
compare_elapsed(const void *a, const void *b)
{
	const struct fetch_sample *x = a, *y = b;

	return (x->elapsed > y->elapsed) - (x->elapsed < y->elapsed);
}

static int
compare_cpu(const void *a, const void *b)
{
	const struct fetch_sample *x = a, *y = b;

	return (x->cpu > y->cpu) - (x->cpu < y->cpu);
}

/* Of sorted numbers a and b are the two in the middle, or both the one. */
static int64_t
middle(int64_t a, int64_t b)
{
	return a + (b - a) / 2;
}

void
fetch_sum_up(struct fetch_sample *samples, unsigned count,
    struct fetch_figures *f)
{
	*f = (struct fetch_figures){ .runs = count };
	for (unsigned i = 0; i < count; i++) {
		const struct fetch_sample *s = &samples[i];

		f->failed += s->failed;
		if (s->memory > f->memory)
			f->memory = s->memory;
		if (s->peak > f->peak)
			f->peak = s->peak;
	}
	qsort(samples, count, sizeof(*samples), compare_cpu);
	f->cpu = middle(
	    samples[(count - 1) / 2].cpu, samples[count / 2].cpu);
	qsort(samples, count, sizeof(*samples), compare_elapsed);
	f->median = middle(
	    samples[(count - 1) / 2].elapsed, samples[count / 2].elapsed);
	f->least = samples[0].elapsed;
	f->most = samples[count - 1].elapsed;
}

double
fetch_speed_up(
    const struct fetch_figures *sync, const struct fetch_figures *f)
{
	if (sync->runs == 0 || f->runs == 0 || f->median <= 0)
		return 0;
	return (double)sync->median / (double)f->median;
}

static bool
is_candidate(const struct fetch_figures *figures, unsigned id)
{
	return engine_at(id)->daemon && figures[id].runs > 0;
}

/* The fewest rows lost by any engine that a worker can run; -1: none. */
static int64_t
fewest_lost(const struct fetch_figures *figures)
{
	int64_t fewest = -1;

	for (unsigned id = 0; id < ENGINE_COUNT; id++)
		if (is_candidate(figures, id) &&
		    (fewest == -1 || figures[id].failed < fewest))
			fewest = figures[id].failed;
	return fewest;
}

static int
choose(const struct fetch_figures *figures, int64_t lost)
{
	int64_t fastest = INT64_MAX, least = INT64_MAX;
	int chosen = -1;

	for (unsigned id = 0; id < ENGINE_COUNT; id++)
		if (is_candidate(figures, id) && figures[id].failed == lost &&
		    figures[id].median < fastest)
			fastest = figures[id].median;
	for (unsigned id = 0; id < ENGINE_COUNT; id++) {
		const struct fetch_figures *f = &figures[id];

		if (!is_candidate(figures, id) || f->failed != lost ||
		    f->median - fastest > fastest / 10 || f->cpu >= least)
			continue;
		least = f->cpu;
		chosen = (int)id;
	}
	return chosen;
}

/* One keeps a processor busy for that part of its time. */
static unsigned
workers_for(const struct fetch_figures *f, unsigned processors)
{
	int64_t busy = f->median > 0 ? (2 * f->cpu + f->median - 1) / f->median
				     : 1;
	unsigned workers = busy > 64 ? 64 : (unsigned)busy;

	if (workers > processors)
		workers = processors;
	if (workers < 2)
		workers = 2;
	return workers > f->peak ? (f->peak > 0 ? f->peak : 1) : workers;
}

static void
explain(const struct fetch_figures *figures, struct fetch_advice *a)
{
	const struct fetch_figures *chosen = &figures[a->engine];
	double gain = fetch_speed_up(&figures[ENGINE_sync], chosen);
	bool loses = figures[ENGINE_sync].runs > 0 && chosen->failed > 0;

	text_format(a->why, sizeof(a->why),
	    "%s is %s with the least CPU time", engine_at(a->engine)->name,
	    chosen->failed == 0 ? "the fastest that loses no row, or near it,"
				: "the one that loses fewest rows,");
	if (a->engine == ENGINE_sync)
		text_format(a->why, sizeof(a->why),
		    "no model is faster without losing more rows");
	else if (gain > 0)
		text_append(a->why, sizeof(a->why),
		    "; %.1f times as fast as one after another", gain);
	if (loses)
		text_append(a->why, sizeof(a->why),
		    "; rows were lost: a rate-limit may be what it wants");
}

int
fetch_advise(const struct fetch_figures figures[ENGINE_COUNT],
    unsigned processors, struct fetch_advice *a)
{
	int chosen = choose(figures, fewest_lost(figures));
	const struct fetch_figures *f;

	if (chosen == -1)
		return -1;
	f = &figures[chosen];
	*a = (struct fetch_advice){ .engine = (enum engine_id)chosen };
	a->workers = workers_for(f, processors);
	a->concurrency = (f->peak + a->workers - 1) / a->workers;
	if (a->concurrency == 0)
		a->concurrency = 1;
	explain(figures, a);
	return 0;
}
