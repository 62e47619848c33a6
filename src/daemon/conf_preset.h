/*
 * Presets: sources that somebody described already, one file each, NAME.conf,
 * with the keys of a section.  They are looked for in a directory that the
 * caller names, in SYSCONFDIR/ratesd/sources, and in PKGDATADIR/sources; the
 * first of a name counts.
 */
#ifndef RATESD_DAEMON_CONF_PRESET_H
#define RATESD_DAEMON_CONF_PRESET_H

#include <limits.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "daemon/conf.h"
#include "daemon/conf_block.h"
#include "source/catalogue.h"

struct conf_preset {
	SLIST_ENTRY(conf_preset) link;
	char file[PATH_MAX];
	struct conf_block block;
	struct source source; /* with its name; no key */
	bool broken;          /* its faults were reported */
};

/* Those that were asked for, and how many faults they had. */
struct conf_presets {
	const char *dir; /* searched first, or NULL */
	conf_report *report;
	void *context;
	unsigned faults;
	SLIST_HEAD(conf_preset_list, conf_preset) list;
};

/* dir may be NULL; it must stay.  Faults of files go to report. */
void conf_presets_begin(struct conf_presets *presets, const char *dir,
    conf_report *report, void *context);

/* The preset of that name, read at the first time; NULL if there is none. */
const struct conf_preset *conf_presets_find(
    struct conf_presets *presets, const char *name);

/* A preset's name that a misspelt one seems to mean, in buf, or NULL. */
const char *conf_presets_near(const struct conf_presets *presets,
    const char *name, char buf[SOURCE_NAME_MAX]);

/*
 * The names of all, sorted, each once: *names to free(), one block.  How many,
 * or -1 without memory.
 */
int conf_presets_names(
    const struct conf_presets *presets, char (**names)[SOURCE_NAME_MAX]);

/* Frees all; presets that were found are gone. */
void conf_presets_end(struct conf_presets *presets);

#endif
