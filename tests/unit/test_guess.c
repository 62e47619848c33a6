/*
 * Guessed mappings: of the answers of every preset, and of shapes that none of
 * them has.
 */
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
#include "base/file.h"
#include "base/text.h"
#include "daemon/conf_preset.h"
#include "source/document.h"
#include "source/guess.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define DAY_NS (INT64_C(86400) * 1000000000)

static struct conf_presets presets;
static struct guess guess; /* large */
static char error[256];

static void
fail_report(void *context, const char *line)
{
	(void)context;
	fail_msg("%s", line);
}

static char *
answer(const char *file, size_t *size)
{
	char path[512];
	void *bytes = NULL;

	text_format(path, sizeof(path), TEST_DATA "/sources/%s", file);
	assert_int_equal(file_load(path, 1 << 20, &bytes, size), 0);
	return bytes;
}

static int
find(const void *context, uint64_t code)
{
	(void)context;
	for (unsigned i = 0; i < guess.count; i++)
		if (guess.codes[i] == code)
			return (int)i;
	return -1;
}

static double numbers[2][GUESS_CODES_MAX];

/* Reads bytes with a mapping, on a board of all codes of the guess. */
static struct document
read_with(const struct mapping *mapping, double *out, const char *bytes,
    size_t size)
{
	struct document document = { .mapping = mapping,
		.base = guess.base,
		.find = find,
		.numbers = out,
		.count = guess.count };

	if (document_read(&document, bytes, size, error, sizeof(error)) !=
	    ATTEMPT_OK)
		fail_msg("%s", error);
	return document;
}

/* The guess reads what the preset reads. */
static void
agrees(const char *name, const char *format, const char *base,
    const char *asked)
{
	const struct conf_preset *preset = conf_presets_find(&presets, name);
	struct document ours, theirs;
	char file[64];
	size_t size;
	char *bytes;

	assert_non_null(preset);
	text_format(file, sizeof(file), "%s.%s", name, format);
	bytes = answer(file, &size);
	if (guess_answer(bytes, size, code_pack(asked), "", &guess, error,
		sizeof(error)) == -1)
		fail_msg("%s: %s", file, error);
	assert_true(guess.base == code_pack(base));
	assert_true(guess.count >= 29);
	ours = read_with(&guess.mapping, numbers[0], bytes, size);
	theirs = read_with(
	    &preset->source.mapping, numbers[1], bytes, size);
	assert_int_equal(ours.present, theirs.present);
	assert_memory_equal(
	    numbers[0], numbers[1], guess.count * sizeof(double));
	assert_int_equal(ours.published_form, theirs.published_form);
	assert_true(ours.published == theirs.published);
	assert_true(ours.next_update == theirs.next_update);
	assert_string_equal(
	    guess.mapping.success, preset->source.mapping.success);
	assert_string_equal(guess.mapping.base, preset->source.mapping.base);
	free(bytes);
}

static void
every_preset_would_be_guessed(void **state)
{
	(void)state;
	agrees("currencyapi", "json", "USD", "");
	agrees("ecb", "xml", "EUR", "EUR");
	agrees("ecb-portal", "csv", "EUR", "");
	agrees("exchangerate-api", "json", "USD", "");
	agrees("exchangerate-host", "json", "USD", "");
	agrees("fawazahmed0", "json", "USD", "");
	agrees("fixer", "json", "EUR", "");
	agrees("frankfurter", "json", "USD", "");
	agrees("frankfurter-v2", "json", "USD", "");
	agrees("open-er-api", "json", "USD", "");
	agrees("openexchangerates", "json", "USD", "");
	agrees("vatcomply", "json", "USD", "");
}

/* Guesses text, which the mapping must then read; its number of a code. */
static double
number(const char *text, const char *asked, const char *code)
{
	int i;

	if (guess_answer(text, strlen(text), code_pack(asked), "", &guess,
		error, sizeof(error)) == -1)
		fail_msg("%s", error);
	if (asked[0] != '\0')
		assert_true(guess.base == code_pack(asked));
	read_with(&guess.mapping, numbers[0], text, strlen(text));
	i = find(NULL, code_pack(code));
	assert_int_not_equal(i, -1);
	return numbers[0][i];
}

static bool
near(double a, double b)
{
	return fabs(a / b - 1) < 1e-9;
}

static const char bank[] = "[{\"table\":\"A\",\"no\":\"070/A/2026\","
    "\"effectiveDate\":\"2026-04-13\",\"rates\":["
    "{\"currency\":\"dolar\",\"code\":\"USD\",\"mid\":3.6411},"
    "{\"currency\":\"forint\",\"code\":\"HUF\",\"mid\":0.0116},"
    "{\"currency\":\"jen\",\"code\":\"JPY\",\"mid\":0.0228},"
    "{\"currency\":\"euro\",\"code\":\"EUR\",\"mid\":4.2543}]}]";

