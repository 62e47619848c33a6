#include "tools/ctl.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/code.h"
#include "base/number.h"
#include "base/text.h"

#define WORD_MAX 48 /* of a user's word, in a line that names it */
#define LONG_ONLY 256 /* getopt's value of option i is LONG_ONLY + i */

static const struct {
	char letter;
	const char *word, *argument, *help;
} options[] = {
#define X(id, letter, word, argument, help) { letter, word, argument, help },
	CTL_OPTIONS(X)
#undef X
};

static const char *const formats[] = {
#define X(id, name) name,
	CTL_FORMATS(X)
#undef X
};

static const char *const colors[] = {
#define X(id, name) name,
	COLOR_WHENS(X)
#undef X
};

bool
ctl_given(const struct ctl *ctl, enum ctl_option option)
{
	return (ctl->given & (1u << option)) != 0;
}

const char *
ctl_option_word(enum ctl_option option)
{
	return options[option].word;
}

const char *
ctl_format_name(enum ctl_format format)
{
	return formats[format];
}

const char *
ctl_option_synopsis(enum ctl_option option, char *buf, size_t size)
{
	if (options[option].letter != 0)
		text_format(buf, size, "-%c", options[option].letter);
	else
		text_format(buf, size, "--%s", options[option].word);
	if (options[option].argument != NULL)
		text_append(buf, size, " %s", options[option].argument);
	return buf;
}

void
ctl_options_help(unsigned bits)
{
	char text[WORD_MAX];

	for (unsigned i = 0; i < OPTION_COUNT; i++) {
		if ((bits & (1u << i)) == 0)
			continue;
		if (options[i].letter != 0)
			text_format(text, sizeof(text), "-%c, ",
			    options[i].letter);
		else
			text_format(text, sizeof(text), "    ");
		text_append(text, sizeof(text), "--%s", options[i].word);
		if (options[i].argument != NULL)
			text_append(
			    text, sizeof(text), " %s", options[i].argument);
		printf("  %-23s  %s\n", text, options[i].help);
	}
}

/* A word of the user's, safe to show. */
static const char *
shown(const char *word, char buf[WORD_MAX])
{
	return text_clean(buf, WORD_MAX, word, strlen(word));
}

/* The number of the name that text is, in *choice. */
static int
choose(enum ctl_option option, const char *const *names, unsigned count,
    const char *text, unsigned *choice)
{
	struct ctl_nearest nearest = { .word = text };
	char word[WORD_MAX];

	for (*choice = 0; *choice < count; ++*choice) {
		if (strcmp(names[*choice], text) == 0)
			return CTL_DONE;
		ctl_nearest(&nearest, names[*choice]);
	}
	return ctl_complain(CTL_USAGE,
	    "--%s: unknown value '%s'; did you mean '%s'?",
	    options[option].word, shown(text, word), nearest.best);
}

static int
duration(enum ctl_option option, const char *text, int64_t *ns)
{
	char word[WORD_MAX];

	if (number_parse_duration(text, ns) == 0)
		return CTL_DONE;
	return ctl_complain(CTL_USAGE,
	    "--%s: '%s' is no time with a unit (ms s m h d), such as 90s",
	    options[option].word, shown(text, word));
}

static int
apply(struct ctl *ctl, enum ctl_option option, const char *text)
{
	unsigned choice;
	int status = CTL_DONE;

	ctl->given |= 1u << option;
	switch (option) {
	case OPTION_INSTANCE:
		ctl->instance = text;
		break;
	case OPTION_FORMAT:
		status = choose(option, formats, FORMAT_COUNT, text, &choice);
		ctl->format = (enum ctl_format)choice;
		break;
	case OPTION_COLOR:
		status =
		    choose(option, colors, COLOR_WHEN_COUNT, text, &choice);
		ctl->color = (enum color_when)choice;
		break;
	case OPTION_MAX_AGE:
		ctl->max_age_text = text;
		return duration(option, text, &ctl->max_age);
	case OPTION_TIMEOUT:
		ctl->timeout_text = text;
		return duration(option, text, &ctl->timeout);
	case OPTION_SYMBOLS:
		ctl->symbols = text;
		break;
	default: /* its bit says all */
		break;
	}
	return status;
}

