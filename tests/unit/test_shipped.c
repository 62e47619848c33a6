/*
 * The presets that are shipped, on answers of their sources' shapes.
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

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define DAY_NS (INT64_C(86400) * 1000000000)
#define APRIL_13 (INT64_C(1776038400) * 1000000000)

/* Units for one euro on 2026-04-13, as the European Central Bank has them. */
static const struct {
	const char *code;
	double number;
} board[] = {
	{ "EUR", 1 },
	{ "USD", 1.1684 },
	{ "GBP", 0.87058 },
	{ "JPY", 186.75 },
	{ "CHF", 0.9242 },
};

static struct conf_presets presets;

static void
fail_report(void *context, const char *line)
{
	(void)context;
	fail_msg("%s", line);
}

static const struct source *
shipped(const char *name)
{
	const struct conf_preset *preset = conf_presets_find(&presets, name);

	assert_non_null(preset);
	return &preset->source;
}

/* The bytes of an answer, to free(). */
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
	for (size_t i = 0; i < COUNT(board); i++) {
		if (code_pack(board[i].code) == code)
			return (int)i;
	}
	return -1;
}

static void
reads(const char *name, const char *format, const char *base)
{
	const struct source *source = shipped(name);
	double numbers[COUNT(board)], hub = 0;
	struct document document = { .mapping = &source->mapping,
		.base = code_pack(base),
		.find = find,
		.numbers = numbers,
		.count = COUNT(board) };
	char error[DOCUMENT_ERROR_MAX] = "", file[64];
	size_t size;
	char *bytes;

	text_format(file, sizeof(file), "%s.%s", name, format);
	bytes = answer(file, &size);
	if (document_read(&document, bytes, size, error, sizeof(error)) !=
	    ATTEMPT_OK)
		fail_msg("%s: %s", file, error);
	free(bytes);
	hub = board[find(NULL, code_pack(base))].number;
	assert_int_equal(document.present, COUNT(board));
	for (size_t i = 0; i < COUNT(board); i++) {
		double wanted = board[i].number / hub;

		assert_true(fabs(numbers[i] / wanted - 1) < 1e-4);
		if (source->base == code_pack("EUR"))
			assert_true(numbers[i] == wanted);
	}
	assert_int_not_equal(document.published_form, PUBLISHED_NONE);
	assert_true(document.published >= APRIL_13 - DAY_NS);
	assert_true(document.published < APRIL_13 + DAY_NS);
	assert_true(source->mapping.next_update[0] == '\0' ||
	    document.next_update > document.published);
}

static void
every_answer_is_read(void **state)
{
	(void)state;
	reads("currencyapi", "json", "USD");
	reads("ecb", "xml", "EUR");
	reads("ecb-portal", "csv", "EUR");
	reads("exchangerate-api", "json", "USD");
	reads("exchangerate-host", "json", "USD");
	reads("fawazahmed0", "json", "USD");
	reads("fixer", "json", "EUR");
	reads("frankfurter", "json", "USD");
	reads("frankfurter-v2", "json", "USD");
	reads("open-er-api", "json", "USD");
	reads("openexchangerates", "json", "USD");
	reads("vatcomply", "json", "USD");
}

static const struct {
	const char *name, *what;
	enum attempt_class class;
} refusals[] = {
	{ "currencyapi", "key", ATTEMPT_AUTH },
	{ "currencyapi", "plan", ATTEMPT_NONE },
	{ "exchangerate-api", "account", ATTEMPT_AUTH },
	{ "exchangerate-api", "base", ATTEMPT_UNSUPPORTED },
	{ "exchangerate-api", "key", ATTEMPT_AUTH },
	{ "exchangerate-api", "plan", ATTEMPT_PLAN },
	{ "exchangerate-api", "quota", ATTEMPT_QUOTA },
	{ "exchangerate-api", "request", ATTEMPT_REFUSED },
	{ "exchangerate-host", "base", ATTEMPT_UNSUPPORTED },
	{ "exchangerate-host", "key", ATTEMPT_AUTH },
	{ "exchangerate-host", "plan", ATTEMPT_PLAN },
	{ "exchangerate-host", "quota", ATTEMPT_QUOTA },
	{ "exchangerate-host", "throttled", ATTEMPT_THROTTLED },
	{ "fixer", "base", ATTEMPT_UNSUPPORTED },
	{ "fixer", "key", ATTEMPT_AUTH },
	{ "fixer", "plan", ATTEMPT_PLAN },
	{ "fixer", "quota", ATTEMPT_QUOTA },
	{ "fixer", "symbols", ATTEMPT_UNSUPPORTED },
	{ "frankfurter", "base", ATTEMPT_UNSUPPORTED },
	{ "frankfurter-v2", "base", ATTEMPT_UNSUPPORTED },
	{ "frankfurter-v2", "busy", ATTEMPT_NONE },
	{ "open-er-api", "base", ATTEMPT_UNSUPPORTED },
	{ "openexchangerates", "base", ATTEMPT_UNSUPPORTED },
	{ "openexchangerates", "key", ATTEMPT_AUTH },
	{ "openexchangerates", "no-key", ATTEMPT_AUTH },
	{ "openexchangerates", "plan", ATTEMPT_PLAN },
	{ "openexchangerates", "quota", ATTEMPT_QUOTA },
	{ "vatcomply", "base", ATTEMPT_NONE },
	{ "vatcomply", "text", ATTEMPT_NONE },
	{ "vatcomply", "throttled", ATTEMPT_NONE },
};

static void
every_refusal_has_its_class_and_a_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refusals); i++) {
		char file[64], text[DOCUMENT_ERROR_MAX] = "";
		size_t size;
		char *bytes;

		text_format(file, sizeof(file), "%s.error-%s.json",
		    refusals[i].name, refusals[i].what);
		bytes = answer(file, &size);
		if (document_error(&shipped(refusals[i].name)->mapping, bytes,
		    size, text, sizeof(text)) != refusals[i].class ||
		    text[0] == '\0')
			fail_msg("%s: '%s'", file, text);
		free(bytes);
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
		cmocka_unit_test(every_answer_is_read),
		cmocka_unit_test(every_refusal_has_its_class_and_a_text),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
