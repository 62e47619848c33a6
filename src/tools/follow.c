#include "tools/follow.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <bsd/string.h>

#include "base/text.h"
#include "tools/follow_codes.h"
#include "tools/view.h"

#define TRIES 8
#define SETTLE (20 * CLOCK_MS)
#define LIST_TEXT_MAX 256

_Static_assert(CHANGE_COUNT <= 32, "a bit each");

/* --- a row ---------------------------------------------------------------- */

static void
take_held(struct seen *seen, const struct inspect_row *row)
{
	seen->held = row->held;
	seen->accepted = row->accepted;
	seen->held_mark = row->held_mark;
	strlcpy(seen->held_source, row->held_source,
	    sizeof(seen->held_source));
	strlcpy(seen->held_text, row->held_text, sizeof(seen->held_text));
}

/* All of row i from one moment; BUSY if it never stayed the same. */
static enum rates_result
read_row(struct follow *f, unsigned i, struct seen *seen, double *numbers)
{
	struct rates *rates = f->ctl->rates;
	enum rates_result result;
	struct inspect_row more;

	memset(seen, 0, sizeof(*seen));
	for (int tries = 0; tries < TRIES; tries++) {
		result = rates_row(rates, i, &seen->row, numbers);
		if (result == RATES_OK)
			result = inspect_row(rates, i, &more);
		if (result != RATES_OK)
			return result;
		if (more.seq != seen->row.seq)
			continue;
		seen->boot = clock_boot();
		view_clean(&seen->row);
		take_held(seen, &more);
		seen->state = view_state(f->ctl, &seen->row,
		    f->feed.stale_after, clock_wall());
		return RATES_OK;
	}
	return RATES_BUSY;
}

int64_t
follow_age(const struct seen *seen)
{
	return seen->row.age + (clock_boot() - seen->boot);
}

static bool
differ(const struct follow *f, const double *before, const double *after)
{
	for (unsigned k = 0; k < f->quotes.count; k++)
		if (change_differs(before[f->quotes.list[k]],
			after[f->quotes.list[k]]))
			return true;
	return false;
}

/* --- telling -------------------------------------------------------------- */

struct teller {
	follow_tell *tell;
	void *context;
};

/* The fixed texts are what the daemon said: safe, and cut to fit. */
static const char *
words_of(const struct happening *h, char *buf, size_t size)
{
	uint64_t failures = h->old->row.failures;

	switch (h->change) {
	case CHANGE_FAILED:
	case CHANGE_AGAIN:
		return view_error(&h->now->row, buf, size);
	case CHANGE_RECOVERED:
		return text_format(buf, size,
		    "after %" PRIu64 " failure%s", failures,
		    failures == 1 ? "" : "s");
	case CHANGE_HELD:
		return text_format(buf, size, "%s from %s",
		    h->now->held_text, h->now->held_source);
	case CHANGE_ACCEPTED:
		return text_format(buf, size, "by an operator");
	case CHANGE_RELEASED:
		return text_format(
		    buf, size, "nothing is held any more");
	case CHANGE_STATE:
		return text_format(buf, size, "%s -> %s",
		    freshness_name(h->old->state),
		    freshness_name(h->now->state));
	default:
		return text_format(buf, size, "%s", "");
	}
}

static void
tell_row(const struct teller *teller, struct happening *h, unsigned bits)
{
	char text[VIEW_ERROR_MAX];

	for (unsigned i = 0; i < CHANGE_COUNT; i++) {
		if ((bits & (1u << i)) == 0)
			continue;
		h->change = (enum change)i;
		h->text = words_of(h, text, sizeof(text));
		teller->tell(teller->context, h);
	}
}

static void
tell_board(
    const struct teller *teller, enum change change, const char *text)
{
	teller->tell(teller->context,
	    &(struct happening){ .change = change,
		.at = clock_wall(),
		.base = FOLLOW_BOARD,
		.text = text });
}

static void
take_row(struct follow *f, unsigned i, const struct seen *now,
    const struct teller *teller, bool told)
{
	double *numbers = f->numbers + (size_t)i * f->count;
	const struct seen old = f->rows[i];
	struct happening h = { .at = clock_wall(),
		.base = i,
		.old = &old,
		.now = &f->rows[i],
		.before = f->spare,
		.after = numbers,
		.skipped = change_skipped(&old, now) };

	/* The new ones were read into spare. */
	for (unsigned q = 0; q < f->count; q++) {
		double number = f->spare[q];

		f->spare[q] = numbers[q];
		numbers[q] = number;
	}
	f->rows[i] = *now;
	if (told)
		tell_row(teller, &h,
		    change_of(&old, now, differ(f, h.before, h.after)));
}

/* Whether it has another sequence than when it was read. */
static bool
moved(struct follow *f, unsigned i)
{
	enum rates_result result =
	    rates_wait(f->ctl->rates, i, f->rows[i].row.seq, 0);

	if (result == RATES_CHANGED)
		f->look_all = true;
	return f->look_all || result != RATES_TIMEOUT;
}

