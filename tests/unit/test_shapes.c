/*
 * Answers as real sources send them, cut to a few currencies, each with the
 * mapping that a configuration would give it.
 */
#include "source/document.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/code.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define APRIL_13 (INT64_C(1776038400) * CLOCK_SECOND) /* 2026-04-13 */
#define HOUR (3600 * CLOCK_SECOND)
#define DAY (24 * HOUR)

static const char *const board[] = { "EUR", "USD", "PLN", "NOK" };
enum { EUR, USD, PLN, NOK };

static double numbers[COUNT(board)];
static struct document document;
static char error[DOCUMENT_ERROR_MAX];

static int
find(const void *context, uint64_t code)
{
	(void)context;
	for (size_t i = 0; i < COUNT(board); i++) {
		if (code_pack(board[i]) == code)
			return (int)i;
	}
	return -1;
}

static enum attempt_class
read_as(const struct mapping *mapping, const char *base, const char *text)
{
	document = (struct document){ .mapping = mapping,
		.base = code_pack(base),
		.find = find,
		.numbers = numbers,
		.count = COUNT(numbers) };
	return document_read(
	    &document, text, strlen(text), error, sizeof(error));
}

static void
assert_number(int i, double wanted)
{
	if (numbers[i] == wanted || (isnan(wanted) && isnan(numbers[i])))
		return;
	fail_msg("%s is %.17g, not %.17g", board[i], numbers[i], wanted);
}

static void
assert_read(const struct mapping *mapping, const char *base, const char *text,
    const double wanted[COUNT(board)])
{
	enum attempt_class class = read_as(mapping, base, text);

	assert_string_equal(error, "");
	assert_int_equal(class, ATTEMPT_OK);
	for (size_t i = 0; i < COUNT(board); i++)
		assert_number((int)i, wanted[i]);
}

static void
assert_published(enum published_form form, int64_t published)
{
	assert_int_equal(document.published_form, form);
	assert_true(document.published == published);
}

static void
assert_refused(const struct mapping *mapping, const char *base,
    const char *text, enum attempt_class class, const char *why)
{
	enum attempt_class got = read_as(mapping, base, text);

	assert_string_equal(error, why);
	assert_int_equal(got, class);
	for (size_t i = 0; i < COUNT(board); i++)
		assert_true(isnan(numbers[i]));
	assert_int_equal(document.present, 0);
	assert_int_equal(document.published_form, PUBLISHED_NONE);
	assert_true(document.published == 0 && document.next_update == 0);
}

static void
vatcomply(void **state)
{
	(void)state;
	assert_read(&mapping_default, "USD",
	    "{\"date\":\"2026-04-13\",\"base\":\"USD\",\"rates\":{\"EUR\":"
	    "0.85587,\"USD\":1.0,\"PLN\":3.7998,\"NOK\":8.5276}}",
	    (double[]){ 0.85587, 1, 3.7998, 8.5276 });
	assert_published(PUBLISHED_DAY, APRIL_13);
	assert_true(document.next_update == 0);
}

/* Numbers among the rates, which are none. */
static void
date_and_error_among_the_rates(void **state)
{
	static const struct mapping dated = { .rates = "/rates",
		.date = "/rates/time",
		.date_form = MAPPING_UNIX };
	static const struct mapping failing = { .rates = "/{base:lower}",
		.errors = { "/usd/code" },
		.error_count = 1,
		.success = "/good",
		.success_value = "true",
		.classes = { { "401", ATTEMPT_AUTH } },
		.class_count = 1 };

	(void)state;
	assert_read(&dated, "USD",
	    "{\"rates\":{\"EUR\":0.5,\"time\":1776038400}}",
	    (double[]){ 0.5, 1, NAN, NAN });
	assert_published(PUBLISHED_TIME, APRIL_13);
	assert_refused(&failing, "USD",
	    "{\"good\":false,\"usd\":{\"EUR\":0.5,\"code\":401}}",
	    ATTEMPT_AUTH, "401");
}

