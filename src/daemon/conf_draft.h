/*
 * A configuration in the making: takes what a file says, one value after the
 * other, and collects what is wrong with it.
 */
#ifndef RATESD_DAEMON_CONF_DRAFT_H
#define RATESD_DAEMON_CONF_DRAFT_H

#include <stdbool.h>
#include <sys/queue.h>

#include "board/layout.h"
#include "daemon/conf.h"
#include "daemon/conf_text.h"
#include "daemon/conf_value.h"
#include "source/catalogue.h"

#define CONF_SECTION "source"

/* A source section of the file. */
struct conf_section {
	SLIST_ENTRY(conf_section) link;
	struct source source;
	int line;
};

/* What was found of a key in the place that is being read. */
struct conf_seen {
	int line; /* of its first value; 0: it is not there */
	bool bad;
};

struct conf_draft {
	struct conf *conf;
	struct conf_faults faults;
	struct conf_seen root[CONF_KEYS_MAX];
	int name_lines[BOARD_SOURCES_MAX]; /* of the elements of "sources" */
	struct source source;              /* the section being read */
	struct conf_seen inside[CONF_KEYS_MAX];
	SLIST_HEAD(conf_section_list, conf_section) sections;
};

/* Starts with the defaults.  0, or -1 without memory. */
int conf_draft_begin(struct conf_draft *draft);

/* Frees all of it, but not the draft itself. */
void conf_draft_clear(struct conf_draft *draft);

/*
 * One value of a key, in the section that is being read (its title) or outside
 * of any (NULL); the numberth, from 1, since the key's '='.
 */
void conf_draft_value(struct conf_draft *draft, int line, const char *title,
    const char *name, const char *value, unsigned number);

/* The end of a section that began at line. */
void conf_draft_section(
    struct conf_draft *draft, int line, const char *title);

/* The end of the file: looks for what is missing or doesn't fit together. */
void conf_draft_end(struct conf_draft *draft, int line);

#endif
