#include "source/document.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/code.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* The board of these tests; NOK has a place but the answers lack it. */
static const char *const board[] = { "EUR", "USD", "PLN", "NOK" };
enum { EUR, USD, PLN, NOK };

static double numbers[COUNT(board)];
static struct document document;
static char error[DOCUMENT_ERROR_MAX];

static int
find(const void *context, uint64_t code)
{
	const char *const *codes = context;

	for (size_t i = 0; i < COUNT(board); i++) {
		if (code_pack(codes[i]) == code)
			return (int)i;
	}
	return -1;
}

/* Reads exact bytes, with nothing after them, as asked for USD. */
static enum attempt_class
read_bytes(const char *bytes, size_t size)
{
	char *exact = malloc(size);
	enum attempt_class class;

	assert_true(exact != NULL || size == 0);
	if (size > 0)
		memcpy(exact, bytes, size);
	document = (struct document){
		.mapping = &mapping_default,
		.base = code_pack("USD"),
		.find = find,
		.context = board,
		.numbers = numbers,
		.count = COUNT(numbers),
	};
	memset(numbers, 0, sizeof(numbers));
	memset(error, 'x', sizeof(error));
	class = document_read(&document, exact, size, error, sizeof(error));
	free(exact);
	return class;
}

static enum attempt_class
read_text(const char *text)
{
	return read_bytes(text, strlen(text));
}

static void
assert_refused(enum attempt_class class, const char *text, const char *why)
{
	assert_int_equal(read_text(text), class);
	assert_string_equal(error, why);
	for (size_t i = 0; i < COUNT(numbers); i++)
		assert_true(isnan(numbers[i]));
	assert_int_equal(document.present, 0);
	assert_int_equal(document.published_form, PUBLISHED_NONE);
}

/* Refused with this /rates in an answer that has no other fault. */
static void
assert_rates_refused(enum attempt_class class, const char *rates,
    const char *why)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "{\"date\":\"2026-04-13\",\"base\":\"USD\",\"rates\":%s}", rates);
	assert_refused(class, text, why);
}

static void
reads_an_answer(void **state)
{
	(void)state;
	assert_int_equal(read_text("{\"date\": \"2026-04-13\", \"base\": "
	    "\"USD\", \"rates\": {\"EUR\": 0.855870, \"USD\": 1, "
	    "\"XAU\": 3, \"PLN\": 4e0}}\n"), ATTEMPT_OK);
	assert_string_equal(error, "");
	assert_true(numbers[EUR] == 0.85587);
	assert_true(numbers[USD] == 1);
	assert_true(numbers[PLN] == 4);
	assert_true(isnan(numbers[NOK]));
	assert_int_equal(document.present, 3);
	assert_int_equal(document.published_form, PUBLISHED_DAY);
	assert_true(document.published == INT64_C(1776038400000000000));
}

static void
gives_the_base_that_the_rates_lack(void **state)
{
	(void)state;
	assert_int_equal(read_text("{\"base\":\"USD\",\"rates\":"
	    "{\"EUR\":0.9}}"), ATTEMPT_OK);
	assert_true(numbers[USD] == 1);
	assert_int_equal(document.present, 2);
	assert_int_equal(document.published_form, PUBLISHED_NONE);
	assert_true(document.published == 0);
}

static void
passes_over_what_the_board_lacks(void **state)
{
	(void)state;
	assert_int_equal(read_text("{\"base\":\"USD\",\"rates\":{\"EUR\":0.9,"
	    "\"XAU\":-1,\"eur\":\"x\",\"\":null,\"A-VERY-LONG-KEY\":0}}"),
	    ATTEMPT_OK);
	assert_int_equal(document.present, 2);
}

static void
refuses_a_code_given_twice(void **state)
{
	(void)state;
	assert_rates_refused(ATTEMPT_DOCUMENT, "{\"EUR\":0.9,\"EUR\":0.9}",
	    "not JSON: a key given twice at byte 53");
	assert_rates_refused(ATTEMPT_DOCUMENT,
	    "{\"EUR\":0.9,\"E\\u0055R\":0.9}",
	    "not JSON: a key given twice at byte 53");
}

static void
keeps_numbers_at_the_ends_of_their_range(void **state)
{
	(void)state;
	assert_int_equal(read_text("{\"base\":\"USD\",\"rates\":{\"EUR\":"
	    "9223372036854775807,\"PLN\":99999999999999999999999,"
	    "\"NOK\":5e-324}}"), ATTEMPT_OK);
	assert_true(numbers[EUR] == 9223372036854775808.0);
	assert_true(numbers[PLN] == 1e23);
	assert_true(numbers[NOK] == 5e-324);
}

