#include "board/copy.h"

#include <string.h>

#ifdef __has_feature
#define COPY_FEATURE(name) __has_feature(name)
#else
#define COPY_FEATURE(name) 0
#endif

/* A sanitizer must see the loads and stores, and sees none in assembly. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__) || \
    COPY_FEATURE(thread_sanitizer) || COPY_FEATURE(address_sanitizer) || \
    COPY_FEATURE(memory_sanitizer)
#define COPY_SEEN 1
#else
#define COPY_SEEN 0
#endif

#if defined(__x86_64__) && !COPY_SEEN
#define COPY_PAIRS 1
#include <emmintrin.h>
#else
#define COPY_PAIRS 0
#endif

#define WORD sizeof(board_word)

static void
copy_each(char *to, const board_word *from, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t word =
		    atomic_load_explicit(from + i, memory_order_acquire);

		memcpy(to + i * WORD, &word, WORD);
	}
}

#if COPY_PAIRS

/*
 * A compiler makes one load of each atomic one, and that takes four times as
 * long as memcpy(3).  Here each load has two words.  That is the same to a
 * reader:
 *
 * - Where the processor has AVX, an aligned MOVDQA of 16 bytes is one access:
 *   Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3A,
 *   "Guaranteed Atomic Operations"; AMD64 Architecture Programmer's Manual,
 *   volume 2, "Access Atomicity".  Of a wider load neither promises that.
 * - No load passes an earlier one, so each is an acquire: the same volumes,
 *   "Memory Ordering in P6 and More Recent Processor Families" and "Memory
 *   Access Ordering" (for memory of type write-back, as a board's is).
 * - The compiler moves no access past the assembly, for it is volatile and
 *   says that it clobbers memory.
 */
static inline __m128i
load_pair(const board_word *from)
{
	__m128i pair;

	__asm__ volatile("movdqa %1, %0"
			 : "=x"(pair)
			 : "m"(*(const __m128i *)from)
			 : "memory");
	return pair;
}

static inline void
store_pair(char *to, __m128i pair)
{
	_mm_storeu_si128((__m128i *)to, pair);
}

/* The second word of one and the first of the next. */
static inline __m128i
straddle(__m128i pair, __m128i next)
{
	return _mm_castpd_si128(_mm_shuffle_pd(
	    _mm_castsi128_pd(pair), _mm_castsi128_pd(next), 1));
}

#define LINE 8 /* words of a cache line */

/* Whole lines, from on a boundary of 16: the number of words copied. */
static size_t
copy_lines(char *to, const board_word *from, size_t count)
{
	size_t i;

	for (i = 0; i + LINE <= count; i += LINE, to += LINE * WORD) {
		__m128i a = load_pair(from + i);
		__m128i b = load_pair(from + i + 2);
		__m128i c = load_pair(from + i + 4);
		__m128i d = load_pair(from + i + 6);

		store_pair(to, a);
		store_pair(to + 16, b);
		store_pair(to + 32, c);
		store_pair(to + 48, d);
	}
	return i;
}

/*
 * The same where to is 8 from a boundary: stores that lie across two lines
 * would cost more than all else.  At least two words.
 */
static size_t
copy_lines_aside(char *to, const board_word *from, size_t count)
{
	__m128i last = load_pair(from);
	size_t i;

	_mm_storel_epi64((__m128i *)to, last);
	to += WORD;
	for (i = 2; i + LINE <= count; i += LINE, to += LINE * WORD) {
		__m128i a = load_pair(from + i);
		__m128i b = load_pair(from + i + 2);
		__m128i c = load_pair(from + i + 4);
		__m128i d = load_pair(from + i + 6);

		store_pair(to, straddle(last, a));
		store_pair(to + 16, straddle(a, b));
		store_pair(to + 32, straddle(b, c));
		store_pair(to + 48, straddle(c, d));
		last = d;
	}
	_mm_storel_epi64(
	    (__m128i *)to, _mm_unpackhi_epi64(last, last));
	return i;
}

void
copy_acquire(void *to, const board_word *from, size_t count)
{
	char *at = to;
	size_t done = 0;

	if (count > LINE && __builtin_cpu_supports("avx")) {
		if ((uintptr_t)from % 16 != 0) {
			copy_each(at, from, 1);
			done = 1;
		}
		if ((uintptr_t)(at + done * WORD) % 16 == WORD)
			done += copy_lines_aside(
			    at + done * WORD, from + done, count - done);
		else
			done += copy_lines(
			    at + done * WORD, from + done, count - done);
	}
	copy_each(at + done * WORD, from + done, count - done);
}

#else

void
copy_acquire(void *to, const board_word *from, size_t count)
{
	copy_each(to, from, count);
}

#endif
