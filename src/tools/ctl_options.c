#include "tools/ctl.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/number.h"
#include "base/text.h"
#include "tools/check.h"
#include "tools/command.h"

#define WORD_MAX 48 /* of a user's word, in a line that names it */
#define COUNT_MAX 1000000000 /* of changes */
#define LONG_ONLY 256 /* getopt's value of option i is LONG_ONLY + i */
#define ARGUMENT 1 /* its value of what is no option */

static const struct words_option options[] = {
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

static const char *const roundings[] = {
#define X(id, name) name,
	DECIMAL_ROUNDINGS(X)
#undef X
};

static const char *const modes[] = {
#define X(name, times, arguments) #name,
	CHECK_MODES(X)
#undef X
};

static const char *const clocks[] = {
#define X(name) #name,
	CHECK_CLOCKS(X)
#undef X
};

const struct words_option *
ctl_option_row(enum ctl_option option)
{
	return &options[option];
}

/* What an option's value has to be one of; a row for each such option. */
static const struct {
	enum ctl_option option;
	unsigned count;
	const char *const *names;
} choices[] = {
	{ OPTION_FORMAT, FORMAT_COUNT, formats },
	{ OPTION_COLOR, COLOR_WHEN_COUNT, colors },
	{ OPTION_ROUND, DECIMAL_ROUNDING_COUNT, roundings },
	{ OPTION_MODE, sizeof(modes) / sizeof(modes[0]), modes },
	{ OPTION_CLOCK, sizeof(clocks) / sizeof(clocks[0]), clocks },
};

const char *const *
ctl_option_values(enum ctl_option option, unsigned *count)
{
	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		if (choices[i].option != option)
			continue;
		*count = choices[i].count;
		return choices[i].names;
	}
	*count = 0;
	return NULL;
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
	return words_synopsis(&options[option], buf, size);
}

void
ctl_options_help(unsigned bits)
{
	for (unsigned i = 0; i < OPTION_COUNT; i++)
		if ((bits & (1u << i)) != 0)
			words_help(&options[i], 1);
}

/* A word of the user's, safe to show. */
static const char *
shown(const char *word, char buf[WORD_MAX])
{
	return text_clean(buf, WORD_MAX, word, strlen(word));
}

/* The number of the name that text is, in *choice. */
static int
choose(enum ctl_option option, const char *text, unsigned *choice)
{
	unsigned count;
	const char *const *names = ctl_option_values(option, &count);

	for (*choice = 0; *choice < count; ++*choice)
		if (strcmp(names[*choice], text) == 0)
			return CTL_DONE;
	return ctl_unknown_value(option, text);
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

/* To a plugin a number alone is one of seconds, as to all of them. */
static int
timeout(struct ctl *ctl, const char *text)
{
	int64_t s;

	ctl->timeout_text = text;
	if (!ctl_is_plugin() || number_parse_int(text, 0, 86400, &s) == -1)
		return duration(OPTION_TIMEOUT, text, &ctl->timeout);
	ctl->timeout = s * CLOCK_SECOND;
	return CTL_DONE;
}

static int
digits(const char *text, unsigned *count)
{
	char word[WORD_MAX];
	int64_t number;

	if (number_parse_int(text, 0, DECIMAL_PLACES_MAX, &number) == -1)
		return ctl_complain(CTL_USAGE,
		    "--digits: '%s' is no whole number from 0 to %d",
		    shown(text, word), DECIMAL_PLACES_MAX);
	*count = (unsigned)number;
	return CTL_DONE;
}

static int
count_of(enum ctl_option option, const char *text, uint64_t *count)
{
	char word[WORD_MAX];
	int64_t value;

	if (number_parse_int(text, 1, COUNT_MAX, &value) == -1)
		return ctl_complain(CTL_USAGE,
		    "--%s: '%s' is no whole number from 1 to %d",
		    ctl_option_word(option), shown(text, word), COUNT_MAX);
	*count = (uint64_t)value;
	return CTL_DONE;
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
		status = choose(option, text, &choice);
		ctl->format = (enum ctl_format)choice;
		break;
	case OPTION_COLOR:
		status = choose(option, text, &choice);
		ctl->color = (enum color_when)choice;
		break;
	case OPTION_MAX_AGE:
		ctl->max_age_text = text;
		return duration(option, text, &ctl->max_age);
	case OPTION_TIMEOUT:
		return timeout(ctl, text);
	case OPTION_ROUND:
		status = choose(option, text, &choice);
		ctl->round = (enum decimal_rounding)choice;
		break;
	case OPTION_DIGITS:
		return digits(text, &ctl->digits);
	case OPTION_RATES:
		ctl->pairs = text;
		break;
	case OPTION_TEXTFILE:
		ctl->textfile = text;
		break;
	case OPTION_MODE:
		ctl->mode = text;
		return choose(option, text, &choice);
	case OPTION_CLOCK:
		ctl->clock = text;
		return choose(option, text, &choice);
	case OPTION_WARNING:
		ctl->warning = text;
		break;
	case OPTION_CRITICAL:
		ctl->critical = text;
		break;
	case OPTION_CHANGES:
		return count_of(option, text, &ctl->count);
	case OPTION_SYMBOLS:
		ctl->symbols = text;
		break;
	default: /* its bit says all */
		break;
	}
	return status;
}