static void
inverted_rates_are_seen_by_their_size(void **state)
{
	(void)state;
	assert_true(near(number(bank, "PLN", "HUF"), 1 / 0.0116));
	assert_int_equal(guess.mapping.direction, MAPPING_BASE_PER_QUOTE);
	assert_string_equal(guess.mapping.rates, "/0/rates");
	assert_string_equal(guess.mapping.date, "/0/effectiveDate");
}

static void
without_a_base_there_is_a_hint(void **state)
{
	size_t size;
	char *bytes = answer("ecb.xml", &size);

	(void)state;
	assert_int_equal(guess_answer(bytes, size, 0, "", &guess, error,
	    sizeof(error)), -1);
	free(bytes);
	assert_string_equal(error, "it doesn't say of which base its rates "
	    "are; by their size it may be EUR or KYD");
	/* The URL can say it, the list of quotes cannot. */
	assert_int_equal(guess_answer(bank, strlen(bank), 0,
	    "http://usd.example/x?symbols=EUR,USD&to=PLN", &guess, error,
	    sizeof(error)), 0);
	assert_true(guess.base == code_pack("PLN"));
}

static void
units_are_found(void **state)
{
	static const char text[] = "{\"Date\":\"2026-04-13T11:30:00+03:00\","
	    "\"PreviousDate\":\"2026-04-11T11:30:00+03:00\","
	    "\"base\":\"RUB\",\"Valute\":{"
	    "\"USD\":{\"ID\":\"R1\",\"NumCode\":\"840\",\"CharCode\":\"USD\","
	    "\"Nominal\":1,\"Name\":\"x\",\"Value\":80.5,\"Previous\":81},"
	    "\"JPY\":{\"ID\":\"R2\",\"NumCode\":\"392\",\"CharCode\":\"JPY\","
	    "\"Nominal\":100,\"Name\":\"y\",\"Value\":51.2,\"Previous\":50},"
	    "\"KRW\":{\"ID\":\"R3\",\"NumCode\":\"410\",\"CharCode\":\"KRW\","
	    "\"Nominal\":1000,\"Name\":\"z\",\"Value\":55.1,\"Previous\":5}"
	    "}}";

	(void)state;
	assert_true(near(number(text, "RUB", "JPY"), 100 / 51.2));
	assert_string_equal(guess.mapping.unit, "/Nominal");
	assert_string_equal(guess.mapping.rate, "/Value");
	assert_int_equal(guess.mapping.date_form, MAPPING_RFC3339);
	assert_string_equal(guess.mapping.date, "/Date");
	assert_int_equal(guess.note_count, 1); /* of the direction */
}

static void
other_shapes_are_read(void **state)
{
	(void)state;
	/* pairs in rows, as strings */
	assert_true(number("{\"data\":[{\"symbol\":\"EUR/USD\",\"bid\":"
	    "\"1.16\",\"price\":\"1.17\"},{\"symbol\":\"EUR/JPY\",\"bid\":"
	    "\"186\",\"price\":\"187\"}]}", "", "JPY") == 187);
	assert_true(guess.base == code_pack("EUR"));
	assert_string_equal(guess.mapping.key_prefix, "{base}/");
	/* elements with text */
	assert_true(number("<t><day>2026-04-13</day><r><c>USD</c><v>1.17</v>"
	    "</r><r><c>JPY</c><v>187</v></r></t>", "EUR", "JPY") == 187);
	assert_string_equal(guess.mapping.quote, "/c/0/#text");
	assert_string_equal(guess.mapping.date, "/t/0/day/0/#text");
	/* a matrix: the base that is asked for, or the first */
	assert_true(number("{\"USD\":{\"EUR\":0.5,\"PLN\":4},"
	    "\"EUR\":{\"USD\":2,\"PLN\":8}}", "EUR", "PLN") == 8);
	assert_string_equal(guess.mapping.rates, "/{base}");
	/* no level of its own */
	assert_true(number("{\"base\":\"eur\",\"usd\":1.17,\"jpy\":187,"
	    "\"timestamp\":1776088804}", "", "JPY") == 187);
	assert_string_equal(guess.mapping.rates, "");
	assert_true(guess.mapping.key_upper);
	/* each row the worth of one in the same other */
	assert_true(number("base,quote,rate\nUSD,PLN,3.64\nJPY,PLN,0.0228\n"
	    "EUR,PLN,4.25\n", "", "JPY") > 40);
	assert_true(guess.base == code_pack("PLN"));
	/* another currency in each is not the base of all */
	number("[{\"quote\":\"USD\",\"rate\":1.17,\"home\":\"EUR\"},"
	       "{\"quote\":\"JPY\",\"rate\":187,\"home\":\"PLN\"}]",
	    "EUR", "JPY");
	assert_string_equal(guess.mapping.item_base, "");
}

