#include "daemon/conf_set.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include <bsd/string.h>

#include "base/number.h"
#include "base/text.h"

void *
conf_field(const struct conf_key *key, void *object)
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

int
conf_set_int(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	int64_t number;

	if (number_parse_int(value, int_limit(key->min), int_limit(key->max),
	    &number) == -1) {
		text_format(why, size,
		    CONF_SHOWN " is not a whole number from %s to %s", value,
		    key->min, key->max);
		return -1;
	}
	*(unsigned *)conf_field(key, object) = (unsigned)number;
	return 0;
}

int
conf_set_time(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	int64_t time;

	if (number_parse_duration(value, &time) == -1 ||
	    time < time_limit(key->min) || time > time_limit(key->max)) {
		text_format(why, size, CONF_SHOWN
		    " is not a time from %s to %s (units: ms s m h d)",
		    value, key->min, key->max);
		return -1;
	}
	*(int64_t *)conf_field(key, object) = time;
	return 0;
}

int
conf_set_mode(const struct conf_key *key, void *object, const char *value,
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
		text_format(why, size, CONF_SHOWN " %s", value, fault);
		return -1;
	}
	*(mode_t *)conf_field(key, object) = mode;
	return 0;
}

int
conf_set_rate(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	if (strcmp(value, "off") == 0) {
		*(int64_t *)conf_field(key, object) = 0;
		return 0;
	}
	if (number_parse_rate(value, conf_field(key, object)) == 0)
		return 0;
	text_format(why, size, CONF_SHOWN
	    " is not a rate like 2/s (1 to 1000000; units: s m h d)", value);
	return -1;
}

static bool
has_control(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	}
	return false;
}

int
conf_copy_text(
    char *buf, size_t room, const char *value, char *why, size_t size)
{
	if (strlen(value) >= room) {
		text_format(why, size, "longer than %zu bytes", room - 1);
		return -1;
	}
	if (has_control(value)) {
		text_format(why, size, "a control character in it");
		return -1;
	}
	strlcpy(buf, value, room);
	return 0;
}

int
conf_set_text(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	return conf_copy_text(conf_field(key, object),
	    (size_t)int_limit(key->max), value, why, size);
}

int
conf_choose(const char *const *names, size_t count, const char *value,
    char *why, size_t size)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], value) == 0)
			return (int)i;
	}
	text_format(why, size, CONF_SHOWN " is none of:", value);
	for (size_t i = 0; i < count; i++)
		text_append(why, size, " %s", names[i]);
	return -1;
}