static void
frankfurter_v1(void **state)
{
	(void)state;
	assert_read(&mapping_default, "USD",
	    "{\"amount\":1.0,\"base\":\"USD\",\"date\":\"2026-04-13\","
	    "\"rates\":{\"AUD\":1.4,\"EUR\":0.85587}}",
	    (double[]){ 0.85587, 1, NAN, NAN });
	assert_published(PUBLISHED_DAY, APRIL_13);
}

static const struct mapping rows_v2 = { .shape = MAPPING_ROWS,
	.quote = "/quote",
	.rate = "/rate",
	.item_base = "/base",
	.item_date = "/date",
	.errors = { "/message" },
	.error_count = 1 };

static void
frankfurter_v2(void **state)
{
	(void)state;
	/* The oldest of the board's counts, and XAU is not on it. */
	assert_read(&rows_v2, "USD",
	    "[{\"date\":\"2026-04-13\",\"base\":\"USD\",\"quote\":\"EUR\","
	    "\"rate\":0.85587},{\"date\":\"2026-04-12\",\"base\":\"USD\","
	    "\"quote\":\"PLN\",\"rate\":3.7998},{\"date\":\"2026-01-01\","
	    "\"base\":\"USD\",\"quote\":\"XAU\",\"rate\":0.0002}]",
	    (double[]){ 0.85587, 1, 3.7998, NAN });
	assert_published(PUBLISHED_DAY, APRIL_13 - DAY);
	assert_refused(&rows_v2, "USD",
	    "[{\"base\":\"USD\",\"quote\":\"EUR\",\"rate\":0.9},"
	    "{\"base\":\"EUR\",\"quote\":\"PLN\",\"rate\":4}]",
	    ATTEMPT_BASE, "base: asked for USD, got \"EUR\"");
	assert_refused(&rows_v2, "USD", "[{\"quote\":\"EUR\",\"rate\":0.9}]",
	    ATTEMPT_BASE, "the row names no base");
	assert_refused(&rows_v2, "USD",
	    "[{\"base\":\"USD\",\"quote\":\"EUR\",\"rate\":0.9},"
	    "{\"base\":\"USD\",\"quote\":\"EUR\",\"rate\":0.9}]",
	    ATTEMPT_DOCUMENT, "rates/EUR: there twice");
	assert_refused(&rows_v2, "USD", "[]", ATTEMPT_DOCUMENT,
	    "rates: none of the board's currencies");
	assert_refused(&rows_v2, "USD",
	    "{\"status\":404,\"message\":\"not found\"}", ATTEMPT_REFUSED,
	    "not found");
	assert_refused(&rows_v2, "USD", "{\"status\":404}", ATTEMPT_DOCUMENT,
	    "no list at the root");
	assert_refused(&rows_v2, "USD", "[7,null,{},{\"quote\":7}]",
	    ATTEMPT_DOCUMENT, "rates: none of the board's currencies");
}

#define ER_MAPPING(RATES)                                                      \
	{ .rates = RATES,                                                      \
		.base = "/base_code",                                          \
		.date = "/time_last_update_unix",                              \
		.date_form = MAPPING_UNIX,                                     \
		.next_update = "/time_next_update_unix",                       \
		.success = "/result",                                          \
		.success_value = "success",                                    \
		.errors = { "/error-type" },                                   \
		.error_count = 1,                                              \
		.classes = { { "unsupported-code", ATTEMPT_UNSUPPORTED },      \
			{ "invalid-key", ATTEMPT_AUTH },                       \
			{ "inactive-account", ATTEMPT_AUTH },                  \
			{ "quota-reached", ATTEMPT_QUOTA },                    \
			{ "plan-upgrade-required", ATTEMPT_PLAN } },           \
		.class_count = 5 }

