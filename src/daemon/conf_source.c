#include "daemon/conf_source.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include <bsd/string.h>

#include "base/code.h"
#include "base/number.h"
#include "base/text.h"
#include "daemon/conf_mapping.h"
#include "daemon/conf_set.h"
#include "daemon/conf_url.h"
#include "daemon/conf_value.h"
#include "source/calendar.h"
#include "source/header.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *const auth_names[] = {
#define X(id, name) name,
	SOURCE_AUTHS(X)
#undef X
};

static int
set_url(const struct conf_key *key, void *object, const char *value, char *why,
    size_t size)
{
	return conf_copy_url(conf_field(key, object), value, why, size);
}

static int
add_mirror(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	struct source *source = object;

	(void)key;
	assert(source->mirror_count < SOURCE_MIRRORS_MAX);
	if (conf_copy_url(source->mirrors[source->mirror_count], value, why,
	    size) == -1)
		return -1;
	source->mirror_count++;
	return 0;
}

/* How long the name of a header is (RFC 9110 section 5.6.2, token). */
static size_t
token_length(const char *text)
{
	return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                    "abcdefghijklmnopqrstuvwxyz0123456789"
	                    "!#$%&'*+-.^_`|~");
}

/* Headers that are not the configuration's to set. */
static const char *
header_fault(const char *name, size_t length)
{
	static const struct {
		const char *name, *why;
	} kept[] = {
		{ "Authorization", "a key is passed with auth" },
		{ "Proxy-Authorization", "a key is passed with auth" },
		{ "Host", "the URL says which host it is" },
		{ "Connection", "it is the connection's own" },
		{ "Content-Length", "a request has no content" },
		{ "Transfer-Encoding", "a request has no content" },
	};

	for (size_t i = 0; i < COUNT(kept); i++) {
		if (strlen(kept[i].name) == length &&
		    strncasecmp(kept[i].name, name, length) == 0)
			return kept[i].why;
	}
	return NULL;
}

static int
header_there_twice(const struct source *source, const char *value,
    size_t length, char *why, size_t size)
{
	for (unsigned i = 0; i < source->header_count; i++) {
		if (token_length(source->headers[i]) == length &&
		    strncasecmp(source->headers[i], value, length) == 0) {
			text_format(why, size, "'%.*s' is there twice",
			    (int)length, value);
			return -1;
		}
	}
	return 0;
}

/* A value is never shown: somebody's key may be in it. */
static int
add_header(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	struct source *source = object;
	size_t length = token_length(value);
	const char *text = value + length, *fault;

	(void)key;
	text += *text == ':' ? 1 + strspn(text + 1, " ") : 0;
	if (length == 0 || value[length] != ':' || *text == '\0') {
		text_format(why, size, "an element is not 'Name: value'");
		return -1;
	}
	fault = header_fault(value, length);
	if (fault != NULL) {
		text_format(why, size, "'%.*s' can't be set: %s",
		    (int)length, value, fault);
		return -1;
	}
	fault = source_header_fault(value);
	if (fault != NULL) {
		text_format(why, size, "'%.*s': %s", (int)length, value, fault);
		return -1;
	}
	if (header_there_twice(source, value, length, why, size) == -1)
		return -1;
	assert(source->header_count < SOURCE_HEADERS_MAX);
	if (conf_copy_text(source->headers[source->header_count],
	    SOURCE_HEADER_MAX, value, why, size) == -1)
		return -1;
	source->header_count++;
	return 0;
}

/* "bearer", or "query NAME". */
static int
set_auth(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	struct source *source = object;
	const char *name = strchr(value, ' ');
	char word[16];
	int auth;
	bool named;

	(void)key;
	text_format(word, sizeof(word), "%.*s", (int)strcspn(value, " "),
	    value);
	auth = conf_choose(auth_names, COUNT(auth_names), word, why, size);
	if (auth == -1)
		return -1;
	name = name != NULL ? name + 1 : "";
	named = auth == SOURCE_AUTH_QUERY || auth == SOURCE_AUTH_HEADER;
	if (named != (name[0] != '\0') || name[token_length(name)] != '\0' ||
	    (auth == SOURCE_AUTH_HEADER && strcasecmp(name, "Host") == 0)) {
		text_format(why, size, named ?
		    "'%s' takes the name of a parameter or header after it" :
		    "'%s' takes nothing after it", word);
		return -1;
	}
	source->auth = (enum source_auth)auth;
	return conf_copy_text(
	    source->auth_name, sizeof(source->auth_name), name, why, size);
}

