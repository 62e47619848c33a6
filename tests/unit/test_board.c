#include "board/board.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/code.h"
#include "board/inspect.h"
#include "board/lock.h"
#include "board/claim.h"
#include "board/publish.h"
#include "board/rates.h"

#include "boards.h"
#include "dice.h"
#include "least.h"

#define WIDE 1024 /* currencies of a row that takes a while to write */
#define SOME 8 /* currencies of a board that is quickly read */
#define READS 200000
#define SNAPSHOTS 20000
#define ROUNDS 200
#define ROUNDS_MAX 1000

static const uint64_t other = (UINT64_C(2) << 48) | 1;

static struct rates *rates; /* what a test has open beside its boards */

static int
begin(void **state)
{
	(void)state;
	return boards_begin("unit", 60);
}

static int
end(void **state)
{
	(void)state;
	rates_close(rates);
	rates = NULL;
	return boards_end();
}

/* --- boards -------------------------------------------------------------- */

static void
open_rates(void)
{
	assert_int_equal(rates_open(instance, &rates), RATES_OK);
}

/* The usual case: a board with these currencies, and a reader of it. */
static void
open_board(const char *list)
{
	board = create(list);
	publish_board(board);
	open_rates();
}

static void
nth_code(unsigned n, char text[CODE_TEXT_MAX])
{
	snprintf(text, CODE_TEXT_MAX, "C%03u", n % 10000);
}

static void
open_wide_board(uint32_t count)
{
	uint64_t codes[BOARD_CURRENCIES_MAX];
	char text[CODE_TEXT_MAX];

	for (unsigned i = 0; i < count; i++) {
		nth_code(i, text);
		codes[i] = code_pack(text);
	}
	board = create_of(codes, count, 2);
	assert_non_null(board);
	publish_board(board);
	open_rates();
}

/* --- rows ---------------------------------------------------------------- */

static struct publication
answer_now(uint32_t row, const double *numbers, int64_t wall)
{
	return good_answer(row, numbers, wall, clock_boot());
}

static void
put_good(struct board *to, uint32_t row, const double *numbers, int64_t wall)
{
	put(to, answer_now(row, numbers, wall));
}

static void
put_failure(uint32_t row, const char *text, int64_t wall)
{
	put(board, failure(row, text, wall, clock_boot()));
}

static struct rates_row
row_of(unsigned base, double *numbers)
{
	struct rates_row row;

	assert_int_equal(rates_row(rates, base, &row, numbers), RATES_OK);
	return row;
}

static uint64_t
seq_of(unsigned base)
{
	return row_of(base, NULL).seq;
}

static void
reads_by_index(unsigned base, unsigned quote, double expected)
{
	double rate = -1;

	assert_int_equal(rates_get(rates, base, quote, &rate), RATES_OK);
	assert_true(rate == expected);
}

static void
reads_by_code(const char *base, const char *quote, double expected)
{
	double rate = -1;

	assert_int_equal(rates_get_code(rates, base, quote, &rate), RATES_OK);
	assert_true(rate == expected);
}

/* --- children ------------------------------------------------------------ */

static pid_t
start(void (*run)(void))
{
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGALRM, SIG_DFL);
		signal(SIGABRT, SIG_DFL);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(30);
		run();
		_exit(0);
	}
	assert_true(pid > 0);
	return pid;
}

