#include "daemon/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>
#include <cmocka.h>

#include "base/text.h"

#define KEY "0123456789abcdef"

static enum source_auth auth; /* of the source */

static void
a_key_that_the_source_repeats_is_not_told(void **state)
{
	struct conf *conf = calloc(1, sizeof(*conf));
	struct worker_setup setup = { .conf = conf };
	struct transfer_result result = { .class = ATTEMPT_HTTP,
		.http_status = 401,
		.text = "status 401" };
	struct verdict verdict;
	char body[512], filler[256];

	(void)state;
	assert_non_null(conf);
	conf->sources[0].mapping = mapping_default;
	strlcpy(conf->sources[0].key, KEY, sizeof(conf->sources[0].key));
	/* At each length, so that it is also cut at each of its bytes. */
	for (size_t length = 0; length < sizeof(filler) - 1; length++) {
		memset(filler, '.', length);
		filler[length] = '\0';
		text_format(body, sizeof(body),
		    "{\"error\": \"%s%s is not known\"}", filler, KEY);
		result.body = body;
		result.size = strlen(body);
		verdict_reach(&verdict, &setup, NULL, 0, 0, 1, 0, false,
		    &result, NULL);
		assert_null(strstr(verdict.text, "0123"));
		assert_int_equal(
		    strncmp(verdict.text, "status 401: ", 12), 0);
		if (length == 0)
			assert_string_equal(verdict.text,
			    "status 401: *** is not known");
	}
	free(conf);
}

/* The class of a failure whose body says "it" is something. */
static enum attempt_class
class_of(enum attempt_class class, unsigned http_status,
    enum attempt_class told)
{
	static const char body[] = "{\"error\": \"it\"}";
	const struct transfer_result result = { .class = class,
		.http_status = http_status,
		.text = "why",
		.body = body,
		.size = strlen(body) };
	struct conf *conf = calloc(1, sizeof(*conf));
	struct worker_setup setup = { .conf = conf };
	struct mapping *mapping;
	struct verdict verdict;

	assert_non_null(conf);
	conf->sources[0].auth = auth;
	mapping = &conf->sources[0].mapping;
	*mapping = mapping_default;
	mapping->error_count = 1;
	strlcpy(
	    mapping->errors[0], "/error", sizeof(mapping->errors[0]));
	mapping->class_count = told != ATTEMPT_NONE;
	strlcpy(mapping->classes[0].value, "it",
	    sizeof(mapping->classes[0].value));
	mapping->classes[0].class = told;
	verdict_reach(
	    &verdict, &setup, NULL, 0, 0, 1, 0, false, &result, NULL);
	assert_string_equal(verdict.text, "why: it");
	free(conf);
	return verdict.class;
}

static void
what_the_body_says_is_more_than_the_status(void **state)
{
	(void)state;
	auth = SOURCE_AUTH_NONE;
	assert_int_equal(
	    class_of(ATTEMPT_HTTP, 403, ATTEMPT_NONE), ATTEMPT_HTTP);
	assert_int_equal(
	    class_of(ATTEMPT_HTTP, 401, ATTEMPT_NONE), ATTEMPT_AUTH);
	auth = SOURCE_AUTH_QUERY;
	assert_int_equal(
	    class_of(ATTEMPT_HTTP, 500, ATTEMPT_NONE), ATTEMPT_HTTP);
	assert_int_equal(
	    class_of(ATTEMPT_HTTP, 403, ATTEMPT_NONE), ATTEMPT_AUTH);
	assert_int_equal(
	    class_of(ATTEMPT_HTTP, 402, ATTEMPT_NONE), ATTEMPT_PLAN);
	assert_int_equal(class_of(ATTEMPT_HTTP, 403, ATTEMPT_UNSUPPORTED),
	    ATTEMPT_UNSUPPORTED);
	assert_int_equal(class_of(ATTEMPT_THROTTLED, 429, ATTEMPT_NONE),
	    ATTEMPT_THROTTLED);
	assert_int_equal(
	    class_of(ATTEMPT_THROTTLED, 429, ATTEMPT_QUOTA), ATTEMPT_QUOTA);
	/* What broke off on its way is neither. */
	assert_int_equal(class_of(ATTEMPT_TRANSFER, 200, ATTEMPT_QUOTA),
	    ATTEMPT_TRANSFER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_that_the_source_repeats_is_not_told),
		cmocka_unit_test(what_the_body_says_is_more_than_the_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
