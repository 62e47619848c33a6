/*
 * The command line of ratesd-probe.
 */
#ifndef RATESD_TOOLS_PROBE_OPTIONS_H
#define RATESD_TOOLS_PROBE_OPTIONS_H

#include <stdint.h>

#include "source/catalogue.h"

#define PROBE_USAGE 2

/* id, letter or 0, word, argument or NULL, help */
#define PROBE_OPTIONS(X)                                                       \
	X(BASE, 0, "base", "CODE", "the base, if the answer doesn't name it")  \
	X(FILE, 0, "file", "ANSWER", "look at this file; URL is not asked")    \
	X(NAME, 0, "name", "NAME", "of the section")                           \
	X(VERSION, 'V', "version", NULL, "print the version and exit")         \
	X(HELP, 'h', "help", NULL, "print this help and exit")

struct probe_options {
	const char *url;  /* "": none, then there is a file */
	const char *file; /* NULL: the URL is asked */
	uint64_t base;    /* packed; 0: not said */
	char name[SOURCE_NAME_MAX]; /* of the section */
};

/* Reads all of it; exits for --help and --version, or with PROBE_USAGE. */
void probe_options(int argc, char **argv, struct probe_options *options);

#endif