static void
ends_well(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Dead by its wait status, and not yet reaped: when recovery may begin. */
static void
kill_and_leave_unburied(pid_t pid)
{
	siginfo_t info;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(
	    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(info.si_status, SIGKILL);
}

static void
bury(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
}

/* --- a board made and read ----------------------------------------------- */

static void
a_new_board_reads_as_planned(void **state)
{
	char code[RATES_CODE_MAX];
	struct rates_feed feed;
	unsigned index;

	(void)state;
	open_board("EUR USD PLN");
	assert_int_equal(rates_count(rates), 3);
	assert_int_equal(rates_code(rates, 2, code), RATES_OK);
	assert_string_equal(code, "PLN");
	assert_int_equal(rates_index(rates, "USD", &index), RATES_OK);
	assert_int_equal(index, 1);
	assert_int_equal(rates_feed(rates, &feed), RATES_OK);
	assert_int_equal(feed.fed, 1);
	assert_string_equal(feed.state, "ready");
	assert_int_equal(feed.supervisor, getpid());
	assert_int_equal(feed.generation, 1);
	assert_true(feed.stale_after == STALE);
	assert_in_range(feed.heartbeat_age, 0, PATIENCE);
}

static void
a_board_is_invisible_until_published(void **state)
{
	(void)state;
	board = create("EUR");
	assert_int_equal(rates_open(instance, &rates), RATES_NO_BOARD);
	assert_null(rates);
	assert_int_not_equal(board_presence(board), BOARD_PRESENT);
	publish_board(board);
	assert_int_equal(board_presence(board), BOARD_PRESENT);
	open_rates();
}

static void
a_board_never_published_leaves_nothing(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "/dev/shm/ratesd.%s.new", instance);
	board = create("EUR");
	assert_int_equal(access(path, F_OK), 0);
	board_close(board);
	board = NULL;
	assert_int_equal(access(path, F_OK), -1);
}

static void
the_mode_is_the_plans_whatever_the_umask(void **state)
{
	mode_t before = umask(077);
	char path[128];
	struct stat st;

	(void)state;
	snprintf(path, sizeof(path), "/dev/shm/ratesd.%s", instance);
	board = create("EUR");
	umask(before);
	publish_board(board);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
}

static void
every_currency_is_found_and_no_other(void **state)
{
	char text[CODE_TEXT_MAX];
	unsigned index;

	(void)state;
	open_wide_board(BOARD_CURRENCIES_MAX);
	for (unsigned i = 0; i < 10000; i++) {
		bool there = i < BOARD_CURRENCIES_MAX;

		nth_code(i, text);
		assert_int_equal(rates_index(rates, text, &index),
		    there ? RATES_OK : RATES_NO_CURRENCY);
		assert_int_equal(board_find(board, code_pack(text)),
		    there ? (int)i : -1);
		if (there)
			assert_int_equal(index, i);
	}
}

static void
refuses_impossible_dimensions(void **state)
{
	uint64_t codes[] = { code_pack("EUR") };

	(void)state;
	errno = 0;
	assert_null(create_of(codes, 0, 2));
	assert_int_equal(errno, EINVAL);
	errno = 0;
	assert_null(create_of(codes, BOARD_CURRENCIES_MAX + 1, 2));
	assert_int_equal(errno, EINVAL);
	assert_null(create_of(codes, 1, 0));
	assert_null(strstr(boards_error, "Success"));
}

/* --- rows written and read ----------------------------------------------- */

static void
a_row_never_fetched_has_no_numbers(void **state)
{
	double numbers[3], rate;
	struct rates_row row;

	(void)state;
	open_board("EUR USD PLN");
	row = row_of(1, numbers);
	assert_int_equal(row.version, 0);
	assert_int_equal(row.attempts, 0);
	assert_int_equal(row.present, 0);
	assert_int_equal(row.fetched, 0);
	assert_string_equal(row.attempt, "none");
	assert_string_equal(row.source, "");
	for (int i = 0; i < 3; i++)
		assert_true(isnan(numbers[i]));
	assert_int_equal(rates_get(rates, 1, 1, &rate), RATES_NO_NUMBER);
	assert_int_equal(
	    rates_get_code(rates, "USD", "EUR", &rate), RATES_NO_NUMBER);
}

static void
a_good_answer_is_read_whole(void **state)
{
	struct rates_row row;
	double numbers[3];

	(void)state;
	open_board("EUR USD PLN");
	put_good(board, 0, three, 1234567890);
	row = row_of(0, numbers);
	assert_memory_equal(numbers, three, sizeof(three));
	assert_int_equal(row.version, 1);
	assert_int_equal(row.present, 3);
	assert_int_equal(row.published_form, RATES_PUBLISHED_DAY);
	assert_true(row.published == PUBLISHED);
	assert_int_equal(row.fetched, 1234567890);
	assert_int_equal(row.changed, 1234567890);
	assert_in_range(row.age, 0, PATIENCE);
	assert_string_equal(row.source, "frankfurter");
	assert_int_equal(row.attempts, 1);
	assert_int_equal(row.failures, 0);
	assert_int_equal(row.attempted, 1234567890);
	assert_string_equal(row.attempt, "ok");
	assert_int_equal(row.http_status, 200);
	assert_string_equal(row.attempt_source, "frankfurter");
	assert_string_equal(row.error, "");
}

static void
a_number_is_read_by_index_and_by_code(void **state)
{
	double rate;

	(void)state;
	open_board("EUR USD PLN");
	put_good(board, 0, three, 1);
	reads_by_index(0, 1, 1.1684);
	reads_by_index(0, 2, 4.2467);
	reads_by_code("EUR", "USD", 1.1684);
	reads_by_code("EUR", "EUR", 1);
	assert_int_equal(rates_get(rates, 3, 0, &rate), RATES_NO_CURRENCY);
	assert_int_equal(rates_get(rates, 0, 3, &rate), RATES_NO_CURRENCY);
	assert_int_equal(
	    rates_get(rates, UINT32_MAX, 0, &rate), RATES_NO_CURRENCY);
	assert_int_equal(
	    rates_get_code(rates, "EUR", "NOK", &rate), RATES_NO_CURRENCY);
	assert_int_equal(
	    rates_get_code(rates, "eur", "USD", &rate), RATES_NO_CURRENCY);
}

static void
a_number_can_be_too_old(void **state)
{
	struct publication p = answer_now(0, three, 1);
	double rate;

	(void)state;
	open_board("EUR USD PLN");
	p.fetched_boot = clock_boot() - 60 * CLOCK_SECOND;
	assert_int_equal(publish(board, &p, clock_mono() + PATIENCE), 0);
	assert_int_equal(rates_get_fresh(rates, 0, 1, 59 * CLOCK_SECOND, &rate),
	    RATES_TOO_OLD);
	assert_int_equal(rates_get_fresh(rates, 0, 1, 99 * CLOCK_SECOND, &rate),
	    RATES_OK);
	assert_true(rate == 1.1684);
	assert_int_equal(rates_get_fresh(rates, 1, 1, INT64_MAX, &rate),
	    RATES_NO_NUMBER);
}

static void
an_absent_number_is_absent_and_not_old(void **state)
{
	const double fewer[] = { 1, NAN, 4.5 };
	double numbers[3], rate;

	(void)state;
	open_board("EUR USD PLN");
	put_good(board, 0, three, 1);
	put_good(board, 0, fewer, 2);
	assert_int_equal(rates_get(rates, 0, 1, &rate), RATES_NO_NUMBER);
	assert_int_equal(row_of(0, numbers).present, 2);
	assert_true(isnan(numbers[1]));
	reads_by_index(0, 2, 4.5);
}

static void
a_failure_leaves_the_numbers(void **state)
{
	struct rates_row row;
	double numbers[3];

	(void)state;
	open_board("EUR USD PLN");
	put_good(board, 0, three, 10);
	put_failure(0, "HTTP 500", 20);
	put_failure(0, "HTTP 500 again", 30);
	row = row_of(0, numbers);
	assert_memory_equal(numbers, three, sizeof(three));
	assert_int_equal(row.version, 1);
	assert_int_equal(row.fetched, 10);
	assert_int_equal(row.changed, 10);
	assert_string_equal(row.source, "frankfurter");
	assert_int_equal(row.attempts, 3);
	assert_int_equal(row.failures, 2);
	assert_int_equal(row.attempted, 30);
	assert_string_equal(row.attempt, "http");
	assert_int_equal(row.http_status, 500);
	assert_string_equal(row.attempt_source, "vatcomply");
	assert_string_equal(row.error, "HTTP 500 again");
}

static void
a_good_answer_ends_the_failures(void **state)
{
	struct rates_row row;
	struct row_news news;

	(void)state;
	open_board("EUR USD PLN");
	put_failure(0, "HTTP 500", 20);
	board_row_news(board, 0, &news);
	assert_int_equal(news.failures, 1);
	assert_int_equal(news.fetched_boot, 0);
	put_good(board, 0, three, 30);
	row = row_of(0, NULL);
	assert_int_equal(row.failures, 0);
	assert_int_equal(row.attempts, 2);
	assert_string_equal(row.error, "");
	board_row_news(board, 0, &news);
	assert_int_equal(news.failures, 0);
	assert_int_equal(news.attempts, 2);
	assert_true(news.fetched_boot > 0);
	assert_true(news.attempt_boot == news.fetched_boot);
}

/* The longest texts that have room, and longer ones. */
static void
long_texts_are_cut(void **state)
{
	struct publication p = answer_now(0, three, 1);
	char text[300];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	p.source = p.text = text;
	open_board("EUR USD PLN");
	assert_int_equal(publish(board, &p, clock_mono() + PATIENCE), 0);
	assert_int_equal(strlen(row_of(0, NULL).error), RATES_ERROR_MAX - 1);
	assert_int_equal(strlen(row_of(0, NULL).source), RATES_SOURCE_MAX - 1);
}

static void
each_answer_is_a_version_and_each_difference_a_change(void **state)
{
	static const double moved[] = { 1, 1.1685, 4.2467 };
	static const struct {
		const double *numbers;
		int64_t fetched, changed;
	} steps[] = { { three, 10, 10 }, { three, 20, 10 }, { moved, 30, 30 },
		{ moved, 40, 30 }, { three, 50, 50 } };

	(void)state;
	open_board("EUR USD PLN");
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct rates_row row;

		put_good(board, 0, steps[i].numbers, steps[i].fetched);
		row = row_of(0, NULL);
		assert_int_equal(row.version, i + 1);
		assert_int_equal(row.seq, i + 1);
		assert_int_equal(row.fetched, steps[i].fetched);
		assert_int_equal(row.changed, steps[i].changed);
	}
}

