#include "daemon/conf_block.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/conf_source.h"

#define ROOM_FIRST 32

/* gcc -fanalyzer forgets what is stored in memory that was reallocated. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif
int
conf_block_add(struct conf_block *block, const struct conf_key *key, int line,
    unsigned number, const char *text)
{
	struct conf_given *last;

	if (block->count == block->room) {
		size_t room = block->room > 0 ? 2 * block->room : ROOM_FIRST;
		struct conf_given *given =
		    reallocarray(block->given, room, sizeof(*given));

		if (given == NULL)
			return -1;
		block->given = given;
		block->room = room;
	}
	last = &block->given[block->count];
	*last = (struct conf_given){ .key = key,
		.line = line,
		.number = number,
		.text = strdup(text) };
	if (last->text == NULL)
		return -1;
	block->count++;
	return 0;
}
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

const struct conf_given *
conf_block_find(const struct conf_block *block, const char *name)
{
	for (size_t i = 0; i < block->count; i++) {
		if (strcmp(block->given[i].key->name, name) == 0)
			return &block->given[i];
	}
	return NULL;
}

/* Values were checked when they were added, against an empty source. */
static void
apply(const struct conf_block *block, const struct conf_block *over,
    struct source *source)
{
	char why[2];

	for (size_t i = 0; i < block->count; i++) {
		const struct conf_given *given = &block->given[i];
		const struct conf_key *key = given->key;
		int result;

		if (over != NULL && conf_block_find(over, key->name) != NULL)
			continue;
		if (key->list && (i == 0 || given[-1].key != key))
			conf_list_clear(key, source);
		result = key->set(key, source, given->text, why, sizeof(why));
		assert(result == 0);
		(void)result;
	}
}

void
conf_block_source(const struct conf_block *under,
    const struct conf_block *block, struct source *source)
{
	conf_source_begin(source);
	if (under != NULL)
		apply(under, block, source);
	apply(block, NULL, source);
}

static void
print_text(const char *text, FILE *out)
{
	putc('"', out);
	for (; *text != '\0'; text++) {
		/* "${" would be replaced when it is read. */
		if (strchr("\"\\$", *text) != NULL)
			putc('\\', out);
		putc(*text, out);
	}
	putc('"', out);
}

void
conf_block_print(const struct conf_block *block, const char *name, FILE *out)
{
	fprintf(out, "source \"%s\" {\n", name);
	for (size_t i = 0; i < block->count; i++) {
		const struct conf_given *given = &block->given[i];
		bool more = i + 1 < block->count && given[1].key == given->key;

		if (given->number == 1)
			fprintf(out, "\t%s = %s", given->key->name,
			    given->key->list ? "{" : "");
		print_text(given->text, out);
		if (more)
			fputs(",\n\t    ", out);
		else
			fprintf(out, "%s\n", given->key->list ? "}" : "");
	}
	fputs("}\n", out);
}

void
conf_block_clear(struct conf_block *block)
{
	for (size_t i = 0; i < block->count; i++)
		free(block->given[i].text);
	free(block->given);
	memset(block, 0, sizeof(*block));
}
