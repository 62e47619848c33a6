#include "daemon/conf_preset.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/string.h>

#include "base/text.h"
#include "daemon/conf_fit.h"
#include "daemon/conf_parse.h"
#include "daemon/conf_value.h"

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif
#ifndef PKGDATADIR
#define PKGDATADIR "/usr/share/ratesd"
#endif

#define SUFFIX ".conf"
#define DIRS 3
#define NAMES_MAX 1024 /* files in all: more is no directory of presets */

static const char *
dir_at(const struct conf_presets *presets, unsigned i)
{
	return i == 0 ? presets->dir :
	    i == 1    ? SYSCONFDIR "/ratesd/sources" :
	                PKGDATADIR "/sources";
}

void
conf_presets_begin(struct conf_presets *presets, const char *dir,
    conf_report *report, void *context)
{
	memset(presets, 0, sizeof(*presets));
	presets->dir = dir;
	presets->report = report;
	presets->context = context;
	SLIST_INIT(&presets->list);
}

/* A file that is there but can't be read is not passed over. */
static bool
find_file(const struct conf_presets *presets, const char *name,
    char file[PATH_MAX])
{
	for (unsigned i = 0; i < DIRS; i++) {
		const char *dir = dir_at(presets, i);

		if (dir == NULL)
			continue;
		text_format(file, PATH_MAX, "%s/%s" SUFFIX, dir, name);
		if (access(file, F_OK) == 0 || errno == EACCES)
			return true;
	}
	return false;
}

struct complaint {
	struct conf_draft *draft;
	const struct conf_block *block;
};

static void
complain(void *context, const char *key, const char *why)
{
	const struct complaint *c = context;
	const struct conf_given *given = conf_block_find(c->block, key);

	conf_draft_fault(
	    c->draft, given != NULL ? given->line : 1, NULL, key, why);
}

/* The block that was read, into the preset. */
static void
take_block(struct conf_preset *preset, struct conf_draft *draft)
{
	struct complaint complaint = { draft, &preset->block };
	const struct conf_given *given;

	preset->block = draft->block;
	memset(&draft->block, 0, sizeof(draft->block));
	given = conf_block_find(&preset->block, "preset");
	if (given != NULL)
		complain(&complaint, "preset",
		    "a preset can't start from another one");
	if (conf_draft_block_bad(draft))
		return;
	given = conf_block_find(&preset->block, "credential");
	if (given != NULL)
		complain(&complaint, "credential",
		    "where a key is, only a configuration can say");
	conf_block_source(NULL, &preset->block, &preset->source);
	if (preset->source.url[0] == '\0')
		complain(&complaint, "url", "none given");
	else
		conf_fit(&preset->source, complain, &complaint);
}

static void
read_preset(struct conf_presets *presets, struct conf_preset *preset,
    const char *name)
{
	char line[PATH_MAX + 200];
	struct conf_reader reader;
	unsigned faults = 1;
	const char *why;
	int whole =
	    conf_reader_read(&reader, preset->file, true, &why);

	if (whole == -1) {
		presets->report(presets->context, text_format(line,
		    sizeof(line), "%s: %s", preset->file, why));
	} else {
		if (whole == 1)
			take_block(preset, &reader.draft);
		faults = conf_reader_report(&reader, preset->file,
		    presets->report, presets->context);
	}
	conf_reader_clear(&reader);
	strlcpy(preset->source.name, name, sizeof(preset->source.name));
	preset->broken = faults > 0;
	presets->faults += faults;
}

const struct conf_preset *
conf_presets_find(struct conf_presets *presets, const char *name)
{
	struct conf_preset *preset;
	char file[PATH_MAX];

	SLIST_FOREACH(preset, &presets->list, link) {
		if (strcmp(preset->source.name, name) == 0)
			return preset;
	}
	if (!conf_source_name_valid(name) || !find_file(presets, name, file))
		return NULL;
	preset = calloc(1, sizeof(*preset));
	if (preset == NULL) {
		presets->report(presets->context, strerror(errno));
		presets->faults++;
		return NULL;
	}
	strlcpy(preset->file, file, sizeof(preset->file));
	read_preset(presets, preset, name);
	SLIST_INSERT_HEAD(&presets->list, preset, link);
	return preset;
}

/* The name of a preset from that of its file: false if it is none. */
static bool
name_of(const char *file, char name[SOURCE_NAME_MAX])
{
	size_t length = strlen(file), suffix = strlen(SUFFIX);

	if (length <= suffix || length - suffix >= SOURCE_NAME_MAX ||
	    strcmp(file + length - suffix, SUFFIX) != 0)
		return false;
	text_format(name, SOURCE_NAME_MAX, "%.*s", (int)(length - suffix),
	    file);
	return name[0] != '.' && conf_source_name_valid(name);
}

static int
add_names(const char *dir, char (*names)[SOURCE_NAME_MAX], int count)
{
	DIR *files = dir != NULL ? opendir(dir) : NULL;
	const struct dirent *entry;

	if (files == NULL)
		return count;
	while (count < NAMES_MAX && (entry = readdir(files)) != NULL) {
		if (name_of(entry->d_name, names[count]))
			count++;
	}
	closedir(files);
	return count;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

int
conf_presets_names(
    const struct conf_presets *presets, char (**names)[SOURCE_NAME_MAX])
{
	int count = 0, kept = 0;

	*names = calloc(NAMES_MAX, sizeof(**names));
	if (*names == NULL)
		return -1;
	for (unsigned i = 0; i < DIRS; i++)
		count = add_names(dir_at(presets, i), *names, count);
	qsort(*names, (size_t)count, sizeof(**names), compare_names);
	for (int i = 0; i < count; i++) {
		if (kept > 0 && strcmp((*names)[kept - 1], (*names)[i]) == 0)
			continue;
		memmove((*names)[kept++], (*names)[i], sizeof(**names));
	}
	return kept;
}

const char *
conf_presets_near(const struct conf_presets *presets, const char *name,
    char buf[SOURCE_NAME_MAX])
{
	char(*names)[SOURCE_NAME_MAX];
	unsigned best = 3; /* as conf_key_near */
	int count = conf_presets_names(presets, &names);
	bool found = false;

	for (int i = 0; i < count; i++) {
		unsigned edits = text_distance(names[i], name);

		if (edits < best && 2 * edits < strlen(name)) {
			best = edits;
			found = true;
			strlcpy(buf, names[i], SOURCE_NAME_MAX);
		}
	}
	if (count >= 0)
		free(names);
	return found ? buf : NULL;
}

void
conf_presets_end(struct conf_presets *presets)
{
	struct conf_preset *preset;

	while ((preset = SLIST_FIRST(&presets->list)) != NULL) {
		SLIST_REMOVE_HEAD(&presets->list, link);
		conf_block_clear(&preset->block);
		free(preset);
	}
}
