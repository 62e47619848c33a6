/*
 * The words of a command line as data, from which its help, its completions
 * and its manual's synopsis come.
 */
#ifndef RATESD_TOOLS_WORDS_H
#define RATESD_TOOLS_WORDS_H

#include <stddef.h>

/* One option; of its argument the word says what it is ("FILE", "BASE"). */
struct words_option {
	char letter; /* or 0 */
	const char *word;
	const char *argument; /* or NULL */
	const char *help;     /* one line */
};

/* The options as a help has them, a line each, to stdout. */
void words_help(const struct words_option *options, size_t count);

/* "-f FORMAT" or "--symbols LIST": how a synopsis names it.  Returns buf. */
const char *words_synopsis(
    const struct words_option *option, char *buf, size_t size);

/*
 * What comes behind "no such option" of a user's word, which may have "--"
 * before it and "=" with a value behind: "; did you mean --format?", or "" if
 * none is near.  Returns buf.
 */
const char *words_hint(const struct words_option *options, size_t count,
    const char *word, char *buf, size_t size);

/* The word of the option that is near to a user's, or NULL. */
const char *words_nearest(
    const struct words_option *options, size_t count, const char *word);

#define WORDS_HINT_MAX 64

#endif
