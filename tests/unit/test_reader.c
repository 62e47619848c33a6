/*
 * Readers that are unlucky: against a writer that never rests, and stopped in
 * the middle of a copy while the row moves on.
 */
#include "board/rates.h"

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <bsd/stdlib.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/code.h"
#include "board/handle.h"
#include "board/publish.h"

#define WIDE 400 /* currencies: a copy takes a while */
#define PATIENCE (10 * CLOCK_SECOND)
#define BUSY_PATIENCE (5 * CLOCK_SECOND)
#define BUSY_WANTED 20
#define STOPS 200
#define CAUGHT_WANTED 20
/* While a reader is stopped.  Even: what it was copying is written over. */
#define UPDATES 8

static const uint64_t me = (UINT64_C(1) << 48) | 1;
static struct board *board;
static char instance[64];
static char error[256];

static void
nth_code(unsigned n, char text[CODE_TEXT_MAX])
{
	snprintf(text, CODE_TEXT_MAX, "C%03u", n % 1000);
}

static int
begin(void **state)
{
	static const struct board_plan_source sources[] = {
		{ .name = "stub" },
	};
	uint64_t codes[WIDE];
	char text[CODE_TEXT_MAX];
	struct board_plan plan = { .instance = instance,
		.codes = codes,
		.currencies = WIDE,
		.sources = sources,
		.source_count = 1,
		.slots = 2,
		.mode = 0600,
		.stale_after = CLOCK_SECOND };

	(void)state;
	alarm(240);
	snprintf(instance, sizeof(instance), "reader-%ld", (long)getpid());
	for (unsigned i = 0; i < WIDE; i++) {
		nth_code(i, text);
		codes[i] = code_pack(text);
	}
	board = board_create(&plan, error, sizeof(error));
	if (board == NULL)
		fail_msg("%s", error);
	atomic_store(&board->map->state, BOARD_READY);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	board_close(board); /* never published: that removes it */
	return 0;
}

static struct rates
handle(void)
{
	return (struct rates){ .board = { .map = board->map,
				   .shape = board->shape } };
}

/* All numbers of a version are the version. */
static void
write_version(uint32_t row, uint64_t version)
{
	double numbers[WIDE];
	struct publication p = { .worker = me,
		.row = row,
		.source = "stub",
		.class = ATTEMPT_OK,
		.fetched_wall = (int64_t)version,
		.fetched_boot = clock_boot(),
		.numbers = numbers };

	for (int i = 0; i < WIDE; i++)
		numbers[i] = (double)version;
	assert_int_equal(publish(board, &p, clock_mono() + PATIENCE), 0);
}

/* --- a writer that never rests ------------------------------------------- */

static atomic_bool enough;

/* Faster than any writer: the sequence moves, and nothing else. */
static void *
rush(void *argument)
{
	board_word *seq = &board_row(board->map, &board->shape, 0)->seq;

	(void)argument;
	while (!atomic_load_explicit(&enough, memory_order_relaxed))
		atomic_fetch_add(seq, 2);
	return NULL;
}

/*
 * Each copy moves the sequence by itself, for it is what is copied to: an odd
 * number from the even copy and an even one from the odd copy.
 */
static void
a_copy_that_never_stands_still_is_given_up(void **state)
{
	struct board_row *row = board_row(board->map, &board->shape, 0);
	const struct attached view = { .map = board->map,
		.shape = board->shape };
	uint64_t seq;

	(void)state;
	atomic_store(board_row_copy(row, &board->shape, 0), 7);
	atomic_store(board_row_copy(row, &board->shape, 1), 8);
	atomic_store(&row->seq, 8);
	alarm(5);
	assert_int_equal(
	    attached_read(&view, 0, 0, 1, (void *)(uintptr_t)&row->seq, &seq),
	    -1);
	alarm(0);
}

/* What is of no one moment is not left for somebody to take for rates. */
static bool
is_wiped(const struct rates_row *rows, const double *numbers)
{
	for (unsigned i = 0; i < WIDE; i++)
		if (rows[i].version != 0 || rows[i].source[0] != '\0' ||
		    strcmp(rows[i].attempt, "none") != 0 ||
		    !isnan(numbers[i * WIDE]) ||
		    !isnan(numbers[i * WIDE + WIDE - 1]))
			return false;
	return true;
}

static void
a_reader_under_a_writer_that_never_rests_comes_back(void **state)
{
	static struct rates_row rows[WIDE];
	static double numbers[WIDE * WIDE];
	struct rates reader = handle();
	unsigned row_busy = 0, snapshot_busy = 0, other = 0;
	int64_t until = clock_mono() + BUSY_PATIENCE;
	pthread_t writer;

	(void)state;
	assert_int_equal(pthread_create(&writer, NULL, rush, NULL), 0);
	while ((row_busy < BUSY_WANTED || snapshot_busy < BUSY_WANTED) &&
	    clock_mono() < until) {
		row_busy += rates_row(&reader, 0, rows, numbers) == RATES_BUSY;
		if (rates_snapshot(&reader, WIDE, rows, numbers) ==
		    RATES_BUSY) {
			snapshot_busy++;
			other += !is_wiped(rows, numbers);
		}
		/* Nobody writes this one. */
		other += rates_row(&reader, 1, rows, numbers) != RATES_OK;
	}
	atomic_store(&enough, true);
	pthread_join(writer, NULL);
	/* On a busy machine the two may never run at once: see above. */
	print_message("# busy: %u rows, %u snapshots\n", row_busy,
	    snapshot_busy);
	assert_int_equal(other, 0);
	assert_int_equal(rates_row(&reader, 0, rows, numbers), RATES_OK);
}