static void
refuses_a_rate_that_can_be_none(void **state)
{
	static const struct {
		const char *rate, *why;
	} rows[] = {
		{ "-1.2", "-1.2 is not above zero" },
		{ "0", "0 is not above zero" },
		{ "-0.0", "-0.0 is not above zero" },
		{ "-3", "-3 is not above zero" },
		{ "-999999999999999999999999999",
		    "-999999999999999999999999999 is not above zero" },
		{ "\"-0.9\"", "\"-0.9\" is not above zero" },
		{ "\"0\"", "\"0\" is not above zero" },
		{ "\"\"", "\"\" is no number" },
		{ "\" 1\"", "\" 1\" is no number" },
		{ "\"1,5\"", "\"1,5\" is no number" },
		{ "\"1e999\"", "\"1e999\" is no number" },
		{ "\"1e-400\"", "\"1e-400\" is no number" },
		{ "\"NaN\"", "\"NaN\" is no number" },
		{ "\"0x1p3\"", "\"0x1p3\" is no number" },
		{ "null", "null is no number" },
		{ "true", "true is no number" },
		{ "[0.9]", "[ 0.9 ] is no number" },
		{ "\"a\\u001b[2Jb\\n\"", "\"a\\u001b[2Jb\\n\" is no number" },
		{ "\"\xc3\xa9\"", "\"??\" is no number" },
	};
	char rates[128], why[128];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(rates, sizeof(rates), "{\"PLN\":4,\"EUR\":%s}",
		    rows[i].rate);
		snprintf(why, sizeof(why), "rates/EUR: %s", rows[i].why);
		assert_rates_refused(ATTEMPT_VALUE, rates, why);
	}
}

static void
refuses_rates_of_another_base(void **state)
{
	(void)state;
	assert_refused(ATTEMPT_BASE, "{\"rates\":{\"EUR\":0.9}}",
	    "the answer names no base");
	assert_refused(ATTEMPT_BASE, "{\"base\":null,\"rates\":{\"EUR\":0.9}}",
	    "the answer names no base");
	assert_refused(ATTEMPT_BASE, "{\"base\":\"EUR\",\"rates\":{\"EUR\":1}}",
	    "base: asked for USD, got \"EUR\"");
	assert_refused(ATTEMPT_BASE, "{\"base\":\"usd\",\"rates\":{\"EUR\":1}}",
	    "base: asked for USD, got \"usd\"");
	assert_refused(ATTEMPT_BASE, "{\"base\":7,\"rates\":{\"EUR\":0.9}}",
	    "base: asked for USD, got 7");
}

static void
refuses_a_base_that_is_not_1(void **state)
{
	(void)state;
	assert_rates_refused(ATTEMPT_BASE, "{\"EUR\":0.9,\"USD\":1.0001}",
	    "rates/USD: the base against itself is not 1");
	assert_rates_refused(ATTEMPT_VALUE, "{\"EUR\":0.9,\"USD\":\"one\"}",
	    "rates/USD: \"one\" is no number");
	assert_rates_refused(ATTEMPT_DOCUMENT, "{\"USD\":1.0}",
	    "rates: none of the board's currencies");
	assert_int_equal(read_text("{\"base\":\"USD\",\"rates\":"
	    "{\"USD\":1.0,\"EUR\":0.9}}"), ATTEMPT_OK);
	assert_int_equal(document.present, 2);
}

static void
refuses_a_date_that_is_no_day(void **state)
{
	static const char *const dates[] = { "\"2026-02-30\"", "\"2026-04\"",
		"\"\"", "\"2026-04-13T00:00:00Z\"", "20260413", "null",
		"\"9999-12-31\"", "\"0001-01-01\"" };
	char text[128], why[64];

	(void)state;
	for (size_t i = 0; i < COUNT(dates); i++) {
		snprintf(text, sizeof(text), "{\"date\":%s,\"base\":\"USD\","
		    "\"rates\":{\"EUR\":0.9}}", dates[i]);
		snprintf(why, sizeof(why), "date: %s is no day", dates[i]);
		assert_refused(ATTEMPT_DOCUMENT, text, why);
	}
}

