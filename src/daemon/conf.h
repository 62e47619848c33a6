/*
 * The configuration: one file into one struct, by one table.
 */
#ifndef RATESD_DAEMON_CONF_H
#define RATESD_DAEMON_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "board/layout.h"
#include "fetch/engine.h"
#include "source/catalogue.h"

struct conf {
	uint64_t codes[BOARD_CURRENCIES_MAX]; /* packed */
	unsigned currencies;
	struct source sources[BOARD_SOURCES_MAX]; /* in the order of use */
	unsigned source_count;

	unsigned workers;
	unsigned concurrency;
	unsigned restart_limit;      /* deaths in a minute before giving up */
	bool sandbox;                /* workers enter one */
	bool derive;                 /* one request, all rows follow from it */
	int64_t late_after;          /* a publication that was expected */
	double max_jump;             /* 0.2: a fifth; 0: any */
	const struct engine *engine; /* never NULL */
	int64_t refresh;             /* ns, as all times */
	int64_t stale_after;
	int64_t connect_timeout;
	int64_t timeout;
	int64_t watchdog; /* above timeout */
	mode_t board_mode;
	mode_t queue_mode;
};

/* Called for each error with "file:line: what is wrong" (no newline). */
typedef void conf_report(void *context, const char *line);

/*
 * Reads a configuration file, the presets that it names, from source_dir (may
 * be NULL) before the usual places, and the keys of the sources that it uses.
 * Every error is reported, not only the first.  The configuration (free with
 * conf_free()), or NULL after at least one report; also for a file that can't
 * be read.
 */
struct conf *conf_load(const char *file, const char *source_dir,
    conf_report *report, void *context);

/* Another one like it, keys of sources included; NULL with errno. */
struct conf *conf_copy(const struct conf *conf);

/* Wipes it first, for it has keys in it.  NULL is fine. */
void conf_free(struct conf *conf);

#endif
