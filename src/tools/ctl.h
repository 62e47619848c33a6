/*
 * ratesctl inside: what the command line asked, how a command ends, and how it
 * speaks to people.
 */
#ifndef RATESD_TOOLS_CTL_H
#define RATESD_TOOLS_CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/decimal.h"
#include "board/rates.h"
#include "tools/terminal.h"
#include "tools/words.h"

#define CTL_EXITS(X)                                                           \
	X(DONE, 0, "done")                                                     \
	X(FAILED, 1, "failed")                                                 \
	X(USAGE, 2, "wrong usage")                                             \
	X(NO_BOARD, 3, "no board; status, refresh, accept: nobody feeds it")   \
	X(NO_PAIR, 4, "no such currency, or no number for the pair")           \
	X(TOO_OLD, 5, "older than --max-age")

enum ctl_exit {
#define X(id, status, text) CTL_##id = status,
	CTL_EXITS(X)
#undef X
};

#define CTL_FORMATS(X)                                                         \
	X(TABLE, "table")                                                      \
	X(LINES, "lines")                                                      \
	X(JSON, "json")                                                        \
	X(CSV, "csv")                                                          \
	X(KEYVALUE, "keyvalue")

enum ctl_format {
#define X(id, name) FORMAT_##id,
	CTL_FORMATS(X)
#undef X
	FORMAT_COUNT
};

/* id, letter or 0, word, argument or NULL, help */
#define CTL_OPTIONS(X)                                                         \
	X(SYMBOLS, 0, "symbols", "LIST", "only these quotes: EUR,USD,...")     \
	X(WAIT, 0, "wait", NULL, "return once each row has been tried")        \
	X(TIMEOUT, 't', "timeout", "TIME", "give up after that: 500ms, 2m")    \
	X(MODE, 0, "mode", "MODE", "age, coverage, frozen, source or workers") \
	X(WARNING, 'w', "warning", "RANGE", "warn outside it: 26h, 3:, ~:10")  \
	X(CRITICAL, 'c', "critical", "RANGE", "the same, critical")            \
	X(CLOCK, 0, "clock", "CLOCK", "age since: fetched or published")       \
	X(FORMAT, 'f', "format", "FORMAT", "how to print")                     \
	X(VERBOSE, 'v', "verbose", NULL, "print more")                         \
	X(PRESETS, 0, "presets", NULL, "those that come with ratesd")          \
	X(RAW, 0, "raw", NULL, "don't round")                                  \
	X(DIGITS, 0, "digits", "N", "round to N decimals")                     \
	X(ROUND, 0, "round", "MODE",                                           \
	    "half-{even,up,down}, up, down, ceiling, floor")                   \
	X(WIDE, 0, "wide", NULL, "all columns, however wide the terminal is") \
	X(CHANGES, 'n', "count", "COUNT", "end after COUNT events of rows")    \
	X(TOP, 0, "top", NULL, "a live board on the whole screen")             \
	X(MAX_AGE, 0, "max-age", "AGE", "exit 5 if older, such as 90s or 26h") \
	X(RATES, 0, "rates", "PAIRS", "with these rates: EUR/USD,EUR/PLN,...") \
	X(TEXTFILE, 0, "textfile", "FILE", "replace a file, print nothing")    \
	X(INSTANCE, 'i', "instance", "NAME",                                   \
	    "which ratesd; else $RATESD_INSTANCE, else default")               \
	X(COLOR, 0, "color", "WHEN", "auto, always or never")                  \
	X(QUIET, 'q', "quiet", NULL, "no notes; the exit status says it")      \
	X(HELP, 'h', "help", NULL, "show this help")                           \
	X(VERSION, 'V', "version", NULL, "show the version")

enum ctl_option {
#define X(id, letter, word, argument, help) OPTION_##id,
	CTL_OPTIONS(X)
#undef X
	OPTION_COUNT
};

