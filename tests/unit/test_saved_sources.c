#include "board/saved_sources.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>
#include <cmocka.h>

#include "base/hash.h"
#include "board/adopt.h"
#include "board/saved.h"
#include "made_board.h"

/* The file as it is documented: word numbers. */
#define AT_CHECK 2
#define AT_SIZE 3
#define AT_SOURCES 12 /* and the words of each, 32 bits each */
#define NAME 3        /* words of the name of a word */
#define SOURCE_NAME 4 /* words of the name of a source */

static uint64_t *file;
static size_t size;
static struct attached image;

static int
end(void **state)
{
	free(file);
	file = NULL;
	detach(&image);
	return made_end(state);
}

/* Each lasting word of a source another number. */
static void
fill_source(struct board_source *source, uint64_t number)
{
#define X(name) atomic_store(&source->name, number++);
	SOURCE_LASTING_WORDS(X)
#undef X
#define X(name, count)                                                         \
	for (size_t i = 0; i < (count); i++)                                   \
		atomic_store(&source->name[i], number++);
	SOURCE_TALLIES(X)
#undef X
#define X(name) atomic_store(&source->name, number++);
	number = 77; /* none of these is saved */
	SOURCE_BOOT_WORDS(X)
#undef X
}

static void
compose(void)
{
	struct attached view = made_view(made);

	free(file);
	file = saved_compose(&view, &size);
	assert_non_null(file);
}

static void
compose_two(void)
{
	if (made == NULL)
		made_open();
	fill_source(board_source(made->map, &made->shape, 0), 100);
	fill_source(board_source(made->map, &made->shape, 1), 200);
	compose();
}

static void
seal(void)
{
	uint64_t hash = HASH_START;

	file[AT_SIZE] = size;
	for (size_t i = 0; i < size / 8; i++)
		if (i != AT_CHECK)
			hash = hash_word(hash, file[i]);
	file[AT_CHECK] = hash;
}

static uint32_t
words(void)
{
	return (uint32_t)(file[AT_SOURCES] >> 32);
}

static void
set_counts(uint64_t sources, uint64_t source_words)
{
	file[AT_SOURCES] = sources | source_words << 32;
	seal();
}

/* Where the sources begin: they are the file's end. */
static size_t
sources_at(void)
{
	return size / 8 -
	    saved_sources_size((uint32_t)file[AT_SOURCES], words());
}

/* Adds or takes words at the end. */
static void
resize(size_t count)
{
	size_t before = size;

	size = count * 8;
	file = realloc(file, size);
	assert_non_null(file);
	if (size > before)
		memset((char *)file + before, 0, size - before);
	seal();
}

static void
parses(void)
{
	const char *fault;

	detach(&image);
	fault = saved_parse(file, size, &image);
	if (fault != NULL)
		fail_msg("%s", fault);
	assert_non_null(image.map);
}

static void
refused(const char *why)
{
	const char *fault;

	detach(&image);
	fault = saved_parse(file, size, &image);
	assert_null(image.map);
	assert_non_null(fault);
	if (why != NULL)
		assert_string_equal(fault, why);
}

static void
restore(const char *sources)
{
	parses();
	board_close(made_next);
	made_next = made_of("EUR USD PLN", sources);
	adopt(made_next, &image);
}

/* A source of the next board has the lasting words from number on. */
static void
has(uint32_t at, uint64_t number)
{
	struct board_source *source =
	    board_source(made_next->map, &made_next->shape, at);

#define X(name) assert_int_equal(source->name, number++);
	SOURCE_LASTING_WORDS(X)
#undef X
#define X(name, count)                                                         \
	for (size_t i = 0; i < (count); i++)                                   \
		assert_int_equal(source->name[i], number++);
	SOURCE_TALLIES(X)
#undef X
#define X(name) assert_int_equal(source->name, 0);
	SOURCE_BOOT_WORDS(X)
#undef X
}

