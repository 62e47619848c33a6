#include "daemon/conf_value.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include <bsd/string.h>

#include "base/code.h"
#include "base/number.h"
#include "base/text.h"
#include "board/layout.h"
#include "daemon/conf.h"
#include "fetch/engine.h"
#include "fetch/transfer.h"
#include "source/catalogue.h"

/* A value as faults show it: long ones are cut. */
#define SHOWN "'%.64s'"
#define LIMIT_(number) #number
#define LIMIT(number) LIMIT_(number)

static void *
field(const struct conf_key *key, void *object)
{
	return (char *)object + key->offset;
}

static int64_t
int_limit(const char *text)
{
	int64_t limit = 0;
	int result = number_parse_int(text, 0, INT32_MAX, &limit);

	assert(result == 0);
	(void)result;
	return limit;
}

static int64_t
time_limit(const char *text)
{
	int64_t limit = 0;
	int result = number_parse_duration(text, &limit);

	assert(result == 0);
	(void)result;
	return limit;
}

static unsigned
mode_limit(const char *text)
{
	unsigned limit = 0;
	int result = number_parse_mode(text, &limit);

	assert(result == 0);
	(void)result;
	return limit;
}

static int
set_int(const struct conf_key *key, void *object, const char *value, char *why,
    size_t size)
{
	int64_t number;

	if (number_parse_int(value, int_limit(key->min), int_limit(key->max),
	    &number) == -1) {
		text_format(why, size,
		    SHOWN " is not a whole number from %s to %s", value,
		    key->min, key->max);
		return -1;
	}
	*(unsigned *)field(key, object) = (unsigned)number;
	return 0;
}

static int
set_time(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	int64_t time;

	if (number_parse_duration(value, &time) == -1 ||
	    time < time_limit(key->min) || time > time_limit(key->max)) {
		text_format(why, size, SHOWN
		    " is not a time from %s to %s (units: ms s m h d)",
		    value, key->min, key->max);
		return -1;
	}
	*(int64_t *)field(key, object) = time;
	return 0;
}

static int
set_mode(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	unsigned mode, must = mode_limit(key->min), may = mode_limit(key->max);
	const char *fault = NULL;

	if (number_parse_mode(value, &mode) == -1)
		fault = "is not an octal mode like 0644";
	else if ((mode & must) != must)
		fault = "keeps the owner from reading and writing";
	else if ((mode & ~may) != 0)
		fault = "lets more than the owner write";
	if (fault != NULL) {
		text_format(why, size, SHOWN " %s", value, fault);
		return -1;
	}
	*(mode_t *)field(key, object) = mode;
	return 0;
}

static int
set_rate(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	if (number_parse_rate(value, field(key, object)) == 0)
		return 0;
	text_format(why, size, SHOWN
	    " is not a rate like 2/s (1 to 1000000; units: s m h d)", value);
	return -1;
}

static int
set_engine(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	const struct engine *engine = engine_find(value);

	if (engine == NULL) {
#define X(id, what) " " #id
		text_format(why, size, SHOWN " is none of:" ENGINES(X), value);
#undef X
		return -1;
	}
	*(const struct engine **)field(key, object) = engine;
	return 0;
}

/* There is one way only so far: nothing to keep. */
static int
set_rows(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	(void)object;
	if (strcmp(value, key->usual) == 0)
		return 0;
	text_format(why, size, SHOWN " is none of: %s", value, key->usual);
	return -1;
}

/* The longest code there can be, so that every other one fits as well. */
static const char sample_base[] = "ZZZZZZZZ";
_Static_assert(sizeof(sample_base) == CODE_TEXT_MAX, "a code of CODE_MAX");

static int
set_url(const struct conf_key *key, void *object, const char *value, char *why,
    size_t size)
{
	struct source *source = object;
	char detail[80], url[TRANSFER_URL_MAX];
	const char *fault;

	(void)key;
	fault = source_template_fault(value, detail, sizeof(detail));
	if (fault != NULL) {
		text_format(why, size, detail[0] != '\0' ? "%s " SHOWN : "%s",
		    fault, detail);
		return -1;
	}
	if (strlcpy(source->url, value, sizeof(source->url)) >=
	    sizeof(source->url) ||
	    source_url(source, sample_base, url, sizeof(url)) == -1) {
		text_format(why, size, "longer than %d bytes",
		    TRANSFER_URL_MAX - 1);
		return -1;
	}
	fault = transfer_url_fault(url);
	if (fault != NULL)
		text_format(why, size, SHOWN ": %s", value, fault);
	return fault == NULL ? 0 : -1;
}

