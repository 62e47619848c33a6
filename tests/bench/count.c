/*
 * bench-count [THREADS TIMES [PROCESSES TIMES]]: the race of the book, each way
 * of counting a line: name, who counts, ns an addition, counts that were lost.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/number.h"
#include "counting.h"

static int
number(const char *text, int64_t most, int64_t *value)
{
	if (number_parse_int(text, 1, most, value) == 0)
		return 0;
	fprintf(stderr, "bench-count: '%s' is no number from 1 to %" PRId64
	    "\n", text, most);
	return -1;
}

static void
measure(const char *who, const struct counting_way *way,
    int64_t (*run)(const struct counting_way *, unsigned, uint32_t),
    int64_t count, int64_t times)
{
	int64_t began = clock_mono(), all = count * times;
	int64_t value = run(way, (unsigned)count, (uint32_t)times);

	printf("%s-%s %.3f %" PRId64 "\n", who, way->name,
	    (double)(clock_mono() - began) / (double)all, all - value);
}

int
main(int argc, char **argv)
{
	int64_t sizes[4] = { 100, 100000, 8, 1000000 };
	static const int64_t most[4] = { 256, 1000000, 256, 10000000 };

	for (int i = 1; i < argc && i <= 4; i++)
		if (number(argv[i], most[i - 1], &sizes[i - 1]) == -1)
			return 2;
	for (unsigned i = 0; i < COUNTING_WAY_COUNT; i++)
		measure("threads", &counting_ways[i], counting_threads,
		    sizes[0], sizes[1]);
	for (unsigned i = 0; i < COUNTING_WAY_COUNT; i++)
		measure("processes", &counting_ways[i], counting_processes,
		    sizes[2], sizes[3]);
	return 0;
}