static void
open_er_api(void **state)
{
	static const struct mapping mapping = ER_MAPPING("/rates");

	(void)state;
	assert_read(&mapping, "USD",
	    "{\"result\":\"success\",\"provider\":\"x\","
	    "\"time_last_update_unix\":1776038551,"
	    "\"time_last_update_utc\":\"Mon, 13 Apr 2026 00:02:31 +0000\","
	    "\"time_next_update_unix\":1776125941,\"time_eol_unix\":0,"
	    "\"base_code\":\"USD\",\"rates\":{\"USD\":1,\"EUR\":0.85587}}",
	    (double[]){ 0.85587, 1, NAN, NAN });
	assert_published(PUBLISHED_TIME, APRIL_13 + 151 * CLOCK_SECOND);
	assert_true(document.next_update ==
	    INT64_C(1776125941) * CLOCK_SECOND);
	assert_refused(&mapping, "USD",
	    "{\"result\":\"error\",\"error-type\":\"unsupported-code\"}",
	    ATTEMPT_UNSUPPORTED, "unsupported-code");
	assert_refused(&mapping, "USD",
	    "{\"result\":\"error\",\"error-type\":\"malformed-request\"}",
	    ATTEMPT_REFUSED, "malformed-request");
	assert_refused(&mapping, "USD", "{\"result\":\"error\"}",
	    ATTEMPT_REFUSED, "/result is not success");
	/* Rates do not make a success of what says that it is none. */
	assert_refused(&mapping, "USD",
	    "{\"result\":\"error\",\"base_code\":\"USD\","
	    "\"rates\":{\"EUR\":0.9}}",
	    ATTEMPT_REFUSED, "/result is not success");
	assert_refused(&mapping, "USD",
	    "{\"base_code\":\"USD\",\"rates\":{\"EUR\":0.9}}",
	    ATTEMPT_REFUSED, "/result is not success");
}

static void
exchangerate_api(void **state)
{
	static const struct mapping mapping = ER_MAPPING("/conversion_rates");

	(void)state;
	assert_read(&mapping, "USD",
	    "{\"result\":\"success\",\"time_last_update_unix\":1776038401,"
	    "\"base_code\":\"USD\",\"conversion_rates\":{\"USD\":1,"
	    "\"EUR\":0.8559}}",
	    (double[]){ 0.8559, 1, NAN, NAN });
	assert_refused(&mapping, "USD",
	    "{\"result\":\"error\",\"documentation\":\"https://x/\","
	    "\"error-type\":\"quota-reached\"}",
	    ATTEMPT_QUOTA, "quota-reached");
	assert_refused(&mapping, "USD",
	    "{\"result\":\"error\",\"error-type\":\"invalid-key\"}",
	    ATTEMPT_AUTH, "invalid-key");
	assert_refused(&mapping, "USD",
	    "{\"result\":\"error\",\"error-type\":\"plan-upgrade-required\"}",
	    ATTEMPT_PLAN, "plan-upgrade-required");
}

static void
openexchangerates(void **state)
{
	static const struct mapping mapping = { .rates = "/rates",
		.base = "/base",
		.date = "/timestamp",
		.date_form = MAPPING_UNIX,
		.errors = { "/description", "/message", "/status" },
		.error_count = 3,
		.classes = { { "invalid_app_id", ATTEMPT_AUTH },
			{ "429", ATTEMPT_QUOTA } },
		.class_count = 2 };

	(void)state;
	assert_read(&mapping, "USD",
	    "{\"disclaimer\":\"Usage subject to terms\",\"license\":\"x\","
	    "\"timestamp\":1776042000,\"base\":\"USD\",\"rates\":"
	    "{\"EUR\":0.855871,\"NOK\":8.52761}}",
	    (double[]){ 0.855871, 1, NAN, 8.52761 });
	assert_published(PUBLISHED_TIME, APRIL_13 + HOUR);
	/* A class by any of the places, with the text of the first. */
	assert_refused(&mapping, "USD",
	    "{\"error\":true,\"status\":401,\"message\":\"invalid_app_id\","
	    "\"description\":\"Invalid App ID provided.\"}",
	    ATTEMPT_AUTH, "Invalid App ID provided.");
	assert_refused(&mapping, "USD",
	    "{\"error\":true,\"status\":429,\"message\":\"not_allowed\"}",
	    ATTEMPT_QUOTA, "not_allowed");
	assert_refused(&mapping, "USD", "{\"status\":429}", ATTEMPT_QUOTA,
	    "429");
	assert_refused(&mapping, "USD", "{\"status\":500}", ATTEMPT_DOCUMENT,
	    "no object at /rates");
	/* None are no rates; but where there are some, a word is no error. */
	assert_refused(&mapping, "USD",
	    "{\"base\":\"USD\",\"rates\":{},\"message\":\"closed\"}",
	    ATTEMPT_REFUSED, "closed");
	assert_int_equal(read_as(&mapping, "USD", "{\"base\":\"USD\","
	    "\"rates\":{\"EUR\":0.9},\"message\":\"hello\"}"), ATTEMPT_OK);
}

