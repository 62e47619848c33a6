#include "daemon/conf_resolve.h"

#include <string.h>

#include <bsd/string.h>

#include "base/text.h"
#include "daemon/conf_block.h"
#include "daemon/conf_credential.h"
#include "daemon/conf_fit.h"
#include "daemon/conf_value.h"

#define WHY_MAX 256

/* " (did you mean 'ecb'?)", or "". */
static const char *
hint(const struct conf_presets *presets, const char *name, char *buf,
    size_t size)
{
	char near[SOURCE_NAME_MAX];

	if (conf_presets_near(presets, name, near) == NULL)
		return "";
	return text_format(buf, size, " (did you mean the preset '%s'?)",
	    near);
}

/* Whether a section names its preset, and not "", which is none. */
static bool
named(const struct conf_section *section)
{
	const struct conf_given *given =
	    conf_block_find(&section->block, "preset");

	return given != NULL && given->text[0] != '\0';
}

/* What a section starts from, or NULL: its own values are all. */
static const struct conf_preset *
preset_of(struct conf_draft *draft, struct conf_presets *presets,
    const struct conf_section *section)
{
	const struct conf_given *given =
	    conf_block_find(&section->block, "preset");
	const char *name = given != NULL ? given->text : section->name;
	const struct conf_preset *preset =
	    name[0] != '\0' ? conf_presets_find(presets, name) : NULL;
	char why[WHY_MAX], near[WHY_MAX];

	if (preset == NULL && named(section)) {
		text_format(why, sizeof(why), "there is no '%s'%s", name,
		    hint(presets, name, near, sizeof(near)));
		conf_draft_fault(
		    draft, given->line, section->name, "preset", why);
	}
	return preset;
}

struct complaint {
	struct conf_draft *draft;
	const struct conf_section *section;
};

/* At the key if the section has it: else a preset and the section differ. */
static void
complain(void *context, const char *key, const char *why)
{
	const struct complaint *c = context;
	const struct conf_section *section = c->section;
	const struct conf_given *given =
	    conf_block_find(&section->block, key);

	conf_draft_fault(c->draft,
	    given != NULL ? given->line : section->line, section->name, key,
	    why);
}

/* Fills the source that a section describes: true if it is sound. */
static bool
resolve_section(struct conf_draft *draft, struct conf_presets *presets,
    const struct conf_section *section, struct source *source)
{
	struct complaint complaint = { draft, section };
	const struct conf_preset *preset = preset_of(draft, presets, section);

	if (preset != NULL && preset->broken)
		return false;
	if (preset == NULL && named(section))
		return false;
	if (preset == NULL && !section->has_url)
		complain(&complaint, "url", "none given");
	if ((preset == NULL && !section->has_url) || section->bad)
		return false;
	conf_block_source(preset != NULL ? &preset->block : NULL,
	    &section->block, source);
	strlcpy(source->name, section->name, sizeof(source->name));
	conf_fit(source, complain, &complaint);
	return true;
}

/* Without auth there is nothing to read. */
static void
read_key(struct conf_draft *draft, const struct conf_section *section,
    int line, struct source *source)
{
	const struct conf_given *given = section != NULL ?
	    conf_block_find(&section->block, "credential") :
	    NULL;
	char why[WHY_MAX];

	if (source->auth == SOURCE_AUTH_NONE ||
	    conf_credential_read(source, why, sizeof(why)) == 0)
		return;
	if (section != NULL)
		line = given != NULL ? given->line : section->line;
	conf_draft_fault(draft, line, source->name, "credential", why);
}

/* An element of "sources" that has no section: a preset as it is. */
static void
join_preset(struct conf_draft *draft, struct conf_presets *presets, int line,
    struct source *source)
{
	const struct conf_preset *preset =
	    conf_presets_find(presets, source->name);
	char near[WHY_MAX];

	if (preset == NULL) {
		conf_fault_add(&draft->faults, line,
		    "sources: there is no section " CONF_SECTION " '%s'%s",
		    source->name,
		    hint(presets, source->name, near, sizeof(near)));
	} else if (!preset->broken) {
		*source = preset->source;
		read_key(draft, NULL, line, source);
	}
}

/* Each section is looked at, also when no one uses it. */
void
conf_resolve(
    struct conf_draft *draft, struct conf_presets *presets, int last_line)
{
	struct conf *conf = draft->conf;
	bool found[BOARD_SOURCES_MAX] = { false };
	const struct conf_section *section = NULL;
	struct source source;

	SLIST_FOREACH(section, &draft->sections, link) {
		bool sound =
		    resolve_section(draft, presets, section, &source);

		for (unsigned i = 0; i < conf->source_count; i++) {
			if (strcmp(conf->sources[i].name, section->name) != 0)
				continue;
			found[i] = true;
			if (!sound)
				continue;
			conf->sources[i] = source;
			read_key(draft, section, section->line,
			    &conf->sources[i]);
		}
	}
	for (unsigned i = 0; i < conf->source_count; i++) {
		if (!found[i])
			join_preset(draft, presets, draft->name_lines[i],
			    &conf->sources[i]);
	}
	conf_draft_end(draft, last_line);
}