static void
a_number_that_vanishes_is_a_change(void **state)
{
	const double fewer[] = { 1, 1.1684, NAN };

	(void)state;
	open_board("EUR USD PLN");
	put_good(board, 0, three, 10);
	put_good(board, 0, fewer, 20);
	assert_int_equal(row_of(0, NULL).changed, 20);
	put_good(board, 0, fewer, 30);
	assert_int_equal(row_of(0, NULL).changed, 20);
}

static void
rows_are_written_apart(void **state)
{
	static const double usd[] = { 0.8559, 1, 3.6346 };
	double numbers[9];
	struct rates_row rows[3];

	(void)state;
	open_board("EUR USD PLN");
	put_good(board, 1, usd, 10);
	put_good(board, 0, three, 20);
	assert_int_equal(rates_snapshot(rates, 3, rows, numbers), RATES_OK);
	assert_memory_equal(numbers, three, sizeof(three));
	assert_memory_equal(numbers + 3, usd, sizeof(usd));
	assert_true(isnan(numbers[6]) && isnan(numbers[8]));
	assert_int_equal(rows[0].fetched, 20);
	assert_int_equal(rows[1].fetched, 10);
	assert_int_equal(rows[2].version, 0);
	assert_int_equal(rates_snapshot(rates, 2, rows, NULL), RATES_CHANGED);
}

static void
no_lock_in_time_changes_nothing(void **state)
{
	struct publication p = answer_now(0, three, 1);
	struct board_lock *lock;
	struct lock_tally tally = { 0 };
	uint64_t before;

	(void)state;
	open_board("EUR USD PLN");
	before = seq_of(0);
	lock = board_lock_of(board->map, &board->shape, 0);
	assert_int_equal(
	    lock_take(lock, other, clock_mono() + PATIENCE, &tally), 0);
	assert_int_equal(
	    publish(board, &p, clock_mono() + 100 * CLOCK_MS), -1);
	assert_int_equal(seq_of(0), before);
	lock_release(lock, other);
	assert_int_equal(publish(board, &p, clock_mono() + PATIENCE), 0);
	assert_int_equal(seq_of(0), before + 1);
}

static void
repairs_of_a_lock_are_counted(void **state)
{
	struct board_lock *lock;

	(void)state;
	open_board("EUR USD PLN");
	lock = board_lock_of(board->map, &board->shape, 0);
	assert_int_equal(sem_wait(&lock->semaphore), 0);
	put_good(board, 0, three, 1);
	assert_int_equal(inspect_counter(rates, COUNTER_lock_posts), 1);
}

static void
a_claim_excludes_others(void **state)
{
	struct row_news news;

	(void)state;
	open_board("EUR USD PLN");
	assert_int_equal(inspect_job(rates, 0), -1);
	assert_int_equal(claim_take(board, 0, me), 1);
	assert_int_equal(claim_take(board, 0, other), 0);
	assert_int_equal(claim_take(board, 1, other), 1);
	assert_int_equal(inspect_job(rates, 0), 1);
	assert_int_equal(inspect_job(rates, 1), 2);
	claim_drop(board, 0, other); /* not its own */
	board_row_news(board, 0, &news);
	assert_true(news.claim == me);
	claim_drop(board, 0, me);
	assert_int_equal(claim_take(board, 0, other), 1);
}

/* --- a board replaced ---------------------------------------------------- */