#define FIXER_ERRORS                                                           \
	.success = "/success", .success_value = "true",                        \
	.errors = { "/error/info", "/error/type", "/error/code" },             \
	.error_count = 3,                                                      \
	.classes = { { "101", ATTEMPT_AUTH }, { "104", ATTEMPT_QUOTA },        \
		{ "105", ATTEMPT_PLAN }, { "201", ATTEMPT_UNSUPPORTED },       \
		{ "base_currency_access_restricted", ATTEMPT_PLAN } },         \
	.class_count = 5

static void
fixer(void **state)
{
	static const struct mapping mapping = { .rates = "/rates",
		.base = "/base",
		.date = "/timestamp",
		.date_form = MAPPING_UNIX,
		FIXER_ERRORS };

	(void)state;
	assert_read(&mapping, "EUR",
	    "{\"success\":true,\"timestamp\":1776042000,\"base\":\"EUR\","
	    "\"date\":\"2026-04-13\",\"rates\":{\"USD\":1.168402}}",
	    (double[]){ 1, 1.168402, NAN, NAN });
	assert_refused(&mapping, "EUR",
	    "{\"success\":false,\"error\":{\"code\":104,\"type\":"
	    "\"usage_limit_reached\",\"info\":\"Your limit is reached.\"}}",
	    ATTEMPT_QUOTA, "Your limit is reached.");
	assert_refused(&mapping, "EUR",
	    "{\"success\":false,\"error\":{\"code\":105,"
	    "\"type\":\"base_currency_access_restricted\"}}",
	    ATTEMPT_PLAN, "base_currency_access_restricted");
	assert_refused(&mapping, "EUR",
	    "{\"success\":false,\"error\":{\"code\":202,\"info\":\"i\"}}",
	    ATTEMPT_REFUSED, "i");
	/* Only the boolean is "true" here, but text compares as text. */
	assert_int_equal(read_as(&mapping, "EUR", "{\"success\":\"true\","
	    "\"base\":\"EUR\",\"rates\":{\"USD\":1.1}}"), ATTEMPT_OK);
}

static void
exchangerate_host(void **state)
{
	static const struct mapping mapping = { .rates = "/quotes",
		.base = "/source",
		.date = "/timestamp",
		.date_form = MAPPING_UNIX,
		.key_prefix = "{base}",
		FIXER_ERRORS };

	(void)state;
	assert_read(&mapping, "USD",
	    "{\"success\":true,\"terms\":\"x\",\"privacy\":\"x\","
	    "\"timestamp\":1776042000,\"source\":\"USD\",\"quotes\":"
	    "{\"USDEUR\":0.855871,\"USDPLN\":3.79,\"USDUSD\":1,\"NOK\":3,"
	    "\"EURNOK\":9}}",
	    (double[]){ 0.855871, 1, 3.79, NAN });
	assert_refused(&mapping, "USD",
	    "{\"success\":true,\"source\":\"USD\",\"quotes\":"
	    "{\"USDEUR\":0.9,\"USDUSD\":1.5}}",
	    ATTEMPT_BASE, "rates/USD: the base against itself is not 1");
	assert_refused(&mapping, "EUR",
	    "{\"success\":true,\"source\":\"USD\",\"quotes\":{\"A\":1}}",
	    ATTEMPT_BASE, "base: asked for EUR, got \"USD\"");
}