/* A path, or the name of a file in $CREDENTIALS_DIRECTORY. */
static int
set_credential(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	if (value[0] == '/')
		return conf_set_text(key, object, value, why, size);
	if (value[0] == '\0' || strchr(value, '/') != NULL ||
	    strcmp(value, ".") == 0 || strcmp(value, "..") == 0) {
		text_format(why, size,
		    "neither an absolute path nor a file's name");
		return -1;
	}
	return conf_set_text(key, object, value, why, size);
}

static int
refuse_key(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	(void)key;
	(void)object;
	(void)value;
	text_format(why, size, "keys belong in a credential file");
	return -1;
}

static int
set_code(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	uint64_t code = code_pack(value);

	/* min: the word that stands for none */
	if (code == 0 && strcmp(value, key->min) != 0) {
		text_format(why, size,
		    CONF_SHOWN " is neither a currency code (%d to %d of A-Z"
		    " 0-9) nor '%s'", value, CODE_MIN, CODE_MAX, key->min);
		return -1;
	}
	*(uint64_t *)conf_field(key, object) = code;
	return 0;
}

static int
set_quota(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	if (strcmp(value, "off") != 0)
		return conf_set_int(key, object, value, why, size);
	*(unsigned *)conf_field(key, object) = 0;
	return 0;
}

static int
set_publishes(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	struct calendar calendar;
	char what[96];

	if (calendar_parse(value, &calendar, what, sizeof(what)) == -1) {
		text_format(why, size, CONF_SHOWN ": %s", value, what);
		return -1;
	}
	return conf_set_text(key, object, value, why, size);
}

static int
set_preset(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	(void)key;
	(void)object; /* which one it is, is looked up at the end */
	if (value[0] == '\0' || conf_source_name_valid(value))
		return 0;
	text_format(why, size, CONF_SHOWN " is not " CONF_SOURCE_NAME, value);
	return -1;
}

#define AT(field) offsetof(struct source, field)
#define IN(field) offsetof(struct source, mapping.field)
#define LIMIT(number) CONF_LIMIT(number)
static const struct conf_key source_keys[] = {
	{ "preset", set_preset, NULL, NULL, "", 0, false },
	{ "url", set_url, NULL, NULL, "", AT(url), false },
	{ "mirrors", add_mirror, "1", LIMIT(SOURCE_MIRRORS_MAX), "",
	    AT(mirror_count), true },
	{ "headers", add_header, "1", LIMIT(SOURCE_HEADERS_MAX), "",
	    AT(header_count), true },
	{ "auth", set_auth, NULL, NULL, "", 0, false },
	{ "credential", set_credential, NULL, LIMIT(SOURCE_CREDENTIAL_MAX),
	    "", AT(credential), false },
	{ "key", refuse_key, NULL, NULL, "", 0, false },
#define X(name, set, max, field, list)                                         \
	{ name, set, NULL, max, "", IN(field), list },
	CONF_MAPPING_KEYS(X)
#undef X
	{ "base", set_code, "any", NULL, "", AT(base), false },
	{ "exact-base", set_code, "none", NULL, "", AT(exact_base), false },
	{ "rate-limit", conf_set_rate, NULL, NULL, "", AT(rate_interval),
	    false },
	{ "burst", conf_set_int, "1", "1000000", "1", AT(burst), false },
	{ "quota", set_quota, "1", "1000000000", "", AT(quota), false },
	{ "publishes", set_publishes, NULL, LIMIT(SOURCE_PUBLISHES_MAX), "",
	    AT(publishes), false },
	{ "terms", conf_set_text, NULL, LIMIT(SOURCE_TERMS_MAX), "",
	    AT(terms), false },
};
#undef AT
#undef IN

_Static_assert(COUNT(source_keys) <= CONF_KEYS_MAX, "raise CONF_KEYS_MAX");

const struct conf_keys conf_source_keys = { source_keys, COUNT(source_keys) };

void
conf_source_begin(struct source *source)
{
	memset(source, 0, sizeof(*source));
	source->mapping = mapping_default;
	conf_set_defaults(&conf_source_keys, source);
}
