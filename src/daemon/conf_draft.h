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
#include "daemon/conf_block.h"
#include "daemon/conf_text.h"
#include "daemon/conf_value.h"
#include "source/catalogue.h"

#define CONF_SECTION "source"

/* A source section of the file. */
struct conf_section {
	SLIST_ENTRY(conf_section) link;
	char name[SOURCE_NAME_MAX];
	struct conf_block block;
	int line;
	bool bad;     /* a value of it is */
	bool has_url; /* be it a bad one */
};

/* What was found of a key in the place that is being read. */
struct conf_seen {
	int line; /* of its first value; 0: it is not there */
	bool bad;
};

struct conf_draft {
	bool preset;       /* what is outside of any section is a source's */
	struct conf *conf; /* in a preset's file of no use */
	struct conf_faults faults;
	struct conf_seen root[CONF_KEYS_MAX];
	int name_lines[BOARD_SOURCES_MAX]; /* of the elements of "sources" */
	struct source source; /* of the block being read, to try values on */
	struct conf_seen inside[CONF_KEYS_MAX]; /* the block */
	struct conf_block block;
	SLIST_HEAD(conf_section_list, conf_section) sections;
};

/* Starts with the defaults.  0, or -1 without memory. */
int conf_draft_begin(struct conf_draft *draft, bool preset);

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

/* Whether a value of the block being read is bad. */
bool conf_draft_block_bad(const struct conf_draft *draft);

/* A fault of a key, in a section (its title) or outside of any (NULL). */
void conf_draft_fault(struct conf_draft *draft, int line, const char *title,
    const char *name, const char *why);

/*
 * The end of a configuration: looks for what is missing, or doesn't fit
 * together, outside of sections.
 */
void conf_draft_end(struct conf_draft *draft, int line);

#endif