static void
currencyapi(void **state)
{
	static const struct mapping mapping = { .shape = MAPPING_OBJECTS,
		.rates = "/data",
		.rate = "/value",
		.date = "/meta/last_updated_at",
		.date_form = MAPPING_RFC3339,
		.errors = { "/message" },
		.error_count = 1 };

	(void)state;
	assert_read(&mapping, "USD",
	    "{\"meta\":{\"last_updated_at\":\"2026-04-12T23:59:59Z\"},"
	    "\"data\":{\"EUR\":{\"code\":\"EUR\",\"value\":0.8558700712},"
	    "\"PLN\":{\"code\":\"PLN\",\"value\":3.7998004143}}}",
	    (double[]){ 0.8558700712, 1, 3.7998004143, NAN });
	assert_published(PUBLISHED_TIME, APRIL_13 - CLOCK_SECOND);
	assert_refused(&mapping, "USD",
	    "{\"data\":{\"EUR\":{\"code\":\"EUR\"}}}", ATTEMPT_VALUE,
	    "rates/EUR: null is no number");
	assert_refused(&mapping, "USD", "{\"data\":{\"EUR\":0.9}}",
	    ATTEMPT_VALUE, "rates/EUR: null is no number");
	assert_refused(&mapping, "USD",
	    "{\"message\":\"Validation error\",\"errors\":{\"base\":[\"x\"]}}",
	    ATTEMPT_REFUSED, "Validation error");
}

static void
fawazahmed0(void **state)
{
	static const struct mapping mapping = { .rates = "/{base:lower}",
		.date = "/date",
		.key_upper = true };
	struct mapping strict = mapping;
	static const char text[] = "{\"date\":\"2026-04-13\",\"usd\":"
	    "{\"1inch\":3.1,\"eur\":0.85587007,\"usd\":1,\"nok\":8.52}}";

	(void)state;
	assert_read(&mapping, "USD", text,
	    (double[]){ 0.85587007, 1, NAN, 8.52 });
	assert_published(PUBLISHED_DAY, APRIL_13);
	assert_refused(&mapping, "EUR", text, ATTEMPT_DOCUMENT,
	    "no object at /eur");
	assert_refused(&mapping, "USD", "{\"usd\":{\"eur\":1,\"EUR\":1}}",
	    ATTEMPT_DOCUMENT, "rates/EUR: there twice");
	assert_refused(&mapping, "USD", "{\"usd\":{\"usd\":1,\"Usd\":1}}",
	    ATTEMPT_DOCUMENT, "rates/USD: there twice");
	/* Not on the board. */
	assert_refused(&mapping, "XAU",
	    "{\"xau\":{\"xau\":1,\"eur\":3000,\"XAU\":1}}",
	    ATTEMPT_DOCUMENT, "rates/XAU: there twice");
	assert_refused(&mapping, "XAU", "{\"xau\":{\"xau\":2,\"eur\":3}}",
	    ATTEMPT_BASE, "rates/XAU: the base against itself is not 1");
	strict.key_upper = false;
	assert_refused(&strict, "USD", text, ATTEMPT_DOCUMENT,
	    "rates: none of the board's currencies");
}

static const struct mapping ecb_daily = { .format = MAPPING_XML,
	.shape = MAPPING_ROWS,
	.rates = "/gesmes:Envelope/0/Cube/0/Cube/0/Cube",
	.quote = "/@currency",
	.rate = "/@rate",
	.date = "/gesmes:Envelope/0/Cube/0/Cube/0/@time" };

