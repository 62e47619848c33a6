/*
 * What the live board knows, and who tells that there is more to know.
 */
#include "tools/top.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "jobs/queue.h"
#include "tools/terminal.h"

#define RETRY (200 * CLOCK_MS)

/* --- who wakes us --------------------------------------------------------- */

struct waker {
	const char *instance;
	struct rates *rates;
};

/*
 * A board wakes by a futex, a terminal by a descriptor, and nothing waits for
 * both: this thread sleeps on the board, with a handle of its own.
 */
static void *
wake_for_changes(void *context)
{
	struct waker *waker = context;
	const struct timespec pause = { .tv_nsec = RETRY };
	uint64_t mark = 0;

	for (;;) {
		switch (rates_wait_any(waker->rates, &mark, CLOCK_SECOND)) {
		case RATES_OK:
			break;
		case RATES_CHANGED:
			rates_resync(waker->rates);
			break;
		case RATES_TIMEOUT:
			if (follow_reopen(waker->instance, &waker->rates))
				mark = 0;
			continue;
		default:
			nanosleep(&pause, NULL);
			break;
		}
		screen_wake();
	}
	return NULL;
}

/* Signals are for the thread that has the screen. */
int
top_start_waker(struct ctl *ctl)
{
	static struct waker waker;
	sigset_t all, before;
	pthread_t thread;
	int error;

	waker.instance = ctl->instance;
	if (rates_open(ctl->instance, &waker.rates) != RATES_OK)
		return -1;
	sigfillset(&all);
	sigdelset(&all, SIGBUS);
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGABRT);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, NULL, wake_for_changes, &waker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error != 0) {
		rates_close(waker.rates);
		errno = error;
		return -1;
	}
	pthread_detach(thread);
	return 0;
}

/* --- what is known -------------------------------------------------------- */

/* Only ever wider: columns that jump to and fro are no rest for the eye. */
static void
widen(struct top *top, unsigned base)
{
	const double *numbers = follow_numbers(&top->follow, base);
	const struct choice *quotes = &top->follow.quotes;
	char text[TERMINAL_NUMBER_MAX];
	size_t width;

	for (unsigned q = 0; q < quotes->count; q++) {
		width = strlen(terminal_number(
		    numbers[quotes->list[q]], text, sizeof(text)));
		if (width > top->widths[q])
			top->widths[q] = (unsigned)width;
	}
}

static void
remember(struct top *top, unsigned k, const struct happening *h)
{
	const struct choice *quotes = &top->follow.quotes;
	int64_t now = clock_mono();

	for (unsigned q = 0; q < quotes->count; q++)
		if (h == NULL ||
		    change_differs(h->before[quotes->list[q]],
			h->after[quotes->list[q]]))
			history_add(&top->history, k, q,
			    top_value(top, k, q), now);
}

/* What is as wide and as long as the choices; anew for other currencies. */
static int
begin_anew(struct top *top)
{
	const struct follow *f = &top->follow;
	unsigned *widths = calloc(f->quotes.count + 1, sizeof(*widths));

	if (widths == NULL ||
	    history_begin(
		&top->history, f->bases.count, f->quotes.count) == -1) {
		free(widths);
		return -1;
	}
	free(top->widths);
	top->widths = widths;
	for (unsigned q = 0; q < f->quotes.count; q++)
		widths[q] = (unsigned)strlen(top_quote(top, q));
	for (unsigned k = 0; k < f->bases.count; k++) {
		widen(top, f->bases.list[k]);
		remember(top, k, NULL);
	}
	return 0;
}

struct ear {
	struct top *top;
	bool currencies; /* they are others now */
};

static void
hear(void *context, const struct happening *h)
{
	struct ear *ear = context;
	struct top *top = ear->top;
	const struct choice *bases = &top->follow.bases;

	if (h->change == CHANGE_CURRENCIES)
		ear->currencies = true;
	if (h->base == FOLLOW_BOARD || ear->currencies)
		return;
	if (h->change == CHANGE_NUMBERS || h->change == CHANGE_PUBLISHED ||
	    h->change == CHANGE_FETCHED)
		top->skipped += h->skipped;
	if (h->change != CHANGE_NUMBERS)
		return;
	widen(top, h->base);
	for (unsigned k = 0; k < bases->count; k++)
		if (bases->list[k] == h->base)
			remember(top, k, h);
}

int
top_look(struct top *top, bool clock)
{
	struct ear ear = { .top = top };

	if (follow_look(&top->follow, clock, hear, &ear) == -1)
		return -1;
	if ((ear.currencies || top->widths == NULL) && begin_anew(top) == -1)
		return -1;
	if (clock)
		top->queue_depth = queue_depth_of(
		    top->ctl->instance, &top->queue_max);
	top->now = clock_wall();
	top->mono = clock_mono();
	return 0;
}
