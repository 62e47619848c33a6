/*
 * What a handle may be put through: threads, forks, boards that come and go.
 */
#include "board/rates.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "boards.h"

#define READERS 4
#define REPLACEMENTS 40
#define LONGEST (30 * CLOCK_SECOND)

static const double moved[3] = { 1, 1.25, 4.5 };
static struct rates *rates;

static int
begin(void **state)
{
	(void)state;
	return boards_begin("handle", 120);
}

static int
end(void **state)
{
	(void)state;
	rates_close(rates);
	rates = NULL;
	return boards_end();
}

static void
put_row(struct board *to, uint32_t row, const double *numbers, int64_t wall)
{
	put(to, good_answer(row, numbers, wall, clock_boot()));
}

static void
open_board(void)
{
	board = create("EUR USD PLN");
	publish_board(board);
	put_row(board, 0, three, 10);
	assert_int_equal(rates_open(instance, &rates), RATES_OK);
}

/* Another board takes the present one's place. */
static void
replace(const char *list)
{
	next = create(list);
	board_adopt(next);
	publish_board(next);
	board_close(board);
	board = next;
	next = NULL;
}

static void
reads(struct rates *r, double expected)
{
	double rate = -1;

	assert_int_equal(rates_get_code(r, "EUR", "USD", &rate), RATES_OK);
	assert_true(rate == expected);
}

/* --- one number with what is known of it --------------------------------- */

static void
a_quote_tells_source_and_age(void **state)
{
	struct rates_quote q;
	struct rates_row row;

	(void)state;
	open_board();
	assert_int_equal(
	    rates_quote(rates, "EUR", "PLN", INT64_MAX, &q), RATES_OK);
	assert_int_equal(rates_row(rates, 0, &row, NULL), RATES_OK);
	assert_true(q.rate == three[2]);
	assert_string_equal(q.source, "frankfurter");
	assert_int_equal(q.fetched, 10);
	assert_true(q.published == PUBLISHED);
	assert_int_equal(q.published_form, RATES_PUBLISHED_DAY);
	assert_int_equal(q.version, row.version);
	assert_in_range(q.age, 0, row.age);
}

static void
a_quote_too_old_is_told_with_its_age(void **state)
{
	struct publication p = good_answer(
	    0, three, 20, clock_boot() - 60 * CLOCK_SECOND);
	struct rates_quote q = { .rate = -1 };

	(void)state;
	open_board();
	put(board, p);
	assert_int_equal(rates_quote(rates, "EUR", "USD", 99 * CLOCK_SECOND,
			     &q),
	    RATES_OK);
	memset(&q, 0, sizeof(q));
	assert_int_equal(rates_quote(rates, "EUR", "USD", 59 * CLOCK_SECOND,
			     &q),
	    RATES_TOO_OLD);
	assert_true(q.rate == three[1]);
	assert_in_range(q.age, 60 * CLOCK_SECOND, 90 * CLOCK_SECOND);
}

/* Nor does any other call fill anything when it fails. */
static void
a_quote_without_a_number_leaves_all_as_it_was(void **state)
{
	struct rates_quote q = { .rate = -1, .source = "mine" };
	double rate = -1;

	(void)state;
	open_board();
	assert_int_equal(
	    rates_quote(rates, "USD", "EUR", INT64_MAX, &q), RATES_NO_NUMBER);
	assert_int_equal(rates_quote(rates, "USD", "XXX", INT64_MAX, &q),
	    RATES_NO_CURRENCY);
	assert_int_equal(rates_quote(rates, "", "EUR", INT64_MAX, &q),
	    RATES_NO_CURRENCY);
	assert_true(q.rate == -1);
	assert_string_equal(q.source, "mine");
	assert_int_equal(rates_get(rates, 1, 0, &rate), RATES_NO_NUMBER);
	assert_int_equal(
	    rates_get_fresh(rates, 0, 1, -1, &rate), RATES_TOO_OLD);
	assert_true(rate == -1);
}

/* By the clock of another time namespace; or it is damage. */
static void
a_number_from_the_future_is_too_old(void **state)
{
	int64_t later = clock_boot() + 3600 * CLOCK_SECOND;
	struct rates_row row, rows[3];
	struct rates_quote q;
	double rate = -1;

	(void)state;
	open_board();
	put(board, good_answer(0, three, 20, later));
	assert_int_equal(
	    rates_get_fresh(rates, 0, 1, STALE, &rate), RATES_TOO_OLD);
	assert_true(rate == -1);
	assert_int_equal(
	    rates_quote(rates, "EUR", "USD", STALE, &q), RATES_TOO_OLD);
	assert_true(q.age == INT64_MAX);
	assert_int_equal(
	    rates_quote(rates, "EUR", "USD", INT64_MAX, &q), RATES_OK);
	assert_int_equal(rates_row(rates, 0, &row, NULL), RATES_OK);
	assert_true(row.age == INT64_MAX);
	assert_int_equal(rates_snapshot(rates, 3, rows, NULL), RATES_OK);
	assert_true(rows[0].age == INT64_MAX && rows[1].age == 0);
}