static void
refuses_an_answer_without_rates(void **state)
{
	(void)state;
	assert_refused(ATTEMPT_DOCUMENT, "{\"base\":\"USD\"}",
	    "no object at /rates");
	assert_refused(ATTEMPT_DOCUMENT, "{\"base\":\"USD\",\"rates\":[1]}",
	    "no object at /rates");
	assert_refused(ATTEMPT_DOCUMENT, "{\"base\":\"USD\",\"rates\":null}",
	    "no object at /rates");
	assert_rates_refused(ATTEMPT_DOCUMENT, "{}",
	    "rates: none of the board's currencies");
	assert_rates_refused(ATTEMPT_DOCUMENT, "{\"XAU\":3}",
	    "rates: none of the board's currencies");
}

static void
refuses_what_is_no_object(void **state)
{
	static const char *const texts[] = { "42", "null", "true", "\"x\"",
		"1.5e3 " };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_refused(ATTEMPT_DOCUMENT, texts[i], "not a JSON object");
	assert_refused(ATTEMPT_DOCUMENT,
	    "[{\"base\":\"USD\",\"rates\":{\"EUR\":0.9}}]",
	    "no object at /rates");
	assert_refused(ATTEMPT_DOCUMENT, "", "empty answer");
	assert_refused(ATTEMPT_DOCUMENT, " \r\n\t", "empty answer");
}

static void
refuses_what_is_no_json(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "<html>", "not JSON: unexpected character at byte 0" },
		{ "{\"base\":\"US", "not JSON: unexpected end of data at byte "
		    "11" },
		{ "{}x", "not JSON: unexpected character at byte 2" },
		{ "{} {}", "not JSON: unexpected character at byte 3" },
		{ "[[[[[[[[[1]]]]]]]]]", "not JSON: nesting too deep at byte "
		    "8" },
		{ "{\"a\":1,}", "not JSON: unexpected character at byte 7" },
		{ "{\"a\":01}", "not JSON: unexpected character at byte 6" },
		{ "{\"a\":NaN}", "not JSON: unexpected character at byte 5" },
		{ "{\"a\":1e999}", "not JSON: a number out of range at byte "
		    "5" },
		{ "{\"a\":\"\xff\"}", "not JSON: invalid utf-8 string at byte "
		    "6" },
		{ "{\"base\":\"USD\",\"rates\":{\"EUR\\u0000X\":2}}",
		    "not JSON: a NUL at byte 27" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_refused(ATTEMPT_DOCUMENT, rows[i].text, rows[i].why);
}

static void
refuses_a_nul_wherever_it_is(void **state)
{
	static const char good[] = "{\"base\":\"USD\",\"rates\":{\"EUR\":0.9}}";
	char bytes[sizeof(good) + 2];

	(void)state;
	assert_int_equal(read_bytes(good, sizeof(good) - 1), ATTEMPT_OK);
	assert_int_equal(read_bytes(good, sizeof(good)), ATTEMPT_DOCUMENT);
	for (size_t at = 0; at < sizeof(good); at++) {
		memcpy(bytes, good, at);
		bytes[at] = '\0';
		memcpy(bytes + at + 1, good + at, sizeof(good) - 1 - at);
		if (read_bytes(bytes, sizeof(good)) != ATTEMPT_DOCUMENT)
			fail_msg("a NUL at byte %zu was accepted", at);
	}
}

static void
refuses_every_beginning_of_an_answer(void **state)
{
	static const char good[] = "{\"date\":\"2026-04-13\",\"base\":\"USD\","
	    "\"rates\":{\"EUR\":0.9,\"PLN\":4.1}}";

	(void)state;
	for (size_t size = 0; size < sizeof(good) - 1; size++) {
		if (read_bytes(good, size) != ATTEMPT_DOCUMENT)
			fail_msg("%zu bytes were accepted", size);
		assert_true(isnan(numbers[EUR]));
	}
	assert_int_equal(read_bytes(good, sizeof(good) - 1), ATTEMPT_OK);
}

/* A board that is broken must not make the reader write out of bounds. */
static int
find_too_far(const void *context, uint64_t code)
{
	(void)context;
	return code == code_pack("EUR") ? 0 : 1;
}

static void
does_not_trust_an_index(void **state)
{
	static const char text[] = "{\"base\":\"USD\",\"rates\":{\"EUR\":0.9,"
	    "\"PLN\":4}}";
	double one[2] = { 0, 7 };
	struct document small = { .mapping = &mapping_default,
		.base = code_pack("USD"),
		.find = find_too_far, .numbers = one, .count = 1 };

	(void)state;
	assert_int_equal(document_read(&small, text, sizeof(text) - 1, error,
	    sizeof(error)), ATTEMPT_OK);
	assert_true(one[0] == 0.9 && one[1] == 7);
	assert_int_equal(small.present, 1);
}

