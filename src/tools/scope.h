/*
 * What can be typed, place by place, for who completes it or writes it down:
 * made from the tables that the programs themselves read.  Only the program
 * that makes completions and synopses (words_make.c) has it.
 */
#ifndef RATESD_TOOLS_SCOPE_H
#define RATESD_TOOLS_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "tools/words.h"

#define SCOPE_OPTIONS_MAX 64
#define SCOPE_ARGUMENTS_MAX 6
#define SCOPE_KIND_MAX 160
#define SCOPE_NAME_MAX 48

/*
 * Kinds of words that only a look at the machine tells: id, and the argument
 * words of the tables that are of the kind.  A word that is not here is one of
 * a user's own (an age, a URL), and nothing is offered for it.
 */
#define SCOPE_KINDS(X)                                                         \
	X("code", "BASE QUOTE FROM TO CODE")                                   \
	X("codes", "LIST")                                                     \
	X("pair", "/QUOTE")                                                    \
	X("pairs", "PAIRS")                                                    \
	X("source", "SOURCE")                                                  \
	X("preset", "PRESET")                                                  \
	X("command", "COMMAND")                                                \
	X("file", "FILE ANSWER")                                               \
	X("directory", "DIR")                                                  \
	X("instance", "INSTANCE")

struct scope_argument {
	char name[SCOPE_NAME_MAX]; /* in lower case */
	/* "@code", "@code @source", or "" if nothing can be offered */
	char kind[SCOPE_KIND_MAX];
	bool optional, many;
};

struct scope_option {
	struct words_option row;
	/* of its value: like an argument's, or the words themselves: "a b" */
	char kind[SCOPE_KIND_MAX];
	bool common; /* all commands have it */
};

/* A program as long as no command is known, or one command. */
struct scope {
	const char *program;
	const char *command; /* NULL: none yet, or the program has none */
	const char *help;
	size_t option_count, argument_count;
	struct scope_option options[SCOPE_OPTIONS_MAX];
	struct scope_argument arguments[SCOPE_ARGUMENTS_MAX];
};

/* Scope i: those of a program are together, and it is the first of them.
 * False after the last. */
bool scope_at(size_t i, struct scope *scope);

#endif
