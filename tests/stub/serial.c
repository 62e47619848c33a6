#include "serial.h"

#include <inttypes.h>

#include "data.h"

/* Never started again: a number on a board must stay one answer's. */
static uint64_t	given[CURRENCY_MAX];

uint64_t
serial_next(int base, bool good)
{
	uint64_t next = given[base] + 1;

	if ((next % 2 == 0) != good)
		next++;
	given[base] = next;
	return next;
}

void
serial_write(FILE *out)
{
	const char *before = "";

	fputs("\"serials\":{", out);
	for (int id = 0; id < data_count(); id++) {
		if (given[id] == 0)
			continue;
		fprintf(out, "%s\"%s\":%" PRIu64, before, data_code(id),
		    given[id]);
		before = ",";
	}
	fputs("}", out);
}
