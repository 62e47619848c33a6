#include "tools/command.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "base/text.h"
#include "tools/probe_options.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unconfigured"
#endif

#define WORD_MAX 48
#define SYNOPSIS_MAX 160

#define DATA_FORMATS                                                           \
	(FORMAT_BIT(TABLE) | FORMAT_BIT(JSON) | FORMAT_BIT(CSV) |              \
	    FORMAT_BIT(KEYVALUE))

static const struct command commands[] = {
	{ "show", "[BASE...]", "print the matrix of rates", cmd_show, 0,
	    COMMAND_ANY,
	    OPTION_BIT(SYMBOLS) | OPTION_BIT(WIDE) | OPTION_BIT(FORMAT) |
		OPTION_BIT(MAX_AGE),
	    DATA_FORMATS | FORMAT_BIT(LINES) },
	{ "get", "BASE QUOTE", "print one rate", cmd_get, 2, 2,
	    OPTION_BIT(FORMAT) | OPTION_BIT(MAX_AGE), DATA_FORMATS },
	{ "convert", "AMOUNT FROM TO", "convert an amount, rounded for money",
	    cmd_convert, 3, 3,
	    OPTION_BIT(ROUND) | OPTION_BIT(DIGITS) | OPTION_BIT(RAW) |
		OPTION_BIT(FORMAT) | OPTION_BIT(MAX_AGE) | COMMAND_SIGNS,
	    DATA_FORMATS },
	{ "explain", "BASE QUOTE", "print where one rate comes from",
	    cmd_explain, 2, 2, OPTION_BIT(FORMAT), DATA_FORMATS },
	{ "status", "", "print what the daemon does", cmd_status, 0, 0,
	    OPTION_BIT(FORMAT), DATA_FORMATS },
	{ "sources", "[SOURCE...]", "print what is known of the sources",
	    cmd_sources, 0, COMMAND_ANY,
	    OPTION_BIT(FORMAT) | OPTION_BIT(VERBOSE) | OPTION_BIT(PRESETS),
	    DATA_FORMATS },
	{ "check", "[BASE[/QUOTE]|SOURCE...]", "judge as a monitoring plugin",
	    cmd_check, 0, COMMAND_ANY,
	    OPTION_BIT(MODE) | OPTION_BIT(WARNING) | OPTION_BIT(CRITICAL) |
		OPTION_BIT(CLOCK) | OPTION_BIT(TIMEOUT) | OPTION_BIT(VERBOSE),
	    0 },
	{ "metrics", "", "print metrics for Prometheus", cmd_metrics, 0, 0,
	    OPTION_BIT(RATES) | OPTION_BIT(TEXTFILE), 0 },
	{ "watch", "[BASE...]", "print each change as it happens", cmd_watch,
	    0, COMMAND_ANY,
	    OPTION_BIT(CHANGES) | OPTION_BIT(SYMBOLS) | OPTION_BIT(TIMEOUT) |
		OPTION_BIT(FORMAT) | OPTION_BIT(VERBOSE) | OPTION_BIT(TOP),
	    DATA_FORMATS },
	{ "wait", "", "return once no row is empty or stale", cmd_wait, 0, 0,
	    OPTION_BIT(TIMEOUT), 0 },
	{ "refresh", "[BASE...]", "ask for rows now", cmd_refresh, 0,
	    COMMAND_ANY, OPTION_BIT(WAIT) | OPTION_BIT(TIMEOUT), 0 },
	{ "accept", "BASE...", "take what these rows hold for right",
	    cmd_accept, 1, COMMAND_ANY,
	    OPTION_BIT(WAIT) | OPTION_BIT(TIMEOUT), 0 },
	{ "probe", "[URL]", "guess a source's section",
	    cmd_probe, 0, COMMAND_ANY, 0, 0 },
	{ "help", "[COMMAND]", "explain a command", cmd_help, 0, 1, 0, 0 },
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))
#define COMMON_OPTIONS                                                         \
	(OPTION_BIT(INSTANCE) | OPTION_BIT(COLOR) | OPTION_BIT(QUIET) |        \
	    OPTION_BIT(HELP) | OPTION_BIT(VERSION))

static const struct words_option probe_words[] = {
#define X(id, letter, word, argument, help) { letter, word, argument, help },
	PROBE_OPTIONS(X)
#undef X
};

const struct command *
command_at(size_t i)
{
	return i < COMMAND_COUNT ? &commands[i] : NULL;
}

unsigned
command_options(const struct command *command)
{
	return command->run == cmd_probe ? 0
					 : command->options | COMMON_OPTIONS;
}

const struct words_option *
command_own_options(const struct command *command, size_t *count)
{
	*count = 0;
	if (command->run != cmd_probe)
		return NULL;
	*count = sizeof(probe_words) / sizeof(probe_words[0]);
	return probe_words;
}

const struct command *
command_find(const char *word)
{
	struct ctl_nearest nearest = { .word = word };
	char clean[WORD_MAX], hint[CTL_HINT_MAX];

	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(commands[i].word, word) == 0)
			return &commands[i];
		ctl_nearest(&nearest, commands[i].word);
	}
	text_clean(clean, sizeof(clean), word, strlen(word));
	ctl_complain(CTL_USAGE, "unknown command '%s'%s", clean,
	    ctl_hint(&nearest, "; see 'ratesctl --help'", hint,
		sizeof(hint)));
	return NULL;
}

bool
command_takes_signs(const char *word)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(commands[i].word, word) == 0)
			return (commands[i].options & COMMAND_SIGNS) != 0;
	return false;
}