/* Of a hostile board too. */
static void
a_quote_is_finite_and_above_zero(void **state)
{
	static const double wild[3] = { 0, -1, INFINITY };
	static const char *const codes[] = { "EUR", "USD", "PLN" };
	struct rates_quote q;

	(void)state;
	open_board();
	put_row(board, 0, wild, 20);
	for (int i = 0; i < 3; i++)
		assert_int_equal(
		    rates_quote(rates, "EUR", codes[i], INT64_MAX, &q),
		    RATES_NO_NUMBER);
}

static void
a_quote_follows_to_the_new_board(void **state)
{
	struct rates_quote q;

	(void)state;
	open_board();
	replace("PLN EUR USD");
	put_row(board, 1, moved, 30);
	assert_int_equal(
	    rates_quote(rates, "EUR", "PLN", INT64_MAX, &q), RATES_OK);
	assert_true(q.rate == moved[0]);
	assert_int_equal(q.fetched, 30);
}

/* --- errors -------------------------------------------------------------- */

static void
every_result_has_a_text_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i <= RATES_SYSTEM; i++)
		for (int k = 0; k < i; k++)
			assert_string_not_equal(
			    rates_strerror((enum rates_result)i),
			    rates_strerror((enum rates_result)k));
	assert_string_equal(
	    rates_strerror((enum rates_result)(RATES_SYSTEM + 1)), "?");
}

/* --- a board that was removed while no daemon ran ------------------------- */

static void
remove_board(void)
{
	char name[BOARD_OBJECT_MAX];

	board_object_name(instance, name, sizeof(name));
	assert_int_equal(shm_unlink(name), 0);
	board_close(board);
}

/* The next daemon knows nothing of the old board, so it can't retire that. */
static void
lose_board(bool killed)
{
	if (killed)
		atomic_store(&board->map->heartbeat,
		    clock_mono() - 2 * BOARD_SILENCE_MAX);
	else
		board_rest(board);
	remove_board();
	board = create("EUR USD PLN");
	publish_board(board);
	put_row(board, 0, moved, 30);
}

static enum rates_result
feed(void)
{
	return rates_feed(rates, &(struct rates_feed){ 0 });
}

static enum rates_result
quote_fresh(void)
{
	struct rates_quote q;

	return rates_quote(rates, "EUR", "USD", LONGEST, &q);
}

static enum rates_result
get_fresh(void)
{
	double rate;

	return rates_get_fresh(rates, 0, 1, LONGEST, &rate);
}

static enum rates_result
row(void)
{
	return rates_row(rates, 0, &(struct rates_row){ 0 }, NULL);
}

static enum rates_result
snapshot(void)
{
	struct rates_row rows[3];

	return rates_snapshot(rates, 3, rows, NULL);
}

static enum rates_result
wait_any(void)
{
	return rates_wait_any(rates, &(uint64_t){ 0 }, 0);
}

/* For the sequence that the row had on the old board, after two answers. */
static enum rates_result
wait_row(void)
{
	enum rates_result result = rates_wait(rates, 0, 2, LONGEST);

	return result == RATES_CHANGED ? RATES_OK : result;
}

static enum rates_result
get(void)
{
	double rate;

	return rates_get(rates, 0, 1, &rate);
}

static void
is_left_by(enum rates_result (*call)(void), bool killed)
{
	struct publication old =
	    good_answer(0, three, 20, clock_boot() - 2 * LONGEST);

	open_board();
	put(board, old);
	lose_board(killed);
	assert_int_equal(call(), RATES_OK);
	reads(rates, moved[1]);
	rates_close(rates);
	rates = NULL;
	remove_board();
	board = NULL;
}

/* A call without a clock doesn't see that a daemon was killed. */
static void
a_board_removed_while_nobody_fed_it_is_left(void **state)
{
	static enum rates_result (*const calls[])(void) = { feed, quote_fresh,
		get_fresh, row, snapshot, wait_any, wait_row };

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		is_left_by(calls[i], true);
		is_left_by(calls[i], false);
	}
	is_left_by(get, false);
}

static void
who_sleeps_on_a_board_that_is_removed_wakes_for_the_next(void **state)
{
	uint64_t mark = 0;

	(void)state;
	open_board();
	assert_int_equal(rates_wait_any(rates, &mark, 0), RATES_OK);
	lose_board(true);
	assert_int_equal(rates_wait_any(rates, &mark, LONGEST), RATES_OK);
	reads(rates, moved[1]);
}

