/*
 * ratesd's command line.
 */
#ifndef RATESD_TOOLS_RATESD_OPTIONS_H
#define RATESD_TOOLS_RATESD_OPTIONS_H

#include <limits.h>
#include <stdbool.h>

#include "base/log.h"

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
