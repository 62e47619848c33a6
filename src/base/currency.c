#include "base/currency.h"

#include <stddef.h>
#include <string.h>

static const struct currency currencies[CURRENCY_COUNT] = {
#define X(code, places, kind) { #code, places, CURRENCY_##kind },
	CURRENCIES(X)
#undef X
};

const struct currency *
currency_at(int index)
{
	return index >= 0 && index < CURRENCY_COUNT ? &currencies[index] : NULL;
}

int
currency_find(const char *code)
{
	int low = 0, high = CURRENCY_COUNT;

	while (low < high) {
		int middle = (low + high) / 2;
		int order = strcmp(code, currencies[middle].code);

		if (order == 0)
			return middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}
