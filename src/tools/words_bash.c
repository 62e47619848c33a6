#include "tools/words_make.h"

#include <stdio.h>

#include "tools/scope.h"

/*
 * "--format=table,lines", "-i=@instance", "--quiet": an option, with "=" if it
 * takes a value, and what may be offered for that.
 */
static void
print_option(const char *separator, const char *dashes, const char *word,
    const struct scope_option *option)
{
	printf("%s%s%s", separator, dashes, word);
	if (option->row.argument == NULL)
		return;
	putchar('=');
	for (const char *p = option->kind; *p != '\0'; p++)
		putchar(*p == ' ' ? ',' : *p);
}

static void
print_options(const struct scope *scope)
{
	const char *separator = "";

	fputs("\t\toptions='", stdout);
	for (size_t i = 0; i < scope->option_count; i++) {
		const struct scope_option *option = &scope->options[i];
		const char letter[2] = { option->row.letter, '\0' };

		if (letter[0] != '\0') {
			print_option(separator, "-", letter, option);
			separator = "\n\t\t    ";
		}
		print_option(separator, "--", option->row.word, option);
		separator = "\n\t\t    ";
	}
	puts("'");
}

/* "@code @code", "@code...", "@code,@source..."; "-" for a user's own. */
static void
print_arguments(const struct scope *scope)
{
	fputs("\t\targuments='", stdout);
	for (size_t i = 0; i < scope->argument_count; i++) {
		const struct scope_argument *a = &scope->arguments[i];

		if (i > 0)
			putchar(' ');
		for (const char *p = *a->kind != '\0' ? a->kind : "-";
		     *p != '\0'; p++)
			putchar(*p == ' ' ? ',' : *p);
		if (a->many)
			fputs("...", stdout);
	}
	puts("' ;;");
}

void
words_make_bash(void)
{
	struct scope scope;

	fputs("_ratesctl_commands='", stdout);
	for (size_t i = 0; scope_at(i, &scope); i++)
		if (scope.command != NULL)
			printf("%s%s", i == 1 ? "" : " ", scope.command);
	puts("'\n\n# PROGRAM[/COMMAND]: sets options and arguments.\n"
	     "_ratesctl_words()\n{\n\tcase $1 in");
	for (size_t i = 0; scope_at(i, &scope); i++) {
		if (scope.command != NULL)
			printf("\t%s/%s)\n", scope.program, scope.command);
		else
			printf("\t%s)\n", scope.program);
		print_options(&scope);
		print_arguments(&scope);
	}
	puts("\t*)\n\t\treturn 1 ;;\n\tesac\n}");
}
