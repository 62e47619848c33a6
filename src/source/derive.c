#include "source/derive.h"

#include <math.h>
#include <stdbool.h>

/* Subnormal numbers hold fewer digits than a rate has. */
static bool
usable(double number)
{
	return isnormal(number) && number > 0;
}

/* What one unit of the hub is in units of a currency. */
static double
hub_number(const double *hub, unsigned hub_index, unsigned index)
{
	return index == hub_index ? 1 : hub[index];
}

static double
derive(double quote, double base)
{
	double number = quote / base;

	return usable(quote) && usable(number) ? number : NAN;
}

unsigned
derive_row(const double *hub, unsigned hub_index, unsigned base,
    double *numbers, unsigned count)
{
	double unit = base < count ? hub_number(hub, hub_index, base) : NAN;
	unsigned present = 0;

	for (unsigned i = 0; i < count; i++) {
		double quote = hub_number(hub, hub_index, i);

		if (!usable(unit))
			numbers[i] = NAN;
		else
			numbers[i] = i == base ? 1 : derive(quote, unit);
		present += !isnan(numbers[i]);
	}
	return present;
}
