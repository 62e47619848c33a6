#include "tools/scope.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "tools/command.h"
#include "tools/ratesd_options.h"
#include "tools/ratesfetch_options.h"

static const struct {
	const char *kind, *words;
} kinds[] = {
#define X(kind, words) { kind, words },
	SCOPE_KINDS(X)
#undef X
};

static const struct words_option ratesd_words[] = {
#define X(letter, word, argument, help) { letter, word, argument, help },
	RATESD_OPTIONS(X)
#undef X
};

static const struct words_option ratesfetch_words[] = {
#define X(id, letter, word, argument, help) { letter, word, argument, help },
	RATESFETCH_OPTIONS(X)
#undef X
};

/* What is cut here would be missing there. */
static void
must_fit(size_t count, size_t max)
{
	if (count < max)
		return;
	fputs("scope.c: a table has outgrown its array\n", stderr);
	abort();
}

static bool
has_word(const char *list, const char *word, size_t length)
{
	size_t each;

	for (; *list != '\0'; list += each + strspn(list + each, " ")) {
		each = strcspn(list, " ");
		if (each == length && memcmp(list, word, length) == 0)
			return true;
	}
	return false;
}

/*
 * The kinds of the words in capitals in text, each once: "BASE[/QUOTE]".  A
 * slash is part of the word behind it.
 */
static void
find_kinds(const char *text, char kind[SCOPE_KIND_MAX])
{
	static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	char name[SCOPE_NAME_MAX];
	const char *begin = text;
	size_t length;

	for (text += strcspn(text, capitals); *text != '\0';
	     text += strcspn(text, capitals)) {
		text -= text > begin && text[-1] == '/';
		length = 1 + strspn(text + 1, capitals);
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			if (!has_word(kinds[i].words, text, length))
				continue;
			text_format(name, sizeof(name), "@%s", kinds[i].kind);
			if (!has_word(kind, name, strlen(name)))
				text_append(kind, SCOPE_KIND_MAX, "%s%s",
				    *kind == '\0' ? "" : " ", name);
		}
		text += length;
	}
}

static void
add_word(char kind[SCOPE_KIND_MAX], const char *word)
{
	must_fit(strlen(kind) + strlen(word) + 1, SCOPE_KIND_MAX);
	text_append(
	    kind, SCOPE_KIND_MAX, "%s%s", *kind == '\0' ? "" : " ", word);
}

static struct scope_option *
add_option(struct scope *scope, const struct words_option *row)
{
	struct scope_option *option;

	must_fit(scope->option_count, SCOPE_OPTIONS_MAX);
	option = &scope->options[scope->option_count++];
	option->row = *row;
	if (row->argument == NULL)
		return option;
	/* A NAME alone may be of anything. */
	find_kinds(
	    strcmp(row->word, "instance") == 0 ? "INSTANCE" : row->argument,
	    option->kind);
	return option;
}