static int
add_code(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	struct conf *conf = object;
	uint64_t code = code_pack(value);

	(void)key;
	if (code == 0) {
		text_format(why, size,
		    SHOWN " is not a currency code (%d to %d of A-Z 0-9)",
		    value, CODE_MIN, CODE_MAX);
		return -1;
	}
	for (unsigned i = 0; i < conf->currencies; i++) {
		if (conf->codes[i] == code) {
			text_format(why, size, SHOWN " is there twice", value);
			return -1;
		}
	}
	assert(conf->currencies < BOARD_CURRENCIES_MAX);
	conf->codes[conf->currencies++] = code;
	return 0;
}

static int
add_source(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	struct conf *conf = object;

	(void)key;
	if (!conf_source_name_valid(value)) {
		text_format(why, size, SHOWN " is not " CONF_SOURCE_NAME,
		    value);
		return -1;
	}
	for (unsigned i = 0; i < conf->source_count; i++) {
		if (strcmp(conf->sources[i].name, value) == 0) {
			text_format(why, size, SHOWN " is there twice", value);
			return -1;
		}
	}
	assert(conf->source_count < BOARD_SOURCES_MAX);
	strlcpy(conf->sources[conf->source_count++].name, value,
	    SOURCE_NAME_MAX);
	return 0;
}

#define AT(field) offsetof(struct conf, field)
static const struct conf_key root_keys[] = {
	{ "currencies", add_code, "1", LIMIT(BOARD_CURRENCIES_MAX), NULL,
	    AT(currencies), true },
	{ "sources", add_source, "1", LIMIT(BOARD_SOURCES_MAX), NULL,
	    AT(source_count), true },
	{ "workers", set_int, "1", LIMIT(BOARD_SLOTS_MAX), "4",
	    AT(workers), false },
	{ "engine", set_engine, NULL, NULL, "async", AT(engine), false },
	{ "concurrency", set_int, "1", "256", "16", AT(concurrency), false },
	{ "refresh", set_time, "100ms", "30d", "60s", AT(refresh), false },
	{ "stale-after", set_time, "1s", "3650d", "26h", AT(stale_after),
	    false },
	{ "rows", set_rows, NULL, NULL, "fetch", 0, false },
	{ "restart-limit", set_int, "1", "1000", "20", AT(restart_limit),
	    false },
	{ "connect-timeout", set_time, "100ms", "60s", "5s",
	    AT(connect_timeout), false },
	{ "timeout", set_time, "100ms", "5m", "15s", AT(timeout), false },
	{ "watchdog", set_time, "1s", "1h", "60s", AT(watchdog), false },
	{ "board-mode", set_mode, "0600", "0755", "0644", AT(board_mode),
	    false },
	{ "queue-mode", set_mode, "0600", "0777", "0660", AT(queue_mode),
	    false },
};
#undef AT

#define AT(field) offsetof(struct source, field)
static const struct conf_key source_keys[] = {
	{ "url", set_url, NULL, NULL, NULL, AT(url), false },
	{ "rate-limit", set_rate, NULL, NULL, "", AT(rate_interval), false },
	{ "burst", set_int, "1", "1000000", "1", AT(burst), false },
};
#undef AT

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
_Static_assert(COUNT(root_keys) <= CONF_KEYS_MAX, "raise CONF_KEYS_MAX");
_Static_assert(COUNT(source_keys) <= CONF_KEYS_MAX, "raise CONF_KEYS_MAX");

const struct conf_keys conf_root_keys = { root_keys, COUNT(root_keys) };
const struct conf_keys conf_source_keys = { source_keys, COUNT(source_keys) };

int
conf_key_find(const struct conf_keys *keys, const char *name)
{
	for (size_t i = 0; i < keys->count; i++) {
		if (strcmp(keys->key[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

const char *
conf_key_near(const struct conf_keys *keys, const char *name)
{
	unsigned best = 3; /* more edits than two make another word */
	const char *near = NULL;

	for (size_t i = 0; i < keys->count; i++) {
		unsigned edits = text_distance(keys->key[i].name, name);

		if (edits < best && 2 * edits < strlen(name)) {
			best = edits;
			near = keys->key[i].name;
		}
	}
	return near;
}

unsigned
conf_list_max(const struct conf_key *key)
{
	return (unsigned)int_limit(key->max);
}

void
conf_list_clear(const struct conf_key *key, void *object)
{
	*(unsigned *)field(key, object) = 0;
}

void
conf_set_defaults(const struct conf_keys *keys, void *object)
{
	char why[2];
	int result = 0;

	for (size_t i = 0; i < keys->count; i++) {
		const struct conf_key *key = &keys->key[i];

		if (key->usual != NULL && key->usual[0] != '\0')
			result |= key->set(
			    key, object, key->usual, why, sizeof(why));
	}
	assert(result == 0);
	(void)result;
}

bool
conf_source_name_valid(const char *name)
{
	size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                             "abcdefghijklmnopqrstuvwxyz"
	                             "0123456789_-.");

	return length >= 1 && length < SOURCE_NAME_MAX && name[length] == '\0';
}
