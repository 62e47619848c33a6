#include "board/saved_sources.h"

#include <string.h>

#include <bsd/string.h>

#define WORD_NAME_MAX 24
#define NAME_WORDS (WORD_NAME_MAX / 8)
#define SOURCE_NAME_WORDS (BOARD_SOURCE_MAX / 8)

static const struct lasting {
	const char *name;
	size_t at; /* in words, from the beginning of a source */
} lasting[] = {
#define X(name) { #name, offsetof(struct board_source, name) / 8 },
	SOURCE_LASTING_WORDS(X)
#undef X
	/* By what they count, for the order of that may change. */
#define TALLY(name, i) (offsetof(struct board_source, name) / 8 + (size_t)(i))
#define X(id, name)                                                            \
	{ "failed " name, TALLY(failed, ATTEMPT_##id) },                       \
	    { "rejected " name, TALLY(rejected, ATTEMPT_##id) },
	ATTEMPT_CLASSES(X)
#undef X
#define X(ms, text) { "took " text, TALLY(took, FETCH_WITHIN_##ms) },
	FETCH_BUCKETS(X)
#undef X
	{ "took longer", TALLY(took, FETCH_LONGER) },
};

#define LASTING (sizeof(lasting) / sizeof(lasting[0]))
_Static_assert(LASTING <= SAVED_WORDS_MAX, "raise SAVED_WORDS_MAX");

const uint32_t saved_source_words = LASTING;

size_t
saved_sources_size(uint32_t sources, uint32_t words)
{
	return (size_t)words * NAME_WORDS +
	    (size_t)sources * (SOURCE_NAME_WORDS + words);
}

static board_word *
word_of(const void *map, const struct board_shape *shape, uint32_t source,
    size_t at)
{
	return (board_word *)board_source(map, shape, source) + at;
}

uint64_t *
saved_sources_put(
    uint64_t *to, const void *map, const struct board_shape *shape)
{
	for (size_t i = 0; i < LASTING; i++, to += NAME_WORDS) {
		char name[WORD_NAME_MAX] = { 0 };

		strlcpy(name, lasting[i].name, sizeof(name));
		memcpy(to, name, sizeof(name));
	}
	for (uint32_t s = 0; s < shape->sources; s++) {
		memcpy(to, board_source(map, shape, s)->name, BOARD_SOURCE_MAX);
		to += SOURCE_NAME_WORDS;
		for (size_t i = 0; i < LASTING; i++)
			*to++ = atomic_load_explicit(
			    word_of(map, shape, s, lasting[i].at),
			    memory_order_relaxed);
	}
	return to;
}

/* The word of a saved name, or -1: none here has it. */
static int
lasting_named(const char *name)
{
	for (size_t i = 0; i < LASTING; i++)
		if (strcmp(lasting[i].name, name) == 0)
			return (int)i;
	return -1;
}

static const char *
read_names(const uint64_t *from, uint32_t words, int known[SAVED_WORDS_MAX])
{
	for (uint32_t i = 0; i < words; i++) {
		char name[WORD_NAME_MAX];

		memcpy(name, from + (size_t)i * NAME_WORDS, sizeof(name));
		if (memchr(name, '\0', sizeof(name)) == NULL)
			return "a word of its sources is out of bounds";
		known[i] = lasting_named(name);
	}
	return NULL;
}

const char *
saved_sources_take(const uint64_t *from, uint32_t words, void *map,
    const struct board_shape *shape)
{
	int known[SAVED_WORDS_MAX];
	const char *fault = read_names(from, words, known);

	if (fault != NULL)
		return fault;
	from += (size_t)words * NAME_WORDS;
	for (uint32_t s = 0; s < shape->sources; s++) {
		char *name = board_source(map, shape, s)->name;

		memcpy(name, from, BOARD_SOURCE_MAX);
		if (memchr(name, '\0', BOARD_SOURCE_MAX) == NULL)
			return "the name of a source of it has no end";
		from += SOURCE_NAME_WORDS;
		for (uint32_t i = 0; i < words; i++, from++)
			if (known[i] != -1)
				atomic_store_explicit(
				    word_of(map, shape, s,
					lasting[known[i]].at),
				    *from, memory_order_relaxed);
	}
	return NULL;
}
