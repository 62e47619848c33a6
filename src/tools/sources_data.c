#include "tools/sources.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/number.h"
#include "base/text.h"
#include "tools/view.h"
#include "tools/writer.h"

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
	X(failure_http, count, s->bad_http, s->bad_http != 0)                  \
	X(failures_in_row, count, s->streak, true)                             \
	X(requests, count, s->requests, true)                                  \
	X(failures, count, s->failures, true)                                  \
	X(base, text, s->base, s->base[0] != '\0')                             \
	X(interval, seconds, s->interval, s->interval != 0)                    \
	X(burst, count, s->burst, s->interval != 0)                            \
	X(quota, count, s->quota, s->quota != 0)                               \
	X(quota_used, count, s->used, s->quota != 0)                           \
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
as_count(uint64_t value, char buf[FACT_MAX])
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
json_text(struct json *json, const char *value)
{
	json_string(json, value);
}

static void
json_time(struct json *json, int64_t value)
{
	char buf[FACT_MAX];

	json_string(json, view_time(value, buf));
}

static void
json_count(struct json *json, uint64_t value)
{
	json_uint(json, value);
}

static void
json_seconds(struct json *json, int64_t value)
{
	json_number(json, (double)value / CLOCK_SECOND);
}

static void
json_source(struct json *json, const struct inspect_source *s)
{
	json_object(json);
#define X(key, form, value, given)                                             \
	json_key(json, #key);                                                  \
	if (given)                                                             \
		json_##form(json, value);                                      \
	else                                                                   \
		json_null(json);
	SOURCE_FACTS_TOLD(X)
#undef X
	json_close(json);
}

int
sources_json(const struct sources *sources)
{
	char buf[FACT_MAX];
	struct json json;

	json_begin(&json, stdout);
	json_object(&json);
	json_key(&json, "schema");
	json_int(&json, SOURCES_SCHEMA);
	json_member(&json, "instance", sources->ctl->instance);
	json_member(&json, "read", view_time(sources->read, buf));
	json_key(&json, "sources");
	json_array(&json);
	for (unsigned i = 0; i < sources->count; i++)
		json_source(&json, &sources->list[i]);
	json_close(&json);
	json_close(&json);
	json_end(&json);
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

static void
print_pair(const char *name, const char *key, const char *value)
{
	printf("%s.%s=%s\n", name, key, value != NULL ? value : "");
}

int
sources_keyvalue(const struct sources *sources)
{
	char buf[FACT_MAX];

	for (unsigned i = 0; i < sources->count; i++) {
		const struct inspect_source *s = &sources->list[i];

#define X(key, form, value, given)                                             \
	print_pair(s->name, #key, (given) ? as_##form(value, buf) : NULL);
		SOURCE_FACTS_TOLD(X)
#undef X
	}
	return CTL_DONE;
}
