/*
 * What a storm's readers can't see: the rows' locks and jobs.
 *
 *	watch INSTANCE  until SIGTERM, a line for each time that a row's lock
 *	                was seen held for a while: PID CODE FROM TO, of the
 *	                holder, on the monotonic clock in seconds
 *	free INSTANCE SECONDS
 *	                waits until each row has been seen with its lock free,
 *	                and with its job free; names those that were not
 *
 * Exit status 0; 1 if a row was never free, or there is no board.
 */
#include <err.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/clock.h"
#include "base/number.h"
#include "board/inspect.h"

#define PATIENCE (60 * CLOCK_SECOND)
#define LOOK_EVERY (CLOCK_MS / 2)
#define A_WHILE (2 * CLOCK_MS)

struct hold {
	int64_t pid; /* 0: none */
	int64_t from;
	bool lock_free, job_free; /* it was seen so once */
};

struct probe {
	struct rates *rates;
	uint64_t generation;
	sigset_t end;
	struct hold holds[BOARD_CURRENCIES_MAX];
};

/* True once it is to end. */
static bool
pause_for(const struct probe *p, int64_t ns)
{
	const struct timespec t = { .tv_nsec = (long)ns };

	return sigtimedwait(&p->end, NULL, &t) != -1;
}

static void
open_board(struct probe *p, const char *instance)
{
	int64_t until = clock_mono() + PATIENCE;
	enum rates_result result;

	while ((result = rates_open(instance, &p->rates)) != RATES_OK)
		if (pause_for(p, 10 * CLOCK_MS) || clock_mono() > until)
			errx(1, "%s: %s", instance, rates_strerror(result));
}

/* The pid of the worker that holds a row's lock, or 0. */
static int64_t
holder(const struct probe *p, unsigned row)
{
	int slot = inspect_lock(p->rates, row);
	struct inspect_slot s;

	if (slot == -1)
		return 0;
	inspect_slot(p->rates, (unsigned)slot, &s);
	/* Between the two looks it may have died and been recovered. */
	return inspect_lock(p->rates, row) == slot ? s.pid : 0;
}

static void
note(struct probe *p, unsigned row, int64_t pid)
{
	struct hold *h = &p->holds[row];
	char code[RATES_CODE_MAX];
	int64_t now = clock_mono();

	if (pid != 0 && pid == h->pid)
		return;
	if (h->pid != 0 && now - h->from >= A_WHILE) {
		rates_code(p->rates, row, code);
		printf("%" PRId64 " %s %.6f %.6f\n", h->pid, code,
		    (double)h->from / CLOCK_SECOND, (double)now / CLOCK_SECOND);
	}
	h->pid = pid;
	h->from = now;
}

static void
watch(struct probe *p)
{
	struct rates_feed feed;

	do {
		rates_feed(p->rates, &feed); /* follows to a new board */
		for (unsigned i = 0; i < rates_count(p->rates); i++)
			note(p, i, feed.generation == p->generation
				? holder(p, i)
				: 0);
		p->generation = feed.generation; /* which has new locks */
	} while (!pause_for(p, LOOK_EVERY));
	for (unsigned i = 0; i < rates_count(p->rates); i++)
		note(p, i, 0);
}

/* How many rows have not been seen free yet. */
static unsigned
look(struct probe *p, bool name)
{
	unsigned left = 0;

	for (unsigned i = 0; i < rates_count(p->rates); i++) {
		struct hold *h = &p->holds[i];
		char code[RATES_CODE_MAX];

		h->lock_free |= inspect_lock(p->rates, i) == -1;
		h->job_free |= inspect_job(p->rates, i) == -1;
		if (h->lock_free && h->job_free)
			continue;
		left++;
		rates_code(p->rates, i, code);
		if (name)
			printf("%s %s\n", code, h->lock_free ? "job" : "lock");
	}
	return left;
}

static int
wait_for_free(struct probe *p, int64_t seconds)
{
	int64_t until = clock_mono() + seconds * CLOCK_SECOND;

	while (look(p, false) > 0 && clock_mono() < until)
		if (pause_for(p, LOOK_EVERY))
			break;
	return look(p, true) > 0;
}

int
main(int argc, char *argv[])
{
	static struct probe p;
	int64_t seconds = 0;
	int status = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&p.end);
	sigaddset(&p.end, SIGTERM);
	sigprocmask(SIG_BLOCK, &p.end, NULL);
	if (argc == 3 && strcmp(argv[1], "watch") == 0) {
		open_board(&p, argv[2]);
		watch(&p);
	} else if (argc == 4 && strcmp(argv[1], "free") == 0 &&
	    number_parse_int(argv[3], 0, 3600, &seconds) == 0) {
		open_board(&p, argv[2]);
		status = wait_for_free(&p, seconds);
	} else {
		errx(1, "usage: storm_probe watch INSTANCE\n"
			"       storm_probe free INSTANCE SECONDS");
	}
	rates_close(p.rates);
	return status;
}