static void
a_second_board_retires_the_first(void **state)
{
	struct rates_feed feed;

	(void)state;
	open_board("EUR USD PLN");
	put_good(board, 0, three, 10);
	next = create("EUR USD PLN");
	assert_int_equal(board_adopt(next), 1);
	reads_by_index(0, 1, 1.1684);
	publish_board(next);
	assert_int_equal(atomic_load(&board->map->state), BOARD_RETIRED);
	assert_int_not_equal(board_presence(board), BOARD_PRESENT);
	assert_int_equal(board_presence(next), BOARD_PRESENT);
	reads_by_index(0, 1, 1.1684);
	assert_int_equal(rates_feed(rates, &feed), RATES_OK);
	assert_int_equal(feed.generation, 2);
}

static void
a_reader_follows_to_the_new_board(void **state)
{
	static const double moved[] = { 1, 1.2, 4.3 };

	(void)state;
	open_board("EUR USD PLN");
	put_good(board, 0, three, 10);
	next = create("EUR USD PLN");
	board_adopt(next);
	publish_board(next);
	put_good(next, 0, moved, 20);
	put_good(board, 0, three, 30); /* nobody looks there any more */
	reads_by_index(0, 1, 1.2);
	reads_by_code("EUR", "PLN", 4.3);
	assert_int_equal(row_of(0, NULL).fetched, 20);
}

static void
other_currencies_are_told_until_resync(void **state)
{
	double rate, numbers[3];
	struct rates_row row;

	(void)state;
	open_board("EUR USD PLN");
	put_good(board, 0, three, 10);
	next = create("PLN EUR USD");
	board_adopt(next);
	publish_board(next);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(rates_get(rates, 0, 1, &rate), RATES_CHANGED);
		assert_int_equal(
		    rates_get_fresh(rates, 0, 1, STALE, &rate), RATES_CHANGED);
		assert_int_equal(
		    rates_row(rates, 0, &row, numbers), RATES_CHANGED);
		assert_int_equal(
		    rates_snapshot(rates, 3, NULL, NULL), RATES_CHANGED);
		assert_int_equal(rates_wait(rates, 0, 99, 0), RATES_CHANGED);
		reads_by_code("EUR", "USD", 1.1684);
	}
	rates_resync(rates);
	reads_by_index(1, 2, 1.1684);
}

static void
adoption_follows_the_codes(void **state)
{
	double numbers[4];
	struct rates_row row;

	(void)state;
	open_board("EUR USD PLN");
	put_good(board, 0, three, 10);
	put_failure(0, "HTTP 500", 20);
	put_good(board, 2, three, 30);
	next = create("NOK USD EUR CZK");
	assert_int_equal(board_adopt(next), 1); /* PLN is gone */
	publish_board(next);
	rates_resync(rates);
	row = row_of(2, numbers);
	assert_true(numbers[1] == 1.1684 && numbers[2] == 1);
	assert_true(isnan(numbers[0]) && isnan(numbers[3]));
	assert_int_equal(row.present, 2);
	assert_int_equal(row.version, 1);
	assert_int_equal(row.fetched, 10);
	assert_int_equal(row.attempts, 2);
	assert_string_equal(row.source, "frankfurter");
	assert_string_equal(row.error, "HTTP 500");
	assert_int_equal(row_of(0, NULL).version, 0);
}

static void
adoption_takes_counters_slots_and_sources_over(void **state)
{
	struct inspect_slot slot;

	(void)state;
	open_board("EUR");
	board_count(board, COUNTER_jobs_done, 42);
	board_count(board, COUNTER_restarts, 3);
	atomic_store(&board_slot(board->map, &board->shape, 3)->done, 7);
	atomic_store(&board_slot(board->map, &board->shape, 3)->incarnation, 5);
	atomic_store(&board_slot(board->map, &board->shape, 3)->pid, 4711);
	atomic_store(&board_slot(board->map, &board->shape, 3)->last_exit, 10);
	atomic_store(
	    &board_source(board->map, &board->shape, 1)->arrival, 12345);
	next = create("EUR USD");
	board_adopt(next);
	publish_board(next);
	rates_resync(rates);
	assert_int_equal(inspect_counter(rates, COUNTER_jobs_done), 42);
	assert_int_equal(inspect_counter(rates, COUNTER_restarts), 3);
	assert_int_equal(inspect_slots(rates), SLOTS);
	inspect_slot(rates, 3, &slot);
	assert_int_equal(slot.done, 7);
	assert_int_equal(slot.incarnation, 5);
	assert_int_equal(slot.pid, 0); /* nobody runs there yet */
	assert_true(slot.ended && slot.wait_status == 9);
	assert_int_equal(
	    board_source(next->map, &next->shape, 1)->arrival, 12345);
}

static void
adoption_frees_locks_and_owes_the_jobs_that_were_had(void **state)
{
	struct lock_tally tally = { 0 };
	struct publication p = answer_now(0, three, 1);

	(void)state;
	open_board("EUR USD PLN");
	assert_int_equal(claim_take(board, 1, me), 1);
	assert_int_equal(lock_take(board_lock_of(board->map, &board->shape, 0),
			     other, clock_mono() + PATIENCE, &tally),
	    0);
	next = create("EUR USD PLN");
	board_adopt(next);
	assert_false(next->owed[0]);
	assert_true(next->owed[1]);
	assert_false(next->owed[2]);
	assert_int_equal(claim_take(next, 1, other), 1);
	assert_int_equal(publish(next, &p, clock_mono() + PATIENCE), 0);
}

static void
a_new_currency_is_owed_by_every_row(void **state)
{
	(void)state;
	open_board("EUR USD PLN");
	next = create("EUR USD NOK");
	board_adopt(next);
	for (int i = 0; i < 3; i++)
		assert_true(next->owed[i]);
}

