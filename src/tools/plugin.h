/*
 * What a monitoring plugin says, and how it ends: one line with performance
 * data, then details, as the Monitoring Plugins Development Guidelines have it.
 */
#ifndef RATESD_TOOLS_PLUGIN_H
#define RATESD_TOOLS_PLUGIN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "tools/range.h"

/* Its exit statuses too. */
#define PLUGIN_STATUSES(X)                                                     \
	X(OK, "OK")                                                            \
	X(WARNING, "WARNING")                                                  \
	X(CRITICAL, "CRITICAL")                                                \
	X(UNKNOWN, "UNKNOWN")

enum plugin_status {
#define X(id, name) PLUGIN_##id,
	PLUGIN_STATUSES(X)
#undef X
};

#define PLUGIN_SERVICE "RATES"
#define PLUGIN_SUMMARY_MAX 512
#define PLUGIN_FACTS_MAX 256

struct plugin {
	enum plugin_status status;        /* the worst so far */
	char reasons[PLUGIN_SUMMARY_MAX]; /* why it is not OK */
	char facts[PLUGIN_FACTS_MAX];
	FILE *data, *details;
	char *data_text, *details_text; /* what the two hold */
	size_t data_size, details_size;
};

/* One number of the performance data. */
struct plugin_datum {
	const char *label; /* any text */
	double value;      /* not finite: could not be found out */
	const char *unit;  /* "", "s", "%", "c" */
	const struct range *warning, *critical; /* NULL: none */
	double min, max;                        /* NAN: none */
};

/* 0, or -1 with errno; plugin_end() is for one that was begun. */
int plugin_begin(struct plugin *plugin);

/* It is at least that bad.  UNKNOWN counts for more than WARNING. */
void plugin_raise(struct plugin *plugin, enum plugin_status status);

/* The same, with a reason for the first line. */
void plugin_because(struct plugin *plugin, enum plugin_status status,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The part of the first line that is there however it ends. */
void plugin_fact(struct plugin *plugin, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void plugin_datum(struct plugin *plugin, const struct plugin_datum *datum);

/* A datum that nothing is judged by. */
void plugin_count(struct plugin *plugin, const char *label, uint64_t value,
    const char *unit);

/* A line below the first, for who wants them. */
void plugin_detail(struct plugin *plugin, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* How bad a value is by two ranges. */
enum plugin_status plugin_judge(
    const struct range *warning, const struct range *critical, double value);

const char *plugin_status_name(enum plugin_status status);

/* Prints it all to stdout and frees it: the exit status. */
int plugin_end(struct plugin *plugin, bool details);

#endif