static void
ecb_daily_file(void **state)
{
	static const char text[] =
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<gesmes:Envelope xmlns:gesmes=\"http://www.gesmes.org/xml/"
	    "2002-08-01\" xmlns=\"http://www.ecb.int/vocabulary/2002-08-01/"
	    "eurofxref\">\n\t<gesmes:subject>Reference rates"
	    "</gesmes:subject>\n\t<gesmes:Sender>\n\t\t<gesmes:name>European "
	    "Central Bank</gesmes:name>\n\t</gesmes:Sender>\n\t<Cube>\n"
	    "\t\t<Cube time='2026-04-13'>\n"
	    "\t\t\t<Cube currency='USD' rate='1.1684'/>\n"
	    "\t\t\t<Cube currency='JPY' rate='186.42'/>\n"
	    "\t\t\t<Cube currency='PLN' rate='4.2488'/>\n"
	    "\t\t</Cube>\n\t</Cube>\n</gesmes:Envelope>";

	(void)state;
	assert_read(&ecb_daily, "EUR", text,
	    (double[]){ 1, 1.1684, 4.2488, NAN });
	assert_published(PUBLISHED_DAY, APRIL_13);
	assert_refused(&ecb_daily, "EUR", "<a><b></a>", ATTEMPT_DOCUMENT,
	    "not XML: mismatched tag at byte 8");
	assert_refused(&ecb_daily, "EUR", "<html><body>x</body></html>",
	    ATTEMPT_DOCUMENT,
	    "no list at /gesmes:Envelope/0/Cube/0/Cube/0/Cube");
}

static const struct mapping ecb_portal = { .format = MAPPING_CSV,
	.shape = MAPPING_ROWS,
	.quote = "/CURRENCY",
	.rate = "/OBS_VALUE",
	.item_base = "/CURRENCY_DENOM",
	.item_date = "/TIME_PERIOD" };

static void
ecb_data_portal(void **state)
{
#define HEAD "KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,"           \
	     "TIME_PERIOD,OBS_VALUE\r\n"
	(void)state;
	assert_read(&ecb_portal, "EUR",
	    HEAD "EXR.D.BGN.EUR.SP00.A,D,BGN,EUR,SP00,A,2025-12-31,1.9558\r\n"
	    "EXR.D.NOK.EUR.SP00.A,D,NOK,EUR,SP00,A,2026-04-10,11.0825\r\n"
	    "EXR.D.USD.EUR.SP00.A,D,USD,EUR,SP00,A,2026-04-13,1.1684\r\n",
	    (double[]){ 1, 1.1684, NAN, 11.0825 });
	assert_published(PUBLISHED_DAY, APRIL_13 - 3 * DAY);
	assert_refused(&ecb_portal, "EUR", "", ATTEMPT_DOCUMENT,
	    "empty answer");
	assert_refused(&ecb_portal, "EUR", HEAD, ATTEMPT_DOCUMENT,
	    "rates: none of the board's currencies");
	assert_refused(&ecb_portal, "EUR", HEAD "a,b\r\n", ATTEMPT_DOCUMENT,
	    "not CSV: a row with another number of fields at line 2, byte 76");
	assert_refused(&ecb_portal, "EUR",
	    HEAD "k,D,USD,EUR,SP00,A,2026-04-13,\r\n", ATTEMPT_VALUE,
	    "rates/USD: \"\" is no number");
}

static void
floatrates(void **state)
{
	static const struct mapping mapping = { .shape = MAPPING_OBJECTS,
		.rate = "/rate",
		.item_date = "/date",
		.date_form = MAPPING_RFC1123,
		.key_upper = true };

	(void)state;
	assert_read(&mapping, "EUR",
	    "{\"usd\":{\"code\":\"USD\",\"alphaCode\":\"USD\",\"rate\":"
	    "1.1684021,\"date\":\"Mon, 13 Apr 2026 11:55:12 GMT\","
	    "\"inverseRate\":0.85},\"nok\":{\"code\":\"NOK\",\"rate\":11.08,"
	    "\"date\":\"Mon, 13 Apr 2026 10:55:12 GMT\"}}",
	    (double[]){ 1, 1.1684021, NAN, 11.08 });
	assert_published(PUBLISHED_TIME,
	    APRIL_13 + 10 * HOUR + (55 * 60 + 12) * CLOCK_SECOND);
	assert_refused(&mapping, "EUR",
	    "{\"usd\":{\"rate\":1.1,\"date\":\"2026-04-13\"}}",
	    ATTEMPT_DOCUMENT,
	    "date: \"2026-04-13\" is no time of RFC 1123");
	/* A date that is nobody's on the board is not read. */
	assert_int_equal(read_as(&mapping, "EUR", "{\"usd\":{\"rate\":1.1},"
	    "\"xau\":{\"rate\":1,\"date\":\"x\"}}"), ATTEMPT_OK);
	assert_published(PUBLISHED_NONE, 0);
}