static void
adoption_takes_no_impossible_number(void **state)
{
	static const double wild[] = { -1, 0, INFINITY };
	double numbers[3];

	(void)state;
	open_board("EUR USD PLN");
	put_good(board, 0, wild, 10);
	next = create("EUR USD PLN");
	board_adopt(next);
	publish_board(next);
	assert_int_equal(row_of(0, numbers).present, 0);
	for (int i = 0; i < 3; i++)
		assert_true(isnan(numbers[i]));
}

/* As the boards of the boot before, whose boot clock meant another time. */
static void
adoption_from_another_boot_keeps_the_ages(void **state)
{
	int64_t hour = 3600 * CLOCK_SECOND, wall = clock_wall();
	struct row_news news;
	struct rates_row row;

	(void)state;
	open_board("EUR USD PLN");
	put_good(board, 0, three, wall - clock_boot() - hour);
	put_good(board, 1, three, wall + 9000 * hour); /* a clock set wrong */
	snprintf(board->map->boot_id, BOARD_NAME_MAX, "another");
	next = create("EUR USD PLN");
	board_adopt(next);
	publish_board(next);
	row = row_of(0, NULL);
	assert_in_range(
	    row.age, clock_boot() + hour - PATIENCE, clock_boot() + hour + PATIENCE);
	board_row_news(next, 1, &news);
	assert_true(news.fetched_boot < -1000 * hour); /* of unknown age */
	assert_true(next->owed[0] && next->owed[1] && next->owed[2]);
	board_row_news(next, 2, &news);
	assert_int_equal(news.fetched_boot, 0);
	assert_int_equal(news.attempt_boot, 0);
}

/* Else who waits for "not 3 any more" may sleep through the new board's 3. */
static void
a_sequence_never_goes_back(void **state)
{
	uint64_t seq = 0;

	(void)state;
	open_board("EUR USD PLN");
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i <= round; i++)
			put_good(board, 0, three, 10);
		assert_true(seq_of(0) > seq);
		seq = seq_of(0);
		next = create("EUR USD PLN");
		board_adopt(next);
		publish_board(next);
		assert_true(seq_of(0) >= seq);
		reads_by_index(0, 1, 1.1684);
		board_close(board);
		board = next;
		next = NULL;
	}
}

static void
a_board_at_rest_is_read_on(void **state)
{
	struct rates_feed feed;

	(void)state;
	open_board("EUR USD PLN");
	put_good(board, 0, three, 10);
	board_rest(board);
	assert_int_equal(rates_feed(rates, &feed), RATES_NOT_FED);
	assert_int_equal(feed.fed, 0);
	assert_int_equal(feed.heartbeat_age, -1);
	assert_string_equal(feed.state, "closing");
	board_close(board);
	board = NULL;
	reads_by_index(0, 1, 1.1684);
	rates_close(rates);
	open_rates();
	reads_by_index(0, 1, 1.1684);
}

static void
a_beat_that_stopped_feeds_nobody(void **state)
{
	struct rates_feed feed;

	(void)state;
	open_board("EUR");
	atomic_store(&board->map->heartbeat, clock_mono() - 10 * CLOCK_SECOND);
	assert_int_equal(rates_feed(rates, &feed), RATES_NOT_FED);
	assert_in_range(feed.heartbeat_age, 10 * CLOCK_SECOND, STALE);
	atomic_store(&board->map->heartbeat, clock_mono());
	assert_int_equal(rates_feed(rates, &feed), RATES_OK);
}

static void
removal_leaves_no_board(void **state)
{
	(void)state;
	open_board("EUR");
	assert_int_equal(object_remove(instance), 0);
	assert_int_equal(object_remove(instance), 0);
	rates_close(rates);
	assert_int_equal(rates_open(instance, &rates), RATES_NO_BOARD);
}

/* --- waiting ------------------------------------------------------------- */

static void
publish_soon(void)
{
	struct publication p = answer_now(1, three, 1);

	usleep(100 * 1000);
	if (publish(board, &p, clock_mono() + PATIENCE) == -1)
		_exit(1);
}

static void
replace_soon(void)
{
	usleep(100 * 1000);
	if (board_publish(next, boards_error, sizeof(boards_error)) == -1)
		_exit(1);
}

static void
a_wait_for_what_has_changed_is_none(void **state)
{
	uint64_t seq;

	(void)state;
	open_board("EUR USD PLN");
	seq = seq_of(0);
	put_good(board, 0, three, 1);
	assert_int_equal(rates_wait(rates, 0, seq, -1), RATES_OK);
	assert_int_equal(rates_wait(rates, 0, seq, 0), RATES_OK);
	assert_int_equal(rates_wait(rates, 3, 0, 0), RATES_NO_CURRENCY);
}

static int64_t
wait_to_the_timeout(void)
{
	int64_t began = clock_mono(), took;

	assert_int_equal(
	    rates_wait(rates, 0, seq_of(0), 150 * CLOCK_MS), RATES_TIMEOUT);
	took = clock_mono() - began;
	assert_true(took >= 150 * CLOCK_MS);
	return took;
}

static void
a_wait_ends_at_its_timeout(void **state)
{
	(void)state;
	open_board("EUR USD PLN");
	assert_int_equal(
	    rates_wait(rates, 0, seq_of(0), 0), RATES_TIMEOUT);
	assert_true(least_of(wait_to_the_timeout, 900 * CLOCK_MS) <
	    900 * CLOCK_MS);
}

static int64_t patience_of_a_wait;

static int64_t
wait_for_a_publication(void)
{
	uint64_t seq = seq_of(1);
	int64_t began = clock_mono(), took;
	pid_t writer = start(publish_soon);

	assert_int_equal(
	    rates_wait(rates, 1, seq, patience_of_a_wait), RATES_OK);
	took = clock_mono() - began;
	assert_true(took >= 90 * CLOCK_MS);
	ends_well(writer);
	return took;
}

