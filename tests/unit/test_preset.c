/*
 * Presets: found, laid under a section, and those that are shipped.
 */
#include "told.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/code.h"
#include "base/text.h"
#include "daemon/conf_preset.h"

#define SHIPPED TEST_DATA "/../../etc/sources"
#define PRESETS TEST_DATA "/presets"

static void
keep_report(void *context, const char *line)
{
	(void)context;
	text_append(told, sizeof(told), "%s\n", line);
}

static void
begin(struct conf_presets *presets, const char *dir)
{
	told[0] = '\0';
	conf_presets_begin(presets, dir, keep_report, NULL);
}

static void
a_source_without_a_section_is_its_preset(void **state)
{
	struct conf *conf =
	    load_text("currencies = EUR sources = {testbank}\n");

	(void)state;
	assert_string_equal(told, "");
	assert_non_null(conf);
	assert_string_equal(conf->sources[0].name, "testbank");
	assert_string_equal(conf->sources[0].mapping.rates, "/list");
	conf_free(conf);
}

static void
a_section_overrides_key_by_key(void **state)
{
	struct conf *conf = load_text("currencies = EUR\n"
	    "sources = {testbank, mine}\n"
	    "source testbank { quota = 10 mirrors = {'http://m/{base}'} }\n"
	    "source mine {\n"
	    "  url = 'http://mine/{base}'\n"
	    "  preset = testbank\n"
	    "}\n");
	const struct source *s;

	(void)state;
	assert_string_equal(told, "");
	assert_non_null(conf);
	s = &conf->sources[0];
	assert_int_equal(s->quota, 10);
	assert_int_equal(s->mirror_count, 1);
	assert_string_equal(s->mirrors[0], "http://m/{base}");
	assert_int_equal(s->burst, 2);
	assert_string_equal(s->url, "https://bank.example/{base}?s={symbols}");
	s = &conf->sources[1];
	assert_string_equal(s->name, "mine");
	assert_string_equal(s->url, "http://mine/{base}");
	assert_int_equal(s->quota, 1500);
	assert_int_equal(s->mirror_count, 2);
	conf_free(conf);
}

static void
a_section_can_do_without_the_preset_of_its_name(void **state)
{
	struct conf *conf = load_text("currencies = EUR sources = {testbank}\n"
	    "source testbank { preset = '' url = 'http://b/{base}' }\n");

	(void)state;
	assert_string_equal(told, "");
	assert_int_equal(conf->sources[0].quota, 0);
	assert_string_equal(conf->sources[0].mapping.rates, "/rates");
	conf_free(conf);
	refuses_text("currencies = EUR sources = {testbank}\n"
	    "source testbank { preset = '' }\n",
	    ":2: source 'testbank': url: none given\n");
}

static void
an_unknown_name_gets_the_nearest(void **state)
{
	(void)state;
	refuses_text("currencies = EUR\nsources = {testbnak, other}\n"
	    "source other {\n preset = 'tstbank' }\n",
	    ":2: sources: there is no section source 'testbnak'"
	    " (did you mean the preset 'testbank'?)\n"
	    ":4: source 'other': preset: there is no 'tstbank'"
	    " (did you mean the preset 'testbank'?)\n");
	refuses_text(WHOLE "source b { preset = 'nothing-like-it' }\n",
	    ":4: source 'b': preset: there is no 'nothing-like-it'\n");
}

/* A value of the section and one of the preset: told where the section is. */
static void
what_does_not_fit_a_preset_is_told_in_the_section(void **state)
{
	(void)state;
	refuses_text("currencies = EUR sources = testbank\n"
	    "source testbank {\n format = csv\n}\n",
	    ":2: source 'testbank': rates: must be \"\" with format ="
	    " \"csv\"\n");
}

static void
faults_of_a_preset_name_its_file(void **state)
{
	struct conf_presets presets;

	(void)state;
	begin(&presets, PRESETS);
	assert_true(conf_presets_find(&presets, "broken-bank")->broken);
	assert_string_equal(told,
	    PRESETS "/broken-bank.conf:3: unknown key 'burts'"
	    " (did you mean 'burst'?)\n"
	    PRESETS "/broken-bank.conf:4: rate-limit: 'often' is not a rate"
	    " like 2/s (1 to 1000000; units: s m h d)\n");
	assert_int_equal(presets.faults, 2);
	told[0] = '\0'; /* once is enough */
	assert_true(conf_presets_find(&presets, "broken-bank")->broken);
	assert_string_equal(told, "");
	assert_true(conf_presets_find(&presets, "nested-bank")->broken);
	assert_true(conf_presets_find(&presets, "telling-bank")->broken);
	assert_true(conf_presets_find(&presets, "unfit-bank")->broken);
	assert_string_equal(told,
	    PRESETS "/nested-bank.conf:2: preset: a preset can't start from"
	    " another one\n"
	    PRESETS "/telling-bank.conf:3: credential: where a key is, only a"
	    " configuration can say\n"
	    PRESETS "/unfit-bank.conf:1: url: none given\n");
	told[0] = '\0';
	assert_true(conf_presets_find(&presets, "section-bank")->broken);
	assert_memory_equal(told, PRESETS "/section-bank.conf:1: unknown key"
	    " 'source'", strlen(PRESETS) + 41);
	conf_presets_end(&presets);
}

