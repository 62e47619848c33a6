#include "board/copy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define LONGEST 100 /* words: some lines, whole ones and not */
#define MARGIN 128  /* bytes around the copy that must stay */

static board_word *words; /* room for them at the end of the last page */
static size_t room;

/* Whoever reads past the last word dies of it. */
static int
begin(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_ptr_not_equal(pages, MAP_FAILED);
	assert_int_equal(mprotect(pages + page, page, PROT_NONE), 0);
	words = (board_word *)pages;
	room = page / sizeof(words[0]);
	for (size_t i = 0; i < room; i++)
		atomic_store(&words[i],
		    (i + 1) * UINT64_C(0x0123456789abcdef) ^ i << 56);
	return 0;
}

/* Count words from the first on, to where is at bytes into a buffer. */
static void
copies(size_t first, size_t count, size_t at)
{
	static _Alignas(64)
	    unsigned char buffer[2 * MARGIN + LONGEST * sizeof(board_word)];
	size_t size = count * sizeof(board_word);

	memset(buffer, 0xa5, sizeof(buffer));
	copy_acquire(buffer + at, words + first, count);
	assert_memory_equal(
	    buffer + at, (const unsigned char *)&words[first], size);
	for (size_t i = 0; i < sizeof(buffer); i++)
		if ((i < at || i >= at + size) && buffer[i] != 0xa5)
			fail_msg("%zu words from %zu to %zu: byte %zu written",
			    count, first, at, i);
}

static void
any_number_of_words_is_copied_to_anywhere(void **state)
{
	(void)state;
	for (size_t count = 0; count <= LONGEST; count++)
		for (size_t first = 0; first < 8; first++)
			for (size_t at = 0; at < 64; at += 4)
				copies(first, count, MARGIN / 2 + at);
}

static void
nothing_behind_the_last_word_is_read(void **state)
{
	(void)state;
	for (size_t count = 0; count <= LONGEST; count++)
		for (size_t at = 0; at < 16; at++)
			copies(room - count, count, MARGIN / 2 + at);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_number_of_words_is_copied_to_anywhere),
		cmocka_unit_test(nothing_behind_the_last_word_is_read),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
