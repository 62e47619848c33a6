#include "tools/words_make.h"

#include <stdio.h>
#include <string.h>

#include "tools/scope.h"

/* Within single quotes fish escapes these two, and nothing else. */
static void
print_quoted(const char *text)
{
	putchar('\'');
	for (; *text != '\0'; text++) {
		if (*text == '\'' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('\'');
}

/* "complete -c ratesctl -n '__ratesctl_in show'" */
static void
begin(const struct scope *scope)
{
	printf("complete -c %s", scope->program);
	if (scope->command != NULL)
		printf(" -n '__ratesctl_in %s'", scope->command);
	else if (strcmp(scope->program, "ratesctl") == 0)
		fputs(" -n __ratesctl_in", stdout);
}

/* A kind without the "@" of its words. */
static void
print_kind(const char *kind)
{
	for (; *kind != '\0'; kind++)
		if (*kind != '@')
			putchar(*kind);
}

static void
print_value(const char *kind)
{
	if (strcmp(kind, "@file") == 0) {
		fputs(" -r -F", stdout);
		return;
	}
	fputs(" -x", stdout);
	if (*kind == '\0')
		return;
	fputs(" -a '", stdout);
	if (*kind == '@')
		fputs("(__ratesctl_offer ", stdout);
	print_kind(kind);
	fputs(*kind == '@' ? ")'" : "'", stdout);
}

static void
print_option(const struct scope *scope, const struct scope_option *option)
{
	begin(scope);
	if (option->row.letter != 0)
		printf(" -s %c", option->row.letter);
	printf(" -l %s", option->row.word);
	if (option->row.argument != NULL)
		print_value(option->kind);
	fputs(" -d ", stdout);
	print_quoted(option->row.help);
	putchar('\n');
}

/* The words of a place, the places apart by "+"; what is last may repeat. */
static void
print_arguments(const struct scope *scope)
{
	bool any = false;

	for (size_t i = 0; i < scope->argument_count; i++)
		any |= *scope->arguments[i].kind != '\0';
	if (!any)
		return;
	begin(scope);
	fputs(" -f -a '(__ratesctl_argument", stdout);
	for (size_t i = 0; i < scope->argument_count; i++) {
		const struct scope_argument *a = &scope->arguments[i];

		fputs(i == 0 ? " " : " + ", stdout);
		print_kind(*a->kind != '\0' ? a->kind : "nothing");
		if (a->many)
			fputs(" ...", stdout);
	}
	puts(")'");
}

/* The options behind which a word is no argument, and the other letters. */
static void
print_valued(const struct scope *scope)
{
	printf("set -g __%s_valued", scope->program);
	for (size_t i = 0; i < scope->option_count; i++) {
		const struct words_option *row = &scope->options[i].row;

		if (row->argument == NULL)
			continue;
		if (row->letter != 0)
			printf(" -%c", row->letter);
		printf(" --%s", row->word);
	}
	printf("\nset -g __%s_flags ", scope->program);
	for (size_t i = 0; i < scope->option_count; i++)
		if (scope->options[i].row.argument == NULL &&
		    scope->options[i].row.letter != 0)
			putchar(scope->options[i].row.letter);
	putchar('\n');
}

static void
print_commands(const char *program)
{
	struct scope scope;

	printf("set -g __%s_commands", program);
	for (size_t i = 0; scope_at(i, &scope); i++)
		if (scope.command != NULL &&
		    strcmp(scope.program, program) == 0)
			printf(" %s", scope.command);
	putchar('\n');
}

void
words_make_fish(const char *program)
{
	struct scope scope;

	printf("complete -c %s -f\n", program);
	print_commands(program);
	for (size_t i = 0; scope_at(i, &scope); i++) {
		if (strcmp(scope.program, program) != 0)
			continue;
		if (scope.command == NULL)
			print_valued(&scope);
		if (scope.command != NULL) {
			printf("complete -c %s -n __ratesctl_in -f -a %s -d ",
			    program, scope.command);
			print_quoted(scope.help);
			putchar('\n');
		}
		for (size_t k = 0; k < scope.option_count; k++)
			print_option(&scope, &scope.options[k]);
		if (scope.command != NULL || strcmp(program, "ratesctl") != 0)
			print_arguments(&scope);
	}
}
