#include "tools/sources.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "tools/command.h"
#include "tools/other.h"
#include "tools/table.h"
#include "tools/view.h"

#ifndef SBINDIR
#define SBINDIR "/usr/sbin"
#endif
#define WORD_MAX 48
#define BAD_MAX 32

static const char *
count_text(uint64_t value, char buf[CLOCK_TEXT_MAX])
{
	return text_format(buf, CLOCK_TEXT_MAX, "%" PRIu64, value);
}

static void
cell_age(struct table *table, const struct sources *sources, int64_t wall)
{
	char text[CLOCK_TEXT_MAX];

	table_cell(table, STYLE_PLAIN,
	    wall == 0 ? "never"
		      : clock_format_age(
			    sources->read - wall, text, sizeof(text)));
}

/* "1d 2h: http 500", and how many there were since a good answer. */
static void
cell_failure(struct table *table, const struct sources *sources,
    const struct inspect_source *s)
{
	char text[128], bad[BAD_MAX];

	if (s->bad == 0) {
		table_cell(table, STYLE_PLAIN, "never");
		return;
	}
	clock_format_age(sources->read - s->bad, text, sizeof(text));
	text_append(
	    text, sizeof(text), ": %s", view_bad(s, bad, sizeof(bad)));
	if (s->streak > 1)
		text_append(text, sizeof(text), ", %" PRIu64 " in a row",
		    s->streak);
	table_cell(table, s->streak > 0 ? STYLE_FAILED : STYLE_PLAIN, text);
}

static void
fill_source(struct table *table, const struct sources *sources,
    const struct inspect_source *s)
{
	char text[96], until[CLOCK_TEXT_MAX];
	const char *when = view_time(s->until, until);

	table_cell(table, STYLE_PLAIN, s->name);
	text_format(text, sizeof(text), "%s", s->state);
	if (when != NULL)
		text_append(text, sizeof(text), " until %s", when);
	table_cell(table,
	    strcmp(s->state, "ok") == 0 ? STYLE_PLAIN : STYLE_STALE, text);
	cell_age(table, sources, s->good);
	cell_failure(table, sources, s);
	table_cell(table, STYLE_PLAIN, count_text(s->requests, until));
	table_cell(table, STYLE_PLAIN, count_text(s->failures, until));
	if (s->quota == 0)
		text_format(text, sizeof(text), "-");
	else
		text_format(text, sizeof(text), "%" PRIu64 "/%" PRIu64,
		    s->used, s->quota);
	table_cell(table, STYLE_PLAIN, text);
	table_cell(table, STYLE_PLAIN, s->base[0] != '\0' ? s->base : "any");
}

static int
print_table(const struct sources *sources)
{
	static const struct {
		const char *name;
		enum table_align align;
	} heads[] = { { "SOURCE", ALIGN_LEFT }, { "STATE", ALIGN_LEFT },
		{ "LAST GOOD", ALIGN_RIGHT }, { "LAST FAILURE", ALIGN_LEFT },
		{ "REQUESTS", ALIGN_RIGHT }, { "FAILURES", ALIGN_RIGHT },
		{ "QUOTA", ALIGN_RIGHT }, { "BASE", ALIGN_LEFT } };
	const size_t columns = sizeof(heads) / sizeof(heads[0]);
	struct table table;
	int answer;

	table_begin(&table, columns);
	for (size_t i = 0; i < columns; i++) {
		table_align(&table, i, heads[i].align);
		table_cell(&table, STYLE_HEAD, heads[i].name);
	}
	for (unsigned i = 0; i < sources->count; i++)
		fill_source(&table, sources, &sources->list[i]);
	answer = table_print(
	    &table, stdout, terminal_color(sources->ctl->color));
	table_free(&table);
	return answer;
}

static void
print_line(const char *label, const char *text)
{
	if (text[0] != '\0')
		printf("  %-9s  %s\n", label, text);
}

/* What the table has no room for. */
static void
print_terms(const struct inspect_source *s)
{
	char text[160] = "", buf[NUMBER_TEXT_MAX];

	printf("\n%s\n", s->name);
	print_line("publishes", s->publishes);
	if (s->interval != 0)
		text_format(text, sizeof(text),
		    "a request every %s s, %" PRIu64 " at once",
		    number_shortest((double)s->interval / CLOCK_SECOND, buf,
			sizeof(buf)),
		    s->burst);
	if (s->quota != 0)
		text_append(text, sizeof(text),
		    "%s%" PRIu64 " requests a month, %" PRIu64 " used",
		    text[0] != '\0' ? "; " : "", s->quota, s->used);
	print_line("limits", text[0] != '\0' ? text : "none set");
	print_line("terms", s->terms[0] != '\0' ? s->terms : "none told");
}

static int
print_all(const struct sources *sources)
{
	if (print_table(sources) == -1)
		return ctl_complain(CTL_FAILED, "%m");
	for (unsigned i = 0;
	     ctl_given(sources->ctl, OPTION_VERBOSE) && i < sources->count; i++)
		print_terms(&sources->list[i]);
	return CTL_DONE;
}

static int
no_source(struct ctl *ctl, const char *name)
{
	char word[WORD_MAX], hint[CTL_HINT_MAX];
	struct ctl_nearest nearest = { .word = word };
	struct inspect_source source;

	text_clean(word, sizeof(word), name, strlen(name));
	for (unsigned i = 0; i < inspect_source_count(ctl->rates); i++) {
		inspect_source(ctl->rates, i, &source);
		ctl_nearest(&nearest, source.name);
	}
	return ctl_note(ctl, CTL_FAILED, "no source '%s' on the board%s", word,
	    ctl_hint(&nearest, "", hint, sizeof(hint)));
}

static bool
asked_for(const char *name, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return argc == 0;
}

/* Those that are asked for, or all, in the order in which they are tried. */
static int
load(struct sources *sources, struct ctl *ctl, int argc, char **argv)
{
	struct inspect_source all[BOARD_SOURCES_MAX];
	unsigned count = inspect_source_count(ctl->rates);
	bool found;

	sources->read = clock_wall();
	for (unsigned i = 0; i < count; i++) {
		inspect_source(ctl->rates, i, &all[i]);
		if (asked_for(all[i].name, argc, argv))
			sources->list[sources->count++] = all[i];
	}
	for (int k = 0; k < argc; k++) {
		found = false;
		for (unsigned i = 0; i < count; i++)
			found |= strcmp(all[i].name, argv[k]) == 0;
		if (!found)
			return no_source(ctl, argv[k]);
	}
	return CTL_DONE;
}

int
cmd_sources(struct ctl *ctl, int argc, char **argv)
{
	struct sources sources = { .ctl = ctl };
	int status;

	/* Who reads them is ratesd. */
	if (ctl_given(ctl, OPTION_PRESETS))
		return other_program("RATESD_PROGRAM", SBINDIR "/ratesd",
		    "--sources", argc, argv);
	status = view_open(ctl);
	if (status == CTL_DONE)
		status = load(&sources, ctl, argc, argv);
	if (status != CTL_DONE)
		return status;
	switch (ctl->format) {
	case FORMAT_CSV:
		return sources_csv(&sources);
	case FORMAT_JSON:
	case FORMAT_KEYVALUE:
		return sources_tree(&sources);
	default:
		return print_all(&sources);
	}
}