static void
what_is_uncertain_is_noted(void **state)
{
	(void)state;
	number("{\"base\":\"EUR\",\"rates\":{\"2026-04-13\":"
	    "{\"USD\":1.17,\"JPY\":187}}}", "", "USD");
	assert_int_equal(guess.note_count, 2);
	assert_non_null(strstr(guess.notes[0], "2026-04-13"));
	assert_non_null(strstr(guess.notes[1], "when"));
	number("{\"base\":\"EUR\",\"date\":\"2026-04-13\",\"rates\":"
	    "{\"USD\":1.17,\"BMD\":1.17}}", "", "USD");
	assert_int_equal(guess.note_count, 1);
	assert_non_null(strstr(guess.notes[0], "direction"));
}

static const struct {
	const char *text, *why;
} hopeless[] = {
	{ "", "it is empty" },
	{ " \r\n", "it is empty" },
	{ "<!DOCTYPE html>\n<html><body>rates</body></html>",
	    "it is a web page (HTML), not rates" },
	{ "{\"rates\":", "it is no JSON: unexpected end of data at byte 9" },
	{ "{\"rates\":{}}", "there are no rates in it: nowhere have two "
	    "currency codes a number each" },
	{ "[1,null,{\"a\":[]}]", "there are no rates in it: nowhere have two "
	    "currency codes a number each" },
	{ "{\"ids\":{\"one\":1,\"two\":2,\"six\":6}}", "there are no rates in "
	    "it: nowhere have two currency codes a number each" },
	{ "{\"success\":false,\"error\":{\"info\":\"no plan\"}}",
	    "it is an error: no plan" },
	{ "Date,USD,JPY\n2026-04-13,1.17,187\n", "its rates are named by "
	    "their codes, which of JSON alone can be said" },
	{ "null", "there are no rates in it: nowhere have two currency codes "
	    "a number each" },
	{ "a,b\n1\n", "it is no CSV, JSON or XML: a row with another number "
	    "of fields at byte 4" },
};

static void
what_has_no_rates_says_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hopeless); i++) {
		const char *text = hopeless[i].text;

		assert_int_equal(guess_answer(text, strlen(text), 0, "",
		    &guess, error, sizeof(error)), -1);
		assert_string_equal(error, hopeless[i].why);
	}
}

static const struct {
	const char *url, *base, *template;
} urls[] = {
	{ "https://a.b/latest/USD", "USD", "https://a.b/latest/{base}" },
	{ "https://a.b/usd.json?x=USDT", "USD",
	    "https://a.b/{base:lower}.json?x=USDT" },
	{ "https://usd.b/?base=EUR&symbols=EUR,USD", "EUR",
	    "https://usd.b/?base={base}&symbols=EUR,USD" },
	{ "https://usd.b/?s=PLN%2CUSD", "USD", NULL },
	{ "https://usd.b/", "USD", NULL },
	{ "https://a.b/eurofxref/daily", "EUR", NULL },
	{ "https://a.b/USD", "EUR", NULL },
	{ "USD", "USD", NULL },
};

static void
a_base_in_a_url_becomes_a_placeholder(void **state)
{
	char buf[64];

	(void)state;
	for (size_t i = 0; i < COUNT(urls); i++) {
		const char *wanted = urls[i].template;

		assert_int_equal(guess_template(urls[i].url,
		    code_pack(urls[i].base), buf, sizeof(buf)),
		    wanted != NULL);
		assert_string_equal(
		    buf, wanted != NULL ? wanted : urls[i].url);
	}
	assert_false(guess_template("https://a/USD", code_pack("USD"), buf, 8));
	assert_string_equal(buf, "");
}

/* Every answer cut short, and with each byte another: nothing but a refusal. */
static void
broken_answers_do_no_harm(void **state)
{
	char text[sizeof(bank)];

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(bank); i++) {
		guess_answer(bank, i, 0, "", &guess, error, sizeof(error));
		for (const char *c = "{[\"~/9\xff"; *c != '\0'; c++) {
			memcpy(text, bank, sizeof(bank));
			text[i] = *c;
			guess_answer(text, strlen(text), code_pack("PLN"), "",
			    &guess, error, sizeof(error));
		}
	}
}

static int
set_up(void **state)
{
	(void)state;
	conf_presets_begin(
	    &presets, TEST_DATA "/../../etc/sources", fail_report, NULL);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	conf_presets_end(&presets);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_preset_would_be_guessed),
		cmocka_unit_test(inverted_rates_are_seen_by_their_size),
		cmocka_unit_test(without_a_base_there_is_a_hint),
		cmocka_unit_test(units_are_found),
		cmocka_unit_test(other_shapes_are_read),
		cmocka_unit_test(what_is_uncertain_is_noted),
		cmocka_unit_test(what_has_no_rates_says_why),
		cmocka_unit_test(a_base_in_a_url_becomes_a_placeholder),
		cmocka_unit_test(broken_answers_do_no_harm),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
