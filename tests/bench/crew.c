#include "bench.h"

#include <err.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/number.h"
#include "board/inspect.h"

#define TURNS_MAX 1000
#define LOOK_EVERY 20000                   /* ns */
#define REST (50 * CLOCK_MS)               /* between deaths */
#define REPLACED_WITHIN (5 * CLOCK_SECOND) /* or something is wrong */

static void
rest(int64_t ns)
{
	const struct timespec t = { .tv_nsec = ns };

	nanosleep(&t, NULL);
}

/* True if the slot's worker is in its loop, where it takes jobs. */
static bool
takes_jobs(const struct rates *rates, unsigned slot, struct inspect_slot *at)
{
	inspect_slot(rates, slot, at);
	return strcmp(at->state, "idle") == 0 || strcmp(at->state, "busy") == 0;
}

static void
replace(const struct rates *rates, unsigned slot)
{
	struct inspect_slot now, old;
	int64_t start = clock_mono();

	if (!takes_jobs(rates, slot, &old) || old.pid <= 1)
		errx(1, "slot %u has no worker", slot);
	if (kill((pid_t)old.pid, SIGKILL) == -1)
		err(1, "kill");
	while (!takes_jobs(rates, slot, &now) ||
	    now.incarnation == old.incarnation) {
		if (clock_mono() - start > REPLACED_WITHIN)
			errx(1, "slot %u is not filled in time", slot);
		rest(LOOK_EVERY);
	}
	say("replaced", clock_mono() - start, 1);
	rest(REST);
}

void
bench_replaced(char **argv)
{
	struct rates *rates;
	int64_t turns;
	unsigned slots;

	if (number_parse_int(argv[1], 1, TURNS_MAX, &turns) == -1)
		errx(1, "'%s' is no number of turns", argv[1]);
	if (rates_open(argv[0], &rates) != RATES_OK)
		errx(1, "%s has no board", argv[0]);
	slots = inspect_slots(rates);
	for (unsigned i = 0; slots > 0 && i < (unsigned)turns; i++)
		replace(rates, i % slots);
	rates_close(rates);
}
