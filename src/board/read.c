#include "board/rates.h"

#include <errno.h>
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "base/code.h"
#include "board/copy.h"
#include "board/handle.h"

#define NUMBER_TRIES 64
/* Of a row's words, those that struct rates_quote shows come before this. */
#define SOURCE_END (ROW_AT_source + RATES_SOURCE_MAX / 8)

_Static_assert(RATES_CODE_MAX == CODE_TEXT_MAX, "one size for a code");

static _Thread_local const char *last_fault = "";

const char *
rates_strerror(enum rates_result result)
{
	static const char *const texts[] = {
#define X(id, text) text,
		RATES_RESULTS(X)
#undef X
	};
	return (unsigned)result < sizeof(texts) / sizeof(texts[0])
	    ? texts[result]
	    : "?";
}

const char *
rates_fault(void)
{
	return last_fault;
}

static enum rates_result
attach_failure(const struct attached *board)
{
	switch (errno) {
	case ENOENT:
		return RATES_NO_BOARD;
	case EACCES:
		return RATES_DENIED;
	case EPROTO:
		last_fault = board->fault;
		return RATES_BAD_BOARD;
	default:
		return RATES_SYSTEM;
	}
}

/* A caller must not choose for a program that has more privileges. */
static const char *
usual_instance(void)
{
	const char *name = secure_getenv("RATESD_INSTANCE");

	return name != NULL && name[0] != '\0' ? name : "default";
}

enum rates_result
rates_open(const char *instance, struct rates **handle)
{
	struct rates *r;
	enum rates_result result;
	int kept;

	*handle = NULL;
	if (instance == NULL)
		instance = usual_instance();
	if (!instance_valid(instance))
		return RATES_BAD_NAME;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return RATES_SYSTEM;
	strlcpy(r->instance, instance, sizeof(r->instance));
	r->boards = 1;
	if (attach(instance, &r->board) == -1) {
		result = attach_failure(&r->board);
		kept = errno;
		free(r);
		errno = kept;
		return result;
	}
	*handle = r;
	return RATES_OK;
}

void
rates_close(struct rates *r)
{
	if (r == NULL)
		return;
	detach(&r->board);
	free(r);
}

void
rates_resync(struct rates *r)
{
	handle_follow(r);
	r->changed = false;
}

unsigned
rates_count(const struct rates *r)
{
	return r->board.shape.currencies;
}

enum rates_result
rates_code(struct rates *r, unsigned i, char code[RATES_CODE_MAX])
{
	if (i >= r->board.shape.currencies)
		return RATES_NO_CURRENCY;
	code_unpack(board_codes(r->board.map, &r->board.shape)[i], code);
	return RATES_OK;
}

enum rates_result
rates_index(struct rates *r, const char *text, unsigned *index)
{
	uint64_t code = code_pack(text);
	int i;

	if (code == 0)
		return RATES_NO_CURRENCY;
	i = attached_find(r->board.map, &r->board.shape, code);
	if (i == -1)
		return RATES_NO_CURRENCY;
	*index = (unsigned)i;
	return RATES_OK;
}

/* The number of a pair and when it was fetched, from one moment. */
static inline enum rates_result
read_number(const struct rates *r, unsigned base, unsigned quote,
    uint64_t *bits, int64_t *fetched)
{
	struct board_row *row =
	    board_row(r->board.map, &r->board.shape, base);

	for (int tries = 0; tries < NUMBER_TRIES; tries++) {
		uint64_t seq = handle_load(&row->seq);
		const board_word *copy =
		    board_row_copy(row, &r->board.shape, seq);

		*bits = handle_load(copy + ROW_META + quote);
		if (fetched != NULL)
			*fetched =
			    (int64_t)handle_load(copy + ROW_AT_fetched_boot);
		if (atomic_load_explicit(&row->seq, memory_order_relaxed) ==
		    seq)
			return RATES_OK;
	}
	return RATES_BUSY;
}

/* An absent one is a NaN; the rest no honest writer stores. */
static inline bool
number_sound(double number)
{
	return number > 0 && number <= DBL_MAX;
}

static inline enum rates_result
get_checked(const struct rates *r, unsigned base, unsigned quote,
    int64_t *fetched, double *rate)
{
	enum rates_result result;
	double number;
	uint64_t bits;

	if (base >= r->board.shape.currencies ||
	    quote >= r->board.shape.currencies)
		return RATES_NO_CURRENCY;
	result = read_number(r, base, quote, &bits, fetched);
	if (result != RATES_OK)
		return result;
	memcpy(&number, &bits, sizeof(number));
	if (!number_sound(number))
		return RATES_NO_NUMBER;
	*rate = number;
	return RATES_OK;
}

