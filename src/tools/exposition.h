/*
 * The text format of Prometheus, version 0.0.4: each metric's HELP and TYPE
 * once, before its samples; one without samples is left out whole.
 *
 * Write errors stay in the FILE.
 */
#ifndef RATESD_TOOLS_EXPOSITION_H
#define RATESD_TOOLS_EXPOSITION_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct label {
	const char *name, *value; /* the value is escaped */
};

struct exposition {
	FILE *out;
	struct label always; /* of all samples; without a name: none is */
	const char *name, *type, *help; /* of the metric whose samples come */
	bool begun;                     /* one of them has come */
};

#define LABELS_MAX 2

/* The labels of a sample; those without a name are none. */
struct labels {
	struct label list[LABELS_MAX];
};

void exposition_metric(struct exposition *exposition, const char *name,
    const char *type, const char *help);

/* A sample; none of a value that is not finite. */
void exposition_number(struct exposition *exposition,
    const struct labels *labels, double value);
void exposition_count(struct exposition *exposition,
    const struct labels *labels, uint64_t value);

/* ns since 1970 in s; 0 is as good as any. */
void exposition_time(struct exposition *exposition,
    const struct labels *labels, int64_t wall);

/*
 * A histogram: the counts of count + 1 buckets, each alone, whose ends are the
 * texts and, of the last, infinity; and the sum of all that was observed.
 */
void exposition_histogram(struct exposition *exposition,
    const struct labels *labels, const char *const *ends,
    const uint64_t *counts, unsigned count, double sum);

#endif
