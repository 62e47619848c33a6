/*
 * What `ratesctl metrics` says of sources.  Their label is "provider", for
 * "source" means another thing to many who read metrics.
 */
#include "tools/metrics.h"

#include <string.h>

#define WINDOW "month"

static struct labels
name_of(const struct inspect_source *source)
{
	return (struct labels){ { { "provider", source->name } } };
}

static struct labels
name_and(
    const struct inspect_source *source, const char *name, const char *value)
{
	return (struct labels){ { { "provider", source->name },
	    { name, value } } };
}

/* The metrics that are one word of each source s, written as what. */
#define EACH_SOURCE(metric, what, word)                                        \
	void metrics_##metric(struct metrics *m)                               \
	{                                                                      \
		for (unsigned i = 0; i < m->source_count; i++) {               \
			const struct inspect_source *s = &m->sources[i];       \
			const struct labels labels = name_of(s);               \
                                                                               \
			exposition_##what(&m->out, &labels, word);             \
		}                                                              \
	}
EACH_SOURCE(provider_up, count, strcmp(s->state, "ok") == 0)
EACH_SOURCE(provider_fetches_total, count, s->requests)
EACH_SOURCE(provider_last_success_timestamp_seconds, time, s->good)
EACH_SOURCE(provider_last_failure_timestamp_seconds, time, s->bad)
EACH_SOURCE(provider_blocked_until_timestamp_seconds, time, s->until)

void
metrics_provider_fetch_failures_total(struct metrics *m)
{
	for (unsigned i = 0; i < m->source_count; i++)
		for (unsigned c = ATTEMPT_OK + 1; c < ATTEMPT_CLASS_COUNT;
		     c++) {
			const struct labels labels = name_and(&m->sources[i],
			    "reason", attempt_class_name(c));

			exposition_count(
			    &m->out, &labels, m->sources[i].failed[c]);
		}
}

void
metrics_provider_fetch_duration_seconds(struct metrics *m)
{
	static const char *const ends[] = {
#define X(ms, text) text,
		FETCH_BUCKETS(X)
#undef X
	};

	for (unsigned i = 0; i < m->source_count; i++) {
		const struct labels labels = name_of(&m->sources[i]);

		exposition_histogram(&m->out, &labels, ends,
		    m->sources[i].took, FETCH_LONGER,
		    (double)m->sources[i].took_ns / CLOCK_SECOND);
	}
}

void
metrics_provider_quota_limit(struct metrics *m)
{
	for (unsigned i = 0; i < m->source_count; i++) {
		const struct inspect_source *s = &m->sources[i];
		const struct labels labels = name_and(s, "window", WINDOW);

		if (s->quota != 0)
			exposition_count(&m->out, &labels, s->quota);
	}
}

void
metrics_provider_quota_remaining(struct metrics *m)
{
	for (unsigned i = 0; i < m->source_count; i++) {
		const struct inspect_source *s = &m->sources[i];
		const struct labels labels = name_and(s, "window", WINDOW);

		if (s->quota != 0)
			exposition_count(&m->out, &labels,
			    s->used < s->quota ? s->quota - s->used : 0);
	}
}

void
metrics_rejected_rates_total(struct metrics *m)
{
	/* What the gates say, and what makes a whole answer unfit. */
	static const enum attempt_class reasons[] = { ATTEMPT_BASE,
		ATTEMPT_VALUE, ATTEMPT_DATE, ATTEMPT_HELD };

	for (unsigned i = 0; i < m->source_count; i++)
		for (size_t r = 0; r < sizeof(reasons) / sizeof(reasons[0]);
		     r++) {
			const struct labels labels = name_and(&m->sources[i],
			    "reason", attempt_class_name(reasons[r]));

			exposition_count(&m->out, &labels,
			    m->sources[i].rejected[reasons[r]]);
		}
}
