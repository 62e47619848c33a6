#include "daemon/conf_draft.h"

#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "base/text.h"
#include "daemon/conf_source.h"

#define WHY_MAX 200

static void
begin_section(struct conf_draft *draft)
{
	conf_source_begin(&draft->source);
	memset(draft->inside, 0, sizeof(draft->inside));
	conf_block_clear(&draft->block);
}

int
conf_draft_begin(struct conf_draft *draft, bool preset)
{
	memset(draft, 0, sizeof(*draft));
	draft->preset = preset;
	conf_faults_init(&draft->faults);
	SLIST_INIT(&draft->sections);
	draft->conf = calloc(1, sizeof(*draft->conf));
	if (draft->conf == NULL)
		return -1;
	conf_set_defaults(&conf_root_keys, draft->conf);
	begin_section(draft);
	return 0;
}

void
conf_draft_clear(struct conf_draft *draft)
{
	struct conf_section *section;

	while ((section = SLIST_FIRST(&draft->sections)) != NULL) {
		SLIST_REMOVE_HEAD(&draft->sections, link);
		conf_block_clear(&section->block);
		free(section);
	}
	conf_block_clear(&draft->block);
	conf_faults_clear(&draft->faults);
	conf_free(draft->conf);
	draft->conf = NULL;
}

void
conf_draft_fault(struct conf_draft *draft, int line, const char *title,
    const char *name, const char *why)
{
	if (title == NULL)
		conf_fault_add(&draft->faults, line, "%s: %s", name, why);
	else
		conf_fault_add(&draft->faults, line,
		    CONF_SECTION " '%.64s': %s: %s", title, name, why);
}

/* Where a value goes that stands in a section, or outside of any. */
struct place {
	const struct conf_keys *keys;
	struct conf_seen *seen;
	void *object;
	const char *title;
	bool source;
};

static struct place
place_of(struct conf_draft *draft, const char *title)
{
	if (title != NULL || draft->preset)
		return (struct place){ &conf_source_keys, draft->inside,
			&draft->source, title, true };
	return (struct place){ &conf_root_keys, draft->root, draft->conf,
		NULL, false };
}

static void
take_value(struct conf_draft *draft, int line, const struct place *place,
    const struct conf_key *key, const char *value, unsigned number)
{
	struct conf_seen *seen = &place->seen[key - place->keys->key];
	unsigned sources = draft->conf->source_count;
	char why[WHY_MAX];

	if (key->set(key, place->object, value, why, sizeof(why)) == -1) {
		conf_draft_fault(draft, line, place->title, key->name, why);
		seen->bad = true;
	} else if (place->source) {
		if (conf_block_add(
		    &draft->block, key, line, number, value) == -1)
			draft->faults.lost = true;
	} else if (draft->conf->source_count > sources) {
		draft->name_lines[sources] = line;
	}
}

/* A key and its '='. */
static void
begin_key(struct conf_draft *draft, int line, const struct place *place,
    const struct conf_key *key)
{
	struct conf_seen *seen = &place->seen[key - place->keys->key];
	char why[WHY_MAX];

	if (seen->line != 0) {
		text_format(why, sizeof(why), "set twice, first at line %d",
		    seen->line);
		conf_draft_fault(draft, line, place->title, key->name, why);
		seen->bad = true;
	} else {
		seen->line = line;
	}
	if (key->list)
		conf_list_clear(key, place->object);
}

void
conf_draft_value(struct conf_draft *draft, int line, const char *title,
    const char *name, const char *value, unsigned number)
{
	const struct place place = place_of(draft, title);
	int i = conf_key_find(place.keys, name);
	const struct conf_key *key;
	char why[WHY_MAX];

	if (i == -1) {
		conf_draft_fault(
		    draft, line, title, name, "does not belong here");
		return;
	}
	key = &place.keys->key[i];
	if (number == 1)
		begin_key(draft, line, &place, key);
	if (!key->list || number <= conf_list_max(key)) {
		take_value(draft, line, &place, key, value, number);
	} else if (number == conf_list_max(key) + 1) {
		text_format(why, sizeof(why), "more than %s", key->max);
		conf_draft_fault(draft, line, title, name, why);
		place.seen[i].bad = true;
	}
}

bool
conf_draft_block_bad(const struct conf_draft *draft)
{
	for (size_t i = 0; i < conf_source_keys.count; i++) {
		if (draft->inside[i].bad)
			return true;
	}
	return false;
}

static const struct conf_section *
section_find(const struct conf_draft *draft, const char *name)
{
	const struct conf_section *section;

	SLIST_FOREACH(section, &draft->sections, link) {
		if (strcmp(section->name, name) == 0)
			return section;
	}
	return NULL;
}

static void
keep_section(struct conf_draft *draft, int line, const char *title)
{
	struct conf_section *section = malloc(sizeof(*section));

	if (section == NULL) {
		draft->faults.lost = true;
		return;
	}
	strlcpy(section->name, title, sizeof(section->name));
	section->line = line;
	section->has_url =
	    draft->inside[conf_key_find(&conf_source_keys, "url")].line != 0;
	section->bad = conf_draft_block_bad(draft);
	section->block = draft->block;
	memset(&draft->block, 0, sizeof(draft->block));
	SLIST_INSERT_HEAD(&draft->sections, section, link);
}

void
conf_draft_section(struct conf_draft *draft, int line, const char *title)
{
	const struct conf_section *before = section_find(draft, title);

	if (!conf_source_name_valid(title))
		conf_fault_add(&draft->faults, line,
		    CONF_SECTION ": '%.64s' is not " CONF_SOURCE_NAME, title);
	else if (before != NULL)
		conf_fault_add(&draft->faults, line,
		    CONF_SECTION " '%s': there twice, first at line %d",
		    title, before->line);
	else
		keep_section(draft, line, title);
	begin_section(draft);
}

/* The root's key of that name as it was seen. */
static const struct conf_seen *
root_seen(const struct conf_draft *draft, const char *name)
{
	return &draft->root[conf_key_find(&conf_root_keys, name)];
}

static void
compare_timeouts(struct conf_draft *draft)
{
	const struct conf_seen *part = root_seen(draft, "connect-timeout");
	const struct conf_seen *whole = root_seen(draft, "timeout");

	if (part->bad || whole->bad ||
	    draft->conf->connect_timeout <= draft->conf->timeout)
		return;
	conf_fault_add(&draft->faults,
	    part->line != 0 ? part->line : whole->line,
	    "connect-timeout must not be above timeout");
}

/* A worker that waits for an answer is not to be taken for a hung one. */
static void
compare_watchdog(struct conf_draft *draft)
{
	const struct conf_seen *watchdog = root_seen(draft, "watchdog");
	struct conf *conf = draft->conf;

	if (watchdog->bad || root_seen(draft, "timeout")->bad ||
	    conf->watchdog > conf->timeout)
		return;
	if (watchdog->line == 0)
		conf->watchdog = 2 * conf->timeout;
	else
		conf_fault_add(&draft->faults, watchdog->line,
		    "watchdog must be above timeout");
}

void
conf_draft_end(struct conf_draft *draft, int line)
{
	for (size_t i = 0; i < conf_root_keys.count; i++) {
		const struct conf_key *key = &conf_root_keys.key[i];

		if (key->usual == NULL && draft->root[i].line == 0)
			conf_draft_fault(
			    draft, line, NULL, key->name, "none given");
	}
	compare_timeouts(draft);
	compare_watchdog(draft);
}
