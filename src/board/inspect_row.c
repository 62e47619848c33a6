#include "board/inspect.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/code.h"
#include "base/text.h"
#include "board/handle.h"

#define HTTP_MAX 999

static void
take_text(char *to, const uint64_t *words, size_t size)
{
	char text[BOARD_ERROR_MAX];

	memcpy(text, words, size);
	text_clean(to, size, text, strnlen(text, size));
}

static enum rates_published
form_of(uint64_t word)
{
	return word <= RATES_PUBLISHED_TIME ? (enum rates_published)word
					    : RATES_PUBLISHED_NONE;
}

static void
take_refused(struct inspect_row *row, const uint64_t *w)
{
	row->refused_class = attempt_class_name(w[ROW_AT_refused_class]);
	if (w[ROW_AT_refused_wall] == 0)
		return;
	row->refused = true;
	row->refused_at = handle_wall(w[ROW_AT_refused_wall]);
	if (w[ROW_AT_refused_http] <= HTTP_MAX)
		row->refused_http = (unsigned)w[ROW_AT_refused_http];
	take_text(row->refused_source, w + ROW_AT_refused_source,
	    sizeof(row->refused_source));
	take_text(row->refused_text, w + ROW_AT_refused_text,
	    sizeof(row->refused_text));
}

/* What a death has left in pieces can't be accepted: nothing is held. */
static void
take_held(const struct rates *r, unsigned i, struct inspect_row *row,
    const uint64_t *w, uint64_t *numbers)
{
	const struct board_lock *lock =
	    board_lock_of(r->board.map, &r->board.shape, i);

	if (w[ROW_AT_held_wall] == 0 || w[ROW_AT_held_wall] > INT64_MAX ||
	    !attached_held(&r->board, i, w[ROW_AT_held_check], numbers))
		return;
	row->held = true;
	row->held_mark = (int64_t)w[ROW_AT_held_wall];
	row->held_since = handle_wall(w[ROW_AT_held_wall]);
	row->held_form = form_of(w[ROW_AT_held_form]);
	row->held_published = (int64_t)w[ROW_AT_held_published];
	take_text(row->held_source, w + ROW_AT_held_source,
	    sizeof(row->held_source));
	take_text(
	    row->held_text, w + ROW_AT_held_text, sizeof(row->held_text));
	row->accepted = atomic_load_explicit(&lock->accepted,
			    memory_order_relaxed) == w[ROW_AT_held_wall];
}

static enum rates_result
inspect(const struct rates *r, unsigned i, struct inspect_row *row,
    uint64_t *held)
{
	uint64_t words[ROW_META], seq;

	if (r->changed)
		return RATES_CHANGED;
	if (i >= r->board.shape.currencies)
		return RATES_NO_CURRENCY;
	if (attached_read(&r->board, i, 0, ROW_META, words, &seq) == -1)
		return RATES_BUSY;
	*row = (struct inspect_row){ .seq = seq };
	if (code_valid(words[ROW_AT_hub]))
		code_unpack(words[ROW_AT_hub], row->hub);
	if (words[ROW_AT_version] != 0)
		row->changed_age = handle_age(words[ROW_AT_changed_boot]);
	take_refused(row, words);
	take_held(r, i, row, words, held);
	return RATES_OK;
}

enum rates_result
inspect_row(const struct rates *r, unsigned i, struct inspect_row *row)
{
	uint64_t held[BOARD_CURRENCIES_MAX];

	return inspect(r, i, row, held);
}

double
inspect_held(const struct rates *r, unsigned base, unsigned quote)
{
	uint64_t held[BOARD_CURRENCIES_MAX] = { 0 };
	struct inspect_row row;
	double number;

	if (quote >= r->board.shape.currencies ||
	    inspect(r, base, &row, held) != RATES_OK || !row.held)
		return NAN;
	memcpy(&number, &held[quote], sizeof(number));
	return number > 0 && number <= DBL_MAX ? number : NAN;
}
