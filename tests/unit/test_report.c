/*
 * One tree, printed three ways.
 */
#include "tools/report.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const codes[] = { "EUR", "USD" };

static const char *
code(const void *context, unsigned i)
{
	return ((const char *const *)context)[i];
}

static void
tell(struct report *r)
{
	report_head(r, 1, "play", INT64_C(1776038400) * 1000000000);
	report_list(r, "currencies", 2, code, codes);
	report_list(r, "none", 0, code, codes);
	report_array(r, "rows");
	for (unsigned i = 0; i < 2; i++) {
		report_object(r, codes[i]);
		report_text(r, "source", i == 0 ? "a \"b\", c" : NULL);
		report_object(r, "rates");
		report_number(r, "USD", i == 0 ? 1.1684 : NAN);
		report_close(r);
		report_known(r, "http", i == 0, -500);
		report_close(r);
	}
	report_close(r);
	report_bool(r, "running", true);
	report_uint(r, "most", UINT64_MAX);
	report_int(r, "least", INT64_MIN);
	report_seconds(r, "age", INT64_C(1500000000));
	report_null(r, "error");
}

static void
expect(enum ctl_format format, const char *expected)
{
	char *text = NULL;
	size_t size;
	struct report r;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	report_begin(&r, format, out);
	tell(&r);
	report_end(&r);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, expected);
	free(text);
}

static void
json_nests(void **state)
{
	(void)state;
	expect(FORMAT_JSON,
	    "{\"schema\": 1, \"instance\": \"play\", "
	    "\"read\": \"2026-04-13T00:00:00Z\", "
	    "\"currencies\": [\"EUR\", \"USD\"], \"none\": [], "
	    "\"rows\": [{\"source\": \"a \\\"b\\\", c\", "
	    "\"rates\": {\"USD\": 1.1684}, \"http\": -500}, "
	    "{\"source\": null, \"rates\": {\"USD\": null}, \"http\": null}], "
	    "\"running\": true, \"most\": 18446744073709551615, "
	    "\"least\": -9223372036854775808, \"age\": 1.5, "
	    "\"error\": null}\n");
}

static void
keyvalue_is_flat(void **state)
{
	(void)state;
	expect(FORMAT_KEYVALUE,
	    "schema=1\ninstance=play\nread=2026-04-13T00:00:00Z\n"
	    "currencies=EUR,USD\nnone=\n"
	    "rows.EUR.source=a \"b\", c\nrows.EUR.rates.USD=1.1684\n"
	    "rows.EUR.http=-500\nrows.USD.source=\nrows.USD.rates.USD=\n"
	    "rows.USD.http=\nrunning=true\nmost=18446744073709551615\n"
	    "least=-9223372036854775808\nage=1.5\nerror=\n");
}

static void
csv_is_flat_too(void **state)
{
	(void)state;
	expect(FORMAT_CSV,
	    "key,value\nschema,1\ninstance,play\nread,2026-04-13T00:00:00Z\n"
	    "currencies,\"EUR,USD\"\nnone,\n"
	    "rows.EUR.source,\"a \"\"b\"\", c\"\nrows.EUR.rates.USD,1.1684\n"
	    "rows.EUR.http,-500\nrows.USD.source,\nrows.USD.rates.USD,\n"
	    "rows.USD.http,\nrunning,true\nmost,18446744073709551615\n"
	    "least,-9223372036854775808\nage,1.5\nerror,\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_nests),
		cmocka_unit_test(keyvalue_is_flat),
		cmocka_unit_test(csv_is_flat_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
