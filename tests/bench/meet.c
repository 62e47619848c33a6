/*
 * A writer that publishes as fast as it can, alone and with two readers at full
 * speed, in turns; and whether these have ever seen half of a row.
 */
#include <err.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/number.h"

#include "bench.h"

#define READERS 2
#define TURNS 20
#define GETS 256 /* for each row that is read, */
#define ROWS 16  /* and rows for each snapshot */
#define SECONDS_MAX 3600

/* What all of them see. */
struct meeting {
	atomic_bool open, over;
	atomic_ullong gets, rows, snapshots, busy, torn;
};

/* All numbers of a publication are alike, and none is as an earlier one. */
static bool
is_whole(const double *numbers, unsigned count, double least)
{
	for (unsigned i = 1; i < count; i++)
		if (numbers[i] != numbers[0])
			return false;
	return numbers[0] >= least;
}

static void
count_read(struct meeting *m, atomic_ullong *what, enum rates_result result,
    bool whole)
{
	atomic_fetch_add_explicit(what, 1, memory_order_relaxed);
	if (result == RATES_BUSY)
		atomic_fetch_add(&m->busy, 1);
	else if (result != RATES_OK || !whole)
		atomic_fetch_add(&m->torn, 1);
}

static void
read_numbers(const struct bench *b, struct meeting *m, unsigned row)
{
	double rate = 0, last = 0;
	bool good = true;

	for (unsigned i = 0; i < GETS; i++) {
		good &= rates_get(b->rates, row, i % b->count, &rate) ==
			RATES_OK &&
		    rate >= last;
		last = rate;
	}
	atomic_fetch_add_explicit(&m->gets, GETS, memory_order_relaxed);
	if (!good)
		atomic_fetch_add(&m->torn, 1);
}

static void
read_row(const struct bench *b, struct meeting *m, unsigned row, double *known,
    double *numbers)
{
	enum rates_result result =
	    rates_row(b->rates, row, NULL, numbers);

	count_read(m, &m->rows, result,
	    is_whole(numbers, b->count, known[row]));
	if (result == RATES_OK)
		known[row] = numbers[0];
}

/*
 * The writer goes from row to row, each one later than the one before, but
 * where it began anew: once.
 */
static void
read_all(const struct bench *b, struct meeting *m, double *numbers)
{
	enum rates_result result =
	    rates_snapshot(b->rates, b->count, NULL, numbers);
	unsigned steps_back = 0;
	bool whole = true;

	for (unsigned i = 0; result == RATES_OK && i < b->count; i++) {
		const double *row = numbers + (size_t)i * b->count;

		whole &= is_whole(row, b->count, 0);
		steps_back += i > 0 && row[0] < row[-(ptrdiff_t)b->count];
	}
	count_read(m, &m->snapshots, result, whole && steps_back <= 1);
}

static _Noreturn void
read_on(const struct bench *b, struct meeting *m)
{
	const struct timespec pause = { .tv_nsec = CLOCK_MS / 5 };
	double *numbers =
	    calloc((size_t)b->count * b->count, sizeof(numbers[0]));
	double *known = calloc(b->count, sizeof(known[0]));

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (numbers == NULL || known == NULL)
		err(1, NULL);
	for (unsigned i = 0; !atomic_load(&m->over); i++) {
		if (!atomic_load(&m->open)) {
			nanosleep(&pause, NULL);
			continue;
		}
		read_numbers(b, m, i % b->count);
		read_row(b, m, i % b->count, known, numbers);
		if (i % ROWS == 0)
			read_all(b, m, numbers);
	}
	_exit(0);
}

/* What this process has had of a processor: the rest is waiting for one. */
static int64_t
processor_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * CLOCK_SECOND + t.tv_nsec;
}

/* Publishes rows for so long. */
static void
write_on(const struct bench *b, const char *name, const char *busy_name,
    int64_t length)
{
	static double value = 1;
	static unsigned row;
	int64_t start = clock_mono(), busy = processor_time(), took;
	int published = 0;

	do {
		value++;
		for (unsigned i = 0; i < b->count; i++)
			b->row[i] = value;
		bench_publish_row(b, row);
		row = (row + 1) % b->count;
		published++;
		took = clock_mono() - start;
	} while (took < length);
	say(name, took, published);
	say(busy_name, processor_time() - busy, published);
}

static void
end_readers(struct meeting *m, const pid_t pids[READERS])
{
	int status;

	atomic_store(&m->over, true);
	for (int i = 0; i < READERS; i++)
		if (waitpid(pids[i], &status, 0) == -1 || status != 0)
			errx(1, "a reader failed");
}

void
bench_meet(char **argv)
{
	struct meeting *m = mmap(NULL, sizeof(*m), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pids[READERS];
	struct bench b;
	int64_t seconds, length;

	if (m == MAP_FAILED)
		err(1, "mmap");
	if (number_parse_int(argv[1], 1, SECONDS_MAX, &seconds) == -1)
		errx(1, "'%s' is no number of seconds", argv[1]);
	length = seconds * CLOCK_SECOND / TURNS;
	bench_begin(&b, argv[0]);
	for (unsigned i = 0; i < b.count; i++)
		b.row[i] = 1;
	for (unsigned i = 0; i < b.count; i++)
		bench_publish_row(&b, i);
	for (int i = 0; i < READERS; i++) {
		pids[i] = fork();
		if (pids[i] == -1)
			err(1, "fork");
		if (pids[i] == 0)
			read_on(&b, m);
	}
	for (int i = 0; i < TURNS; i++) {
		atomic_store(&m->open, false);
		write_on(&b, "alone", "alone-processor", length / 4);
		atomic_store(&m->open, true);
		write_on(&b, "met", "met-processor", length);
	}
	end_readers(m, pids);
	printf("gets %llu\nrows %llu\nsnapshots %llu\nbusy %llu\ntorn %llu\n",
	    (unsigned long long)m->gets, (unsigned long long)m->rows,
	    (unsigned long long)m->snapshots, (unsigned long long)m->busy,
	    (unsigned long long)m->torn);
	bench_end(&b);
}
