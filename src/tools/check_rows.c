/*
 * What `ratesctl check` says of rows.
 */
#include "tools/check.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

#define LIST_MAX 160

/* The worst that rows came to, and which: for the first line. */
struct findings {
	unsigned count[FRESHNESS_COUNT];
	char names[FRESHNESS_COUNT][LIST_MAX]; /* of rows in each state */
	char beyond[2][LIST_MAX]; /* past a range: WARNING, CRITICAL */
	unsigned beyond_count[2];
	char missing[LIST_MAX]; /* pairs without a number */
	unsigned missing_count;
};

static const struct rates_row *
row_of(const struct check *check, const struct check_pick *pick)
{
	return &check->view.rows[pick->row];
}

static void
name(char *list, unsigned *count, const struct check_pick *pick)
{
	ctl_list(list, LIST_MAX, (*count)++, pick->name);
}

/* "late: EUR, USD" */
static void
tell(struct check *check, enum plugin_status status, const char *what,
    char *list, unsigned count)
{
	if (count == 0)
		return;
	ctl_list_end(list, LIST_MAX, count);
	plugin_because(&check->plugin, status, "%s: %s", what, list);
}

/* Whether a calendar says that the row has the newest that there is. */
static bool
is_newest(const struct check *check, const struct check_pick *pick)
{
	enum freshness state = check->view.states[pick->row];
	struct expected expected;

	return (state == FRESHNESS_FRESH || state == FRESHNESS_CLOSED) &&
	    inspect_expected(
		check->ctl->rates, row_of(check, pick)->source, &expected);
}

static void
detail(struct check *check, const struct check_pick *pick)
{
	const struct rates_row *row = row_of(check, pick);
	char text[VIEW_ERROR_MAX + 256], age[CLOCK_TEXT_MAX];
	char error[VIEW_ERROR_MAX];
	const char *published = view_published(row, age);

	text_format(text, sizeof(text), "%s: %s", pick->name,
	    freshness_name(check->view.states[pick->row]));
	if (published != NULL)
		text_append(text, sizeof(text), ", published %s", published);
	if (row->version != 0)
		text_append(text, sizeof(text), ", fetched %s from %s",
		    clock_format_ago(row->age, age, sizeof(age)), row->source);
	if (row->version != 0 && view_time(row->changed, age) != NULL)
		text_append(text, sizeof(text), ", changed %s", age);
	if (view_failed(row))
		text_append(text, sizeof(text), ", then %s",
		    view_error(row, error, sizeof(error)));
	plugin_detail(&check->plugin, "%s", text);
}

static void
judge_value(struct check *check, struct findings *f,
    const struct check_pick *pick, double value)
{
	enum plugin_status status =
	    plugin_judge(&check->warning, &check->critical, value);

	if (status == PLUGIN_OK)
		return;
	name(f->beyond[status == PLUGIN_CRITICAL],
	    &f->beyond_count[status == PLUGIN_CRITICAL], pick);
}

static void
tell_beyond(struct check *check, struct findings *f, const char *what)
{
	char text[64];

	for (unsigned i = 2; i-- > 0;)
		tell(check, i == 1 ? PLUGIN_CRITICAL : PLUGIN_WARNING,
		    text_format(text, sizeof(text), "%s beyond %s", what,
			i == 1 ? "critical" : "warning"),
		    f->beyond[i], f->beyond_count[i]);
}

static void
count_states(struct check *check, struct findings *f)
{
	for (unsigned i = 0; i < check->pick_count; i++) {
		const struct check_pick *pick = &check->picks[i];
		enum freshness state = check->view.states[pick->row];

		name(f->names[state], &f->count[state], pick);
		if (pick->quote >= 0 && state != FRESHNESS_EMPTY &&
		    isnan(check_number(check, pick)))
			name(f->missing, &f->missing_count, pick);
		detail(check, pick);
	}
}

