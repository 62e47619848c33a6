#include "tools/ratesd_sources.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/code.h"
#include "base/text.h"
#include "daemon/conf_preset.h"
#include "tools/table.h"

#define COLUMNS 4

static void
add_preset(struct table *table, const struct source *source)
{
	char base[CODE_TEXT_MAX], terms[SOURCE_TERMS_MAX];

	table_cell(table, STYLE_PLAIN, source->name);
	table_cell(table, STYLE_PLAIN, source->base == 0 ?
	    "any" :
	    code_unpack(source->base, base));
	table_cell(table, STYLE_PLAIN,
	    source->auth == SOURCE_AUTH_NONE ? "no" : "yes");
	table_cell(table, STYLE_PLAIN, source->terms[0] == '\0' ?
	    "-" :
	    text_clean(terms, sizeof(terms), source->terms,
	        strlen(source->terms)));
}

static int
print_all(struct conf_presets *presets)
{
	static const char *const heads[COLUMNS] = { "NAME", "BASE", "KEY",
		"TERMS" };
	char(*names)[SOURCE_NAME_MAX];
	int count = conf_presets_names(presets, &names), result;
	struct table table;

	if (count == -1)
		return -1;
	table_begin(&table, COLUMNS);
	for (size_t i = 0; i < COLUMNS; i++) {
		table_align(&table, i, ALIGN_LEFT);
		table_cell(&table, STYLE_PLAIN, heads[i]);
	}
	for (int i = 0; i < count; i++) {
		const struct conf_preset *preset =
		    conf_presets_find(presets, names[i]);

		if (preset != NULL && !preset->broken)
			add_preset(&table, &preset->source);
	}
	result = table_print(&table, stdout, false);
	table_free(&table);
	free(names);
	return result;
}

static int
print_one(struct conf_presets *presets, const char *name)
{
	const struct conf_preset *preset = conf_presets_find(presets, name);
	char near[SOURCE_NAME_MAX], line[128 + SOURCE_NAME_MAX];

	if (preset != NULL) {
		if (!preset->broken)
			conf_block_print(&preset->block, name, stdout);
		return preset->broken ? -1 : 0;
	}
	text_format(
	    line, sizeof(line), "ratesd: there is no preset '%.64s'", name);
	if (conf_presets_near(presets, name, near) != NULL)
		text_append(
		    line, sizeof(line), " (did you mean '%s'?)", near);
	presets->report(presets->context, line);
	return -1;
}

int
ratesd_sources(const char *name, const char *source_dir, conf_report *report,
    void *context)
{
	struct conf_presets presets;
	int result;

	conf_presets_begin(&presets, source_dir, report, context);
	result = name != NULL ? print_one(&presets, name) :
	                        print_all(&presets);
	if (presets.faults > 0)
		result = -1;
	conf_presets_end(&presets);
	if (fflush(stdout) != 0) {
		report(context, strerror(errno));
		result = -1;
	}
	return result;
}
