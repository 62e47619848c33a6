/*
 * The words of the command lines, and what completions and manuals get of them.
 */
#include "tools/scope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "tools/command.h"

static const struct words_option options[] = {
	{ 'f', "format", "FORMAT", "how" },
	{ 0, "force", NULL, "do it" },
	{ 'q', "quiet", NULL, "no word" },
};
#define COUNT (sizeof(options) / sizeof(options[0]))

static void
nearest(const char *word, const char *wanted)
{
	char hint[WORDS_HINT_MAX], text[WORDS_HINT_MAX] = "";

	if (wanted == NULL) {
		assert_null(words_nearest(options, COUNT, word));
	} else {
		assert_string_equal(
		    words_nearest(options, COUNT, word), wanted);
		text_format(text, sizeof(text), "; did you mean --%s?", wanted);
	}
	assert_string_equal(
	    words_hint(options, COUNT, word, hint, sizeof(hint)), text);
}

static void
the_nearest_option_is_found(void **state)
{
	(void)state;
	nearest("--fromat", "format");
	nearest("--fromat=json", "format");
	nearest("fource", "force");
	nearest("--quit", "quiet");
	nearest("--form", "format");
	nearest("", NULL);
	nearest("--", NULL);
	nearest("--json", NULL);
	nearest("--a-word-that-is-much-longer-than-any-option-there-is-here",
	    NULL);
}

static void
a_synopsis_prefers_letters(void **state)
{
	char text[32];

	(void)state;
	assert_string_equal(
	    words_synopsis(&options[0], text, sizeof(text)), "-f FORMAT");
	assert_string_equal(
	    words_synopsis(&options[1], text, sizeof(text)), "--force");
	assert_string_equal(words_synopsis(&options[0], text, 4), "-f ");
}

/* The scope of a command, or of a program without one. */
static struct scope
scope_of(const char *program, const char *command)
{
	struct scope scope;

	for (size_t i = 0; scope_at(i, &scope); i++)
		if (strcmp(scope.program, program) == 0 &&
		    (command == NULL ? scope.command == NULL
				     : scope.command != NULL &&
				strcmp(scope.command, command) == 0))
			return scope;
	fail_msg("no scope %s %s", program, command);
	return scope;
}

static const char *
kind_of(const struct scope *scope, const char *word)
{
	for (size_t i = 0; i < scope->option_count; i++)
		if (strcmp(scope->options[i].row.word, word) == 0)
			return scope->options[i].kind;
	return NULL;
}

static void
each_command_is_a_scope(void **state)
{
	struct scope scope;
	size_t i, ratesd = 0;

	(void)state;
	for (i = 0; command_at(i) != NULL; i++) {
		scope = scope_of("ratesctl", command_at(i)->word);
		assert_string_equal(scope.help, command_at(i)->help);
		assert_true(scope.option_count > 0);
	}
	for (size_t k = 0; scope_at(k, &scope); k++)
		ratesd += strcmp(scope.program, "ratesd") == 0;
	assert_int_equal(ratesd, 1);
	assert_true(scope_at(i + 1, &scope));
	assert_true(scope_at(i + 2, &scope));
	assert_string_equal(scope.program, "ratesfetch");
	assert_true(scope_at(i + 3, &scope));
	assert_string_equal(scope.program, "check_rates");
	assert_null(scope.command);
	assert_false(scope_at(i + 4, &scope));
}

static void
what_can_be_offered_comes_from_the_tables(void **state)
{
	struct scope scope = scope_of("ratesctl", "get");

	(void)state;
	assert_int_equal(scope.argument_count, 2);
	assert_string_equal(scope.arguments[0].name, "base");
	assert_string_equal(scope.arguments[1].kind, "@code");
	assert_false(scope.arguments[0].optional);
	assert_string_equal(
	    kind_of(&scope, "format"), "table json csv keyvalue");
	assert_string_equal(kind_of(&scope, "instance"), "@instance");
	assert_string_equal(kind_of(&scope, "max-age"), "");
	assert_null(kind_of(&scope, "timeout"));
	scope = scope_of("ratesctl", "show");
	assert_true(scope.arguments[0].optional && scope.arguments[0].many);
	assert_string_equal(kind_of(&scope, "symbols"), "@codes");
	scope = scope_of("ratesctl", "probe");
	assert_string_equal(kind_of(&scope, "file"), "@file");
	assert_string_equal(kind_of(&scope, "base"), "@code");
	assert_string_equal(kind_of(&scope, "name"), "");
	assert_null(kind_of(&scope, "quiet"));
	scope = scope_of("check_rates", NULL);
	assert_int_equal(scope.argument_count, 1);
	assert_string_equal(scope.arguments[0].kind, "@code @pair @source");
	assert_null(kind_of(&scope, "format"));
	scope = scope_of("ratesctl", NULL);
	assert_string_equal(scope.arguments[0].kind, "@command");
	scope = scope_of("ratesd", NULL);
	assert_string_equal(
	    kind_of(&scope, "log-level"), "error warning info debug");
	assert_string_equal(kind_of(&scope, "state-dir"), "@directory");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nearest_option_is_found),
		cmocka_unit_test(a_synopsis_prefers_letters),
		cmocka_unit_test(each_command_is_a_scope),
		cmocka_unit_test(what_can_be_offered_comes_from_the_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
