/*
 * ratesd's command line.
 */
#ifndef RATESD_TOOLS_RATESD_OPTIONS_H
#define RATESD_TOOLS_RATESD_OPTIONS_H

#include <limits.h>
#include <stdbool.h>

#include "base/log.h"

/* letter or 0, word, argument or NULL, help */
#define RATESD_OPTIONS(X)                                                      \
	X('f', "foreground", NULL, "stay in the foreground, log to stderr")    \
	X('t', "test", NULL, "check the configuration and exit")               \
	X('c', "config", "FILE", "configuration file")                         \
	X('i', "instance", "NAME", "instance name (default: default)")         \
	X(0, "runtime-dir", "DIR", "where the lock and pid file is")           \
	X(0, "state-dir", "DIR", "where the saved board is")                   \
	X(0, "source-dir", "DIR", "where presets are looked for first")        \
	X(0, "log-level", "LEVEL", "error, warning, info or debug")            \
	X(0, "purge", NULL, "remove what a stopped instance left, and exit")   \
	X(0, "sources", NULL, "list the presets (or print PRESET) and exit")   \
	X('V', "version", NULL, "print the version and exit")                  \
	X('h', "help", NULL, "print this help and exit")

struct ratesd_options {
	bool foreground, test, purge, sources;
	const char *preset; /* that --sources prints; NULL: all */
	char conf_file[PATH_MAX];
	const char *instance;
	char runtime_dir[PATH_MAX], state_dir[PATH_MAX]; /* absolute */
	char source_dir[PATH_MAX]; /* absolute, or "": none */
	enum log_level level;
};

/*
 * Reads the command line and the environment.  -h and -V print and end the
 * process with 0; a wrong command line is one line on stderr, and 2.
 */
void ratesd_options(int argc, char **argv, struct ratesd_options *options);

#endif