static void
look_at_clock(struct follow *f, unsigned i, const struct teller *teller)
{
	struct seen now = f->rows[i];

	now.row.age = follow_age(&now);
	now.boot = clock_boot();
	now.state = view_state(
	    f->ctl, &now.row, f->feed.stale_after, clock_wall());
	if (now.state == f->rows[i].state)
		return;
	memcpy(f->spare, follow_numbers(f, i), f->count * sizeof(double));
	take_row(f, i, &now, teller, true);
}

/* --- the board ------------------------------------------------------------ */

/*
 * Chosen rows alone are told; of the others nobody asked.  CHANGED if the
 * currencies did.
 */
static enum rates_result
look_at_rows(struct follow *f, bool clock, const struct teller *teller)
{
	struct seen now;

	f->unsettled = false;
	for (unsigned k = 0; k < f->bases.count; k++) {
		unsigned i = f->bases.list[k];
		enum rates_result result;

		if (!moved(f, i)) {
			if (clock)
				look_at_clock(f, i, teller);
			continue;
		}
		result = read_row(f, i, &now, f->spare);
		if (result == RATES_CHANGED || result == RATES_NO_CURRENCY)
			return RATES_CHANGED;
		if (result != RATES_OK)
			f->unsettled = true;
		else
			take_row(f, i, &now, teller, f->begun);
	}
	f->look_all = f->unsettled && f->look_all;
	return RATES_OK;
}

bool
follow_reopen(const char *instance, struct rates **rates)
{
	struct rates_feed feed;
	struct rates *new;
	uid_t owner;

	if (rates_feed(*rates, &feed) == RATES_OK ||
	    rates_open(instance, &new) != RATES_OK)
		return false;
	owner = inspect_owner(new);
	if (rates_feed(new, &feed) != RATES_OK ||
	    (owner != 0 && owner != inspect_owner(*rates))) {
		rates_close(new);
		return false;
	}
	rates_close(*rates);
	*rates = new;
	return true;
}

/* Whether the board's currencies are those that are known of it. */
static bool
same_currencies(const struct follow *f)
{
	unsigned index;

	if (rates_count(f->ctl->rates) != f->count)
		return false;
	for (unsigned i = 0; i < f->count; i++)
		if (rates_index(f->ctl->rates, f->codes[i], &index) !=
			RATES_OK ||
		    index != i)
			return false;
	return true;
}

static void
look_at_feed(struct follow *f, bool clock, const struct teller *teller)
{
	struct rates_feed feed;
	char text[VIEW_SILENCE_MAX];

	if (clock && follow_reopen(f->ctl->instance, &f->ctl->rates)) {
		f->mark = 0;
		f->look_all = true;
		f->other_board = !same_currencies(f);
	}
	rates_feed(f->ctl->rates, &feed);
	if (feed.generation != f->feed.generation ||
	    feed.supervisor != f->feed.supervisor ||
	    feed.since != f->feed.since)
		f->look_all = true;
	if (!feed.fed && (f->feed.fed || !f->begun))
		tell_board(teller, CHANGE_UNFED,
		    view_silence(&feed, text, sizeof(text)));
	if (feed.fed && !f->feed.fed && f->begun)
		tell_board(teller, CHANGE_FED,
		    text_format(text, sizeof(text),
			"pid %" PRId64 " feeds this board",
			feed.supervisor));
	f->feed = feed;
}

int
follow_look(struct follow *f, bool clock, follow_tell *tell, void *context)
{
	const struct teller teller = { tell, context };
	char text[LIST_TEXT_MAX];

	look_at_feed(f, clock, &teller);
	for (int tries = 0; tries < TRIES; tries++) {
		if (!f->other_board &&
		    look_at_rows(f, clock, &teller) == RATES_OK) {
			f->begun = true;
			return 0;
		}
		f->other_board = false;
		if (follow_currencies(f, text, sizeof(text)) == -1)
			return -1;
		tell_board(&teller, CHANGE_CURRENCIES, text);
	}
	f->unsettled = true;
	return 0;
}

int
follow_begin(struct follow *f, struct ctl *ctl, int argc, char **argv)
{
	char text[LIST_TEXT_MAX];
	int status;

	memset(f, 0, sizeof(*f));
	f->ctl = ctl;
	status = choice_bases(&f->bases, ctl, argc, argv);
	if (status == CTL_DONE)
		status = choice_symbols(&f->quotes, ctl);
	if (status == CTL_DONE &&
	    follow_currencies(f, text, sizeof(text)) == -1)
		status = ctl_complain(CTL_FAILED, "%m");
	return status;
}

int
follow_wait(struct follow *f, int64_t timeout)
{
	if (f->unsettled && timeout > SETTLE)
		timeout = SETTLE;
	if (rates_wait_any(f->ctl->rates, &f->mark, timeout) ==
		RATES_SYSTEM &&
	    errno != EINTR)
		return -1;
	return 0;
}

void
follow_end(struct follow *f)
{
	choice_free(&f->bases);
	choice_free(&f->quotes);
	follow_forget(f);
	memset(f, 0, sizeof(*f));
}
