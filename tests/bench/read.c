/*
 * What bench.py can't time from outside: reads and writes of a board, each
 * beside its yardstick in the same round, so that a noisy machine slows both.
 *
 *	number N           rates_get, rates_get_code; a bare load of the same
 *	                   words
 *	snapshot N         rates_snapshot, with caches warm and cold; memcpy
 *	publish N          publish; memcpy of one row's numbers
 *	meet N SECONDS     publish with two readers at full speed, and without;
 *	                   what these have read, and what of it was torn
 *	filled NAME V      waits until all rows of a running instance have
 *	                   version V or a later one: when that was
 *	spawn PROGRAM ...  runs a program to its end, many times
 *
 * A line is a name and a value: nanoseconds for one operation; with "filled"
 * the monotonic clock.  A round is the lines from one of a name to the next.
 */
#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/number.h"

#include "bench.h"

#define ROUNDS 25
#define CALLS 100000 /* in a round */
#define PUBLICATIONS 500
#define PUBLISHED_ROWS 8
#define SNAPSHOTS 30
#define SPAWNS 20
#define EVICT ((size_t)64 << 20) /* more than a last-level cache has */
#define LOOK_EVERY (CLOCK_MS / 10)
#define PATIENCE (20 * CLOCK_SECOND)

extern char **environ;

/* --- one number ----------------------------------------------------------- */

static void
time_loads(const struct bench *b)
{
	int64_t start = clock_mono();

	for (unsigned i = 0; i < CALLS; i++) {
		uint64_t bits = atomic_load_explicit(
		    b->pairs[i % PAIRS].word, memory_order_acquire);

		look_at(&bits);
	}
	say("load", clock_mono() - start, CALLS);
}

static void
time_get(const struct bench *b)
{
	int64_t start = clock_mono();

	for (unsigned i = 0; i < CALLS; i++) {
		const struct pair *p = &b->pairs[i % PAIRS];
		double rate;

		if (rates_get(b->rates, p->base, p->quote, &rate) != RATES_OK)
			errx(1, "no number");
		look_at(&rate);
	}
	say("get", clock_mono() - start, CALLS);
}

static void
time_get_code(const struct bench *b)
{
	int64_t start = clock_mono();

	for (unsigned i = 0; i < CALLS; i++) {
		const struct pair *p = &b->pairs[i % PAIRS];
		double rate;

		if (rates_get_code(b->rates, p->base_code, p->quote_code,
			&rate) != RATES_OK)
			errx(1, "no number");
		look_at(&rate);
	}
	say("get-code", clock_mono() - start, CALLS);
}

static void
bench_number(char **argv)
{
	struct bench b;

	bench_begin(&b, argv[0]);
	for (int i = 0; i < ROUNDS; i++) {
		time_loads(&b);
		time_get(&b);
		time_get_code(&b);
	}
	bench_end(&b);
}

/* --- the whole board ------------------------------------------------------ */

/*
 * One way to fill a buffer, timed alike for both: from the board, or from
 * memory of the board's kind (shared pages) with as many bytes in one piece.
 */
struct filling {
	const char *warm, *cold;
	const struct bench *bench; /* NULL: a memcpy */
	const void *from;
	size_t numbers_size, rows_size; /* 0: no rows */
	double *numbers;
	struct rates_row *rows;
};

static void
fill(const struct filling *f)
{
	if (f->bench == NULL) {
		memcpy(f->numbers, f->from, f->numbers_size);
		if (f->rows_size > 0)
			memcpy(f->rows,
			    (const char *)f->from + f->numbers_size,
			    f->rows_size);
	} else if (rates_snapshot(f->bench->rates, f->bench->count,
		       f->rows_size > 0 ? f->rows : NULL,
		       f->numbers) != RATES_OK) {
		errx(1, "no snapshot");
	}
	look_at(f->numbers);
	look_at(f->rows);
}

static void
time_filling(const struct filling *f, char *other)
{
	int64_t start;

	for (size_t i = 0; i < EVICT; i += 64)
		other[i]++;
	start = clock_mono();
	fill(f);
	say(f->cold, clock_mono() - start, 1);
	start = clock_mono();
	for (int i = 0; i < SNAPSHOTS; i++)
		fill(f);
	say(f->warm, clock_mono() - start, SNAPSHOTS);
}

/* Shared pages, all present: a first touch is no part of a copy. */
static void *
pages(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		err(1, "mmap");
	memset(p, 1, size);
	return p;
}

