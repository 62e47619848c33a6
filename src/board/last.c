#include "board/last.h"

#include <math.h>
#include <string.h>

#include "board/attach.h"

static void
take_text(char *to, const uint64_t *words, size_t size)
{
	memcpy(to, words, size);
	to[size - 1] = '\0';
}

static enum published_form
form_of(uint64_t word)
{
	return word <= PUBLISHED_TIME ? (enum published_form)word
				      : PUBLISHED_NONE;
}

static enum attempt_class
class_of(uint64_t word)
{
	return word < ATTEMPT_CLASS_COUNT ? (enum attempt_class)word
					  : ATTEMPT_NONE;
}

static void
fill(struct row_last *last, const uint64_t *w, uint64_t seq)
{
	*last = (struct row_last){ .seq = seq,
		.version = w[ROW_AT_version],
		.fetched_boot = (int64_t)w[ROW_AT_fetched_boot],
		.form = form_of(w[ROW_AT_published_form]),
		.published = (int64_t)w[ROW_AT_published],
		.recipe = w[ROW_AT_recipe],
		.hash = w[ROW_AT_hash],
		.refused = class_of(w[ROW_AT_refused_class]),
		.refused_http = (unsigned)w[ROW_AT_refused_http] };
	take_text(last->source, w + ROW_AT_source, sizeof(last->source));
	take_text(last->etag, w + ROW_AT_etag, sizeof(last->etag));
	take_text(
	    last->modified, w + ROW_AT_modified, sizeof(last->modified));
	take_text(last->refused_source, w + ROW_AT_refused_source,
	    sizeof(last->refused_source));
	take_text(last->refused_text, w + ROW_AT_refused_text,
	    sizeof(last->refused_text));
}

static void
fill_numbers(double *numbers, const uint64_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		double number;

		memcpy(&number, &words[i], sizeof(number));
		numbers[i] = number > 0 && isfinite(number) ? number : NAN;
	}
}

/* An answer that waits, if no death cut its writer short. */
static void
fill_held(struct row_last *last, const uint64_t *w)
{
	last->held_wall = (int64_t)w[ROW_AT_held_wall];
	last->held_form = form_of(w[ROW_AT_held_form]);
	last->held_published = (int64_t)w[ROW_AT_held_published];
	last->held_hash = w[ROW_AT_held_hash];
	take_text(last->held_source, w + ROW_AT_held_source,
	    sizeof(last->held_source));
	take_text(
	    last->held_text, w + ROW_AT_held_text, sizeof(last->held_text));
}

int
board_row_last(const struct board *board, uint32_t i, struct row_last *last,
    double *numbers, double *held)
{
	const struct attached view = { .map = board->map,
		.shape = board->shape };
	const struct board_lock *lock =
	    board_lock_of(board->map, &board->shape, i);
	size_t count = board->shape.currencies;
	uint64_t words[ROW_META + BOARD_CURRENCIES_MAX], seq;
	uint64_t waiting[BOARD_CURRENCIES_MAX];

	if (attached_read(&view, i, 0, ROW_META + count, words, &seq) == -1)
		return -1;
	if (!attached_sound(&view, words))
		memset(words, 0, sizeof(words));
	fill(last, words, seq);
	if (numbers != NULL)
		fill_numbers(numbers, words + ROW_META, count);
	if (words[ROW_AT_held_wall] != 0 &&
	    attached_held(&view, i, words[ROW_AT_held_check], waiting))
		fill_held(last, words);
	else
		memset(waiting, 0, sizeof(waiting));
	if (held != NULL)
		fill_numbers(held, waiting, count);
	last->accepted = last->held_wall != 0 &&
	    atomic_load(&lock->accepted) == (uint64_t)last->held_wall;
	return 0;
}

void
board_row_accept(struct board *board, uint32_t row, int64_t held_wall)
{
	atomic_store(
	    &board_lock_of(board->map, &board->shape, row)->accepted,
	    (uint64_t)held_wall);
}