static const struct mapping nbp_table = { .shape = MAPPING_ROWS,
	.rates = "/0/rates",
	.quote = "/code",
	.rate = "/mid",
	.date = "/0/effectiveDate",
	.direction = MAPPING_BASE_PER_QUOTE };

static void
nbp(void **state)
{
	(void)state;
	assert_read(&nbp_table, "PLN",
	    "[{\"table\":\"A\",\"no\":\"070/A/NBP/2026\",\"effectiveDate\":"
	    "\"2026-04-13\",\"rates\":[{\"currency\":\"dolar\",\"code\":"
	    "\"USD\",\"mid\":3.6364},{\"code\":\"EUR\",\"mid\":4.2488}]}]",
	    (double[]){ 1 / 4.2488, 1 / 3.6364, 1, NAN });
	assert_published(PUBLISHED_DAY, APRIL_13);
	assert_refused(&nbp_table, "PLN",
	    "[{\"rates\":[{\"code\":\"USD\",\"mid\":0}]}]", ATTEMPT_VALUE,
	    "rates/USD: 0 is not above zero");
	assert_refused(&nbp_table, "PLN",
	    "[{\"rates\":[{\"code\":\"USD\",\"mid\":5e-324}]}]", ATTEMPT_VALUE,
	    "rates/USD: 5e-324 is out of range");
	assert_refused(&nbp_table, "PLN",
	    "[{\"rates\":[{\"code\":\"USD\",\"mid\":3},"
	    "{\"code\":\"PLN\",\"mid\":2}]}]",
	    ATTEMPT_BASE, "rates/PLN: the base against itself is not 1");
}

static void
nbrb(void **state)
{
	static const struct mapping mapping = { .shape = MAPPING_ROWS,
		.quote = "/Cur_Abbreviation",
		.rate = "/Cur_OfficialRate",
		.unit = "/Cur_Scale",
		.item_date = "/Date",
		.direction = MAPPING_BASE_PER_QUOTE };

	(void)state;
	/* The board lacks BYN. */
	assert_read(&mapping, "BYN",
	    "[{\"Cur_ID\":431,\"Date\":\"2026-04-13T00:00:00\","
	    "\"Cur_Abbreviation\":\"USD\",\"Cur_Scale\":1,"
	    "\"Cur_OfficialRate\":3.0121},{\"Cur_ID\":452,\"Date\":"
	    "\"2026-04-13T00:00:00\",\"Cur_Abbreviation\":\"PLN\","
	    "\"Cur_Scale\":10,\"Cur_OfficialRate\":8.2411}]",
	    (double[]){ NAN, 1 / 3.0121, 10 / 8.2411, NAN });
	assert_published(PUBLISHED_DAY, APRIL_13);
	assert_int_equal(document.present, 2);
	assert_refused(&mapping, "BYN",
	    "[{\"Cur_Abbreviation\":\"USD\",\"Cur_OfficialRate\":3}]",
	    ATTEMPT_VALUE, "rates/USD: no whole number of units");
	assert_refused(&mapping, "BYN",
	    "[{\"Cur_Abbreviation\":\"USD\",\"Cur_OfficialRate\":3,"
	    "\"Cur_Scale\":0}]",
	    ATTEMPT_VALUE, "rates/USD: no whole number of units");
	assert_refused(&mapping, "BYN",
	    "[{\"Cur_Abbreviation\":\"USD\",\"Cur_OfficialRate\":3,"
	    "\"Cur_Scale\":1.5}]",
	    ATTEMPT_VALUE, "rates/USD: no whole number of units");
}

static void
units_that_are_fixed(void **state)
{
	struct mapping mapping = { .rates = "/r", .unit = "100" };
	static const char text[] = "{\"r\":{\"PLN\":\"2.5e2\"}}";

	(void)state;
	assert_read(&mapping, "USD", text, (double[]){ NAN, 1, 2.5, NAN });
	mapping.direction = MAPPING_BASE_PER_QUOTE;
	assert_read(&mapping, "USD", text, (double[]){ NAN, 1, 0.4, NAN });
}