static void
bench_snapshot(char **argv)
{
	struct bench b;
	struct filling fillings[4];
	size_t numbers_size, rows_size;
	char *other = pages(EVICT);

	bench_begin(&b, argv[0]);
	numbers_size = sizeof(double) * b.count * b.count;
	rows_size = sizeof(struct rates_row) * b.count;
	fillings[0] = (struct filling){ .warm = "memcpy-numbers",
		.cold = "memcpy-numbers-cold",
		.from = pages(numbers_size + rows_size),
		.numbers_size = numbers_size,
		.numbers = pages(numbers_size),
		.rows = pages(rows_size) };
	for (int i = 1; i < 4; i++)
		fillings[i] = fillings[0];
	fillings[1].warm = "snapshot-numbers";
	fillings[1].cold = "snapshot-numbers-cold";
	fillings[2].warm = "memcpy-rows";
	fillings[2].cold = "memcpy-rows-cold";
	fillings[3].warm = "snapshot-rows";
	fillings[3].cold = "snapshot-rows-cold";
	fillings[1].bench = fillings[3].bench = &b;
	fillings[2].rows_size = fillings[3].rows_size = rows_size;
	for (int i = 0; i < ROUNDS; i++)
		for (int f = 0; f < 4; f++)
			time_filling(&fillings[f], other);
	bench_end(&b);
}

/* --- writing -------------------------------------------------------------- */

static void
bench_publish(char **argv)
{
	struct bench b;
	double *copy;
	int64_t start;

	bench_begin(&b, argv[0]);
	copy = calloc(b.count, sizeof(copy[0]));
	if (copy == NULL)
		err(1, NULL);
	for (int i = 0; i < ROUNDS; i++) {
		start = clock_mono();
		for (int k = 0; k < PUBLICATIONS; k++) {
			memcpy(copy, b.row, b.count * sizeof(copy[0]));
			look_at(copy);
		}
		say("memcpy-row", clock_mono() - start, PUBLICATIONS);
		start = clock_mono();
		for (unsigned k = 0; k < PUBLICATIONS; k++)
			bench_publish_row(&b, k % PUBLISHED_ROWS % b.count);
		say("publish", clock_mono() - start, PUBLICATIONS);
	}
	free(copy);
	bench_end(&b);
}

/* --- a daemon seen from outside ------------------------------------------- */

static void
doze(int64_t deadline)
{
	const struct timespec t = { .tv_nsec = LOOK_EVERY };

	if (clock_mono() > deadline)
		errx(1, "the rows are not filled in time");
	nanosleep(&t, NULL);
}

/*
 * Looks every 0.1 ms: rates_wait() would be woken by each publication, and so
 * take part in what it measures.
 */
static void
bench_filled(char **argv)
{
	int64_t deadline = clock_mono() + PATIENCE, version;
	struct rates_row row;
	struct rates *rates;

	if (number_parse_int(argv[1], 1, INT32_MAX, &version) == -1)
		errx(1, "'%s' is no version", argv[1]);
	while (rates_open(argv[0], &rates) != RATES_OK)
		doze(deadline);
	for (unsigned i = 0; i < rates_count(rates); i++)
		while (rates_row(rates, i, &row, NULL) != RATES_OK ||
		    row.version < (uint64_t)version)
			doze(deadline);
	printf("filled %lld\n", (long long)clock_mono());
	rates_close(rates);
}

/* posix_spawn(3) does not copy our page tables, so little of this is ours. */
static void
bench_spawn(char **argv)
{
	posix_spawn_file_actions_t actions;
	int64_t start;
	int error, status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(
	    &actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	for (int i = 0; i < SPAWNS; i++) {
		start = clock_mono();
		error = posix_spawn(
		    &pid, argv[0], &actions, NULL, argv, environ);
		if (error != 0)
			errx(1, "%s: %s", argv[0], strerror(error));
		if (waitpid(pid, &status, 0) == -1 || status != 0)
			errx(1, "%s failed", argv[0]);
		say("spawn", clock_mono() - start, 1);
	}
	posix_spawn_file_actions_destroy(&actions);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *word;
		int arguments;
		void (*run)(char **argv);
	} modes[] = {
		{ "number", 1, bench_number },
		{ "snapshot", 1, bench_snapshot },
		{ "publish", 1, bench_publish },
		{ "meet", 2, bench_meet },
		{ "filled", 2, bench_filled },
		{ "replaced", 2, bench_replaced },
		{ "sockets", 2, bench_sockets },
		{ "spawn", 1, bench_spawn },
	};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (argc > modes[i].arguments + 1 &&
		    strcmp(argv[1], modes[i].word) == 0) {
			modes[i].run(argv + 2);
			return fflush(stdout) == 0 ? 0 : 1;
		}
	errx(2, "usage: number N | snapshot N | publish N | meet N SECONDS | "
		"filled NAME V | replaced NAME TURNS | "
		"sockets PORT CODE... | spawn PROGRAM [ARGUMENT...]");
}
