#include "tools/words.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define LEFT_MAX 48 /* "-f, --format FORMAT" */
#define WORD_MAX 48

static void
help_line(const struct words_option *option)
{
	char left[LEFT_MAX];

	if (option->letter != 0)
		text_format(left, sizeof(left), "-%c, ", option->letter);
	else
		text_format(left, sizeof(left), "    ");
	text_append(left, sizeof(left), "--%s", option->word);
	if (option->argument != NULL)
		text_append(left, sizeof(left), " %s", option->argument);
	printf("  %-23s  %s\n", left, option->help);
}

void
words_help(const struct words_option *options, size_t count)
{
	for (size_t i = 0; i < count; i++)
		help_line(&options[i]);
}

const char *
words_synopsis(const struct words_option *option, char *buf, size_t size)
{
	if (option->letter != 0)
		text_format(buf, size, "-%c", option->letter);
	else
		text_format(buf, size, "--%s", option->word);
	if (option->argument != NULL)
		text_append(buf, size, " %s", option->argument);
	return buf;
}

const char *
words_nearest(
    const struct words_option *options, size_t count, const char *word)
{
	unsigned edits, least = 0;
	const char *best = NULL;
	char bare[WORD_MAX];

	word += strspn(word, "-");
	text_format(bare, sizeof(bare), "%.*s", (int)strcspn(word, "="), word);
	for (size_t i = 0; i < count; i++) {
		if (!text_near(bare, options[i].word, &edits) ||
		    (best != NULL && edits >= least))
			continue;
		least = edits;
		best = options[i].word;
	}
	return best;
}

const char *
words_hint(const struct words_option *options, size_t count, const char *word,
    char *buf, size_t size)
{
	const char *near = words_nearest(options, count, word);

	text_format(buf, size, "%s", "");
	return near == NULL
	    ? buf
	    : text_format(buf, size, "; did you mean --%s?", near);
}
