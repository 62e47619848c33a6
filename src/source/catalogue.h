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

#define SOURCE_MIRRORS_MAX 2 /* so that a job asks it three times at most */
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
 * What is wrong with a URL template of a source, or NULL: a {placeholder} that
 * is none of {base} {base:lower} {symbols} {key}; no {base}, unless the source
 * has one base only; {key} with an auth other than path, or none with that, or
 * before the path; a brace that doesn't close.  It looks at base and auth of
 * the source, so those come first.  detail, cut to fit, names it.
 */
const char *source_template_fault(const struct source *source,
    const char *template, char *detail, size_t size);

/*
 * The URL to ask: from the template of a mirror (0: url, 1 and up: mirrors),
 * with the base's code, and for {symbols} a list of codes with commas (NULL:
 * none).  The key is percent-encoded (RFC 3986), all but unreserved; auth
 * query appends it.  A fragment is left out.  NULL, or what is wrong: no such
 * mirror, a fault of the key, too long.  url is then "" (size is 1 or more).
 */
const char *source_url(const struct source *source, unsigned mirror,
    const char *base, const char *symbols, char *url, size_t size);

#endif
