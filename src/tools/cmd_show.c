#include "tools/show.h"

#include "base/text.h"
#include "tools/choice.h"
#include "tools/command.h"

/* The places of what was asked for in the view, which may be older by now. */
static int
place(struct show *show, struct choice *choice)
{
	if (choice_resolve(choice, show->view.codes, show->view.count) == -1)
		return ctl_complain(CTL_FAILED, "%m");
	if (choice->count < choice->code_count)
		return ctl_note(show->ctl, CTL_NO_PAIR,
		    "the board was replaced meanwhile; please repeat");
	return CTL_DONE;
}

static int
choose(struct show *show, struct ctl *ctl, int argc, char **argv,
    struct choice *bases, struct choice *symbols)
{
	int status = choice_bases(bases, ctl, argc, argv);

	if (status == CTL_DONE)
		status = choice_symbols(symbols, ctl);
	if (status == CTL_DONE)
		status = place(show, bases);
	if (status == CTL_DONE)
		status = place(show, symbols);
	show->bases = bases->list;
	show->base_count = bases->count;
	show->symbols = symbols->list;
	show->symbol_count = symbols->count;
	return status;
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
	struct choice bases = { 0 }, symbols = { 0 };
	int status;

	status = view_open(ctl);
	if (status == CTL_DONE)
		status = view_load(ctl, true, &show.view);
	if (status == CTL_DONE)
		status = choose(&show, ctl, argc, argv, &bases, &symbols);
	if (status == CTL_DONE)
		status = print(&show);
	if (status == CTL_DONE)
		status = check_age(&show);
	choice_free(&bases);
	choice_free(&symbols);
	view_free(&show.view);
	return status;
}
