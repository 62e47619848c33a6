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
		verdict_reach(&verdict, &setup, NULL, 0, 0, 1, 0, &result,
		    NULL);
		assert_null(strstr(verdict.text, "0123"));
		assert_int_equal(
		    strncmp(verdict.text, "status 401: ", 12), 0);
		if (length == 0)
			assert_string_equal(verdict.text,
			    "status 401: *** is not known");
	}
	free(conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_that_the_source_repeats_is_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
