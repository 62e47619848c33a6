/*
 * A change as lines for people: of a row whose numbers moved a line each, or
 * those that moved most and how many more did.
 */
#include "tools/watch.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tools/paint.h"
#include "tools/view.h"

#define MOST 8 /* numbers of one row, unless -v or --symbols asks for all */
#define NUMBER_WIDTH 10
#define PERCENT_WIDTH 9
#define DAY_SECONDS 86400

static int
pair_width(const struct watch *watch)
{
	size_t longest = 0;

	for (unsigned i = 0; i < watch->follow.count; i++)
		if (strlen(watch->follow.codes[i]) > longest)
			longest = strlen(watch->follow.codes[i]);
	return (int)(2 * longest + 1);
}

static void
begin(const struct watch *watch, struct paint *paint)
{
	paint_begin(paint, watch->width, watch->color);
}

static void
head(struct watch *watch)
{
	struct paint p;

	begin(watch, &p);
	paint_text(&p, STYLE_HEAD, "%-8s  %-*s  %*s   %-*s  %*s  %-10s  %s",
	    "UTC", pair_width(watch), "PAIR", NUMBER_WIDTH, "OLD",
	    NUMBER_WIDTH + 1, "NEW", PERCENT_WIDTH, "CHANGE", "PUBLISHED",
	    "SOURCE");
	paint_print(&p, stdout);
}

/* What stands above the first line, and above the first of each day. */
static void
above(struct watch *watch, int64_t at)
{
	int64_t day = at / CLOCK_SECOND / DAY_SECONDS;
	char text[CLOCK_TEXT_MAX];

	if (!watch->headed && !ctl_given(watch->ctl, OPTION_QUIET))
		head(watch);
	if (watch->headed && day != watch->day)
		printf("%s\n", clock_format_day(at, text, sizeof(text)));
	watch->headed = true;
	watch->day = day;
}

/* "14:00:03  EUR/USD  ", from which a line goes on. */
static void
begin_line(struct watch *watch, const struct happening *h, struct paint *p,
    const char *quote)
{
	char time[CLOCK_TEXT_MAX], pair[2 * RATES_CODE_MAX] = "";

	clock_format_utc(h->at, time, sizeof(time));
	if (h->base != FOLLOW_BOARD)
		text_format(pair, sizeof(pair), "%s%s%s",
		    watch->follow.codes[h->base], quote != NULL ? "/" : "",
		    quote != NULL ? quote : "");
	begin(watch, p);
	paint_text(p, STYLE_DIM, "%.8s  ",
	    strlen(time) == 20 ? time + 11 : "-");
	paint_text(p, STYLE_HEAD, "%-*s  ", pair_width(watch), pair);
}

static enum table_style
style_of(double before, double after)
{
	if (isnan(after))
		return STYLE_STALE;
	return isnan(before) || after > before ? STYLE_UP : STYLE_DOWN;
}

static void
put_number(struct watch *watch, const struct happening *h, unsigned quote)
{
	double before = h->before[quote], after = h->after[quote];
	char old[TERMINAL_NUMBER_MAX + 8], new[TERMINAL_NUMBER_MAX + 8];
	char percent[CHANGE_TEXT_MAX], day[CLOCK_TEXT_MAX];
	const char *published = view_published(&h->now->row, day);
	struct paint p;

	change_numbers(before, after, old, new, sizeof(old));
	begin_line(watch, h, &p, watch->follow.codes[quote]);
	paint_text(&p, STYLE_PLAIN, "%*s %s %-*s  ", NUMBER_WIDTH, old,
	    watch->utf8 ? "\342\206\222" : ">", NUMBER_WIDTH + 1, new);
	paint_text(&p, style_of(before, after), "%*s", PERCENT_WIDTH,
	    change_percent(before, after, percent, sizeof(percent)));
	paint_text(&p, STYLE_PLAIN, "  %-10s  %s",
	    published != NULL ? published : "-", h->now->row.source);
	paint_print(&p, stdout);
}

/* --- which numbers -------------------------------------------------------- */

struct moves {
	const struct happening *h;
	unsigned count;
	unsigned *list; /* quotes that changed */
};

/* One that came or went counts as the largest movement. */
static double
size_of(const struct happening *h, unsigned quote)
{
	double size =
	    fabs(change_percent_of(h->before[quote], h->after[quote]));

	return isnan(size) ? HUGE_VAL : size;
}

