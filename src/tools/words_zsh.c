#include "tools/words_make.h"

#include <stdio.h>
#include <string.h>

#include "tools/scope.h"

/*
 * Text within a spec of _arguments(zshcompsys(1)), which is within single
 * quotes: ":" and "]" would end a part of it.
 */
static void
print_text(const char *text)
{
	for (; *text != '\0'; text++) {
		if (strchr(":[]\\", *text) != NULL)
			putchar('\\');
		if (*text == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*text);
	}
}

/* ":format:(table lines)", ":base:_ratesctl_offer code", ":age: " */
static void
print_value(const char *name, const char *kind)
{
	putchar(':');
	print_text(name);
	putchar(':');
	if (*kind == '\0') {
		putchar(' ');
	} else if (*kind != '@') {
		printf("(%s)", kind);
	} else {
		fputs("_ratesctl_offer ", stdout);
		for (; *kind != '\0'; kind++)
			if (*kind != '@')
				putchar(*kind);
	}
}

static void
print_option(const struct scope_option *option, bool letter)
{
	const struct words_option *row = &option->row;
	bool value = row->argument != NULL;

	fputs("\t\t    '", stdout);
	if (row->letter != 0)
		printf("(-%c --%s)", row->letter, row->word);
	if (letter)
		printf("-%c%s", row->letter, value ? "+" : "");
	else
		printf("--%s%s", row->word, value ? "=" : "");
	putchar('[');
	print_text(row->help);
	putchar(']');
	if (value)
		print_value(row->argument, option->kind);
	puts("'");
}

/* Place 1 is the command's, if there is one. */
static void
print_argument(const struct scope *scope, size_t i)
{
	const struct scope_argument *a = &scope->arguments[i];

	fputs("\t\t    '", stdout);
	if (a->many)
		putchar('*');
	else
		printf("%zu", i + (scope->command != NULL ? 2 : 1));
	print_value(a->name, a->kind);
	puts("'");
}

static void
print_scope(const struct scope *scope)
{
	if (scope->command != NULL)
		printf(
		    "\t%s/%s)\n\t\tspecs=(\n", scope->program, scope->command);
	else
		printf("\t%s)\n\t\tspecs=(\n", scope->program);
	for (size_t i = 0; i < scope->option_count; i++) {
		if (scope->options[i].row.letter != 0)
			print_option(&scope->options[i], true);
		print_option(&scope->options[i], false);
	}
	if (scope->command != NULL)
		puts("\t\t    '1:command:_ratesctl_offer command'");
	for (size_t i = 0; i < scope->argument_count; i++)
		print_argument(scope, i);
	puts("\t\t) ;;");
}

/* The letters of options without a value. */
static void
print_flags(void)
{
	struct scope scope;

	scope_at(0, &scope);
	fputs("_ratesctl_flags=", stdout);
	for (size_t i = 0; i < scope.option_count; i++)
		if (scope.options[i].row.argument == NULL &&
		    scope.options[i].row.letter != 0)
			putchar(scope.options[i].row.letter);
	putchar('\n');
}

void
words_make_zsh(void)
{
	struct scope scope;

	print_flags();
	puts("_ratesctl_commands=(");
	for (size_t i = 0; scope_at(i, &scope); i++) {
		if (scope.command == NULL)
			continue;
		printf("    '%s:", scope.command);
		print_text(scope.help);
		puts("'");
	}
	puts(")\n\n# PROGRAM[/COMMAND]: sets specs, for _arguments.\n"
	     "_ratesctl_specs()\n{\n\tcase $1 in");
	for (size_t i = 0; scope_at(i, &scope); i++)
		print_scope(&scope);
	puts("\tesac\n}");
}
