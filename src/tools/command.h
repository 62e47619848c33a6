/*
 * The commands of ratesctl: a row each in one table (command.c), from which
 * dispatch, help, completions and the manual's synopsis come.
 */
#ifndef RATESD_TOOLS_COMMAND_H
#define RATESD_TOOLS_COMMAND_H

#include <stdbool.h>

#include "tools/ctl.h"

#define COMMAND_ANY (-1) /* as many arguments as one likes */

struct command {
	const char *word;
	const char *arguments; /* as the synopsis has them */
	const char *help;      /* one line */
	/* argv begins with the first argument; an exit status */
	int (*run)(struct ctl *ctl, int argc, char **argv);
	int min, max;
	unsigned options; /* bits; besides those that all commands take */
	unsigned formats; /* bits */
};

/* A bit of options that is none: arguments may be numbers below zero. */
#define COMMAND_SIGNS (1u << 31)
_Static_assert(OPTION_COUNT < 31, "no bit for COMMAND_SIGNS");

/* Whether "-5" is an argument of that command, rather than an option. */
bool command_takes_signs(const char *word);

/* The command of a word or, once it has complained, NULL. */
const struct command *command_find(const char *word);

/* The commands in their order, NULL after the last. */
const struct command *command_at(size_t i);

/*
 * All options that a command takes: those of CTL_OPTIONS as bits, and, of a
 * command that is a program of its own, *count others.
 */
unsigned command_options(const struct command *command);
const struct words_option *command_own_options(
    const struct command *command, size_t *count);

/* What `ratesctl --help` and `ratesctl help COMMAND` print. */
void command_help_all(void);
void command_help(const struct command *command);

int cmd_show(struct ctl *ctl, int argc, char **argv);
int cmd_get(struct ctl *ctl, int argc, char **argv);
int cmd_convert(struct ctl *ctl, int argc, char **argv);
int cmd_status(struct ctl *ctl, int argc, char **argv);
int cmd_check(struct ctl *ctl, int argc, char **argv);
int cmd_metrics(struct ctl *ctl, int argc, char **argv);
int cmd_watch(struct ctl *ctl, int argc, char **argv);
int cmd_wait(struct ctl *ctl, int argc, char **argv);
int cmd_refresh(struct ctl *ctl, int argc, char **argv);
int cmd_explain(struct ctl *ctl, int argc, char **argv);
int cmd_sources(struct ctl *ctl, int argc, char **argv);
int cmd_accept(struct ctl *ctl, int argc, char **argv);
int cmd_probe(struct ctl *ctl, int argc, char **argv);
int cmd_help(struct ctl *ctl, int argc, char **argv);

#endif
