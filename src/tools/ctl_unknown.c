/*
 * What ratesctl says of an option, or of an option's value, that there isn't.
 */
#include <string.h>

#include "base/text.h"
#include "tools/command.h"

#define WORD_MAX 48 /* of a user's word, in a line that names it */

/* The options that may have been meant: all, as long as no command is known. */
static unsigned
candidates(const char *word)
{
	const struct command *command;

	if (ctl_is_named_plugin())
		word = "check";
	for (size_t i = 0; (command = command_at(i)) != NULL; i++)
		if (word != NULL && strcmp(command->word, word) == 0)
			return command_options(command);
	return ~0u;
}

/* "; did you mean '--format json'?" of a word that is a value, or NULL. */
static const char *
value_hint(const char *word, unsigned among, char *buf, size_t size)
{
	const char *const *values;
	unsigned count;

	for (unsigned i = 0; i < OPTION_COUNT; i++) {
		values = ctl_option_values((enum ctl_option)i, &count);
		for (unsigned k = 0; (among & (1u << i)) != 0 && k < count; k++)
			if (strcmp(values[k], word) == 0)
				return text_format(buf, size,
				    "; did you mean '--%s %s'?",
				    ctl_option_word((enum ctl_option)i), word);
	}
	return NULL;
}

/* word: without the "--" before it. */
static const char *
option_hint(const char *word, unsigned among, const char *otherwise, char *buf,
    size_t size)
{
	struct ctl_nearest nearest = { .word = word };

	if (value_hint(word, among, buf, size) != NULL)
		return buf;
	for (unsigned i = 0; i < OPTION_COUNT; i++)
		if ((among & (1u << i)) != 0)
			ctl_nearest(&nearest,
			    ctl_option_word((enum ctl_option)i));
	return nearest.best[0] == '\0'
	    ? otherwise
	    : text_format(
		  buf, size, "; did you mean '--%s'?", nearest.best);
}

int
ctl_unknown_option(const char *text, const char *command)
{
	char word[WORD_MAX], hint[CTL_HINT_MAX], see[CTL_HINT_MAX];
	const char *end = see;

	text_clean(word, sizeof(word), text, strlen(text));
	text_format(see, sizeof(see), "; see '%s --help'", ctl_program());
	if (strncmp(word, "--", 2) == 0) {
		word[strcspn(word, "=")] = '\0';
		end = option_hint(word + 2, candidates(command), see, hint,
		    sizeof(hint));
	}
	if (command != NULL && strcmp(command, "probe") == 0)
		end = ": 'probe' must be the first word, before all options";
	return ctl_complain(CTL_USAGE, "unknown option '%s'%s", word, end);
}

int
ctl_unknown_value(enum ctl_option option, const char *text)
{
	struct ctl_nearest nearest = { .word = text };
	char word[WORD_MAX], hint[CTL_HINT_MAX], all[CTL_HINT_MAX] = "";
	unsigned count;
	const char *const *values = ctl_option_values(option, &count);

	for (unsigned i = 0; i < count; i++) {
		ctl_nearest(&nearest, values[i]);
		text_append(all, sizeof(all), "%s%s",
		    i == 0 ? "; it is one of " : ", ", values[i]);
	}
	return ctl_complain(CTL_USAGE, "--%s: unknown value '%s'%s",
	    ctl_option_word(option),
	    text_clean(word, sizeof(word), text, strlen(text)),
	    ctl_hint(&nearest, all, hint, sizeof(hint)));
}
