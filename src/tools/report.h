/*
 * One tree of data, told once, for programs to read: as JSON, or flat, where
 * each value is a path and a text: lines of path=value, or CSV with the columns
 * key and value.
 *
 *     {"queue": {"depth": 0}, "rows": [{"base": "EUR", ...}]}
 *     queue.depth=0
 *     rows.EUR.base=EUR
 *
 * What is absent is null, or an empty text.  Write errors stay in the FILE.
 */
#ifndef RATESD_TOOLS_REPORT_H
#define RATESD_TOOLS_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "tools/ctl.h"
#include "tools/writer.h"

#define REPORT_PATH_MAX 256
#define REPORT_DEPTH_MAX JSON_DEPTH_MAX

#define REPORT_FORMATS                                                         \
	(FORMAT_BIT(JSON) | FORMAT_BIT(CSV) | FORMAT_BIT(KEYVALUE))

struct report {
	enum ctl_format format;
	struct json json;
	struct csv csv;
	FILE *out;
	char path[REPORT_PATH_MAX]; /* "rows.EUR." */
	size_t ends[REPORT_DEPTH_MAX]; /* of path, a level each */
	bool arrays[REPORT_DEPTH_MAX]; /* whether the level is one */
	unsigned depth;
};

/* Begins and ends the tree, which is an object; format is one of
 * REPORT_FORMATS. */
void report_begin(struct report *report, enum ctl_format format, FILE *out);
void report_end(struct report *report);

/* What every tree begins with: the version of its schema, the instance, and
 * when the board was read (ns since 1970). */
void report_head(struct report *report, unsigned schema, const char *instance,
    int64_t read);

/*
 * An object or an array in what is open, up to report_close().  A key may be
 * any text; of an element of an array it is what the path calls it, and JSON
 * has none.
 */
void report_object(struct report *report, const char *key);
void report_array(struct report *report, const char *key);
void report_close(struct report *report);

/* Values, each with its key.  Texts are ASCII; NULL, and a number that is not
 * finite, are absent. */
void report_text(struct report *report, const char *key, const char *text);
void report_int(struct report *report, const char *key, int64_t value);
void report_uint(struct report *report, const char *key, uint64_t value);
void report_bool(struct report *report, const char *key, bool value);
void report_null(struct report *report, const char *key);

/* A whole number, or absent. */
void report_known(
    struct report *report, const char *key, bool known, int64_t value);

/* The shortest text that reads back to the same double. */
void report_number(struct report *report, const char *key, double value);

/* ns as seconds. */
void report_seconds(struct report *report, const char *key, int64_t ns);

/* ns since 1970 as RFC 3339, in UTC; absent if there is no such time. */
void report_time(struct report *report, const char *key, int64_t wall);

/*
 * A list of texts without commas: an array of strings, or one value with commas
 * between them.
 */
void report_list(struct report *report, const char *key, unsigned count,
    const char *(*text)(const void *context, unsigned i),
    const void *context);

#endif