static uint64_t
requests_of(uint32_t at)
{
	return board_source(made_next->map, &made_next->shape, at)->requests;
}

/* --- what comes back ----------------------------------------------------- */

static void
sources_come_back_by_their_names(void **state)
{
	(void)state;
	compose_two();
	restore("vatcomply frankfurter");
	has(0, 100);
	has(1, 200);
	restore("other frankfurter");
	assert_int_equal(requests_of(0), 0);
	has(1, 200);
}

static void
as_many_sources_as_a_board_has(void **state)
{
	char names[BOARD_SOURCES_MAX * BOARD_SOURCE_MAX + 1] = "";

	(void)state;
	for (uint32_t i = 0; i < BOARD_SOURCES_MAX; i++)
		snprintf(names + i * BOARD_SOURCE_MAX, BOARD_SOURCE_MAX + 1,
		    "%03u-source-of-the-longest-names ", i);
	made = made_of("EUR", names);
	assert_int_equal(made->shape.sources, BOARD_SOURCES_MAX);
	for (uint32_t i = 0; i < BOARD_SOURCES_MAX; i++)
		fill_source(board_source(made->map, &made->shape, i), 100 * i);
	compose();
	restore(names);
	for (uint32_t i = 0; i < BOARD_SOURCES_MAX; i++)
		has(i, 100 * i);
}

/* --- words of another version -------------------------------------------- */

static void
an_unknown_word_is_passed_over(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < saved_source_words; i++) {
		compose_two();
		strlcpy((char *)(file + sources_at() + i * NAME), "colour",
		    NAME * 8);
		seal();
		restore("vatcomply frankfurter");
		for (uint32_t s = 0; s < 2; s++) {
			uint64_t number = (s + 1) * 100, at = 0;
			struct board_source *source = board_source(
			    made_next->map, &made_next->shape, s);

#define X(name)                                                                \
	assert_int_equal(source->name, at == i ? 0 : number + at);             \
	at++;
			SOURCE_LASTING_WORDS(X)
#undef X
		}
	}
}

/* A word of this boot is none of those that a file can bring. */
static void
a_word_that_does_not_last_is_not_taken(void **state)
{
	static const char *const names[] = { "claim", "closed_till",
		"not_before", "quota", "name", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *name;

		compose_two();
		name = (char *)(file + sources_at());
		memset(name, 0, NAME * 8);
		strlcpy(name, names[i], NAME * 8);
		seal();
		restore("vatcomply frankfurter");
		assert_int_equal(requests_of(0), 0);
#define X(name)                                                                \
	assert_int_equal(                                                      \
	    board_source(made_next->map, &made_next->shape, 0)->name, 0);
		SOURCE_BOOT_WORDS(X)
		SOURCE_FACTS(X)
#undef X
		assert_string_equal(
		    board_source(made_next->map, &made_next->shape, 0)->name,
		    "vatcomply");
	}
}

static void
the_order_of_the_words_is_free(void **state)
{
	uint64_t name[NAME], word, *first, *source;

	(void)state;
	compose_two();
	first = file + sources_at();
	memcpy(name, first, sizeof(name));
	memcpy(first, first + NAME, sizeof(name));
	memcpy(first + NAME, name, sizeof(name));
	source = first + (size_t)words() * NAME;
	for (int s = 0; s < 2; s++, source += SOURCE_NAME + words()) {
		word = source[SOURCE_NAME];
		source[SOURCE_NAME] = source[SOURCE_NAME + 1];
		source[SOURCE_NAME + 1] = word;
	}
	seal();
	restore("vatcomply frankfurter");
	has(0, 100);
	has(1, 200);
}

static void
no_word_at_all_is_fine(void **state)
{
	size_t at;

	(void)state;
	compose_two();
	at = sources_at();
	memset(file + at, 0, size - at * 8);
	set_counts(2, 0);
	resize(at + saved_sources_size(2, 0));
	restore("vatcomply frankfurter");
	assert_int_equal(requests_of(0), 0);
}

/* --- what is refused ----------------------------------------------------- */

