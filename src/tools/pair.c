#include "tools/pair.h"

#include <math.h>
#include <stdbool.h>

#include "base/clock.h"
#include "board/layout.h"
#include "tools/view.h"

#define LOAD_TRIES 8

static int
no_number(struct ctl *ctl, const struct pair *pair)
{
	const struct rates_row *row = &pair->row;

	if (row->version == 0)
		return ctl_note(ctl, CTL_NO_PAIR,
		    "no number for %s/%s: the row was never fetched",
		    pair->base, pair->quote);
	return ctl_note(ctl, CTL_NO_PAIR, "no number for %s/%s: %s gives none",
	    pair->base, pair->quote,
	    row->source[0] != '\0' ? row->source : "its source");
}

static int
too_old(struct ctl *ctl, const struct pair *pair)
{
	char age[CLOCK_TEXT_MAX];

	return ctl_note(ctl, CTL_TOO_OLD,
	    "%s/%s is older than %s: fetched %s", pair->base, pair->quote,
	    ctl->max_age_text,
	    clock_format_ago(pair->row.age, age, sizeof(age)));
}

/* One look at the board; *result tells whether to look again. */
static int
look(struct ctl *ctl, struct pair *pair, enum rates_result *result)
{
	double numbers[BOARD_CURRENCIES_MAX];
	unsigned base, quote;

	*result = RATES_OK;
	if (view_find(ctl, pair->base, &base) != CTL_DONE ||
	    view_find(ctl, pair->quote, &quote) != CTL_DONE)
		return CTL_NO_PAIR;
	*result = rates_row(ctl->rates, base, &pair->row, numbers);
	if (*result == RATES_CHANGED)
		rates_resync(ctl->rates);
	if (*result != RATES_OK)
		return CTL_FAILED;
	view_clean(&pair->row);
	pair->rate = numbers[quote];
	return CTL_DONE;
}

/* A number that is old is still one, but not in silence. */
static void
warn_of_age(const struct ctl *ctl, const struct pair *pair)
{
	const struct rates_row *row = &pair->row;
	char age[CLOCK_TEXT_MAX], day[CLOCK_TEXT_MAX];
	const char *published = view_published(row, day);

	if (pair->state == FRESHNESS_FRESH || pair->state == FRESHNESS_CLOSED)
		return;
	ctl_note(ctl, CTL_DONE,
	    "%s/%s: warning: the row is %s: published %s, fetched %s",
	    pair->base, pair->quote, freshness_name(pair->state),
	    published != NULL ? published : "at a time that is not known",
	    clock_format_ago(row->age, age, sizeof(age)));
}

static int
judge(struct ctl *ctl, struct pair *pair)
{
	struct rates_feed feed;

	if (!isfinite(pair->rate))
		return no_number(ctl, pair);
	if (ctl->max_age >= 0 && pair->row.age > ctl->max_age)
		return too_old(ctl, pair);
	rates_feed(ctl->rates, &feed);
	pair->read = clock_wall();
	pair->state =
	    view_state(ctl, &pair->row, feed.stale_after, pair->read);
	warn_of_age(ctl, pair);
	return CTL_DONE;
}

int
pair_load(
    struct ctl *ctl, const char *base, const char *quote, struct pair *pair)
{
	enum rates_result result = RATES_BUSY;
	int status = view_open(ctl);

	*pair = (struct pair){ .base = base, .quote = quote };
	if (status != CTL_DONE)
		return status;
	for (int tries = 0; tries < LOAD_TRIES; tries++) {
		status = look(ctl, pair, &result);
		if (result == RATES_OK)
			return status == CTL_DONE ? judge(ctl, pair) : status;
	}
	return ctl_complain(CTL_FAILED, "%s", rates_strerror(result));
}

int
pair_identity(struct ctl *ctl, const char *code, struct pair *pair)
{
	unsigned index;
	int status = view_open(ctl);

	*pair = (struct pair){ .base = code, .quote = code, .rate = 1 };
	if (status == CTL_DONE)
		status = view_find(ctl, code, &index);
	pair->read = clock_wall();
	return status;
}

void
pair_tell(struct report *report, const struct pair *pair)
{
	const struct rates_row *row = &pair->row;
	char buf[CLOCK_TEXT_MAX];
	bool there = row->version != 0;

	report_text(
	    report, "state", there ? freshness_name(pair->state) : NULL);
	report_text(report, "source",
	    row->source[0] != '\0' ? row->source : NULL);
	report_text(report, "published", view_published(row, buf));
	report_time(report, "fetched", row->fetched);
	report_time(report, "changed", row->changed);
	if (there && row->age != CLOCK_AGE_UNKNOWN)
		report_seconds(report, "age", row->age);
	else
		report_null(report, "age");
	report_uint(report, "version", row->version);
}