/* "get BASE QUOTE" */
static const char *
with_arguments(const struct command *command, char *buf, size_t size)
{
	return text_format(buf, size, "%s%s%s", command->word,
	    *command->arguments != '\0' ? " " : "", command->arguments);
}

/* The plugin has no command words. */
static const char *
name_of(const struct command *command)
{
	return ctl_is_named_plugin() ? ctl_program() : command->word;
}

void
command_help_all(void)
{
	char text[SYNOPSIS_MAX];

	puts("Usage: ratesctl [OPTION...] COMMAND [ARGUMENT...]\n"
	     "Reads the board of exchange rates that ratesd keeps.\n\n"
	     "Commands:");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("  %-23s  %s\n",
		    with_arguments(&commands[i], text, sizeof(text)),
		    commands[i].help);
	puts("\nOptions of some commands ('ratesctl help COMMAND' has them):");
	ctl_options_help(~COMMON_OPTIONS);
	puts("\nOptions of all commands:");
	ctl_options_help(COMMON_OPTIONS);
	puts("\nExit status:");
#define X(id, status, meaning) printf("  %d  %s\n", status, meaning);
	CTL_EXITS(X)
#undef X
}

void
command_help(const struct command *command)
{
	char text[SYNOPSIS_MAX];
	const char *separator = "";
	const struct words_option *own;
	size_t own_count;

	own = command_own_options(command, &own_count);
	printf("Usage: %s %s", ctl_program(),
	    ctl_is_named_plugin()
		? command->arguments
		: with_arguments(command, text, sizeof(text)));
	for (unsigned i = 0; i < OPTION_COUNT; i++)
		if ((command->options & (1u << i)) != 0)
			printf(" [%s]",
			    ctl_option_synopsis(i, text, sizeof(text)));
	for (size_t i = 0; i < own_count; i++)
		printf(" [%s]", words_synopsis(&own[i], text, sizeof(text)));
	printf("\n%s: %s\n\nOptions:\n", name_of(command), command->help);
	ctl_options_help(command_options(command));
	words_help(own, own_count);
	if (command->formats == 0)
		return;
	fputs("\nFormats: ", stdout);
	for (unsigned i = 0; i < FORMAT_COUNT; i++) {
		if ((command->formats & (1u << i)) == 0)
			continue;
		printf("%s%s", separator, ctl_format_name(i));
		separator = ", ";
	}
	putchar('\n');
}

int
cmd_help(struct ctl *ctl, int argc, char **argv)
{
	const struct command *command;

	(void)ctl;
	if (argc == 0) {
		command_help_all();
		return CTL_DONE;
	}
	command = command_find(argv[0]);
	if (command == NULL)
		return CTL_USAGE;
	command_help(command);
	return CTL_DONE;
}

static int
check_arguments(const struct command *command, int argc)
{
	char text[SYNOPSIS_MAX];

	if (argc >= command->min &&
	    (command->max == COMMAND_ANY || argc <= command->max))
		return CTL_DONE;
	return ctl_complain(CTL_USAGE, "too %s arguments: it is 'ratesctl %s'",
	    argc < command->min ? "few" : "many",
	    with_arguments(command, text, sizeof(text)));
}

static int
check_options(const struct command *command, const struct ctl *ctl)
{
	unsigned foreign = ctl->given & ~(command->options | COMMON_OPTIONS);

	for (unsigned i = 0; i < OPTION_COUNT; i++)
		if ((foreign & (1u << i)) != 0)
			return ctl_complain(CTL_USAGE, "%s takes no --%s",
			    name_of(command), ctl_option_word(i));
	if (ctl_given(ctl, OPTION_FORMAT) &&
	    (command->formats & (1u << ctl->format)) == 0)
		return ctl_complain(CTL_USAGE,
		    "%s has no format %s; see 'ratesctl help %s'",
		    command->word, ctl_format_name(ctl->format),
		    command->word);
	return CTL_DONE;
}

static int
run(const struct command *command, struct ctl *ctl, int argc, char **argv)
{
	int status;

	if (ctl_given(ctl, OPTION_HELP)) {
		command_help(command);
		return CTL_DONE;
	}
	status = check_arguments(command, argc);
	if (status == CTL_DONE)
		status = check_options(command, ctl);
	return status == CTL_DONE ? command->run(ctl, argc, argv) : status;
}

/* The guideline has it that not even --help is OK. */
int
ctl_dispatch_plugin(struct ctl *ctl, int argc, char **argv)
{
	const struct command *check = command_find("check");
	int status = CTL_PLUGIN_UNKNOWN;

	assert(check != NULL);
	if (ctl_given(ctl, OPTION_VERSION))
		puts(CTL_PLUGIN_NAME " (ratesd) " PACKAGE_VERSION);
	else
		status = run(check, ctl, argc, argv);
	return ctl_given(ctl, OPTION_HELP) ? CTL_PLUGIN_UNKNOWN : status;
}

int
ctl_dispatch(struct ctl *ctl, int argc, char **argv)
{
	const struct command *command;

	if (ctl_given(ctl, OPTION_VERSION)) {
		puts("ratesctl (ratesd) " PACKAGE_VERSION);
		return CTL_DONE;
	}
	if (argc > 0) {
		command = command_find(argv[0]);
		return command == NULL
		    ? CTL_USAGE
		    : run(command, ctl, argc - 1, argv + 1);
	}
	if (!ctl_given(ctl, OPTION_HELP))
		return ctl_complain(CTL_USAGE,
		    "no command given; see 'ratesctl --help'");
	command_help_all();
	return CTL_DONE;
}
