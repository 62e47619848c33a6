/*
 * Exact decimals on many numbers, for a test that knows the answers: of each
 * line "AMOUNT RATE PLACES ROUNDING" on standard input the rate's text, the
 * product and the product rounded, or "!" and the fault of what can't be.
 * Exit status 1 for a line that is none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/number.h"

#define LINE_MAX_BYTES 512

struct line {
	char amount[128], rate[64], rounding[32];
	unsigned places;
};

static enum decimal_rounding
rounding_named(const char *name)
{
	for (unsigned i = 0; i < DECIMAL_ROUNDING_COUNT; i++)
		if (strcmp(decimal_rounding_name(i), name) == 0)
			return i;
	fprintf(stderr, "no rounding '%s'\n", name);
	exit(1);
}

static enum decimal_fault
reckon(const struct line *line)
{
	char text[3][DECIMAL_TEXT_MAX];
	struct decimal amount, rate, product, rounded;
	enum decimal_fault fault = decimal_parse(line->amount, &amount);
	double number;

	if (fault == DECIMAL_NONE &&
	    number_parse_double(line->rate, &number) == -1)
		fault = DECIMAL_NOT_FINITE;
	if (fault == DECIMAL_NONE)
		fault = decimal_from_double(number, &rate);
	if (fault == DECIMAL_NONE)
		fault = decimal_product(&amount, &rate, &product);
	if (fault != DECIMAL_NONE)
		return fault;
	rounded = decimal_round(
	    &product, line->places, rounding_named(line->rounding));
	printf("%s %s %s\n", decimal_text(&rate, 0, text[0]),
	    decimal_text(&product, 0, text[1]),
	    decimal_text(&rounded, line->places, text[2]));
	return DECIMAL_NONE;
}

int
main(void)
{
	char buf[LINE_MAX_BYTES];
	struct line line;

	while (fgets(buf, sizeof(buf), stdin) != NULL) {
		enum decimal_fault fault;

		if (sscanf(buf, "%127s %63s %u %31s", line.amount, line.rate,
			&line.places, line.rounding) != 4 ||
		    line.places > DECIMAL_PLACES_MAX) {
			fprintf(stderr, "not understood: %s", buf);
			return 1;
		}
		fault = reckon(&line);
		if (fault != DECIMAL_NONE)
			printf("! %s\n", decimal_fault_text(fault));
	}
	return fflush(stdout) == 0 && ferror(stdin) == 0 ? 0 : 1;
}
