#include "board/expect.h"

#include "base/hash.h"

#define TRIES 64

static uint64_t
check_of(const struct expected *words)
{
	uint64_t hash = HASH_START;

#define X(name) hash = hash_word(hash, (uint64_t)words->name);
	EXPECTED_WORDS(X)
#undef X
	return hash;
}

void
board_expect(struct board_source *source, const struct expected *words)
{
#define X(name) atomic_store(&source->expected_##name, (uint64_t)words->name);
	EXPECTED_WORDS(X)
#undef X
	atomic_store(&source->expected_check, check_of(words));
}

bool
board_expected(const struct board_source *source, struct expected *words)
{
	for (int i = 0; i < TRIES; i++) {
#define X(name) words->name = (int64_t)atomic_load(&source->expected_##name);
		EXPECTED_WORDS(X)
#undef X
		if (atomic_load(&source->expected_check) == check_of(words))
			return true;
	}
	*words = (struct expected){ 0 };
	return false;
}