static void
tell_state(struct check *check, struct findings *f, enum freshness state,
    enum plugin_status status)
{
	tell(check, status, freshness_name(state), f->names[state],
	    f->count[state]);
}

/* The longest of the ages that were judged or, if none was, of all. */
struct oldest {
	const char *name;
	int64_t age; /* ns; -1: none has one */
	bool judged;
};

static void
keep_oldest(struct oldest *oldest, const struct check_pick *pick,
    int64_t age, bool judged)
{
	if (oldest->judged > judged ||
	    (oldest->judged == judged && age <= oldest->age))
		return;
	*oldest = (struct oldest){ pick->name, age, judged };
}

/* Whole ms: what is judged is what is printed. */
static double
seconds(int64_t ns)
{
	return (double)(ns / CLOCK_MS) / 1000;
}

/* The first line's, and the datum that was judged. */
static void
tell_oldest(struct check *check, const struct oldest *oldest,
    const char *label, const char *what)
{
	char age[CLOCK_TEXT_MAX];
	const struct plugin_datum datum = { .label = label,
		.value = oldest->name != NULL ? seconds(oldest->age) : NAN,
		.unit = "s",
		.warning = oldest->judged ? &check->warning : NULL,
		.critical = oldest->judged ? &check->critical : NULL,
		.min = 0,
		.max = NAN };

	plugin_datum(&check->plugin, &datum);
	if (oldest->name != NULL)
		plugin_fact(&check->plugin, "oldest %s %s (%s)", what,
		    clock_format_ago(oldest->age, age, sizeof(age)),
		    oldest->name);
}

static void
put_states(struct check *check, const struct findings *f)
{
	plugin_count(&check->plugin, "rows", check->pick_count, "");
	for (unsigned i = 0; i < FRESHNESS_COUNT; i++)
		plugin_count(&check->plugin, freshness_name((enum freshness)i),
		    f->count[i], "");
}

/* ns; the bytes of a board may say any time. */
static int64_t
age_of(const struct check *check, const struct rates_row *row)
{
	int64_t age;

	if (!check->published || row->published_form == RATES_PUBLISHED_NONE)
		return row->age;
	if (row->published >= check->view.read)
		return 0;
	return __builtin_sub_overflow(check->view.read, row->published, &age)
	    ? INT64_MAX
	    : age;
}

/* What waits to be confirmed: the row has the numbers from before. */
static void
tell_held(struct check *check)
{
	char names[LIST_MAX] = "";
	struct inspect_row row;
	unsigned count = 0;

	for (unsigned i = 0; i < check->pick_count; i++) {
		const struct check_pick *pick = &check->picks[i];

		if (inspect_row(check->ctl->rates, pick->row, &row) ==
			RATES_OK &&
		    row.held)
			name(names, &count, pick);
	}
	tell(check, PLUGIN_WARNING, "held back", names, count);
}

void
check_age(struct check *check)
{
	struct oldest oldest = { .age = -1 };
	struct findings f = { 0 };

	count_states(check, &f);
	for (unsigned i = 0; i < check->pick_count; i++) {
		const struct check_pick *pick = &check->picks[i];
		bool judged = !(check->published && is_newest(check, pick));
		int64_t age = age_of(check, row_of(check, pick));

		if (row_of(check, pick)->version == 0)
			continue;
		keep_oldest(&oldest, pick, age, judged);
		if (judged)
			judge_value(check, &f, pick, seconds(age));
	}
	tell_state(check, &f, FRESHNESS_EMPTY, PLUGIN_CRITICAL);
	tell(check, PLUGIN_CRITICAL, "no number", f.missing, f.missing_count);
	if (check_by_state(check))
		tell_state(check, &f, FRESHNESS_STALE, PLUGIN_CRITICAL);
	tell_beyond(check, &f, "age");
	tell_state(check, &f, FRESHNESS_LATE, PLUGIN_WARNING);
	tell_state(check, &f, FRESHNESS_FROZEN, PLUGIN_WARNING);
	tell_held(check);
	plugin_fact(&check->plugin, "%u row%s", check->pick_count,
	    check->pick_count == 1 ? "" : "s");
	tell_oldest(check, &oldest, "age",
	    check->published ? "published" : "fetched");
	put_states(check, &f);
}