static void
rates_as_strings(void **state)
{
	(void)state;
	assert_read(&mapping_default, "USD",
	    "{\"date\":\"2026-04-13\",\"base\":\"USD\",\"rates\":{\"EUR\":"
	    "\"0.85587007123456789\",\"PLN\":\"7.1e-5\",\"NOK\":"
	    "8.5276000000000014,\"USD\":\"1.0\"}}",
	    (double[]){ 0.85587007123456789, 1, 7.1e-5, 8.5276000000000014 });
}

/* The base of an answer that names none is taken on trust only if it can't. */
static void
answers_that_name_no_base(void **state)
{
	struct mapping mapping = { .rates = "/rates" };
	static const char text[] = "{\"rates\":{\"EUR\":0.9}}";

	(void)state;
	assert_int_equal(read_as(&mapping, "USD", text), ATTEMPT_OK);
	snprintf(mapping.base, sizeof(mapping.base), "/base");
	assert_refused(&mapping, "USD", text, ATTEMPT_BASE,
	    "the answer names no base");
}

static void
a_next_update_that_is_none(void **state)
{
	struct mapping mapping = { .rates = "/rates",
		.next_update = "/next",
		.date_form = MAPPING_RFC3339 };

	(void)state;
	assert_int_equal(read_as(&mapping, "USD", "{\"rates\":{\"EUR\":0.9},"
	    "\"next\":\"soon\"}"), ATTEMPT_OK);
	assert_true(document.next_update == 0);
	assert_int_equal(read_as(&mapping, "USD", "{\"rates\":{\"EUR\":0.9},"
	    "\"next\":\"2026-04-13T02:00:00+01:00\"}"), ATTEMPT_OK);
	assert_true(document.next_update == APRIL_13 + HOUR);
	assert_int_equal(read_as(&mapping, "USD", "{\"rates\":{\"EUR\":0.9},"
	    "\"next\":\"1776042000\"}"), ATTEMPT_OK);
	assert_true(document.next_update == APRIL_13 + HOUR);
}

static void
classes_of_failure_statuses(void **state)
{
	static const struct mapping mapping = { FIXER_ERRORS };
	static const char body[] = "{\"success\":false,\"error\":"
	    "{\"code\":101,\"info\":\"No key\"}}";
	char said[DOCUMENT_ERROR_MAX];

	(void)state;
	assert_int_equal(document_error(&mapping, body, sizeof(body) - 1, said,
	    sizeof(said)), ATTEMPT_AUTH);
	assert_string_equal(said, "No key");
	/* What should have been XML may come as JSON when it fails. */
	assert_int_equal(document_error(&ecb_daily, "{\"detail\":[\"gone\"]}",
	    19, said, sizeof(said)), ATTEMPT_NONE);
	assert_string_equal(said, "detail: gone");
	assert_int_equal(document_error(&ecb_portal, "<html>", 6, said,
	    sizeof(said)), ATTEMPT_NONE);
	assert_string_equal(said, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vatcomply),
		cmocka_unit_test(date_and_error_among_the_rates),
		cmocka_unit_test(frankfurter_v1),
		cmocka_unit_test(frankfurter_v2),
		cmocka_unit_test(open_er_api),
		cmocka_unit_test(exchangerate_api),
		cmocka_unit_test(openexchangerates),
		cmocka_unit_test(fixer),
		cmocka_unit_test(exchangerate_host),
		cmocka_unit_test(currencyapi),
		cmocka_unit_test(fawazahmed0),
		cmocka_unit_test(ecb_daily_file),
		cmocka_unit_test(ecb_data_portal),
		cmocka_unit_test(floatrates),
		cmocka_unit_test(nbp),
		cmocka_unit_test(nbrb),
		cmocka_unit_test(units_that_are_fixed),
		cmocka_unit_test(rates_as_strings),
		cmocka_unit_test(answers_that_name_no_base),
		cmocka_unit_test(a_next_update_that_is_none),
		cmocka_unit_test(classes_of_failure_statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
