/*
 * What the numbers say: which codes have one, and what they count.
 */
#include "source/guess_parts.h"

#include <math.h>
#include <stdlib.h>

#include <json-c/json.h>

#include "base/code.h"
#include "base/number.h"
#include "source/tree.h"

#define NO_BASE 0
#define EQUAL 1e-6
#define NEAR 0.12 /* of a logarithm: what the table's numbers may be off */

static bool
has_code(const struct guess *guess, uint64_t code)
{
	for (unsigned i = 0; i < guess->count; i++)
		if (guess->codes[i] == code)
			return true;
	return false;
}

static void
count_number(struct guess_sums *sums, uint64_t code, double number)
{
	char text[CODE_TEXT_MAX];
	int known = guess_known(code_unpack(code, text));
	double about = guess_per_dollar(known);

	if (known != -1 && number >= 1 && number <= 1) {
		sums->one = code;
		sums->ones++;
	}
	if (about <= 0)
		return;
	for (unsigned d = 0; d < 2; d++) {
		double off = log(number) + (d == 0 ? -log(about) : log(about));

		sums->sum[d] += off;
		sums->squares[d] += off * off;
	}
	sums->compared++;
}

static double
item_unit(const struct mapping *mapping, const struct guess_item *item)
{
	const char *text = NULL;
	int64_t unit = 1;

	if (mapping->unit[0] == '/')
		text = tree_text(tree_at(item->value, mapping->unit, NO_BASE));
	if (text == NULL || number_parse_int(text, 1, INT32_MAX, &unit) == -1)
		return 1;
	return (double)unit;
}

bool
guess_numbers(struct guess *guess, const struct guess_rates *rates,
    struct guess_sums *sums)
{
	unsigned count;
	struct guess_item *items =
	    guess_items(rates->at, rates->shape, rates->quote, &count);

	if (items == NULL)
		return false;
	for (unsigned i = 0; i < count; i++) {
		uint64_t code = guess_item_code(rates, &items[i]);
		double number;

		if (code == 0 || guess->count == GUESS_CODES_MAX ||
		    !guess_item_number(rates, &items[i], &number) ||
		    has_code(guess, code))
			continue;
		guess->codes[guess->count++] = code;
		count_number(sums, code,
		    number / item_unit(&guess->mapping, &items[i]));
	}
	free(items);
	return true;
}

/*
 * Rates and what currencies are about worth differ by one factor, the base's
 * own worth, if they count the same; inverted ones differ by many.
 */
void
guess_direction(struct guess *guess, const struct guess_sums *sums)
{
	double spread[2], n = sums->compared;

	if (sums->compared < 2) {
		guess_note(guess, "direction is not checked: too few "
		    "currencies are known");
		return;
	}
	for (unsigned d = 0; d < 2; d++)
		spread[d] = sums->squares[d] / n -
		    sums->sum[d] / n * (sums->sum[d] / n);
	if (spread[1] < spread[0])
		guess->mapping.direction = MAPPING_BASE_PER_QUOTE;
	if (4 * fmin(spread[0], spread[1]) + EQUAL >=
	    fmax(spread[0], spread[1]))
		guess_note(guess, "direction is not certain: compare a rate "
		    "with one that you know");
	else if (guess->mapping.direction == MAPPING_BASE_PER_QUOTE)
		guess_note(guess, "direction: by the size of the numbers");
}

/* Puts a base among the likely ones, which are sorted. */
static void
add_likely(struct guess *guess, double offs[GUESS_LIKELY_MAX], uint64_t code,
    double off)
{
	unsigned i = GUESS_LIKELY_MAX - 1;

	if (off >= offs[i])
		return;
	for (; i > 0 && off < offs[i - 1]; i--) {
		offs[i] = offs[i - 1];
		guess->likely[i] = guess->likely[i - 1];
	}
	offs[i] = off;
	guess->likely[i] = code;
}

void
guess_likely_bases(struct guess *guess, const struct guess_sums *sums)
{
	bool inverse = guess->mapping.direction == MAPPING_BASE_PER_QUOTE;
	double offs[GUESS_LIKELY_MAX] = { NEAR, NEAR, NEAR }, mean;

	if (sums->compared < 2)
		return;
	/* A dollar is exp(mean) of the base. */
	mean = sums->sum[inverse] / sums->compared * (inverse ? 1 : -1);
	for (int i = 0; guess_known_code(i) != 0; i++) {
		double about = guess_per_dollar(i);

		if (about > 0 && !has_code(guess, guess_known_code(i)))
			add_likely(guess, offs, guess_known_code(i),
			    fabs(log(about) - mean));
	}
}