static int
collect(const struct watch *watch, struct moves *moves)
{
	const struct choice *quotes = &watch->follow.quotes;
	const struct happening *h = moves->h;

	moves->list = calloc(quotes->count, sizeof(*moves->list));
	if (moves->list == NULL && quotes->count > 0)
		return -1;
	for (unsigned k = 0; k < quotes->count; k++)
		if (change_differs(h->before[quotes->list[k]],
			h->after[quotes->list[k]]))
			moves->list[moves->count++] = quotes->list[k];
	return 0;
}

/* The limit from which on a number is among the most that moved. */
static double
limit_of(const struct moves *moves)
{
	double largest[MOST] = { 0 }, size;
	unsigned i;

	for (unsigned k = 0; k < moves->count; k++) {
		size = size_of(moves->h, moves->list[k]);
		for (i = MOST; i > 0 && largest[i - 1] < size; i--)
			if (i < MOST)
				largest[i] = largest[i - 1];
		if (i < MOST)
			largest[i] = size;
	}
	return largest[MOST - 1];
}

static void
put_rest(struct watch *watch, const struct moves *moves, unsigned rest,
    double limit)
{
	char percent[CHANGE_TEXT_MAX];
	struct paint p;

	begin_line(watch, moves->h, &p, NULL);
	paint_text(&p, STYLE_DIM, "and %u more", rest);
	if (isfinite(limit))
		paint_text(&p, STYLE_DIM, ", none by more than %s",
		    change_percent(100, 100 + limit, percent,
			sizeof(percent)) + 1);
	paint_text(&p, STYLE_DIM, "; -v prints all");
	paint_print(&p, stdout);
}

static void
put_moves(struct watch *watch, const struct moves *moves)
{
	bool all = moves->count <= MOST + 1 ||
	    watch->follow.quotes.code_count > 0 ||
	    ctl_given(watch->ctl, OPTION_VERBOSE);
	double limit = all ? 0 : limit_of(moves);
	unsigned shown = 0;

	for (unsigned k = 0; k < moves->count; k++) {
		if (!all &&
		    (shown == MOST ||
			size_of(moves->h, moves->list[k]) < limit))
			continue;
		put_number(watch, moves->h, moves->list[k]);
		shown++;
	}
	if (shown < moves->count)
		put_rest(watch, moves, moves->count - shown, limit);
}

/* --- lines ---------------------------------------------------------------- */

static enum table_style
style_of_word(enum change change, const struct happening *h)
{
	switch (change) {
	case CHANGE_FAILED:
	case CHANGE_AGAIN:
	case CHANGE_UNFED:
		return STYLE_FAILED;
	case CHANGE_HELD:
	case CHANGE_CURRENCIES:
		return STYLE_STALE;
	case CHANGE_RECOVERED:
	case CHANGE_FED:
		return STYLE_UP;
	case CHANGE_STATE:
		return h->now->state == FRESHNESS_FRESH ? STYLE_UP
							: STYLE_STALE;
	default:
		return STYLE_PLAIN;
	}
}

static void
put_words(struct watch *watch, const struct happening *h)
{
	char day[CLOCK_TEXT_MAX];
	struct paint p;

	begin_line(watch, h, &p, NULL);
	paint_text(
	    &p, style_of_word(h->change, h), "%s", change_name(h->change));
	if (h->change == CHANGE_PUBLISHED || h->change == CHANGE_FETCHED)
		paint_text(&p, STYLE_PLAIN, ": the same numbers, of %s, %s",
		    view_published(&h->now->row, day) != NULL ? day : "?",
		    h->now->row.source);
	else if (h->change == CHANGE_NUMBERS)
		paint_text(&p, STYLE_PLAIN, ": may have changed, and changed back");
	if (h->text[0] != '\0')
		paint_text(&p, STYLE_PLAIN, ": %s", h->text);
	paint_print(&p, stdout);
}

static void
put_skipped(struct watch *watch, const struct happening *h)
{
	struct paint p;

	begin_line(watch, h, &p, NULL);
	paint_text(&p, STYLE_STALE,
	    "skipped: %" PRIu64 " answer%s came and went unseen", h->skipped,
	    h->skipped == 1 ? "" : "s");
	paint_print(&p, stdout);
}

void
watch_line(struct watch *watch, const struct happening *h)
{
	struct moves moves = { .h = h };

	above(watch, h->at);
	if (h->base != FOLLOW_BOARD && h->skipped > 0 &&
	    (h->change == CHANGE_NUMBERS || h->change == CHANGE_PUBLISHED ||
		h->change == CHANGE_FETCHED))
		put_skipped(watch, h);
	if (h->change != CHANGE_NUMBERS ||
	    collect(watch, &moves) == -1 || moves.count == 0)
		put_words(watch, h);
	else
		put_moves(watch, &moves);
	free(moves.list);
}