/* A name that is free is anybody's. */
static void
another_users_board_is_not_followed_to(void **state)
{
	char name[BOARD_OBJECT_MAX];
	int fd;

	(void)state;
	if (geteuid() != 0)
		skip();
	open_board();
	lose_board(false);
	board_object_name(instance, name, sizeof(name));
	fd = shm_open(name, O_RDONLY | O_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(fchown(fd, 65534, 65534), 0);
	close(fd);
	assert_int_equal(feed(), RATES_NOT_FED);
	reads(rates, three[1]);
}

/* --- a child that inherits a handle -------------------------------------- */

static void
in_a_child(void (*run)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGALRM, SIG_DFL);
		signal(SIGABRT, SIG_DFL);
		alarm(30);
		run();
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Its asserts end it by exit(3), which is no status 0. */
static void
read_and_close(void)
{
	double numbers[9];

	reads(rates, three[1]);
	assert_int_equal(rates_snapshot(rates, 3, NULL, numbers), RATES_OK);
	rates_close(rates);
}

static void
follow_and_close(void)
{
	reads(rates, moved[1]);
	rates_close(rates);
}

static void
a_childs_close_is_its_own(void **state)
{
	(void)state;
	open_board();
	in_a_child(read_and_close);
	reads(rates, three[1]);
	in_a_child(read_and_close);
	put_row(board, 0, moved, 20);
	reads(rates, moved[1]);
}

static void
parent_and_child_follow_each_for_itself(void **state)
{
	(void)state;
	open_board();
	replace("EUR USD PLN");
	put_row(board, 0, moved, 20);
	in_a_child(follow_and_close);
	reads(rates, moved[1]);
	in_a_child(follow_and_close);
}

static void
close_at_once(void)
{
	rates_close(rates);
}

static void
a_sleeping_childs_handle_is_woken(void **state)
{
	struct rates_row row;
	pid_t pid;
	int status;

	(void)state;
	open_board();
	assert_int_equal(rates_row(rates, 0, &row, NULL), RATES_OK);
	pid = fork();
	if (pid == 0) {
		alarm(30);
		_exit(rates_wait(rates, 0, row.seq, 20 * CLOCK_SECOND) ==
			RATES_OK
			? 0
			: 1);
	}
	assert_true(pid > 0);
	in_a_child(close_at_once);
	usleep(50000);
	put_row(board, 0, moved, 20);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* --- a handle a thread --------------------------------------------------- */

static atomic_bool enough;
static atomic_ullong read_all, followed, wrong;

/* Whatever the board, 1 EUR is some USD, and the snapshot is as wide. */
static void
read_once(struct rates *r)
{
	unsigned count = rates_count(r);
	double rate, numbers[16];
	struct rates_row rows[4];
	struct rates_quote q;

	if (rates_get_code(r, "EUR", "USD", &rate) != RATES_OK || rate < 1)
		atomic_fetch_add(&wrong, 1);
	if (rates_quote(r, "EUR", "USD", INT64_MAX, &q) != RATES_OK ||
	    q.rate < 1 || strcmp(q.source, "frankfurter") != 0)
		atomic_fetch_add(&wrong, 1);
	switch (rates_snapshot(r, count, rows, numbers)) {
	case RATES_OK:
		atomic_fetch_add(&read_all, 1);
		break;
	case RATES_CHANGED:
		rates_resync(r);
		atomic_fetch_add(&followed, 1);
		break;
	default:
		atomic_fetch_add(&wrong, 1);
	}
}

static void *
reader(void *argument)
{
	struct rates *r = NULL;

	(void)argument;
	for (int i = 0; !atomic_load(&enough); i++) {
		if (i % 1000 == 0) {
			rates_close(r);
			if (rates_open(instance, &r) != RATES_OK)
				atomic_fetch_add(&wrong, 1);
		}
		if (r != NULL)
			read_once(r);
		if (rates_open("no-such-instance", &(struct rates *){ NULL }) !=
		    RATES_NO_BOARD)
			atomic_fetch_add(&wrong, 1);
	}
	rates_close(r);
	return NULL;
}

static void
threads_follow_each_with_its_handle(void **state)
{
	static const char *const lists[] = { "EUR USD PLN", "USD PLN EUR NOK" };
	int64_t until = clock_mono() + LONGEST;
	pthread_t threads[READERS];
	int i;

	(void)state;
	open_board();
	for (i = 0; i < READERS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, reader, NULL), 0);
	for (i = 0; i < REPLACEMENTS ||
	     (atomic_load(&followed) < READERS && clock_mono() < until);
	     i++) {
		replace(lists[i % 2]);
		usleep(1000);
	}
	atomic_store(&enough, true);
	for (i = 0; i < READERS; i++)
		pthread_join(threads[i], NULL);
	print_message("# %llu snapshots, %llu changes seen\n",
	    (unsigned long long)read_all, (unsigned long long)followed);
	assert_int_equal(wrong, 0);
	assert_true(read_all > 0 && followed >= READERS);
}

#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_quote_tells_source_and_age),
		test(a_quote_too_old_is_told_with_its_age),
		test(a_quote_without_a_number_leaves_all_as_it_was),
		test(a_number_from_the_future_is_too_old),
		test(a_quote_is_finite_and_above_zero),
		test(a_quote_follows_to_the_new_board),
		cmocka_unit_test(every_result_has_a_text_of_its_own),
		test(a_board_removed_while_nobody_fed_it_is_left),
		test(who_sleeps_on_a_board_that_is_removed_wakes_for_the_next),
		test(another_users_board_is_not_followed_to),
		test(a_childs_close_is_its_own),
		test(parent_and_child_follow_each_for_itself),
		test(a_sleeping_childs_handle_is_woken),
		test(threads_follow_each_with_its_handle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