/* "[BASE...]" */
static void
add_argument(struct scope *scope, const char *text, size_t length)
{
	struct scope_argument *a;

	must_fit(scope->argument_count, SCOPE_ARGUMENTS_MAX);
	must_fit(length, SCOPE_NAME_MAX);
	a = &scope->arguments[scope->argument_count++];
	a->optional = *text == '[';
	if (a->optional) {
		text++;
		length -= 2;
	}
	a->many = length > 3 && memcmp(text + length - 3, "...", 3) == 0;
	text_format(a->name, sizeof(a->name), "%.*s",
	    (int)(a->many ? length - 3 : length), text);
	find_kinds(a->name, a->kind);
	for (char *p = a->name; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
}

static void
add_arguments(struct scope *scope, const char *text)
{
	size_t length;

	for (; *text != '\0'; text += length + strspn(text + length, " ")) {
		length = strcspn(text, " ");
		add_argument(scope, text, length);
	}
}

/* Of a format only what one of the commands has. */
static struct scope_option *
add_ctl_option(struct scope *scope, enum ctl_option i, unsigned formats)
{
	struct scope_option *option = add_option(scope, ctl_option_row(i));
	unsigned count;
	const char *const *values = ctl_option_values(i, &count);

	for (unsigned k = 0; k < count; k++)
		if (i != OPTION_FORMAT || (formats & (1u << k)) != 0)
			add_word(option->kind, values[k]);
	return option;
}

static void
fill_command(struct scope *scope, const struct command *command)
{
	size_t count;
	const struct words_option *own = command_own_options(command, &count);
	unsigned options = command_options(command);

	scope->program = "ratesctl";
	scope->command = command->word;
	scope->help = command->help;
	add_arguments(scope, command->arguments);
	for (unsigned i = 0; i < OPTION_COUNT; i++)
		if ((options & (1u << i)) != 0)
			add_ctl_option(
			    scope, (enum ctl_option)i, command->formats)
			    ->common = (command->options & (1u << i)) == 0;
	for (size_t i = 0; i < count; i++)
		add_option(scope, &own[i])->common =
		    own[i].letter == 'h' || own[i].letter == 'V';
}

/* The plugin by its name, whatever command it is. */
static void
fill_check_rates(struct scope *scope)
{
	size_t i = 0;

	while (command_at(i)->run != cmd_check)
		i++;
	fill_command(scope, command_at(i));
	scope->program = CTL_PLUGIN_NAME;
	scope->command = NULL;
}

/* Options may stand before the command. */
static void
fill_ratesctl(struct scope *scope)
{
	scope->program = "ratesctl";
	add_arguments(scope, "COMMAND");
	for (unsigned i = 0; i < OPTION_COUNT; i++)
		add_ctl_option(scope, (enum ctl_option)i, ~0u);
}

static void
fill_ratesd(struct scope *scope)
{
	static const char *const levels[] = {
#define X(id, name, priority) name,
		LOG_LEVELS(X)
#undef X
	};
	struct scope_option *option;

	scope->program = "ratesd";
	add_arguments(scope, "[PRESET]");
	for (size_t i = 0; i < sizeof(ratesd_words) / sizeof(ratesd_words[0]);
	     i++) {
		option = add_option(scope, &ratesd_words[i]);
		if (strcmp(option->row.word, "log-level") != 0)
			continue;
		for (size_t k = 0; k < sizeof(levels) / sizeof(levels[0]); k++)
			add_word(option->kind, levels[k]);
	}
}

static void
fill_ratesfetch(struct scope *scope)
{
	static const struct {
		const char *option, *value;
	} choices[] = {
#define X(id, daemon, what) { "model", #id },
		ENGINES(X)
#undef X
		{ "format", "lines" }, { "format", "table" },
		{ "format", "json" }, { "format", "csv" },
	};
	struct scope_option *option;
	size_t count = sizeof(ratesfetch_words) / sizeof(ratesfetch_words[0]);

	scope->program = "ratesfetch";
	for (size_t i = 0; i < count; i++) {
		option = add_option(scope, &ratesfetch_words[i]);
		for (size_t k = 0; k < sizeof(choices) / sizeof(choices[0]);
		     k++)
			if (strcmp(option->row.word, choices[k].option) == 0)
				add_word(option->kind, choices[k].value);
	}
}

bool
scope_at(size_t i, struct scope *scope)
{
	static void (*const others[])(struct scope *) = { fill_ratesd,
		fill_ratesfetch, fill_check_rates };
	size_t commands = 0;

	memset(scope, 0, sizeof(*scope));
	while (command_at(commands) != NULL)
		commands++;
	if (i == 0)
		fill_ratesctl(scope);
	else if (i <= commands)
		fill_command(scope, command_at(i - 1));
	else if (i - commands <= sizeof(others) / sizeof(others[0]))
		others[i - commands - 1](scope);
	else
		return false;
	return true;
}