#define OPTION_BIT(id) (1u << OPTION_##id)
#define FORMAT_BIT(id) (1u << FORMAT_##id)

struct ctl {
	unsigned given; /* a bit an option */
	const char *instance;
	enum ctl_format format;
	int64_t max_age; /* ns; negative: any age will do */
	const char *max_age_text;
	int64_t timeout; /* ns; negative: not given */
	const char *timeout_text;
	const char *pairs, *textfile; /* NULL: not given */
	const char *mode, *clock, *warning, *critical; /* NULL: not given */
	const char *symbols; /* NULL: all */
	unsigned digits; /* after the point, if given */
	enum decimal_rounding round;
	uint64_t count;      /* of changes, if given */
	enum color_when color;
	struct rates *rates; /* NULL before ctl_open() */
};

/*
 * Reads the options of argv into *ctl; getopt's optind is then where the rest
 * begins.  CTL_DONE or, once it has said what is wrong, CTL_USAGE.
 */
int ctl_options(struct ctl *ctl, int argc, char **argv);

/*
 * Complain of an option, or of an option's value, that there isn't, with what
 * may have been meant.  command: the command word before the option, or NULL.
 */
int ctl_unknown_option(const char *text, const char *command);
int ctl_unknown_value(enum ctl_option option, const char *text);

/*
 * The first word of argv that is neither an option nor the value of one, or
 * NULL.  Before ctl_options().
 */
const char *ctl_first_word(int argc, char **argv);

bool ctl_given(const struct ctl *ctl, enum ctl_option option);

/* The options of a set of bits, one line each, to stdout. */
void ctl_options_help(unsigned options);

/* "-f" or "--symbols LIST": how a synopsis names an option. */
const char *ctl_option_synopsis(
    enum ctl_option option, char *buf, size_t size);
const struct words_option *ctl_option_row(enum ctl_option option);
/* What its value has to be one of: *count names, or NULL if it is free. */
const char *const *ctl_option_values(
    enum ctl_option option, unsigned *count);
const char *ctl_option_word(enum ctl_option option);
const char *ctl_format_name(enum ctl_format format);

/* Runs the command that argv names: an exit status. */
int ctl_dispatch(struct ctl *ctl, int argc, char **argv);

/* The same of the plugin called by its name, which has no command word. */
int ctl_dispatch_plugin(struct ctl *ctl, int argc, char **argv);

/*
 * From now on this is a monitoring plugin: what is wrong is one line on stdout,
 * and UNKNOWN (3) the status of whoever complains.
 */
void ctl_be_plugin(bool by_name);
bool ctl_is_plugin(void);
bool ctl_is_named_plugin(void); /* called by its name */
const char *ctl_program(void); /* by which name it is called */

#define CTL_PLUGIN_NAME "check_rates"
#define CTL_PLUGIN_UNKNOWN 3

/* The exit status, once all of stdout is written; CTL_FAILED if it can't be. */
int ctl_finish(int status);

/* "ratesctl: ..." and a newline to stderr.  Returns status; see above. */
int ctl_complain(int status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same, but silent under --quiet: for what the exit status says too. */
int ctl_note(const struct ctl *ctl, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The candidate nearest to a word, for "did you mean". */
struct ctl_nearest {
	const char *word;
	char best[40]; /* empty: none is near */
	unsigned edits;
};
void ctl_nearest(struct ctl_nearest *nearest, const char *candidate);

/* "; did you mean 'show'?", or otherwise if none is near.  Returns buf. */
const char *ctl_hint(const struct ctl_nearest *nearest, const char *otherwise,
    char *buf, size_t size);

#define CTL_HINT_MAX 192

#define CTL_LIST_MAX 12 /* names in one line before "and N more" */

/* Appends the name to a list that already has count of them. */
void ctl_list(char *buf, size_t size, unsigned count, const char *name);

/* Ends a list: "and N more". */
void ctl_list_end(char *buf, size_t size, unsigned count);

#endif
