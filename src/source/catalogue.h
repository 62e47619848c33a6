/*
 * Sources of rates, as data.
 */
#ifndef RATESD_SOURCE_CATALOGUE_H
#define RATESD_SOURCE_CATALOGUE_H

#include <stddef.h>
#include <stdint.h>

#define SOURCE_NAME_MAX 32 /* with its NUL */
#define SOURCE_URL_MAX 512 /* with its NUL */

struct source {
	char name[SOURCE_NAME_MAX];
	char url[SOURCE_URL_MAX]; /* template */
	int64_t rate_interval;    /* ns between two requests; 0: no limit */
	unsigned burst;           /* requests at once, 1 or more */
};

/*
 * What is wrong with a URL template, or NULL: an unknown {placeholder}, no
 * {base}, a brace that doesn't close.  detail, cut to fit, names it.
 */
const char *source_template_fault(
    const char *template, char *detail, size_t size);

/*
 * The URL of a base from a template: {base} and {base:lower}.  0, or -1 if it
 * doesn't fit.
 */
int source_url(const struct source *source, const char *base, char *url,
    size_t size);

#endif