static void
a_name_has_an_end(void **state)
{
	char *name;

	(void)state;
	for (uint32_t i = 0; i < saved_source_words; i++) {
		compose_two();
		memset(file + sources_at() + i * NAME, 'n', NAME * 8);
		seal();
		refused("a word of its sources is out of bounds");
	}
	for (uint32_t i = 0; i < 2; i++) {
		compose_two();
		name = (char *)(file + sources_at() +
		    (size_t)words() * NAME + i * (SOURCE_NAME + words()));
		memset(name, 's', BOARD_SOURCE_MAX);
		seal();
		refused("the name of a source of it has no end");
		name[BOARD_SOURCE_MAX - 1] = '\0';
		seal();
		parses();
	}
}

static void
sources_have_bounds(void **state)
{
	size_t at;

	(void)state;
	compose_two();
	at = sources_at();
	for (uint32_t n = 0; n <= BOARD_SOURCES_MAX + 1; n++) {
		set_counts(n, 1);
		resize(at + saved_sources_size(n, 1));
		memset(file + at, 0, size - at * 8);
		seal();
		if (n >= 1 && n <= BOARD_SOURCES_MAX)
			parses();
		else
			refused("its dimensions are out of bounds");
	}
}

static void
words_of_a_source_have_bounds(void **state)
{
	size_t at;

	(void)state;
	compose_two();
	at = sources_at();
	for (uint32_t n = SAVED_WORDS_MAX - 1; n <= SAVED_WORDS_MAX + 1; n++) {
		set_counts(BOARD_SOURCES_MAX, n);
		resize(at + saved_sources_size(BOARD_SOURCES_MAX, n));
		memset(file + at, 0, size - at * 8);
		seal();
		if (n <= SAVED_WORDS_MAX)
			parses();
		else
			refused("its dimensions are out of bounds");
	}
}

static void
counts_that_lie_are_refused(void **state)
{
	static const uint32_t lies[] = { 0, 1, 3, 7, 9, 32, 33, 64, 65, 255,
		65536, INT32_MAX, UINT32_MAX - 1, UINT32_MAX };

	(void)state;
	compose_two();
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		set_counts(lies[i], saved_source_words);
		refused(NULL);
		set_counts(2, lies[i]);
		refused(NULL);
		set_counts(lies[i], lies[i]);
		refused(NULL);
	}
	set_counts(2, saved_source_words);
	parses();
}

/* Each in memory of exactly its size, for a sanitizer to guard. */
static void
each_cut_is_found(void **state)
{
	uint64_t *whole;
	size_t whole_size;

	(void)state;
	compose_two();
	whole = file;
	whole_size = size;
	for (size = sources_at() * 8; size < whole_size; size += 8) {
		file = malloc(size);
		assert_non_null(file);
		memcpy(file, whole, size);
		refused("its size is wrong");
		seal();
		refused("its size does not fit its dimensions");
		free(file);
	}
	file = whole;
	parses();
}

static void
each_bit_that_is_wrong_is_found(void **state)
{
	(void)state;
	compose_two();
	for (size_t w = sources_at(); w < size / 8; w++)
		for (unsigned bit = 0; bit < 64; bit++) {
			file[w] ^= UINT64_C(1) << bit;
			refused("its checksum is wrong");
			file[w] ^= UINT64_C(1) << bit;
		}
	parses();
}

#define test(name) cmocka_unit_test_setup_teardown(name, made_begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(sources_come_back_by_their_names),
		test(as_many_sources_as_a_board_has),
		test(an_unknown_word_is_passed_over),
		test(a_word_that_does_not_last_is_not_taken),
		test(the_order_of_the_words_is_free),
		test(no_word_at_all_is_fine),
		test(a_name_has_an_end),
		test(sources_have_bounds),
		test(words_of_a_source_have_bounds),
		test(counts_that_lie_are_refused),
		test(each_cut_is_found),
		test(each_bit_that_is_wrong_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
