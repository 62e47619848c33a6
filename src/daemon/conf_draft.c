#include "daemon/conf_draft.h"

#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "base/text.h"

#define WHY_MAX 200

static void
begin_section(struct conf_draft *draft)
{
	memset(&draft->source, 0, sizeof(draft->source));
	memset(draft->inside, 0, sizeof(draft->inside));
	conf_set_defaults(&conf_source_keys, &draft->source);
}

int
conf_draft_begin(struct conf_draft *draft)
{
	memset(draft, 0, sizeof(*draft));
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
		free(section);
	}
	conf_faults_clear(&draft->faults);
	free(draft->conf);
	draft->conf = NULL;
}

static void
key_fault(struct conf_draft *draft, int line, const char *title,
    const char *name, const char *why)
{
	if (title == NULL)
		conf_fault_add(&draft->faults, line, "%s: %s", name, why);
	else
		conf_fault_add(&draft->faults, line,
		    CONF_SECTION " '%.64s': %s: %s", title, name, why);
}

static void
check_value(struct conf_draft *draft, int line, const char *title,
    const struct conf_key *key, const char *value, bool *bad)
{
	void *object = title != NULL ? (void *)&draft->source : draft->conf;
	unsigned sources = draft->conf->source_count;
	char why[WHY_MAX];

	if (key->set(key, object, value, why, sizeof(why)) == -1) {
		key_fault(draft, line, title, key->name, why);
		*bad = true;
	} else if (draft->conf->source_count > sources) {
		draft->name_lines[sources] = line;
	}
}

/* A key and its '='. */
static void
begin_key(struct conf_draft *draft, int line, const char *title,
    const struct conf_key *key, struct conf_seen *seen)
{
	char why[WHY_MAX];

	if (seen->line != 0) {
		text_format(why, sizeof(why), "set twice, first at line %d",
		    seen->line);
		key_fault(draft, line, title, key->name, why);
	} else {
		seen->line = line;
	}
	if (key->list)
		conf_list_clear(key, draft->conf);
}

void
conf_draft_value(struct conf_draft *draft, int line, const char *title,
    const char *name, const char *value, unsigned number)
{
	const struct conf_keys *keys =
	    title == NULL ? &conf_root_keys : &conf_source_keys;
	int i = conf_key_find(keys, name);
	const struct conf_key *key;
	struct conf_seen *seen;
	char why[WHY_MAX];

	if (i == -1) {
		key_fault(draft, line, title, name, "does not belong here");
		return;
	}
	key = &keys->key[i];
	seen = title == NULL ? &draft->root[i] : &draft->inside[i];
	if (number == 1)
		begin_key(draft, line, title, key, seen);
	if (!key->list || number <= conf_list_max(key)) {
		check_value(draft, line, title, key, value, &seen->bad);
	} else if (number == conf_list_max(key) + 1) {
		text_format(why, sizeof(why), "more than %s", key->max);
		key_fault(draft, line, title, name, why);
	}
}

static struct conf_section *
section_find(const struct conf_draft *draft, const char *name)
{
	struct conf_section *section;

	SLIST_FOREACH(section, &draft->sections, link) {
		if (strcmp(section->source.name, name) == 0)
			return section;
	}
	return NULL;
}

static void
report_missing(struct conf_draft *draft, const struct conf_keys *keys,
    const struct conf_seen *seen, int line, const char *title)
{
	for (size_t i = 0; i < keys->count; i++) {
		if (keys->key[i].usual == NULL && seen[i].line == 0)
			key_fault(draft, line, title, keys->key[i].name,
			    "none given");
	}
}

static void
keep_section(struct conf_draft *draft, int line, const char *title)
{
	struct conf_section *section = malloc(sizeof(*section));

	if (section == NULL) {
		draft->faults.lost = true;
		return;
	}
	section->source = draft->source;
	strlcpy(section->source.name, title, sizeof(section->source.name));
	section->line = line;
	SLIST_INSERT_HEAD(&draft->sections, section, link);
}

void
conf_draft_section(struct conf_draft *draft, int line, const char *title)
{
	const struct conf_section *before = section_find(draft, title);

	report_missing(draft, &conf_source_keys, draft->inside, line, title);
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

/* Gives each element of "sources" the section of its name. */
static void
join_sources(struct conf_draft *draft)
{
	for (unsigned i = 0; i < draft->conf->source_count; i++) {
		struct source *source = &draft->conf->sources[i];
		const struct conf_section *section =
		    section_find(draft, source->name);

		if (section != NULL)
			*source = section->source;
		else
			conf_fault_add(&draft->faults, draft->name_lines[i],
			    "sources: there is no section " CONF_SECTION
			    " '%s'", source->name);
	}
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
	report_missing(draft, &conf_root_keys, draft->root, line, NULL);
	join_sources(draft);
	compare_timeouts(draft);
	compare_watchdog(draft);
}
