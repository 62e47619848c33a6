#include "tools/words_make.h"

#include <stdio.h>

#include "tools/scope.h"

static void
print_option(const struct words_option *row)
{
	if (row->letter != 0)
		printf(".Op Fl %c", row->letter);
	else
		printf(".Op Fl -%s", row->word);
	if (row->argument != NULL) {
		fputs(" Ar ", stdout);
		for (const char *p = row->argument; *p != '\0'; p++)
			putchar(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
	}
	putchar('\n');
}

static void
print_arguments(const struct scope *scope)
{
	for (size_t i = 0; i < scope->argument_count; i++) {
		const struct scope_argument *a = &scope->arguments[i];

		printf(".%sAr %s%s\n", a->optional ? "Op " : "", a->name,
		    a->many ? " ..." : "");
	}
}

/* What all commands take is in lines of its own, before these. */
void
words_make_synopsis(void)
{
	struct scope scope;

	for (size_t i = 0; scope_at(i, &scope); i++) {
		if (scope.command == NULL)
			continue;
		printf(".Nm ratesctl\n.Cm %s\n", scope.command);
		print_arguments(&scope);
		for (size_t k = 0; k < scope.option_count; k++)
			if (!scope.options[k].common)
				print_option(&scope.options[k].row);
	}
}
