/*
 * The command line of ratesfetch.
 */
#ifndef RATESD_TOOLS_RATESFETCH_OPTIONS_H
#define RATESD_TOOLS_RATESFETCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "board/layout.h"
#include "fetch/engine.h"
#include "tools/ctl.h"

#define RATESFETCH_USAGE 2
#define RATESFETCH_REPEAT_MAX 1000
#define RATESFETCH_SOURCE "vatcomply" /* who is asked if nobody is named */

/* id, letter or 0, word, argument or NULL, help */
#define RATESFETCH_OPTIONS(X)                                                  \
	X(MODEL, 'm', "model", "MODEL", "how to fetch (default: async)")       \
	X(JOBS, 'j', "jobs", "N", "requests at once, 1 to 256 (16)")           \
	X(BASES, 'b', "bases", "LIST", "rows, such as EUR,USD (the book's 5)") \
	X(SYMBOLS, 's', "symbols", "LIST", "columns (as the rows)")            \
	X(SOURCE, 0, "source", "PRESET",                                       \
	    "a preset of ratesd (" RATESFETCH_SOURCE ")")                      \
	X(DIR, 0, "source-dir", "DIR", "where presets are looked for first")   \
	X(URL, 'u', "url", "TEMPLATE", "a URL with {base} in it instead")      \
	X(THROTTLE, 0, "throttle", "RATE", "such as 10/s (the source's own)")  \
	X(TIMEOUT, 't', "timeout", "T", "of one request (15s)")                \
	X(FORMAT, 'f', "format", "FORMAT", "lines, table, json or csv")        \
	X(COMPARE, 'c', "compare", NULL, "run every model, and compare them")  \
	X(REPEAT, 'k', "repeat", "K", "how often, with --compare (5)")         \
	X(SVG, 0, "svg", "FILE", "draw the comparison into FILE")              \
	X(QUIET, 'q', "quiet", NULL, "no progress on a terminal")              \
	X(VERSION, 'V', "version", NULL, "print the version and exit")         \
	X(HELP, 'h', "help", NULL, "print this help and exit")

/* Codes, packed, each once, in the order asked for. */
struct fetch_list {
	unsigned count;
	uint64_t codes[BOARD_CURRENCIES_MAX];
};

struct fetch_options {
	const struct engine *engine;
	unsigned concurrency;
	struct fetch_list bases, symbols;
	const char *source;     /* a preset; NULL: the url */
	const char *url;        /* a template */
	const char *source_dir; /* or NULL */
	int64_t interval;       /* ns between two requests; -1: not said */
	int64_t timeout;        /* ns, of one request */
	enum ctl_format format; /* LINES, TABLE, JSON or CSV */
	bool compare;
	unsigned repeat;
	const char *svg; /* a file, or NULL */
	bool quiet;
};

/* Reads all of it; exits for --help and --version, or with RATESFETCH_USAGE. */
void fetch_options(int argc, char **argv, struct fetch_options *options);

/* "ratesfetch: ..." and a newline to stderr, and exits with that status. */
_Noreturn void fetch_exit(int status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
