/*
 * Sources of rates, as data.
 */
#ifndef RATESD_SOURCE_CATALOGUE_H
#define RATESD_SOURCE_CATALOGUE_H

#include <stddef.h>
#include <stdint.h>

#include "source/mapping.h"

#define SOURCE_NAME_MAX 32 /* with its NUL */
#define SOURCE_URL_MAX 512 /* with its NUL */

#define SOURCE_MIRRORS_MAX 4
#define SOURCE_HEADERS_MAX 8
#define SOURCE_HEADER_MAX 160    /* with its NUL, as all of these */
#define SOURCE_CREDENTIAL_MAX 256
#define SOURCE_KEY_MAX 256
#define SOURCE_TERMS_MAX 192
#define SOURCE_PUBLISHES_MAX 96

/* Where the key goes; NAME is auth_name. */
#define SOURCE_AUTHS(X)                                                        \
	X(NONE, "none")                                                        \
	X(QUERY, "query")   /* ?NAME=KEY */                                    \
	X(HEADER, "header") /* NAME: KEY */                                    \
	X(BEARER, "bearer") /* Authorization: Bearer KEY */                    \
	X(TOKEN, "token")   /* Authorization: Token KEY */                     \
	X(PATH, "path")     /* {key} in the URL */

enum source_auth {
#define X(id, name) SOURCE_AUTH_##id,
	SOURCE_AUTHS(X)
#undef X
};

struct source {
	char name[SOURCE_NAME_MAX];
	char url[SOURCE_URL_MAX]; /* template, as are the mirrors */
	char mirrors[SOURCE_MIRRORS_MAX][SOURCE_URL_MAX];
	unsigned mirror_count;
	char headers[SOURCE_HEADERS_MAX][SOURCE_HEADER_MAX]; /* Name: value */
	unsigned header_count;
	enum source_auth auth;
	char auth_name[MAPPING_TEXT_MAX];
	char credential[SOURCE_CREDENTIAL_MAX]; /* path, or name below
	                                         * $CREDENTIALS_DIRECTORY */
	char key[SOURCE_KEY_MAX]; /* secret; read from the credential */

	struct mapping mapping;
	uint64_t base;       /* packed; the only one it has; 0: any */
	uint64_t exact_base; /* packed; in which it publishes, so that others
	                      * are rounded; 0: not known */

	int64_t rate_interval; /* ns between two requests; 0: no limit */
	unsigned burst;        /* requests at once, 1 or more */
	unsigned quota;        /* requests a calendar month (UTC); 0: no limit */
	char publishes[SOURCE_PUBLISHES_MAX]; /* calendar.h; "": not known */
	char terms[SOURCE_TERMS_MAX];
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
