#include "tools/report.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/text.h"
#include "tools/view.h"

static bool
is_json(const struct report *report)
{
	return report->format == FORMAT_JSON;
}

static void
enter(struct report *report, const char *key, bool array)
{
	assert(report->depth < REPORT_DEPTH_MAX);
	if (key != NULL)
		text_append(
		    report->path, sizeof(report->path), "%s.", key);
	report->ends[report->depth] = strlen(report->path);
	report->arrays[report->depth] = array;
	report->depth++;
}

/* An element's key is the path's alone. */
static void
put_key(struct report *report, const char *key)
{
	if (!report->arrays[report->depth - 1])
		json_key(&report->json, key);
}

void
report_begin(struct report *report, enum ctl_format format, FILE *out)
{
	assert((REPORT_FORMATS & (1u << format)) != 0);
	memset(report, 0, sizeof(*report));
	report->format = format;
	report->out = out;
	if (format == FORMAT_JSON) {
		json_begin(&report->json, out);
		json_object(&report->json);
	} else if (format == FORMAT_CSV) {
		csv_begin(&report->csv, out);
		csv_field(&report->csv, "key");
		csv_field(&report->csv, "value");
		csv_end(&report->csv);
	}
	enter(report, NULL, false);
}

void
report_end(struct report *report)
{
	assert(report->depth == 1);
	report->depth = 0;
	if (!is_json(report))
		return;
	json_close(&report->json);
	json_end(&report->json);
}

void
report_head(struct report *report, unsigned schema, const char *instance,
    int64_t read)
{
	report_uint(report, "schema", schema);
	report_text(report, "instance", instance);
	report_time(report, "read", read);
}

void
report_object(struct report *report, const char *key)
{
	if (is_json(report)) {
		put_key(report, key);
		json_object(&report->json);
	}
	enter(report, key, false);
}

void
report_array(struct report *report, const char *key)
{
	if (is_json(report)) {
		put_key(report, key);
		json_array(&report->json);
	}
	enter(report, key, true);
}

void
report_close(struct report *report)
{
	assert(report->depth > 1);
	report->depth--;
	report->path[report->ends[report->depth - 1]] = '\0';
	if (is_json(report))
		json_close(&report->json);
}

static void
flat(struct report *report, const char *key, const char *text)
{
	char path[REPORT_PATH_MAX];

	if (report->format == FORMAT_KEYVALUE) {
		fprintf(report->out, "%s%s=%s\n", report->path, key, text);
		return;
	}
	text_format(path, sizeof(path), "%s%s", report->path, key);
	csv_field(&report->csv, path);
	csv_field(&report->csv, text);
	csv_end(&report->csv);
}

void
report_null(struct report *report, const char *key)
{
	report_text(report, key, NULL);
}

void
report_text(struct report *report, const char *key, const char *text)
{
	if (!is_json(report)) {
		flat(report, key, text != NULL ? text : "");
		return;
	}
	put_key(report, key);
	json_string(&report->json, text);
}

/* A text that JSON has without quotes. */
static void
bare(struct report *report, const char *key, const char *text)
{
	if (!is_json(report)) {
		flat(report, key, text);
		return;
	}
	put_key(report, key);
	json_bare(&report->json, text);
}

void
report_int(struct report *report, const char *key, int64_t value)
{
	char text[24];

	bare(report, key, text_format(text, sizeof(text), "%" PRId64, value));
}

void
report_uint(struct report *report, const char *key, uint64_t value)
{
	char text[24];

	bare(report, key, text_format(text, sizeof(text), "%" PRIu64, value));
}

void
report_known(
    struct report *report, const char *key, bool known, int64_t value)
{
	if (known)
		report_int(report, key, value);
	else
		report_null(report, key);
}

void
report_bool(struct report *report, const char *key, bool value)
{
	bare(report, key, value ? "true" : "false");
}

void
report_number(struct report *report, const char *key, double value)
{
	char text[NUMBER_TEXT_MAX];

	if (!isfinite(value)) {
		report_null(report, key);
		return;
	}
	bare(report, key, number_shortest(value, text, sizeof(text)));
}

void
report_seconds(struct report *report, const char *key, int64_t ns)
{
	report_number(report, key, (double)ns / CLOCK_SECOND);
}

void
report_time(struct report *report, const char *key, int64_t wall)
{
	char buf[CLOCK_TEXT_MAX];

	report_text(report, key, view_time(wall, buf));
}

/* In a line of its own, unlike other values, for it may be long. */
static void
flat_list(struct report *report, const char *key, unsigned count,
    const char *(*text)(const void *context, unsigned i),
    const void *context)
{
	bool quoted = report->format == FORMAT_CSV && count > 1;

	fprintf(report->out, "%s%s%s%s", report->path, key,
	    report->format == FORMAT_CSV ? "," : "=", quoted ? "\"" : "");
	for (unsigned i = 0; i < count; i++)
		fprintf(report->out, "%s%s", i == 0 ? "" : ",",
		    text(context, i));
	fprintf(report->out, "%s\n", quoted ? "\"" : "");
}

void
report_list(struct report *report, const char *key, unsigned count,
    const char *(*text)(const void *context, unsigned i),
    const void *context)
{
	if (!is_json(report)) {
		flat_list(report, key, count, text, context);
		return;
	}
	put_key(report, key);
	json_array(&report->json);
	for (unsigned i = 0; i < count; i++)
		json_string(&report->json, text(context, i));
	json_close(&report->json);
}
