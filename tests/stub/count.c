#include "count.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "behave.h"
#include "clock.h"
#include "data.h"
#include "serial.h"

/* More requests a second than this are not told apart; a power of two. */
#define RECENT_MAX	131072

static struct {
	uint64_t	total;
	uint64_t	base[CURRENCY_MAX];
	uint64_t	kind[KIND_COUNT];
	int64_t		recent[RECENT_MAX];	/* times of the last second */
	size_t		first, recent_count, peak;
} counts;

static size_t	 in_flight;
static FILE	*log_file;

void
count_open(const char *file)
{
	if (file == NULL)
		return;
	if ((log_file = fopen(file, "we")) == NULL)
		err(1, "%s", file);
	/* A test reads the log while the stub runs: whole lines, at once. */
	setvbuf(log_file, NULL, _IOLBF, 0);
}

void
count_close(void)
{
	if (log_file != NULL && fclose(log_file) != 0)
		warn("log");
	log_file = NULL;
}

/*
 * The fullest one-second window ends with some request, so it is enough to
 * look at the second before each of them.
 */
static void
note_time(int64_t now)
{
	while (counts.recent_count > 0 &&
	    (counts.recent[counts.first] <= now - NS_PER_S ||
	    counts.recent_count == RECENT_MAX)) {
		counts.first = (counts.first + 1) % RECENT_MAX;
		counts.recent_count--;
	}
	counts.recent[(counts.first + counts.recent_count++) % RECENT_MAX] = now;
	if (counts.recent_count > counts.peak)
		counts.peak = counts.recent_count;
}

void
count_begin(int64_t now, int base, enum kind kind)
{
	counts.total++;
	counts.kind[kind]++;
	if (base >= 0)
		counts.base[base]++;
	note_time(now);
	in_flight++;
	if (log_file != NULL)
		fprintf(log_file, "%" PRId64 " %s %s\n", now,
		    base < 0 ? "?" : data_code(base), kind_name(kind));
}

void
count_end(void)
{
	in_flight--;
}

void
count_reset(void)
{
	memset(&counts, 0, sizeof(counts));
}

static void
write_bases(FILE *out)
{
	const char *before = "";

	fputs("\"bases\":{", out);
	for (int id = 0; id < data_count(); id++) {
		if (counts.base[id] == 0)
			continue;
		fprintf(out, "%s\"%s\":%" PRIu64, before, data_code(id),
		    counts.base[id]);
		before = ",";
	}
	fputs("}", out);
}

static void
write_kinds(FILE *out)
{
	fputs("\"kinds\":{", out);
	for (int kind = 0; kind < KIND_COUNT; kind++)
		fprintf(out, "%s\"%s\":%" PRIu64, kind == 0 ? "" : ",",
		    kind_name((enum kind)kind), counts.kind[kind]);
	fputs("}", out);
}

char *
count_stats(size_t held, size_t waiting, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (out == NULL)
		return NULL;
	fprintf(out, "{\"total\":%" PRIu64 ",\"in_flight\":%zu,\"held\":%zu,"
	    "\"waiting\":%zu,\"peak_per_second\":%zu,", counts.total,
	    in_flight, held, waiting, counts.peak);
	write_bases(out);
	fputs(",", out);
	write_kinds(out);
	fputs(",", out);
	serial_write(out);
	fputs("}", out);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