static void
a_broken_preset_breaks_a_configuration(void **state)
{
	(void)state;
	assert_null(load_text("currencies = EUR sources = broken-bank\n"));
	assert_non_null(strstr(told, "unknown key 'burts'"));
	assert_null(load_text("currencies = EUR sources = a\n"
	    "source a { preset = broken-bank }\n"));
	assert_non_null(strstr(told, "unknown key 'burts'"));
	accepts_text(WHOLE);
}

static void
names_are_sorted_and_near(void **state)
{
	struct conf_presets presets;
	char(*names)[SOURCE_NAME_MAX], near[SOURCE_NAME_MAX];
	bool found = false;
	int count;

	(void)state;
	begin(&presets, PRESETS);
	count = conf_presets_names(&presets, &names);
	for (int i = 0; i < count; i++) {
		found |= strcmp(names[i], "testbank") == 0;
		assert_true(i == 0 || strcmp(names[i - 1], names[i]) < 0);
	}
	assert_true(found);
	free(names);
	assert_null(conf_presets_near(&presets, "something-else", near));
	assert_null(conf_presets_find(&presets, "../presets/testbank"));
	assert_null(conf_presets_find(&presets, "no-such"));
	conf_presets_end(&presets);
	begin(&presets, "/nonexistent");
	assert_null(conf_presets_find(&presets, "testbank"));
	conf_presets_end(&presets);
}

/* Printed, read and printed again it is the same. */
static void
a_printed_preset_reads_back(void **state)
{
	static char one[8192], text[9000];
	struct conf_presets presets;
	FILE *out = fmemopen(one, sizeof(one), "w");
	struct conf *conf;
	const struct conf_preset *preset;

	(void)state;
	assert_non_null(out);
	begin(&presets, PRESETS);
	preset = conf_presets_find(&presets, "testbank");
	assert_non_null(preset);
	conf_block_print(&preset->block, "testbank", out);
	fclose(out);
	snprintf(text, sizeof(text),
	    "currencies = EUR sources = testbank\n%s", one);
	told_sources = NULL;
	conf = load_text(text);
	told_sources = PRESETS;
	assert_string_equal(told, "");
	assert_non_null(conf);
	assert_memory_equal(
	    &conf->sources[0], &preset->source, sizeof(struct source));
	conf_free(conf);
	conf_presets_end(&presets);
}

/* name, its only base, whether it takes a key */
static const struct {
	const char *name, *base;
	bool key;
} shipped[] = {
	{ "currencyapi", NULL, true },
	{ "ecb", "EUR", false },
	{ "ecb-portal", "EUR", false },
	{ "exchangerate-api", NULL, true },
	{ "exchangerate-host", "USD", true },
	{ "fawazahmed0", NULL, false },
	{ "fixer", "EUR", true },
	{ "frankfurter", NULL, false },
	{ "frankfurter-v2", NULL, false },
	{ "open-er-api", NULL, false },
	{ "openexchangerates", "USD", true },
	{ "vatcomply", NULL, false },
};

static void
what_is_shipped_is_sound(void **state)
{
	struct conf_presets presets;

	(void)state;
	begin(&presets, SHIPPED);
	for (size_t i = 0; i < sizeof(shipped) / sizeof(shipped[0]); i++) {
		const struct conf_preset *preset =
		    conf_presets_find(&presets, shipped[i].name);
		const struct source *source;

		assert_non_null(preset);
		assert_string_equal(told, "");
		source = &preset->source;
		assert_int_equal(source->base, shipped[i].base == NULL ? 0 :
		    code_pack(shipped[i].base));
		assert_int_equal(
		    source->auth != SOURCE_AUTH_NONE, shipped[i].key);
		assert_int_equal(source->quota > 0, shipped[i].key);
		assert_true(source->rate_interval > 0);
		assert_true(source->terms[0] != '\0');
		assert_memory_equal(source->url, "https://", 8);
	}
	conf_presets_end(&presets);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_source_without_a_section_is_its_preset),
		cmocka_unit_test(a_section_overrides_key_by_key),
		cmocka_unit_test(
		    a_section_can_do_without_the_preset_of_its_name),
		cmocka_unit_test(an_unknown_name_gets_the_nearest),
		cmocka_unit_test(
		    what_does_not_fit_a_preset_is_told_in_the_section),
		cmocka_unit_test(faults_of_a_preset_name_its_file),
		cmocka_unit_test(a_broken_preset_breaks_a_configuration),
		cmocka_unit_test(names_are_sorted_and_near),
		cmocka_unit_test(a_printed_preset_reads_back),
		cmocka_unit_test(what_is_shipped_is_sound),
	};

	return cmocka_run_group_tests(tests, enter_samples, NULL);
}