void
check_frozen(struct check *check)
{
	struct oldest oldest = { .age = -1 };
	struct findings f = { 0 };
	struct inspect_row row;

	count_states(check, &f);
	for (unsigned i = 0; i < check->pick_count; i++) {
		const struct check_pick *pick = &check->picks[i];
		bool judged =
		    check->view.states[pick->row] != FRESHNESS_CLOSED;

		if (row_of(check, pick)->version == 0 ||
		    inspect_row(check->ctl->rates, pick->row, &row) !=
			RATES_OK)
			continue;
		keep_oldest(&oldest, pick, row.changed_age, judged);
		if (judged)
			judge_value(
			    check, &f, pick, seconds(row.changed_age));
	}
	tell_beyond(check, &f, "unchanged");
	if (check_by_state(check))
		tell_state(check, &f, FRESHNESS_FROZEN, PLUGIN_WARNING);
	plugin_fact(&check->plugin, "%u of %u rows frozen",
	    f.count[FRESHNESS_FROZEN], check->pick_count);
	tell_oldest(check, &oldest, "unchanged", "change");
	put_states(check, &f);
}

/* How many numbers a pick should have, and how many there are. */
static unsigned
wanted(const struct check *check, const struct check_pick *pick, unsigned *got)
{
	const struct view *view = &check->view;
	const double *numbers =
	    view->numbers + (size_t)pick->row * view->count;

	*got = 0;
	if (pick->quote >= 0) {
		*got = !isnan(numbers[pick->quote]);
		return 1;
	}
	for (unsigned q = 0; q < view->count; q++)
		*got += q != pick->row && !isnan(numbers[q]);
	return view->count - 1;
}

static void
put_coverage(struct check *check, uint64_t numbers, uint64_t all)
{
	/* Rounded down: all there, and only that, is 100. */
	double percent =
	    all == 0 ? 100 : (double)(numbers * 10000 / all) / 100;
	const struct plugin_datum coverage = { "coverage", percent, "%",
		&check->warning, &check->critical, 0, 100 };
	const struct plugin_datum count = { "numbers", (double)numbers, "",
		NULL, NULL, 0, (double)all };
	char text[RANGE_NUMBER_MAX];
	enum plugin_status status =
	    plugin_judge(&check->warning, &check->critical, percent);

	plugin_datum(&check->plugin, &coverage);
	plugin_datum(&check->plugin, &count);
	plugin_raise(&check->plugin, status);
	plugin_fact(&check->plugin, "%llu of %llu numbers (%s %%)",
	    (unsigned long long)numbers, (unsigned long long)all,
	    range_number(percent, text));
}

void
check_coverage(struct check *check)
{
	uint64_t numbers = 0, all = 0;
	unsigned got, some = 0, none = 0;
	char with_some[LIST_MAX] = "", with_none[LIST_MAX] = "";
	bool by_state = check_by_state(check);

	for (unsigned i = 0; i < check->pick_count; i++) {
		const struct check_pick *pick = &check->picks[i];
		unsigned most = wanted(check, pick, &got);

		numbers += got;
		all += most;
		if (got == 0 && most > 0)
			name(with_none, &none, pick);
		else if (got < most)
			name(with_some, &some, pick);
		plugin_detail(&check->plugin, "%s: %u of %u numbers",
		    pick->name, got, most);
	}
	tell(check, by_state ? PLUGIN_CRITICAL : PLUGIN_OK, "no numbers",
	    with_none, none);
	tell(check, by_state ? PLUGIN_WARNING : PLUGIN_OK, "some missing",
	    with_some, some);
	put_coverage(check, numbers, all);
	plugin_count(&check->plugin, "rows", check->pick_count, "");
	plugin_count(&check->plugin, "rows_without", none, "");
}