enum rates_result
rates_get(struct rates *r, unsigned base, unsigned quote, double *rate)
{
	handle_follow(r);
	if (__builtin_expect(r->changed, 0))
		return RATES_CHANGED;
	return get_checked(r, base, quote, NULL, rate);
}

static inline enum rates_result
get_fresh(struct rates *r, unsigned base, unsigned quote, int64_t max_age,
    double *rate)
{
	enum rates_result result;
	int64_t fetched;
	double found;

	handle_follow(r);
	if (r->changed)
		return RATES_CHANGED;
	result = get_checked(r, base, quote, &fetched, &found);
	if (result != RATES_OK)
		return result;
	if (handle_row_age(clock_boot(), (uint64_t)fetched) > max_age)
		return RATES_TOO_OLD;
	*rate = found;
	return RATES_OK;
}

enum rates_result
rates_get_fresh(struct rates *r, unsigned base, unsigned quote,
    int64_t max_age, double *rate)
{
	enum rates_result result = get_fresh(r, base, quote, max_age, rate);

	if (__builtin_expect(result == RATES_TOO_OLD, 0) && handle_seek(r))
		result = get_fresh(r, base, quote, max_age, rate);
	return result;
}

static inline bool
find_pair(struct rates *r, const char *base, const char *quote, unsigned *b,
    unsigned *q)
{
	handle_follow(r);
	return rates_index(r, base, b) == RATES_OK &&
	    rates_index(r, quote, q) == RATES_OK;
}

enum rates_result
rates_get_code(
    struct rates *r, const char *base, const char *quote, double *rate)
{
	unsigned b, q;

	if (!find_pair(r, base, quote, &b, &q))
		return RATES_NO_CURRENCY;
	return get_checked(r, b, q, NULL, rate);
}

/* What a copy of a row says of itself, and one of its numbers. */
static void
load_quote(struct rates_quote *found, const board_word *copy, unsigned quote,
    uint64_t *fetched_boot)
{
	uint64_t w[SOURCE_END];
	uint64_t bits = handle_load(copy + ROW_META + quote);

	copy_acquire(w, copy, SOURCE_END);
	memcpy(&found->rate, &bits, sizeof(bits));
	found->fetched = (int64_t)w[ROW_AT_fetched_wall];
	found->published = (int64_t)w[ROW_AT_published];
	found->published_form = w[ROW_AT_published_form] <= PUBLISHED_TIME
	    ? (enum rates_published)w[ROW_AT_published_form]
	    : RATES_PUBLISHED_NONE;
	found->version = w[ROW_AT_version];
	memcpy(found->source, w + ROW_AT_source, sizeof(found->source));
	found->source[sizeof(found->source) - 1] = '\0';
	*fetched_boot = w[ROW_AT_fetched_boot];
}

static enum rates_result
read_quote(const struct rates *r, unsigned base, unsigned quote,
    struct rates_quote *found)
{
	struct board_row *row =
	    board_row(r->board.map, &r->board.shape, base);
	uint64_t fetched_boot;

	for (int tries = 0; tries < NUMBER_TRIES; tries++) {
		uint64_t seq = handle_load(&row->seq);

		load_quote(found, board_row_copy(row, &r->board.shape, seq),
		    quote, &fetched_boot);
		if (atomic_load_explicit(&row->seq, memory_order_relaxed) !=
		    seq)
			continue;
		found->age = handle_row_age(clock_boot(), fetched_boot);
		return number_sound(found->rate) ? RATES_OK : RATES_NO_NUMBER;
	}
	return RATES_BUSY;
}

static enum rates_result
get_quote(struct rates *r, const char *base, const char *quote,
    int64_t max_age, struct rates_quote *found)
{
	enum rates_result result;
	unsigned b, q;

	if (!find_pair(r, base, quote, &b, &q))
		return RATES_NO_CURRENCY;
	result = read_quote(r, b, q, found);
	return result == RATES_OK && found->age > max_age ? RATES_TOO_OLD
							  : result;
}

enum rates_result
rates_quote(struct rates *r, const char *base, const char *quote,
    int64_t max_age, struct rates_quote *found)
{
	struct rates_quote read;
	enum rates_result result = get_quote(r, base, quote, max_age, &read);

	if (__builtin_expect(result == RATES_TOO_OLD, 0) && handle_seek(r))
		result = get_quote(r, base, quote, max_age, &read);
	if (result == RATES_OK || result == RATES_TOO_OLD)
		*found = read;
	return result;
}