/* --- a reader that is stopped in a copy ---------------------------------- */

struct report {
	atomic_uint reads, torn, caught;
	atomic_bool enough;
};

/* Whole: each number is the version's. */
static bool
is_whole(const struct rates_row *row, const double *numbers)
{
	for (unsigned i = 0; i < WIDE; i++)
		if (numbers[i] != (double)row->version)
			return false;
	return row->fetched == (int64_t)row->version;
}

/*
 * Reads once, and says whether what it has read is of one moment; *seq is row
 * 0's sequence then.
 */
typedef bool read_once(struct rates *r, uint64_t *seq);

static bool
read_row(struct rates *r, uint64_t *seq)
{
	double numbers[WIDE];
	struct rates_row row;

	if (rates_row(r, 0, &row, numbers) != RATES_OK)
		return true;
	*seq = row.seq;
	return is_whole(&row, numbers);
}

/* Whoever stops it writes the first row and the last one. */
static bool
read_all(struct rates *r, uint64_t *seq)
{
	static double numbers[WIDE * WIDE];
	static struct rates_row rows[WIDE];

	if (rates_snapshot(r, WIDE, rows, numbers) != RATES_OK)
		return true;
	*seq = rows[0].seq;
	return is_whole(&rows[0], numbers) &&
	    is_whole(&rows[WIDE - 1], numbers + (WIDE - 1) * WIDE) &&
	    rows[0].version == rows[WIDE - 1].version;
}

static _Noreturn void
read_on(struct report *report, read_once *read)
{
	board_word *now = &board_row(board->map, &board->shape, 0)->seq;
	struct rates reader = handle();

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(120);
	while (!atomic_load(&report->enough)) {
		uint64_t before = atomic_load(now), seq = 0;

		if (!read(&reader, &seq))
			atomic_fetch_add(&report->torn, 1);
		atomic_fetch_add(&report->reads, 1);
		/* It began with one version and came back with another. */
		if (seq >= before + UPDATES)
			atomic_fetch_add(&report->caught, 1);
	}
	_exit(0);
}

static void
write_both(uint64_t version)
{
	write_version(0, version);
	write_version(WIDE - 1, version);
}

/* Stops the reader wherever it is, and writes over what it may be copying. */
static void
stop_and_write(pid_t reader, uint64_t *version)
{
	const struct timespec pause = {
		.tv_nsec = (long)arc4random_uniform(200000),
	};
	int status;

	nanosleep(&pause, NULL);
	assert_int_equal(kill(reader, SIGSTOP), 0);
	assert_int_equal(waitpid(reader, &status, WUNTRACED), reader);
	assert_true(WIFSTOPPED(status));
	for (int i = 0; i < UPDATES; i++)
		write_both(++*version);
	assert_int_equal(kill(reader, SIGCONT), 0);
}

static void
is_stopped_and_whole(read_once *read)
{
	int64_t until = clock_mono() + 3 * PATIENCE;
	uint64_t version = 1;
	struct report *report = mmap(NULL, sizeof(*report),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t reader;
	int status;

	assert_ptr_not_equal(report, MAP_FAILED);
	write_both(version);
	reader = fork();
	if (reader == 0)
		read_on(report, read);
	assert_true(reader > 0);
	for (int i = 0; (i < STOPS || report->caught < CAUGHT_WANTED) &&
	    clock_mono() < until;
	    i++)
		stop_and_write(reader, &version);
	atomic_store(&report->enough, true);
	assert_int_equal(waitpid(reader, &status, 0), reader);
	assert_int_equal(status, 0);
	print_message("# %u reads, %u caught by a stop, %u torn\n",
	    report->reads, report->caught, report->torn);
	assert_int_equal(report->torn, 0);
	assert_true(report->caught >= CAUGHT_WANTED);
	munmap(report, sizeof(*report));
}

static void
a_reader_stopped_in_a_copy_takes_none_of_it(void **state)
{
	(void)state;
	is_stopped_and_whole(read_row);
}

static void
a_reader_stopped_in_a_snapshot_takes_rows_of_one_moment(void **state)
{
	(void)state;
	is_stopped_and_whole(read_all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_copy_that_never_stands_still_is_given_up, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_reader_under_a_writer_that_never_rests_comes_back, begin,
		    end),
		cmocka_unit_test_setup_teardown(
		    a_reader_stopped_in_a_copy_takes_none_of_it, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_reader_stopped_in_a_snapshot_takes_rows_of_one_moment,
		    begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
