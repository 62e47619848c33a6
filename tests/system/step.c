/*
 * Kills the one worker of a daemon at every instruction of publish(), from its
 * entry to its return, and looks each time whether the row goes on.
 *
 * usage: step [-c] [-e EVERY] [-f FIRST] [-t TO] [-l MS] [-p MS] INSTANCE BASE
 *             OFFSET NUMBER... -- RATESD ARGUMENT...
 *   -c        beside two other writers of the row
 *   -e EVERY  every so many instructions (default 1)
 *   -f, -t    the first and the last instruction (default: all there are)
 *   -p MS     first stop it there for so long, and go on to the return
 *   -l MS     how soon the row has to be written again (default 100)
 *
 * OFFSET is the address of publish() in the program's file, in hexadecimal;
 * the numbers are those that the source has for BASE, in the board's order.
 * The daemon is a child of this program, so that the rules of ptrace_scope
 * allow what is done to its worker.
 *
 * Lines of a name and a value; 0 if all is as it should be, 1 if not, 2 for an
 * error, 77 where ptrace(2) isn't permitted.
 */
#include "step.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/code.h"
#include "base/number.h"

#define TRIES 5
#define STUCK_MAX 20
#define POINTS_MAX 1000000

/* A machine's noise doesn't come five times at one instruction. */
static void
point(struct step *s, int64_t k)
{
	int64_t took = 0;

	s->points++;
	for (int i = 0; i < TRIES; i++) {
		took = step_round(s, k);
		if (took == -1) {
			s->stuck++;
			return;
		}
		if (took <= s->options.limit)
			break;
		printf("# instruction %lld: written after %.1f ms\n",
		    (long long)k, (double)took / CLOCK_MS);
		s->repeated++;
	}
	if (took > s->options.limit)
		s->slow++;
	if (took > s->worst)
		s->worst = took;
}

/*
 * The clock, and others at the lock, make the way longer or shorter, so that
 * one return says nothing about the next round.
 */
static void
points(struct step *s)
{
	int64_t returns = s->options.contended ? 10 : 3;

	for (int64_t k = s->options.first;
	     k <= s->options.last && returns > 0 && s->stuck < STUCK_MAX;
	     k += s->options.every) {
		point(s, k);
		returns -= s->returned;
		fflush(stdout);
	}
}

static void
report(const struct step *s)
{
	const struct tallies *t = s->tallies;

	printf("points %llu\n", (unsigned long long)s->points);
	printf("stuck %llu\n", (unsigned long long)s->stuck);
	printf("torn %llu\n", (unsigned long long)atomic_load(&t->torn));
	printf("slow %llu\n", (unsigned long long)s->slow);
	printf("repeated %llu\n", (unsigned long long)s->repeated);
	printf("worst %.1f\n", (double)s->worst / CLOCK_MS);
	printf("reads %llu\n", (unsigned long long)atomic_load(&t->reads));
	printf("moved %llu\n", (unsigned long long)atomic_load(&t->moved));
	for (unsigned i = 0; i < RIVALS; i++)
		printf("rival-%u %llu\nmissed-%u %llu\n", RIVAL_SLOT + i,
		    (unsigned long long)atomic_load(&t->writes[i]),
		    RIVAL_SLOT + i,
		    (unsigned long long)atomic_load(&t->missed[i]));
#define X(name) printf(#name " %llu\n", \
	(unsigned long long)step_counter(s, COUNTER_##name));
	BOARD_COUNTERS(X)
#undef X
}

/* --- the command line ---------------------------------------------------- */

static int64_t
whole(const char *text, int64_t min)
{
	int64_t value;

	if (number_parse_int(text, min, POINTS_MAX, &value) == -1)
		errx(2, "%s is no number from %lld to %d", text,
		    (long long)min, POINTS_MAX);
	return value;
}

static void
read_options(struct options *o, int argc, char **argv)
{
	int option;

	*o = (struct options){ .every = 1,
		.last = POINTS_MAX,
		.limit = 100 * CLOCK_MS };
	while ((option = getopt(argc, argv, "+ce:f:t:l:p:")) != -1) {
		switch (option) {
		case 'c':
			o->contended = true;
			break;
		case 'e':
			o->every = whole(optarg, 1);
			break;
		case 'f':
			o->first = whole(optarg, 0);
			break;
		case 't':
			o->last = whole(optarg, 0);
			break;
		case 'l':
			o->limit = whole(optarg, 1) * CLOCK_MS;
			break;
		case 'p':
			o->pause = whole(optarg, 1) * CLOCK_MS;
			break;
		default:
			exit(2);
		}
	}
}

int
main(int argc, char **argv)
{
	static struct step s;
	uintptr_t offset;

	read_options(&s.options, argc, argv);
	argv += optind;
	if (argc - optind < 6)
		errx(2, "arguments are missing");
	s.instance = argv[0];
	s.base = code_pack(argv[1]);
	offset = strtoul(argv[2], NULL, 16);
	for (argv += 3; *argv != NULL && strcmp(*argv, "--") != 0; argv++)
		if (s.subject.count == NUMBERS_MAX ||
		    number_parse_double(
			*argv, &s.subject.served[s.subject.count++]) == -1)
			errx(2, "%s is no number, or too many", *argv);
	if (argv[0] == NULL || argv[1] == NULL || s.base == 0 || offset == 0)
		errx(2, "arguments are wrong");
	step_begin(&s, offset, argv + 1);
	step_start_helpers(&s);
	points(&s);
	step_end(&s);
	report(&s);
	return s.stuck + s.slow + atomic_load(&s.tallies->torn) > 0;
}