/*
 * What getopt_long(3) refused: it left a letter in optopt, or the word.
 * command: the word before it that is none of an option, or NULL.
 */
static int
refused(int answer, char **argv, const char *command)
{
	char letter[3] = { '-', (char)optopt, '\0' }, word[WORD_MAX];

	if (answer == ':')
		return ctl_complain(CTL_USAGE, "option '%s' needs a value",
		    optopt >= LONG_ONLY ? shown(argv[optind - 1], word)
					: letter);
	if (optopt >= LONG_ONLY)
		return ctl_complain(CTL_USAGE, "--%s takes no value",
		    options[optopt - LONG_ONLY].word);
	return ctl_unknown_option(
	    optopt == 0 ? argv[optind - 1] : letter, command);
}

/* getopt's own two tables, from ours. */
static void
getopt_tables(char *letters, struct option *words)
{
	*letters++ = '-'; /* what is no option is given in its place */
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

/* "-5" or "-.5" */
static bool
below_zero(const char *word)
{
	if (word[0] != '-')
		return false;
	word += word[1] == '.' ? 2 : 1;
	return *word >= '0' && *word <= '9';
}

/*
 * What getopt_long(3) says next, with ARGUMENT for what is no option; count of
 * them were there, from argv[1] on.  In a command that takes numbers "-5" is
 * one too: no option is a digit, and getopt is between two words whenever
 * optind is at one that begins so.
 */
static int
next(int argc, char **argv, const char *letters, const struct option *words,
    int count)
{
	if (count > 0 && optind < argc && below_zero(argv[optind]) &&
	    command_takes_signs(argv[1])) {
		optarg = argv[optind++];
		return ARGUMENT;
	}
	return getopt_long(argc, argv, letters, words, NULL);
}

const char *
ctl_first_word(int argc, char **argv)
{
	char letters[2 * OPTION_COUNT + 3];
	struct option words[OPTION_COUNT + 1];
	int answer;

	getopt_tables(letters, words);
	opterr = 0;
	do
		answer = getopt_long(argc, argv, letters, words, NULL);
	while (answer != -1 && answer != ARGUMENT);
	if (answer == -1)
		optarg = optind < argc ? argv[optind] : NULL;
	optind = 0; /* from the beginning, whoever comes next */
	return optarg;
}

int
ctl_options(struct ctl *ctl, int argc, char **argv)
{
	char letters[2 * OPTION_COUNT + 3];
	struct option words[OPTION_COUNT + 1];
	int answer, status, count = 0;

	*ctl = (struct ctl){ .max_age = -1, .timeout = -1 };
	getopt_tables(letters, words);
	opterr = 0;
	while ((answer = next(argc, argv, letters, words, count)) != -1) {
		if (answer == '?' || answer == ':')
			return refused(
			    answer, argv, count > 0 ? argv[1] : NULL);
		if (answer == ARGUMENT) {
			argv[++count] = optarg;
			continue;
		}
		status = apply(ctl, option_of(answer), optarg);
		if (status != CTL_DONE)
			return status;
	}
	/* Those that came between options, before those after a "--". */
	memmove(argv + optind - count, argv + 1,
	    (size_t)count * sizeof(*argv));
	optind -= count;
	return check_instance(ctl);
}
