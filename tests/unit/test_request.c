#include "daemon/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/code.h"

static struct transfer_request request;

static void
a_request_has_all_that_its_source_says(void **state)
{
	static const struct source source = {
		.url = "https://a.example/{base}?s={symbols}",
		.mirrors = { "https://b.example/{base}" },
		.mirror_count = 1,
		.headers = { "X-Plan: free" },
		.header_count = 1,
		.auth = SOURCE_AUTH_TOKEN,
		.key = "abc",
		.mapping = { .format = MAPPING_CSV },
	};

	(void)state;
	memset(&request, '+', sizeof(request));
	assert_null(request_make(&request, &source, 0, "EUR", "EUR,USD"));
	assert_string_equal(request.url, "https://a.example/EUR?s=EUR,USD");
	assert_int_equal(request.header_count, 3);
	assert_string_equal(request.headers[0], "Accept: text/csv");
	assert_string_equal(request.headers[1], "X-Plan: free");
	assert_string_equal(request.headers[2], "Authorization: Token abc");
	assert_string_equal(request.secret, "abc");
	assert_string_equal(request.etag, "");
	assert_string_equal(request.modified, "");
	assert_null(request_make(&request, &source, 1, "EUR", ""));
	assert_string_equal(request.url, "https://b.example/EUR");
}

static void
without_auth_there_is_no_secret(void **state)
{
	static const struct source source = { .url = "h/{base}", .key = "k" };

	(void)state;
	assert_null(request_make(&request, &source, 0, "EUR", ""));
	assert_string_equal(request.secret, "");
	assert_int_equal(request.header_count, 1);
}

static void
what_is_wrong_leaves_no_url(void **state)
{
	static const struct source no_key = { .url = "h/{base}",
		.auth = SOURCE_AUTH_BEARER };
	static const struct source bad_header = { .url = "h/{base}",
		.headers = { "no header" },
		.header_count = 1 };

	(void)state;
	assert_string_equal(
	    request_make(&request, &no_key, 0, "EUR", ""), "no key");
	assert_string_equal(request.url, "");
	assert_non_null(request_make(&request, &bad_header, 0, "EUR", ""));
	assert_string_equal(request.url, "");
	assert_int_equal(request.header_count, 0);
	assert_non_null(request_make(&request, &bad_header, 1, "EUR", ""));
}

static void
symbols_are_all_codes_or_none(void **state)
{
	const uint64_t codes[] = { code_pack("EUR"), code_pack("USD"),
		code_pack("ABCDEFGH") };
	char buf[17];

	(void)state;
	assert_string_equal(
	    request_symbols(codes, 3, buf, 17), "EUR,USD,ABCDEFGH");
	assert_string_equal(request_symbols(codes, 3, buf, 16), "");
	assert_string_equal(request_symbols(codes, 3, buf, 8), "");
	assert_string_equal(request_symbols(codes, 1, buf, 17), "EUR");
	assert_string_equal(request_symbols(codes, 0, buf, 17), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_has_all_that_its_source_says),
		cmocka_unit_test(without_auth_there_is_no_secret),
		cmocka_unit_test(what_is_wrong_leaves_no_url),
		cmocka_unit_test(symbols_are_all_codes_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