/* Where the base is all that the board has it is enough, but not nothing. */
static void
refuses_no_rates_even_for_the_base_alone(void **state)
{
	static const char none[] = "{\"base\":\"EUR\",\"rates\":{}}";
	static const char other[] = "{\"base\":\"EUR\",\"rates\":{\"X\":1}}";
	double one[1];
	struct document small = { .mapping = &mapping_default,
		.base = code_pack("EUR"),
		.find = find, .context = board, .numbers = one, .count = 1 };

	(void)state;
	assert_int_equal(document_read(&small, other, sizeof(other) - 1, error,
	    sizeof(error)), ATTEMPT_OK);
	assert_true(one[0] == 1);
	assert_int_equal(document_read(&small, none, sizeof(none) - 1, error,
	    sizeof(error)), ATTEMPT_DOCUMENT);
	assert_true(isnan(one[0]));
}

static void
finds_the_error_in_a_body(void **state)
{
	static const struct {
		const char *body, *text;
	} rows[] = {
		{ "{\"error\":\"no such base\"}", "no such base" },
		{ "{\"detail\":\"Not found\"}", "Not found" },
		{ "{\"message\":\"m\",\"detail\":\"d\"}", "d" },
		{ "{\"error\":true,\"status\":401,\"message\":\"bad id\","
		    "\"description\":\"long\"}", "bad id" },
		{ "{\"success\":false,\"error\":{\"code\":104,\"type\":\"t\","
		    "\"info\":\"over the limit\"}}", "over the limit" },
		{ "{\"error\":{\"code\":1,\"message\":\"m\"}}", "m" },
		{ "{\"description\":\"d\"}", "d" },
		{ "{\"result\":\"error\",\"error-type\":\"bad-code\"}",
		    "bad-code" },
		{ "{\"id\":7,\"base\":[\"Base XXX is not supported.\"]}",
		    "base: Base XXX is not supported." },
		{ "{\"error\":\"\",\"detail\":\" \\n a\\tb\\u0007\"}", "a b?" },
		{ "{\"a\":[],\"b\":[7],\"c\":[\"x\"]}", "c: x" },
		{ "{\"error\":7}", "" }, { "{}", "" }, { "[\"x\"]", "" },
		{ "\"error\"", "" }, { "null", "" }, { "", "" },
		{ "<html>error</html>", "" }, { "{\"error\":\"cut", "" },
	};
	char buf[DOCUMENT_ERROR_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(document_error(&mapping_default, rows[i].body,
		    strlen(rows[i].body), buf, sizeof(buf)), ATTEMPT_NONE);
		assert_string_equal(buf, rows[i].text);
	}
}

static void
cuts_the_error_in_a_body(void **state)
{
	char body[1024], buf[20];

	(void)state;
	snprintf(body, sizeof(body), "{\"error\":\"%0600d\"}", 7);
	document_error(&mapping_default, body, strlen(body), buf, sizeof(buf));
	assert_string_equal(buf, "0000000000000000000");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_an_answer),
		cmocka_unit_test(gives_the_base_that_the_rates_lack),
		cmocka_unit_test(passes_over_what_the_board_lacks),
		cmocka_unit_test(refuses_a_code_given_twice),
		cmocka_unit_test(keeps_numbers_at_the_ends_of_their_range),
		cmocka_unit_test(refuses_a_rate_that_can_be_none),
		cmocka_unit_test(refuses_rates_of_another_base),
		cmocka_unit_test(refuses_a_base_that_is_not_1),
		cmocka_unit_test(refuses_a_date_that_is_no_day),
		cmocka_unit_test(refuses_an_answer_without_rates),
		cmocka_unit_test(refuses_what_is_no_object),
		cmocka_unit_test(refuses_what_is_no_json),
		cmocka_unit_test(refuses_a_nul_wherever_it_is),
		cmocka_unit_test(refuses_every_beginning_of_an_answer),
		cmocka_unit_test(does_not_trust_an_index),
		cmocka_unit_test(refuses_no_rates_even_for_the_base_alone),
		cmocka_unit_test(finds_the_error_in_a_body),
		cmocka_unit_test(cuts_the_error_in_a_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