/* Within a second, after which it would have looked by itself. */
static void
a_publication_ends_a_wait(void **state)
{
	static const int64_t timeouts[] = { -1, 20 * CLOCK_SECOND, INT64_MAX };

	(void)state;
	open_board("EUR USD PLN");
	for (size_t i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); i++) {
		patience_of_a_wait = timeouts[i];
		assert_true(least_of(wait_for_a_publication, 950 * CLOCK_MS) <
		    950 * CLOCK_MS);
	}
}

static void
another_rows_publication_ends_no_wait(void **state)
{
	pid_t writer;

	(void)state;
	open_board("EUR USD PLN");
	writer = start(publish_soon);
	assert_int_equal(
	    rates_wait(rates, 0, seq_of(0), 300 * CLOCK_MS), RATES_TIMEOUT);
	ends_well(writer);
	assert_int_equal(seq_of(1), 1);
}

/* No row is named: each publication counts, as does another board. */
static void
a_wait_for_any_row_misses_none(void **state)
{
	uint64_t mark = 0, first;
	pid_t writer;

	(void)state;
	open_board("EUR USD PLN");
	assert_int_equal(rates_wait_any(rates, &mark, 0), RATES_OK);
	first = mark;
	assert_int_equal(rates_wait_any(rates, &mark, 0), RATES_TIMEOUT);
	assert_int_equal(mark, first);
	writer = start(publish_soon);
	assert_int_equal(
	    rates_wait_any(rates, &mark, 20 * CLOCK_SECOND), RATES_OK);
	assert_int_not_equal(mark, first);
	ends_well(writer);
	assert_int_equal(seq_of(1), 1);
	next = create("EUR USD PLN");
	board_adopt(next);
	writer = start(replace_soon);
	assert_int_equal(rates_wait_any(rates, &mark, -1), RATES_OK);
	ends_well(writer);
	rates_wait_any(rates, &mark, 0); /* that it is another board */
	assert_int_equal(rates_wait_any(rates, &mark, 0), RATES_TIMEOUT);
}

static int64_t
wait_for_a_new_board(void)
{
	int64_t began = clock_mono(), took;
	uint64_t seq = seq_of(0);
	pid_t writer;

	next = create("EUR USD PLN");
	board_adopt(next);
	writer = start(replace_soon);
	assert_int_equal(rates_wait(rates, 0, seq, -1), RATES_CHANGED);
	took = clock_mono() - began;
	assert_true(took >= 90 * CLOCK_MS);
	ends_well(writer);
	board_close(board);
	board = next;
	next = NULL;
	return took;
}

static void
a_new_board_ends_a_wait(void **state)
{
	(void)state;
	open_board("EUR USD PLN");
	assert_true(least_of(wait_for_a_new_board, 950 * CLOCK_MS) <
	    950 * CLOCK_MS);
}

/* --- boards that are none ------------------------------------------------ */

/* Writes into the object under the board's name, or gives it another size. */
static void
damage(off_t at, const void *bytes, size_t size, off_t new_size)
{
	char name[BOARD_OBJECT_MAX];
	int fd;

	board_object_name(instance, name, sizeof(name));
	fd = shm_open(name, O_RDWR, 0);
	assert_true(fd != -1);
	assert_int_equal(pwrite(fd, bytes, size, at), (ssize_t)size);
	if (new_size != 0)
		assert_int_equal(ftruncate(fd, new_size), 0);
	close(fd);
}

#define AT(field) offsetof(struct board_header, field)

