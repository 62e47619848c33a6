#include "tools/top.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "tools/keys.h"
#include "tools/terminal.h"
#include "tools/watch.h"

#define DRAW_EVERY (50 * CLOCK_MS) /* at most, however fast rows change */
#define TYPED_MAX 64

/* --- the screen ----------------------------------------------------------- */

static void
keep_in_range(struct top *top)
{
	unsigned lines = top_lines(top);
	unsigned quotes = top->follow.quotes.count;

	if (top->row >= lines)
		top->row = lines > 0 ? lines - 1 : 0;
	if (top->column >= quotes)
		top->column = quotes > 0 ? quotes - 1 : 0;
}

static int
draw(struct top *top)
{
	unsigned room;

	keep_in_range(top);
	top_head(top);
	room = screen_room(&top->screen);
	room -= top_foot_lines(top) < room ? top_foot_lines(top) : room;
	if (top->help)
		top_help(top, room);
	else if (top->pairs)
		top_pairs(top, room);
	else
		top_matrix(top, room);
	top_foot(top);
	return screen_draw(&top->screen);
}

static void
scroll(unsigned *at, unsigned step, bool back, unsigned end)
{
	if (back)
		*at -= *at < step ? *at : step;
	else
		*at += end - *at > step ? step : 0;
}

static void
page(struct top *top, bool back)
{
	unsigned lines = top_lines(top);
	unsigned step = top->rows_shown > 1 ? top->rows_shown - 1 : 1;

	if (back || top->row + top->rows_shown < lines)
		scroll(&top->row, step, back, lines);
}

/* The last line at the bottom, not at the top. */
static void
to_end(struct top *top)
{
	unsigned lines = top_lines(top);

	top->row = lines > top->rows_shown ? lines - top->rows_shown : 0;
}

static void
move(struct top *top, enum key key)
{
	unsigned lines = top_lines(top), quotes = top->follow.quotes.count;

	switch (key) {
	case KEY_UP:
		scroll(&top->row, 1, true, lines);
		break;
	case KEY_DOWN:
		if (top->row + top->rows_shown < lines)
			scroll(&top->row, 1, false, lines);
		break;
	case KEY_LEFT:
		scroll(&top->column, 1, true, quotes);
		break;
	case KEY_RIGHT:
		if (top->column + top->columns_shown < quotes)
			scroll(&top->column, 1, false, quotes);
		break;
	case KEY_PAGE_UP:
	case KEY_PAGE_DOWN:
		page(top, key == KEY_PAGE_UP);
		break;
	case KEY_HOME:
		top->row = top->column = 0;
		break;
	case KEY_END:
		to_end(top);
		break;
	default:
		break;
	}
}

/* False when it is to end. */
static bool
do_key(struct top *top, enum key key)
{
	switch (key) {
	case KEY_QUIT:
		return false;
	case KEY_HELP:
		top->help = !top->help;
		break;
	case KEY_VIEW:
		top->pairs = !top->pairs;
		top->row = top->column = 0;
		break;
	case KEY_PAUSE:
		top->paused = !top->paused;
		break;
	case KEY_HALT:
	case KEY_RESUME:
		top->paused = key == KEY_HALT;
		break;
	case KEY_REDRAW:
		screen_forget(&top->screen);
		break;
	default:
		move(top, key);
		break;
	}
	return true;
}

/* 1; 0 when it is to end; -1 when the terminal is gone. */
static int
do_typed(struct top *top, struct keys *keys)
{
	char typed[TYPED_MAX];
	int count = screen_read(typed, sizeof(typed));

	for (int i = 0; i < count; i++)
		if (!do_key(top, keys_next(keys, typed[i])))
			return 0;
	return count == -1 ? -1 : 1;
}

/* Until the ages on the screen are a second older, or it is time to look. */
static int64_t
until_next(const struct top *top, bool dirty, int64_t ticked)
{
	int64_t next = dirty && !top->paused ? top->mono + DRAW_EVERY
					     : ticked + CLOCK_SECOND;
	int64_t wait = next - clock_mono();

	return wait < 0 ? 0 : wait;
}

/*
 * Looks at once when all was quiet before, and at the rest of a burst together.
 * While it is paused the board is not looked at, so that what is shown stays
 * whole, and only the ages are drawn anew, once a second.
 */
static int
look_again(struct top *top, bool *dirty, int64_t *ticked, bool *redraw)
{
	bool tick = clock_mono() - *ticked >= CLOCK_SECOND;

	if (tick)
		*ticked = clock_mono();
	*redraw |= tick;
	if (top->paused ||
	    !(tick ||
		(*dirty && clock_mono() - top->mono >= DRAW_EVERY)))
		return 0;
	*redraw = true;
	if (top_look(top, tick) == -1)
		return -1;
	*dirty = top->follow.unsettled;
	return 0;
}

static int
go_on(struct top *top)
{
	struct keys keys = { 0 };
	bool dirty = true, redraw = true;
	int64_t ticked = 0;
	int more = 1;

	while (more == 1) {
		if (look_again(top, &dirty, &ticked, &redraw) == -1 ||
		    (redraw && draw(top) == -1))
			return -1;
		redraw = true;
		switch (screen_wait(&top->screen,
		    until_next(top, dirty, ticked))) {
		case SCREEN_WOKEN:
			dirty = true;
			redraw = false;
			break;
		case SCREEN_TYPED:
			more = do_typed(top, &keys);
			break;
		case SCREEN_GONE:
			return -1;
		default:
			break;
		}
	}
	return more;
}

/* --- from begin to end ---------------------------------------------------- */

static int
run(struct top *top)
{
	int answer = top_start_waker(top->ctl), error;

	if (answer == 0)
		answer = go_on(top);
	error = errno;
	screen_end(&top->screen);
	errno = error;
	return answer == -1 ? ctl_complain(CTL_FAILED, "watch --top: %m")
			    : CTL_DONE;
}

int
watch_top(struct ctl *ctl, int argc, char **argv)
{
	struct top top = { .ctl = ctl,
		.pairs = argc > 0 && ctl->symbols != NULL,
		.color = terminal_color(ctl->color),
		.utf8 = terminal_utf8(),
		.queue_depth = -1 };
	const char *trouble = screen_trouble();
	int status;

	if (trouble != NULL)
		return ctl_complain(CTL_FAILED, "watch --top: %s", trouble);
	status = follow_begin(&top.follow, ctl, argc, argv);
	if (status == CTL_DONE && screen_take(&top.screen) == -1)
		status = ctl_complain(CTL_FAILED, "the screen: %m");
	if (status == CTL_DONE)
		status = run(&top);
	screen_end(&top.screen);
	history_end(&top.history);
	free(top.widths);
	follow_end(&top.follow);
	return status;
}
