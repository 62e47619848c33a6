#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/stdlib.h>
#include <cmocka.h>

#define SEQUENCES 300
#define WORDS_MAX 48

static uint64_t
hash_of(const char *text)
{
	return hash_bytes(HASH_START, text, strlen(text));
}

static uint64_t
hash_words(const uint64_t *words, size_t count)
{
	uint64_t hash = HASH_START;

	for (size_t i = 0; i < count; i++)
		hash = hash_word(hash, words[i]);
	return hash;
}

/* From the test vectors of draft-eastlake-fnv. */
static void
bytes_hash_as_published(void **state)
{
	static const struct {
		const char *text;
		uint64_t hash;
	} vectors[] = { { "", UINT64_C(0xcbf29ce484222325) },
		{ "a", UINT64_C(0xaf63dc4c8601ec8c) },
		{ "b", UINT64_C(0xaf63df4c8601f1a5) },
		{ "fo", UINT64_C(0x08985907b541d342) },
		{ "foo", UINT64_C(0xdcb27518fed9d577) },
		{ "foob", UINT64_C(0xdd120e790c2512af) },
		{ "fooba", UINT64_C(0xcac165afa2fef40a) },
		{ "foobar", UINT64_C(0x85944171f73967e8) } };

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		assert_true(hash_of(vectors[i].text) == vectors[i].hash);
	assert_true(hash_bytes(HASH_START, "\xff\0\0\1", 4) ==
	    UINT64_C(0x6961196491cc682d));
	assert_true(hash_bytes(HASH_START, "\1\0\0\xff", 4) ==
	    UINT64_C(0xad2bb1774799dfe9));
}

/* A NUL and a byte over 127 count like any other. */
static void
every_byte_counts(void **state)
{
	unsigned char bytes[4] = { 0 };
	uint64_t before = hash_bytes(HASH_START, bytes, 1);

	(void)state;
	assert_true(before == UINT64_C(0xaf63bd4c8601b7df));
	for (unsigned i = 1; i < 256; i++) {
		bytes[0] = (unsigned char)i;
		assert_true(hash_bytes(HASH_START, bytes, 1) != before);
	}
	for (size_t size = 0; size < sizeof(bytes); size++)
		assert_true(hash_bytes(HASH_START, bytes, size) !=
		    hash_bytes(HASH_START, bytes, size + 1));
}

static void
parts_hash_like_the_whole(void **state)
{
	static const char text[] = "one part and another";

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		assert_true(hash_bytes(hash_bytes(HASH_START, text, i),
				text + i, sizeof(text) - i) ==
		    hash_bytes(HASH_START, text, sizeof(text)));
}

static void
each_bit_of_a_word_counts(void **state)
{
	uint64_t words[WORDS_MAX], before;

	(void)state;
	for (int round = 0; round < SEQUENCES; round++) {
		size_t count = 1 + arc4random_uniform(WORDS_MAX);
		size_t at = arc4random_uniform((uint32_t)count);

		arc4random_buf(words, sizeof(words));
		before = hash_words(words, count);
		for (unsigned bit = 0; bit < 64; bit++) {
			words[at] ^= UINT64_C(1) << bit;
			assert_true(hash_words(words, count) != before);
			words[at] ^= UINT64_C(1) << bit;
		}
		assert_true(hash_words(words, count) == before);
	}
}

/* The inverse of a number that is odd, modulo 2^64 (Newton's method). */
static uint64_t
inverse(uint64_t odd)
{
	uint64_t x = odd;

	for (int i = 0; i < 6; i++)
		x *= 2 - odd * x;
	return x;
}

/* Who can undo a step knows that no two words give the same. */
static void
a_step_can_be_undone(void **state)
{
	static const uint64_t prime = UINT64_C(0x100000001b3);
	uint64_t hash, word, after;

	(void)state;
	assert_true(prime * inverse(prime) == 1);
	for (int round = 0; round < 100 * SEQUENCES; round++) {
		arc4random_buf(&hash, sizeof(hash));
		arc4random_buf(&word, sizeof(word));
		after = hash_word(hash, word);
		after ^= after >> 32;
		assert_true(((after * inverse(prime)) ^ hash) == word);
	}
}

/* FNV alone never carries a high bit down. */
static void
high_bits_come_down(void **state)
{
	uint64_t one = hash_word(HASH_START, 0);
	uint64_t other = hash_word(HASH_START, UINT64_C(1) << 63);

	(void)state;
	assert_true((uint32_t)one != (uint32_t)other);
}

static void
the_order_of_words_counts(void **state)
{
	static const uint64_t forth[] = { 1, 2 }, back[] = { 2, 1 };
	static const uint64_t zeros[2] = { 0 };

	(void)state;
	assert_true(hash_words(forth, 2) != hash_words(back, 2));
	assert_true(hash_words(zeros, 1) != hash_words(zeros, 2));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_hash_as_published),
		cmocka_unit_test(every_byte_counts),
		cmocka_unit_test(parts_hash_like_the_whole),
		cmocka_unit_test(each_bit_of_a_word_counts),
		cmocka_unit_test(a_step_can_be_undone),
		cmocka_unit_test(high_bits_come_down),
		cmocka_unit_test(the_order_of_words_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