static void
a_board_that_is_none_is_refused(void **state)
{
	static const struct {
		size_t at;
		uint32_t value;
		off_t size;
		const char *fault;
	} cases[] = {
		{ AT(magic), 1, 0, "it has no board's magic number" },
		{ AT(layout_version), 1, 0,
		    "its layout version is another one" },
		{ AT(byte_order), 0x04030201, 0,
		    "its byte order is another one" },
		{ AT(layout_hash), 1, 0, "its layout hash is another one" },
		{ AT(currencies), 0, 0, "its dimensions are out of bounds" },
		{ AT(currencies), 1024, 0, "its size is wrong" },
		{ AT(slots), 1, 0, "its size is wrong" },
		{ AT(created_wall), 1, 65536, "its size is wrong" },
		{ AT(created_wall), 1, sizeof(struct board_header),
		    "its size is wrong" },
		{ AT(created_wall), 1, sizeof(struct board_header) - 1,
		    "it is too small for a board" },
		{ AT(created_wall), 1, 1, "it is too small for a board" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		board = create("EUR USD PLN");
		publish_board(board);
		board_close(board);
		board = NULL;
		damage((off_t)cases[i].at, &cases[i].value, 4, cases[i].size);
		assert_int_equal(
		    rates_open(instance, &rates), RATES_BAD_BOARD);
		assert_null(rates);
		assert_string_equal(rates_fault(), cases[i].fault);
		object_remove(instance);
	}
}

static void
a_board_that_is_none_is_not_adopted_but_replaced(void **state)
{
	(void)state;
	board = create("EUR USD PLN");
	publish_board(board);
	board_close(board);
	damage(AT(magic), &(uint64_t){ 0 }, 8, 0);
	board = create("EUR USD PLN");
	assert_int_equal(board_adopt(board), 0);
	publish_board(board);
	open_rates();
}

static void
a_bad_name_is_no_instance(void **state)
{
	(void)state;
	assert_int_equal(rates_open("../x", &rates), RATES_BAD_NAME);
	assert_int_equal(rates_open("", &rates), RATES_BAD_NAME);
	assert_int_equal(rates_open("a b", &rates), RATES_BAD_NAME);
	assert_null(rates);
}

static uint64_t
hostile_word(void)
{
	static const uint64_t words[] = { 0, 1, 3, INT64_MAX,
		(uint64_t)INT64_MAX + 1, UINT64_MAX, BOARD_ABSENT,
		UINT64_C(0x7ff0000000000000), UINT64_C(0x3ff0000000000000) };
	uint64_t random = dice_next();

	if (random % 2 == 0)
		return dice_next();
	return words[random / 2 % (sizeof(words) / sizeof(words[0]))];
}

/* All but what the header says of the dimensions. */
static void
fill_with_hostile_words(void)
{
	size_t live = offsetof(struct board_header, state);
	uint64_t *words = (uint64_t *)board->map;

	for (size_t i = live / 8; i < board->shape.total_size / 8; i++)
		if (dice_next() % 4 != 0)
			words[i] = hostile_word();
}

static bool
possible(double number)
{
	return isfinite(number) && number > 0;
}

static void
read_everything(void)
{
	struct rates_row rows[3];
	struct rates_feed feed;
	struct inspect_slot slot;
	char code[RATES_CODE_MAX];
	double rate, numbers[9];
	unsigned index;

	rates_feed(rates, &feed);
	if (rates_snapshot(rates, 3, rows, numbers) == RATES_OK)
		for (unsigned i = 0; i < 3; i++) {
			assert_non_null(memchr(
			    rows[i].error, '\0', RATES_ERROR_MAX));
			assert_non_null(memchr(
			    rows[i].source, '\0', RATES_SOURCE_MAX));
			assert_true(rows[i].age >= 0);
		}
	for (unsigned i = 0; i < 3; i++) {
		if (rates_get(rates, 0, i, &rate) == RATES_OK)
			assert_true(possible(rate));
		rates_get_fresh(rates, i, 0, STALE, &rate);
		assert_int_equal(rates_code(rates, i, code), RATES_OK);
		if (rates_index(rates, "EUR", &index) == RATES_OK)
			assert_in_range(index, 0, 2);
		inspect_slot(rates, i, &slot);
		assert_in_range(inspect_job(rates, i) + 1, 0, SLOTS);
		assert_in_range(inspect_lock(rates, i) + 1, 0, SLOTS);
		rates_wait(rates, i, 1, 0);
	}
}

static void
no_bytes_of_a_board_harm_its_reader(void **state)
{
	(void)state;
	dice_seed();
	open_board("EUR USD PLN");
	for (int i = 0; i < 2000; i++) {
		fill_with_hostile_words();
		read_everything();
	}
	atomic_store(&board->map->state, BOARD_READY);
}

static void
no_bytes_of_a_board_harm_who_adopts_it(void **state)
{
	struct row_news news;

	(void)state;
	dice_seed();
	open_board("EUR USD PLN");
	for (int i = 0; i < 300; i++) {
		fill_with_hostile_words();
		board->map->boot_id[0] = i % 2 == 0 ? 'x' : '\0';
		next = create("EUR PLN NOK");
		board_adopt(next);
		for (unsigned cell = 0; cell < 9; cell++) {
			board_word *copy = board_row_copy(
			    board_row(next->map, &next->shape, cell / 3),
			    &next->shape, 0);
			uint64_t bits =
			    atomic_load(copy + ROW_META + cell % 3);
			double number;

			memcpy(&number, &bits, sizeof(number));
			assert_true(bits == BOARD_ABSENT || possible(number));
		}
		board_row_news(next, 0, &news);
		board_close(next);
		next = NULL;
	}
	atomic_store(&board->map->state, BOARD_READY);
}

/* --- writers and readers at once ----------------------------------------- */

/* A row in which every number is the version. */
static void
write_version(uint32_t row, uint64_t worker, uint64_t version)
{
	double numbers[WIDE];
	struct publication p = answer_now(row, numbers, (int64_t)version);

	for (int i = 0; i < WIDE; i++)
		numbers[i] = (double)version;
	p.worker = worker;
	if (publish(board, &p, clock_mono() + PATIENCE) == -1)
		_exit(1);
}

static void
write_one_row(void)
{
	for (uint64_t version = 1;; version++)
		write_version(0, other, version);
}

/* From the first to the last: no row is ever ahead of the one before. */
static void
write_all_rows(void)
{
	for (uint64_t version = 1;; version++)
		for (uint32_t i = 0; i < board->shape.currencies; i++)
			write_version(i, other, version);
}

/* No number or time of a row is another version's. */
static void
check_whole(const struct rates_row *row, const double *numbers)
{
	unsigned count = rates_count(rates);

	for (unsigned i = 0; i < count; i++)
		if (numbers[i] != (double)row->version)
			fail_msg("number %u of version %llu is %g", i,
			    (unsigned long long)row->version, numbers[i]);
	assert_int_equal(row->fetched, row->version);
	assert_int_equal(row->present, count);
}

static void
a_row_is_never_torn_under_a_writer(void **state)
{
	uint64_t versions = 0, last = 0;
	unsigned reads = 0, busy = 0;
	double numbers[WIDE];
	int64_t until;
	pid_t writer;

	(void)state;
	open_wide_board(33);
	writer = start(write_one_row);
	assert_int_equal(rates_wait(rates, 0, 0, PATIENCE), RATES_OK);
	until = clock_mono() + 40 * CLOCK_SECOND;
	while ((reads < READS || versions <= 100) && clock_mono() < until) {
		struct rates_row row;
		enum rates_result got = rates_row(rates, 0, &row, numbers);

		busy += got == RATES_BUSY;
		if (got != RATES_OK)
			continue;
		check_whole(&row, numbers);
		assert_true(row.version >= last);
		versions += row.version != last;
		last = row.version;
		reads++;
	}
	kill_and_leave_unburied(writer);
	bury(writer);
	print_message("# %u reads of %llu versions, %u busy\n", reads,
	    (unsigned long long)versions, busy);
	assert_true(reads >= READS);
	assert_true(versions > 100);
}

static void
check_one_moment(const struct rates_row *rows, const double *numbers)
{
	for (unsigned i = 0; i < SOME; i++) {
		check_whole(&rows[i], numbers + i * SOME);
		assert_true(rows[i].version == rows[0].version ||
		    rows[i].version + 1 == rows[0].version);
		assert_true(i == 0 || rows[i].version <= rows[i - 1].version);
	}
}

static void
a_snapshot_is_of_one_moment_under_a_writer(void **state)
{
	struct rates_row rows[SOME];
	double numbers[SOME * SOME];
	uint64_t versions = 0, last = 0;
	unsigned taken = 0, busy = 0;
	int64_t until;
	pid_t writer;

	(void)state;
	open_wide_board(SOME);
	writer = start(write_all_rows);
	assert_int_equal(rates_wait(rates, SOME - 1, 0, PATIENCE), RATES_OK);
	until = clock_mono() + 40 * CLOCK_SECOND;
	while ((taken < SNAPSHOTS || versions <= 100) &&
	    clock_mono() < until) {
		if (rates_snapshot(rates, SOME, rows, numbers) != RATES_OK) {
			busy++;
			continue;
		}
		check_one_moment(rows, numbers);
		versions += rows[0].version != last;
		last = rows[0].version;
		taken++;
	}
	kill_and_leave_unburied(writer);
	bury(writer);
	print_message("# %u snapshots of %llu versions, %u busy\n", taken,
	    (unsigned long long)versions, busy);
	assert_true(taken >= SNAPSHOTS && versions > 100);
}

static uint64_t round_worker, round_version;

static void
write_this_round(void)
{
	for (uint64_t version = round_version;; version++)
		write_version(0, round_worker, version);
}

/*
 * A round: a writer killed at whatever it does, and what it leaves.  Returns 1
 * if it died with the lock.
 */
static unsigned
kill_a_writer(unsigned round)
{
	struct board_lock *lock =
	    board_lock_of(board->map, &board->shape, 0);
	uint64_t seq = seq_of(0);
	struct rates_row row;
	double numbers[WIDE];
	pid_t writer;
	unsigned held;

	round_worker = worker_id(2, (uint64_t)round + 1);
	round_version = row_of(0, NULL).version + 1;
	writer = start(write_this_round);
	assert_int_equal(rates_wait(rates, 0, seq, PATIENCE), RATES_OK);
	usleep((useconds_t)(dice_next() % 1000));
	kill_and_leave_unburied(writer);
	row = row_of(0, numbers);
	check_whole(&row, numbers);
	held = lock_recover(lock, round_worker) == 1;
	assert_int_equal(lock_recover(lock, round_worker), 0);
	bury(writer);
	return held;
}

static void
a_killed_writer_leaves_the_last_good_row(void **state)
{
	double numbers[WIDE];
	struct rates_row row;
	unsigned held = 0, round;

	(void)state;
	dice_seed();
	open_wide_board(WIDE);
	for (round = 0;
	     round < ROUNDS || (held == 0 && round < ROUNDS_MAX); round++) {
		held += kill_a_writer(round);
		row = row_of(0, NULL);
		for (int i = 0; i < WIDE; i++)
			numbers[i] = (double)(row.version + 1);
		put_good(board, 0, numbers, (int64_t)row.version + 1);
		row = row_of(0, numbers);
		check_whole(&row, numbers);
	}
	print_message("# %u of %u died with the lock\n", held, round);
	assert_true(held > 0);
	assert_int_equal(inspect_lock(rates, 0), -1);
}

#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_new_board_reads_as_planned),
		test(a_board_is_invisible_until_published),
		test(a_board_never_published_leaves_nothing),
		test(the_mode_is_the_plans_whatever_the_umask),
		test(every_currency_is_found_and_no_other),
		test(refuses_impossible_dimensions),
		test(a_row_never_fetched_has_no_numbers),
		test(a_good_answer_is_read_whole),
		test(a_number_is_read_by_index_and_by_code),
		test(a_number_can_be_too_old),
		test(an_absent_number_is_absent_and_not_old),
		test(a_failure_leaves_the_numbers),
		test(a_good_answer_ends_the_failures),
		test(long_texts_are_cut),
		test(each_answer_is_a_version_and_each_difference_a_change),
		test(a_number_that_vanishes_is_a_change),
		test(rows_are_written_apart),
		test(no_lock_in_time_changes_nothing),
		test(repairs_of_a_lock_are_counted),
		test(a_claim_excludes_others),
		test(a_second_board_retires_the_first),
		test(a_reader_follows_to_the_new_board),
		test(other_currencies_are_told_until_resync),
		test(adoption_follows_the_codes),
		test(adoption_takes_counters_slots_and_sources_over),
		test(adoption_frees_locks_and_owes_the_jobs_that_were_had),
		test(a_new_currency_is_owed_by_every_row),
		test(adoption_takes_no_impossible_number),
		test(adoption_from_another_boot_keeps_the_ages),
		test(a_sequence_never_goes_back),
		test(a_board_at_rest_is_read_on),
		test(a_beat_that_stopped_feeds_nobody),
		test(removal_leaves_no_board),
		test(a_wait_for_what_has_changed_is_none),
		test(a_wait_ends_at_its_timeout),
		test(a_publication_ends_a_wait),
		test(another_rows_publication_ends_no_wait),
		test(a_wait_for_any_row_misses_none),
		test(a_new_board_ends_a_wait),
		test(a_board_that_is_none_is_refused),
		test(a_board_that_is_none_is_not_adopted_but_replaced),
		test(a_bad_name_is_no_instance),
		test(no_bytes_of_a_board_harm_its_reader),
		test(no_bytes_of_a_board_harm_who_adopts_it),
		test(a_row_is_never_torn_under_a_writer),
		test(a_snapshot_is_of_one_moment_under_a_writer),
		test(a_killed_writer_leaves_the_last_good_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