static int
unknown(const char *text)
{
	char word[WORD_MAX];
	struct ctl_nearest nearest = { .word = word + 2 };

	shown(text, word);
	if (strncmp(word, "--", 2) != 0)
		return ctl_complain(CTL_USAGE,
		    "unknown option '%s'; see 'ratesctl --help'", word);
	word[strcspn(word, "=")] = '\0';
	for (unsigned i = 0; i < OPTION_COUNT; i++)
		ctl_nearest(&nearest, options[i].word);
	return ctl_complain(CTL_USAGE,
	    "unknown option '%s'; did you mean '--%s'?", word, nearest.best);
}

/* What getopt_long(3) refused: it left a letter in optopt, or the word. */
static int
refused(int answer, char **argv)
{
	char letter[3] = { '-', (char)optopt, '\0' }, word[WORD_MAX];

	if (answer == ':')
		return ctl_complain(CTL_USAGE, "option '%s' needs a value",
		    optopt >= LONG_ONLY ? shown(argv[optind - 1], word)
					: letter);
	if (optopt >= LONG_ONLY)
		return ctl_complain(CTL_USAGE, "--%s takes no value",
		    options[optopt - LONG_ONLY].word);
	return unknown(optopt == 0 ? argv[optind - 1] : letter);
}

/* getopt's own two tables, from ours. */
static void
getopt_tables(char *letters, struct option *words)
{
	*letters++ = ':';
	for (int i = 0; i < OPTION_COUNT; i++) {
		words[i] = (struct option){
			.name = options[i].word,
			.has_arg = options[i].argument != NULL,
			.val = LONG_ONLY + i,
		};
		if (options[i].letter == 0)
			continue;
		*letters++ = options[i].letter;
		if (options[i].argument != NULL)
			*letters++ = ':';
	}
	*letters = '\0';
	words[OPTION_COUNT] = (struct option){ 0 };
}

static enum ctl_option
option_of(int answer)
{
	unsigned i;

	if (answer >= LONG_ONLY)
		return (enum ctl_option)(answer - LONG_ONLY);
	for (i = 0; i < OPTION_COUNT && options[i].letter != answer; i++)
		;
	return (enum ctl_option)i;
}

static int
check_instance(struct ctl *ctl)
{
	const char *from = "--instance";
	char word[WORD_MAX];

	if (ctl->instance == NULL) {
		ctl->instance = getenv("RATESD_INSTANCE");
		from = "$RATESD_INSTANCE";
	}
	if (ctl->instance == NULL ||
	    (!ctl_given(ctl, OPTION_INSTANCE) && *ctl->instance == '\0'))
		ctl->instance = "default";
	if (instance_valid(ctl->instance))
		return CTL_DONE;
	return ctl_complain(CTL_USAGE,
	    "%s: '%s' is no instance name (1 to 32 of A-Z a-z 0-9 _ -)", from,
	    shown(ctl->instance, word));
}

int
ctl_options(struct ctl *ctl, int argc, char **argv)
{
	char letters[2 * OPTION_COUNT + 2];
	struct option words[OPTION_COUNT + 1];
	int answer, status;

	*ctl = (struct ctl){ .max_age = -1, .timeout = -1 };
	getopt_tables(letters, words);
	opterr = 0;
	while ((answer = getopt_long(argc, argv, letters, words, NULL)) != -1) {
		if (answer == '?' || answer == ':')
			return refused(answer, argv);
		status = apply(ctl, option_of(answer), optarg);
		if (status != CTL_DONE)
			return status;
	}
	return check_instance(ctl);
}
