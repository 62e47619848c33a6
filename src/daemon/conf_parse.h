/*
 * A file's text into a draft: what libconfuse reads of it, and more faults
 * than its first.
 */
#ifndef RATESD_DAEMON_CONF_PARSE_H
#define RATESD_DAEMON_CONF_PARSE_H

#include <stdbool.h>

#include "daemon/conf.h"
#include "daemon/conf_draft.h"
#include "daemon/conf_text.h"

#define CONF_STOP_MAX 200

/* Why a parse ended early. */
struct conf_stop {
	int line; /* 0: it did not */
	char why[CONF_STOP_MAX];
	char unknown[CONF_STOP_MAX]; /* the key that stopped it, or "" */
};

struct conf_reader {
	struct conf_text text;
	struct conf_faults faults; /* of the text, and its unknown keys */
	bool preset;               /* the file of one, not a configuration */
	char *patch;               /* the last name that was replaced */
	unsigned patches;
	struct conf_draft draft; /* of the last parse */
	struct conf_stop stop;   /* of the last parse */
};

/*
 * Reads a configuration, or a preset's file.  1; 0 when what breaks off in it
 * is among the faults, and nothing that is missing in the draft can be told
 * from what was not read; or -1 with why it can't be read.  Never within
 * itself: libconfuse can't.
 */
int conf_reader_read(struct conf_reader *reader, const char *file,
    bool preset, const char **why);

/* Reports all faults by line.  How many there were. */
unsigned conf_reader_report(struct conf_reader *reader, const char *file,
    conf_report *report, void *context);

/* After each conf_reader_read, whatever it returned. */
void conf_reader_clear(struct conf_reader *reader);

#endif
