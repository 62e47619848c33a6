/*
 * Whatever an answer is: either a text says why nothing is guessed, or the
 * guess has pointers that a configuration takes, and the section that it comes
 * to reads the answer as the guess itself does.  The first byte says whether
 * the base is known.
 */
#include "base/code.h"
#include "source/document.h"
#include "source/guess.h"
#include "tools/probe_block.h"

#include "fuzz.h"

#define URL "https://api.example/latest/EUR?symbols=EUR,USD"

static struct guess guess;

static int
find(const void *context, uint64_t code)
{
	(void)context;
	for (unsigned i = 0; i < guess.count; i++)
		if (guess.codes[i] == code)
			return (int)i;
	return -1;
}

static enum attempt_class
read_with(const struct mapping *mapping, double *numbers, const char *bytes,
    size_t size)
{
	struct document document = { .mapping = mapping,
		.base = guess.base,
		.find = find,
		.numbers = numbers,
		.count = guess.count };
	char error[DOCUMENT_ERROR_MAX];

	return document_read(&document, bytes, size, error, sizeof(error));
}

static void
require_mapping(const struct mapping *m)
{
	const char *const pointers[] = { m->rates, m->quote, m->rate,
		m->item_base, m->item_date, m->base, m->date, m->next_update,
		m->success };

	for (size_t i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++) {
		require_printable(pointers[i], MAPPING_POINTER_MAX);
		REQUIRE(mapping_pointer_fault(pointers[i]) == NULL);
	}
	REQUIRE(mapping_prefix_fault(m->key_prefix) == NULL);
}

static void
require_same(const char *bytes, size_t size)
{
	static double numbers[2][GUESS_CODES_MAX];
	static const struct probe_secret none;
	struct conf_block block = { .count = 0 };
	static struct source source;
	enum attempt_class class;
	char error[512];

	if (probe_block(&guess, URL, &none, &block, &source, error,
		sizeof(error)) == 0) {
		class = read_with(&guess.mapping, numbers[0], bytes, size);
		REQUIRE(read_with(&source.mapping, numbers[1], bytes, size) ==
		    class);
		REQUIRE(class != ATTEMPT_OK ||
		    memcmp(numbers[0], numbers[1],
			guess.count * sizeof(double)) == 0);
	}
	conf_block_clear(&block);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data + 1;
	char error[200];

	if (size == 0)
		return 0;
	if (guess_answer(bytes, size - 1,
		data[0] == 'b' ? code_pack("EUR") : 0,
		data[0] == 'u' ? URL : "", &guess, error,
		sizeof(error)) == -1) {
		require_printable(error, sizeof(error));
		REQUIRE(error[0] != '\0');
		return 0;
	}
	REQUIRE(guess.base != 0 && guess.count > 0);
	for (unsigned i = 0; i < guess.note_count; i++)
		require_printable(guess.notes[i], GUESS_NOTE_MAX);
	require_mapping(&guess.mapping);
	require_same(bytes, size - 1);
	return 0;
}
