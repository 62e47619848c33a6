/*
 * The text of a configuration file, and a list of what is wrong with it.
 *
 * libconfuse 3.3 counts a line with a comment as three, and takes a file that
 * ends within a string, a comment or a section for a whole one.  So a file is
 * looked through here before libconfuse sees it.
 */
#ifndef RATESD_DAEMON_CONF_TEXT_H
#define RATESD_DAEMON_CONF_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#define CONF_TEXT_MAX (1024 * 1024)

struct conf_fault {
	TAILQ_ENTRY(conf_fault) link;
	int line;
	char text[];
};

struct conf_faults {
	TAILQ_HEAD(conf_fault_list, conf_fault) list; /* by line */
	bool lost; /* there was no memory for one */
};

void conf_faults_init(struct conf_faults *faults);

/* Empties the list. */
void conf_faults_clear(struct conf_faults *faults);

/* Adds a fault, made safe to print, unless its line has the same already. */
void conf_fault_add(struct conf_faults *faults, int line, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

struct conf_text {
	char *bytes;   /* ends with a NUL */
	int last_line; /* 1 for an empty file */
	int broken;    /* the line where the syntax breaks down, or 0 */
	int *opened;   /* see conf_text_opened */
};

/* Reads a file.  NULL, or why it can't be read. */
const char *conf_text_read(struct conf_text *text, const char *file);

/*
 * Blanks the comments of a text that was read, fills the other fields, and
 * reports what libconfuse would not notice.  A text that has no end for a
 * string or a comment is cut there.  0, or -1 without memory.
 */
int conf_text_scan(struct conf_text *text, struct conf_faults *faults);

/* Where the outer brace was opened that was closed on this line. */
int conf_text_opened(const struct conf_text *text, int line);

/*
 * The place of a key on a line of the text, or NULL; one that has a '=' after
 * it comes first.
 */
char *conf_text_find(const struct conf_text *text, int line, const char *key);

void conf_text_free(struct conf_text *text);

#endif
