#include "daemon/conf_mapping.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/number.h"
#include "base/outcome.h"
#include "base/text.h"
#include "daemon/conf_set.h"
#include "source/catalogue.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define X(id, name) name,

/* One setter an enum: a word of its list into the field. */
#define WORD_SETTER(setter, type, words)                                       \
	int setter(const struct conf_key *key, void *object,                   \
	    const char *value, char *why, size_t size)                         \
	{                                                                      \
		static const char *const names[] = { words(X) };               \
		int i = conf_choose(names, COUNT(names), value, why, size);    \
                                                                               \
		if (i == -1)                                                   \
			return -1;                                             \
		*(type *)conf_field(key, object) = (type)i;                    \
		return 0;                                                      \
	}

WORD_SETTER(conf_set_format, enum mapping_format, MAPPING_FORMATS)
WORD_SETTER(conf_set_shape, enum mapping_shape, MAPPING_SHAPES)
WORD_SETTER(conf_set_date_form, enum mapping_date, MAPPING_DATES)
WORD_SETTER(conf_set_direction, enum mapping_direction, MAPPING_DIRECTIONS)

#define KEY_CASES(Y) Y(AS_IS, "as-is") Y(UPPER, "upper")
WORD_SETTER(conf_set_case, bool, KEY_CASES)
#undef X

static int
copy_pointer(char *to, const char *value, char *why, size_t size)
{
	const char *fault = mapping_pointer_fault(value);

	if (fault != NULL) {
		text_format(why, size, CONF_SHOWN ": %s", value, fault);
		return -1;
	}
	return conf_copy_text(to, MAPPING_POINTER_MAX, value, why, size);
}

int
conf_set_pointer(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	return copy_pointer(conf_field(key, object), value, why, size);
}

int
conf_set_prefix(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	const char *fault = mapping_prefix_fault(value);

	if (fault != NULL) {
		text_format(why, size, CONF_SHOWN ": %s", value, fault);
		return -1;
	}
	return conf_copy_text(conf_field(key, object), MAPPING_TEXT_MAX,
	    value, why, size);
}

int
conf_set_unit(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	int64_t number;

	if (value[0] == '/')
		return conf_set_pointer(key, object, value, why, size);
	if (value[0] == '\0' ||
	    number_parse_int(value, 1, 1000000000, &number) == 0)
		return conf_copy_text(conf_field(key, object),
		    MAPPING_POINTER_MAX, value, why, size);
	text_format(why, size, CONF_SHOWN " is neither a pointer nor a whole"
	    " number from 1 to 1000000000", value);
	return -1;
}

/*
 * Splits "what=value" at its last '='.  0, or -1 with why when one of both is
 * missing or doesn't fit.
 */
static int
split(const char *text, char *what, size_t what_room, const char **value,
    char *why, size_t size)
{
	const char *equals = strrchr(text, '=');
	size_t length = equals != NULL ? (size_t)(equals - text) : 0;

	if (length == 0 || equals[1] == '\0') {
		text_format(why, size, CONF_SHOWN " has no '=' in it, or"
		    " nothing on one side", text);
		return -1;
	}
	if (length >= what_room) {
		text_format(why, size, "longer than %zu bytes before the '='",
		    what_room - 1);
		return -1;
	}
	text_format(what, what_room, "%.*s", (int)length, text);
	*value = equals + 1;
	return 0;
}

int
conf_set_success(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	struct mapping *mapping = &((struct source *)object)->mapping;
	char pointer[MAPPING_POINTER_MAX];
	const char *wanted;

	(void)key;
	if (value[0] == '\0') { /* none, where a preset has one */
		mapping->success[0] = mapping->success_value[0] = '\0';
		return 0;
	}
	if (split(value, pointer, sizeof(pointer), &wanted, why, size) == -1 ||
	    copy_pointer(mapping->success, pointer, why, size) == -1)
		return -1;
	return conf_copy_text(mapping->success_value,
	    sizeof(mapping->success_value), wanted, why, size);
}

int
conf_add_error(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	struct mapping *mapping = &((struct source *)object)->mapping;

	(void)key;
	assert(mapping->error_count < MAPPING_ERRORS_MAX);
	if (value[0] == '\0') {
		text_format(why, size, "a pointer is empty");
		return -1;
	}
	if (copy_pointer(mapping->errors[mapping->error_count], value, why,
	    size) == -1)
		return -1;
	mapping->error_count++;
	return 0;
}

int
conf_add_class(const struct conf_key *key, void *object, const char *value,
    char *why, size_t size)
{
	static const enum attempt_class classes[] = { ATTEMPT_AUTH,
		ATTEMPT_QUOTA, ATTEMPT_PLAN, ATTEMPT_UNSUPPORTED,
		ATTEMPT_THROTTLED, ATTEMPT_REFUSED };
	struct mapping *mapping = &((struct source *)object)->mapping;
	const char *names[COUNT(classes)], *name;
	char text[MAPPING_TEXT_MAX];
	struct mapping_class *class;
	int i;

	(void)key;
	for (size_t k = 0; k < COUNT(classes); k++)
		names[k] = attempt_class_name(classes[k]);
	if (split(value, text, sizeof(text), &name, why, size) == -1)
		return -1;
	i = conf_choose(names, COUNT(classes), name, why, size);
	if (i == -1)
		return -1;
	assert(mapping->class_count < MAPPING_CLASSES_MAX);
	class = &mapping->classes[mapping->class_count];
	class->class = classes[i];
	if (conf_copy_text(class->value, sizeof(class->value), text, why,
	    size) == -1)
		return -1;
	mapping->class_count++;
	return 0;
}
