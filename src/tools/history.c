#include "tools/history.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int
history_begin(struct history *history, unsigned bases, unsigned quotes)
{
	size_t pairs = (size_t)bases * quotes;

	history_end(history);
	history->bases = bases;
	history->quotes = quotes;
	if (pairs == 0 || pairs > HISTORY_PAIRS_MAX)
		return 0;
	history->pairs = calloc(pairs, sizeof(*history->pairs));
	return history->pairs == NULL ? -1 : 0;
}

void
history_add(struct history *history, unsigned base, unsigned quote,
    double value, int64_t now)
{
	struct history_pair *pair;

	if (history->pairs == NULL)
		return;
	pair = &history->pairs[(size_t)base * history->quotes + quote];
	if (pair->count == 0)
		pair->first = value;
	else
		pair->moved = now;
	pair->values[pair->next] = value;
	pair->next = (pair->next + 1) % HISTORY_VALUES;
	if (pair->count < HISTORY_VALUES)
		pair->count++;
}

const struct history_pair *
history_of(const struct history *history, unsigned base, unsigned quote)
{
	if (history->pairs == NULL || base >= history->bases ||
	    quote >= history->quotes)
		return NULL;
	return &history->pairs[(size_t)base * history->quotes + quote];
}

unsigned
history_values(
    const struct history_pair *pair, double values[HISTORY_VALUES])
{
	unsigned at = (pair->next + HISTORY_VALUES - pair->count);

	for (unsigned i = 0; i < pair->count; i++)
		values[i] = pair->values[(at + i) % HISTORY_VALUES];
	return pair->count;
}

double
history_before(const struct history_pair *pair)
{
	if (pair->count < 2)
		return NAN;
	return pair->values[(pair->next + HISTORY_VALUES - 2) %
	    HISTORY_VALUES];
}

void
history_end(struct history *history)
{
	free(history->pairs);
	memset(history, 0, sizeof(*history));
}
