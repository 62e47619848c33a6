#include "tools/show.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tools/command.h"

#define SYMBOL_MAX 64 /* of one word between commas, with its NUL */

/* Adds an index once: it is a set in the order asked for. */
static void
add(unsigned *set, unsigned *count, unsigned index)
{
	for (unsigned i = 0; i < *count; i++)
		if (set[i] == index)
			return;
	set[(*count)++] = index;
}

static unsigned *
every(unsigned count)
{
	unsigned *set = calloc(count, sizeof(*set));

	if (set == NULL)
		return NULL;
	for (unsigned i = 0; i < count; i++)
		set[i] = i;
	return set;
}

static int
choose_bases(struct show *show, struct ctl *ctl, int argc, char **argv)
{
	unsigned index;
	int status;

	show->bases = every(show->view.count);
	if (show->bases == NULL)
		return ctl_complain(CTL_FAILED, "%m");
	if (argc == 0)
		show->base_count = show->view.count;
	for (int i = 0; i < argc; i++) {
		status = view_index(ctl, &show->view, argv[i], &index);
		if (status != CTL_DONE)
			return status;
		add(show->bases, &show->base_count, index);
	}
	return CTL_DONE;
}

static int
choose_symbols(struct show *show, struct ctl *ctl)
{
	const char *at = ctl->symbols;
	char word[SYMBOL_MAX];
	unsigned index;
	size_t length;
	int status;

	show->symbols = every(show->view.count);
	if (show->symbols == NULL)
		return ctl_complain(CTL_FAILED, "%m");
	if (at == NULL)
		show->symbol_count = show->view.count;
	for (; at != NULL; at = at[length] == ',' ? at + length + 1 : NULL) {
		length = strcspn(at, ",");
		if (length == 0)
			return ctl_complain(CTL_USAGE,
			    "--symbols: an empty code; it is a list like "
			    "EUR,USD");
		text_format(word, sizeof(word), "%.*s", (int)length, at);
		status = view_index(ctl, &show->view, word, &index);
		if (status != CTL_DONE)
			return status;
		add(show->symbols, &show->symbol_count, index);
	}
	return CTL_DONE;
}

/* CTL_TOO_OLD, once it has named them, if rows are older than --max-age. */
static int
check_age(const struct show *show)
{
	const struct ctl *ctl = show->ctl;
	char list[512] = "", name[RATES_CODE_MAX + CLOCK_TEXT_MAX + 4];
	char age[CLOCK_TEXT_MAX];
	const struct rates_row *row;
	unsigned old = 0;

	for (unsigned i = 0; ctl->max_age >= 0 && i < show->base_count; i++) {
		row = &show->view.rows[show->bases[i]];
		if (row->version != 0 && row->age <= ctl->max_age)
			continue;
		text_format(name, sizeof(name), "%s (%s)",
		    show->view.codes[show->bases[i]],
		    row->version == 0
			? "never fetched"
			: clock_format_age(row->age, age, sizeof(age)));
		ctl_list(list, sizeof(list), old++, name);
	}
	if (old == 0)
		return CTL_DONE;
	ctl_list_end(list, sizeof(list), old);
	return ctl_note(ctl, CTL_TOO_OLD, "older than %s: %s",
	    ctl->max_age_text, list);
}

static int
print(const struct show *show)
{
	switch (show->ctl->format) {
	case FORMAT_LINES:
		return show_lines(show);
	case FORMAT_CSV:
		return show_csv(show);
	case FORMAT_JSON:
	case FORMAT_KEYVALUE:
		return show_tree(show);
	default:
		return show_table(show);
	}
}

int
cmd_show(struct ctl *ctl, int argc, char **argv)
{
	struct show show = { .ctl = ctl };
	int status;

	status = view_open(ctl);
	if (status == CTL_DONE)
		status = view_load(ctl, true, &show.view);
	if (status == CTL_DONE)
		status = choose_bases(&show, ctl, argc, argv);
	if (status == CTL_DONE)
		status = choose_symbols(&show, ctl);
	if (status == CTL_DONE)
		status = print(&show);
	if (status == CTL_DONE)
		status = check_age(&show);
	free(show.bases);
	free(show.symbols);
	view_free(&show.view);
	return status;
}
