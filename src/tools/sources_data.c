#include "tools/sources.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/number.h"
#include "base/text.h"
#include "tools/report.h"
#include "tools/view.h"

#define SOURCES_SCHEMA 1
#define FACT_MAX NUMBER_TEXT_MAX
_Static_assert(FACT_MAX >= CLOCK_TEXT_MAX, "a fact may be a time");

/*
 * All that is told of a source s: the key, how it is written, the value, and
 * whether there is one.
 */
#define SOURCE_FACTS_TOLD(X)                                                   \
	X(name, text, s->name, true)                                           \
	X(state, text, s->state, true)                                         \
	X(until, time, s->until, true)                                         \
	X(last_good, time, s->good, true)                                      \
	X(last_failure, time, s->bad, true)                                    \
	X(failure_class, text, s->bad_class, s->bad != 0)                      \
	X(failure_http, uint, s->bad_http, s->bad_http != 0)                  \
	X(failures_in_row, uint, s->streak, true)                             \
	X(requests, uint, s->requests, true)                                  \
	X(failures, uint, s->failures, true)                                  \
	X(base, text, s->base, s->base[0] != '\0')                             \
	X(interval, seconds, s->interval, s->interval != 0)                    \
	X(burst, uint, s->burst, s->interval != 0)                            \
	X(quota, uint, s->quota, s->quota != 0)                               \
	X(quota_used, uint, s->used, s->quota != 0)                           \
	X(publishes, text, s->publishes, s->publishes[0] != '\0')              \
	X(terms, text, s->terms, s->terms[0] != '\0')

static const char *
as_text(const char *value, char buf[FACT_MAX])
{
	(void)buf;
	return value;
}

static const char *
as_time(int64_t value, char buf[FACT_MAX])
{
	return view_time(value, buf);
}

static const char *
as_uint(uint64_t value, char buf[FACT_MAX])
{
	return text_format(buf, FACT_MAX, "%" PRIu64, value);
}

static const char *
as_seconds(int64_t value, char buf[FACT_MAX])
{
	return number_shortest(
	    (double)value / CLOCK_SECOND, buf, FACT_MAX);
}

static void
tell_source(struct report *report, const struct inspect_source *s)
{
	report_object(report, s->name);
#define X(key, form, value, given)                                             \
	if (given)                                                             \
		report_##form(report, #key, value);                            \
	else                                                                   \
		report_null(report, #key);
	SOURCE_FACTS_TOLD(X)
#undef X
	report_close(report);
}

int
sources_tree(const struct sources *sources)
{
	struct report report;

	report_begin(&report, sources->ctl->format, stdout);
	report_head(&report, SOURCES_SCHEMA, sources->ctl->instance,
	    sources->read);
	report_array(&report, "sources");
	for (unsigned i = 0; i < sources->count; i++)
		tell_source(&report, &sources->list[i]);
	report_close(&report);
	report_end(&report);
	return CTL_DONE;
}

int
sources_csv(const struct sources *sources)
{
	char buf[FACT_MAX];
	struct csv csv;

	csv_begin(&csv, stdout);
#define X(key, form, value, given) csv_field(&csv, #key);
	SOURCE_FACTS_TOLD(X)
#undef X
	csv_end(&csv);
	for (unsigned i = 0; i < sources->count; i++) {
		const struct inspect_source *s = &sources->list[i];

#define X(key, form, value, given)                                             \
	csv_field(&csv, (given) ? as_##form(value, buf) : NULL);
		SOURCE_FACTS_TOLD(X)
#undef X
		csv_end(&csv);
	}
	return CTL_DONE;
}
