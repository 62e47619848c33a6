#include "daemon/conf_value.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "base/code.h"
#include "base/number.h"
#include "base/text.h"
#include "board/layout.h"
#include "daemon/conf.h"
#include "daemon/conf_set.h"
#include "fetch/engine.h"
#include "source/catalogue.h"

static int
set_engine(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	const struct engine *engine = engine_find(value);
	char names[ENGINE_COUNT * 16] = "";

	if (engine == NULL || !engine->daemon) {
		text_format(why, size, CONF_SHOWN " is none of: %s", value,
		    engine_names(true, names, sizeof(names)));
		return -1;
	}
	*(const struct engine **)conf_field(key, object) = engine;
	return 0;
}

static int
set_rows(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	static const char *const ways[] = { "fetch", "derive" };
	int way = conf_choose(ways, 2, value, why, size);

	if (way == -1)
		return -1;
	*(bool *)conf_field(key, object) = way == 1;
	return 0;
}

static int
set_switch(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	static const char *const states[] = { "off", "on" };
	int state = conf_choose(states, 2, value, why, size);

	if (state == -1)
		return -1;
	*(bool *)conf_field(key, object) = state == 1;
	return 0;
}

static int
set_jump(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	size_t length = strcspn(value, "%");
	char digits[8];
	int64_t percent = 0;

	text_format(digits, sizeof(digits), "%.*s", (int)length, value);
	if (strcmp(value, "off") != 0 &&
	    (strcmp(value + length, "%") != 0 || length >= sizeof(digits) ||
	    number_parse_int(digits, 1, 1000, &percent) == -1)) {
		text_format(why, size, CONF_SHOWN
		    " is neither 1%% to 1000%% nor off", value);
		return -1;
	}
	*(double *)conf_field(key, object) = (double)percent / 100;
	return 0;
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
		    CONF_SHOWN " is not a currency code (%d to %d of A-Z 0-9)",
		    value, CODE_MIN, CODE_MAX);
		return -1;
	}
	for (unsigned i = 0; i < conf->currencies; i++) {
		if (conf->codes[i] == code) {
			text_format(why, size, CONF_SHOWN " is there twice", value);
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
		text_format(why, size, CONF_SHOWN " is not " CONF_SOURCE_NAME,
		    value);
		return -1;
	}
	for (unsigned i = 0; i < conf->source_count; i++) {
		if (strcmp(conf->sources[i].name, value) == 0) {
			text_format(why, size, CONF_SHOWN " is there twice", value);
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
	{ "currencies", add_code, "1", CONF_LIMIT(BOARD_CURRENCIES_MAX), NULL,
	    AT(currencies), true },
	{ "sources", add_source, "1", CONF_LIMIT(BOARD_SOURCES_MAX), NULL,
	    AT(source_count), true },
	{ "workers", conf_set_int, "1", CONF_LIMIT(BOARD_SLOTS_MAX), "4",
	    AT(workers), false },
	{ "engine", set_engine, NULL, NULL, "async", AT(engine), false },
	{ "concurrency", conf_set_int, "1", "256", "16", AT(concurrency), false },
	{ "refresh", conf_set_time, "100ms", "30d", "60s", AT(refresh), false },
	{ "stale-after", conf_set_time, "1s", "3650d", "26h", AT(stale_after),
	    false },
	{ "rows", set_rows, NULL, NULL, "fetch", AT(derive), false },
	{ "max-jump", set_jump, NULL, NULL, "20%", AT(max_jump), false },
	{ "late-after", conf_set_time, "1m", "30d", "2h", AT(late_after),
	    false },
	{ "restart-limit", conf_set_int, "1", "1000", "20", AT(restart_limit),
	    false },
	{ "connect-timeout", conf_set_time, "100ms", "60s", "5s",
	    AT(connect_timeout), false },
	{ "timeout", conf_set_time, "100ms", "5m", "15s", AT(timeout), false },
	{ "watchdog", conf_set_time, "1s", "1h", "60s", AT(watchdog), false },
	{ "sandbox", set_switch, NULL, NULL, "on", AT(sandbox), false },
	{ "board-mode", conf_set_mode, "0600", "0755", "0644", AT(board_mode),
	    false },
	{ "queue-mode", conf_set_mode, "0600", "0777", "0660", AT(queue_mode),
	    false },
};
#undef AT

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
_Static_assert(COUNT(root_keys) <= CONF_KEYS_MAX, "raise CONF_KEYS_MAX");

const struct conf_keys conf_root_keys = { root_keys, COUNT(root_keys) };

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
	return (unsigned)strtoul(key->max, NULL, 10);
}

void
conf_list_clear(const struct conf_key *key, void *object)
{
	*(unsigned *)conf_field(key, object) = 0;
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
