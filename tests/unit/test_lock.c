#include "board/lock.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

#include "least.h"

#define WRITERS 4
#define INCREMENTS 20000
#define ROUNDS 200
#define LONGEST (40 * CLOCK_SECOND) /* for the rarer ones */
#define LATE (20 * CLOCK_SECOND) /* a deadline that no test should meet */

static const uint64_t me = (UINT64_C(1) << 48) | 1;
static const uint64_t other = (UINT64_C(2) << 48) | 1;

/* One page that parent and children share. */
static struct page {
	struct board_lock lock;
	_Atomic int here;
	uint64_t counter; /* plain: only the lock keeps it right */
	int64_t taken_at;
	struct lock_tally tally;
} *page;

static int
begin(void **state)
{
	(void)state;
	alarm(60); /* rather than hang */
	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return -1;
	return lock_init(&page->lock);
}

static int
end(void **state)
{
	(void)state;
	alarm(0);
	return munmap(page, sizeof(*page));
}

static pid_t
start(void (*run)(uint64_t id), uint64_t id)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(30);
		run(id);
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

static void
wait_until_here(int count)
{
	while (atomic_load(&page->here) < count)
		usleep(100);
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

static int
tokens(void)
{
	int value;

	assert_int_equal(sem_getvalue(&page->lock.semaphore, &value), 0);
	return value;
}

static int
take(uint64_t id, int64_t patience, struct lock_tally *tally)
{
	*tally = (struct lock_tally){ 0 };
	return lock_take(&page->lock, id, clock_mono() + patience, tally);
}

/* --- children ------------------------------------------------------------ */

static void
take_and_stay(uint64_t id)
{
	struct lock_tally tally = { 0 };

	if (lock_take(&page->lock, id, clock_mono() + LATE, &tally) == -1)
		_exit(1);
	atomic_fetch_add(&page->here, 1);
	pause();
}

static void
take_note_and_release(uint64_t id)
{
	if (lock_take(&page->lock, id, clock_mono() + LATE, &page->tally) == -1)
		_exit(1);
	page->taken_at = clock_mono();
	lock_release(&page->lock, id);
}

static void
swallow_token_and_stay(uint64_t id)
{
	(void)id;
	if (sem_wait(&page->lock.semaphore) == -1)
		_exit(1);
	atomic_fetch_add(&page->here, 1);
	pause();
}

static void
increment(uint64_t id)
{
	struct lock_tally tally = { 0 };

	atomic_fetch_add(&page->here, 1);
	wait_until_here(WRITERS);
	for (int i = 0; i < INCREMENTS; i++) {
		if (lock_take(
			&page->lock, id, clock_mono() + 5 * LATE, &tally) ==
		    -1)
			_exit(1); /* the semaphore is not fair */
		page->counter++;
		lock_release(&page->lock, id);
	}
}

/* Until killed: whoever meets another one inside says so for ever. */
static void
check_alone(uint64_t id)
{
	struct lock_tally tally = { 0 };

	for (;;) {
		if (lock_take(
			&page->lock, id, clock_mono() + LATE, &tally) == -1)
			_exit(1);
		page->counter = id;
		for (int i = 0; i < 20000; i++)
			if (*(volatile uint64_t *)&page->counter != id)
				atomic_store(&page->here, -1);
		lock_release(&page->lock, id);
	}
}

/* --- tests --------------------------------------------------------------- */

static void
is_mine_from_take_to_release(void **state)
{
	struct lock_tally tally;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(take(me, LATE, &tally), 0);
		assert_true(atomic_load(&page->lock.owner) == me);
		assert_int_equal(tokens(), 0);
		lock_release(&page->lock, me);
		assert_true(atomic_load(&page->lock.owner) == 0);
		assert_int_equal(tokens(), 1);
	}
	assert_int_equal(tally.posts, 0);
	assert_int_equal(tally.surplus, 0);
}

static int64_t
wait_to_the_deadline(void)
{
	struct lock_tally tally;
	int64_t began = clock_mono(), took;

	assert_int_equal(take(me, 200 * CLOCK_MS, &tally), -1);
	took = clock_mono() - began;
	assert_true(took >= 200 * CLOCK_MS);
	assert_true(atomic_load(&page->lock.owner) == other);
	assert_int_equal(tally.posts, 0); /* a live owner is never robbed */
	return took;
}

static void
a_second_taker_gives_up_at_its_deadline(void **state)
{
	pid_t holder;

	(void)state;
	holder = start(take_and_stay, other);
	wait_until_here(1);
	assert_true(least_of(wait_to_the_deadline, 900 * CLOCK_MS) <
	    900 * CLOCK_MS);
	kill_and_leave_unburied(holder);
	bury(holder);
}

static int64_t
come_too_late(void)
{
	struct lock_tally tally;
	int64_t began = clock_mono();

	for (int i = 0; i < 20; i++)
		assert_int_equal(take(other, -CLOCK_SECOND, &tally), -1);
	return clock_mono() - began;
}

/* Not a slice later. */
static void
a_deadline_that_passed_is_no_wait(void **state)
{
	struct lock_tally tally;

	(void)state;
	assert_int_equal(take(me, LATE, &tally), 0);
	assert_true(least_of(come_too_late, 10 * LOCK_SLICE_NS) <
	    10 * LOCK_SLICE_NS);
	lock_release(&page->lock, me);
	assert_int_equal(take(other, -CLOCK_SECOND, &tally), 0);
	lock_release(&page->lock, other);
}

static void
a_waiting_taker_gets_in_after_the_release(void **state)
{
	struct lock_tally tally;
	int64_t released;
	pid_t waiter;

	(void)state;
	assert_int_equal(take(me, LATE, &tally), 0);
	waiter = start(take_note_and_release, other);
	usleep(120 * 1000); /* more than two slices */
	assert_true(page->taken_at == 0);
	released = clock_mono();
	lock_release(&page->lock, me);
	ends_well(waiter);
	assert_true(page->taken_at >= released);
}

static void
a_dead_owner_keeps_the_lock_until_recovered(void **state)
{
	struct lock_tally tally;
	pid_t holder;

	(void)state;
	holder = start(take_and_stay, other);
	wait_until_here(1);
	kill_and_leave_unburied(holder);
	assert_int_equal(take(me, 150 * CLOCK_MS, &tally), -1);
	assert_true(atomic_load(&page->lock.owner) == other);
	assert_int_equal(tally.posts, 0);
	bury(holder);
}

static int64_t
recover_from_the_dead(void)
{
	int64_t recovered;
	pid_t holder, next;

	atomic_store(&page->here, 0);
	holder = start(take_and_stay, other);
	wait_until_here(1);
	kill_and_leave_unburied(holder);
	assert_int_equal(lock_recover(&page->lock, other), 1);
	assert_int_equal(lock_recover(&page->lock, other), 0);
	assert_int_equal(tokens(), 1);
	recovered = clock_mono();
	bury(holder);
	next = start(take_note_and_release, me);
	ends_well(next);
	return page->taken_at - recovered;
}

/* Who comes next has it without a slice's wait. */
static void
recovery_gives_a_dead_owners_lock_back_once(void **state)
{
	(void)state;
	assert_true(least_of(recover_from_the_dead, LOCK_SLICE_NS) <
	    LOCK_SLICE_NS);
}

static void
recovery_of_another_id_does_nothing(void **state)
{
	struct lock_tally tally;

	(void)state;
	assert_int_equal(lock_recover(&page->lock, other), 0);
	assert_int_equal(tokens(), 1);
	assert_int_equal(take(me, LATE, &tally), 0);
	assert_int_equal(lock_recover(&page->lock, other), 0);
	assert_int_equal(lock_recover(&page->lock, me + 1), 0);
	assert_true(atomic_load(&page->lock.owner) == me);
	assert_int_equal(tokens(), 0);
	lock_release(&page->lock, me);
}

static int64_t
take_after_a_thief(void)
{
	struct lock_tally tally;
	int64_t began, took;
	pid_t thief;

	atomic_store(&page->here, 0);
	thief = start(swallow_token_and_stay, other);
	wait_until_here(1);
	kill_and_leave_unburied(thief);
	assert_int_equal(lock_recover(&page->lock, other), 0);
	bury(thief);
	began = clock_mono();
	assert_int_equal(take(me, LATE, &tally), 0);
	took = clock_mono() - began;
	assert_true(took >= LOCK_SLICE_NS);
	assert_int_equal(tally.posts, 1);
	lock_release(&page->lock, me);
	assert_int_equal(tokens(), 1);
	return took;
}

static void
a_token_that_died_is_put_back(void **state)
{
	(void)state;
	assert_true(least_of(take_after_a_thief, CLOCK_SECOND) < CLOCK_SECOND);
}

static void
a_surplus_token_admits_no_second_owner(void **state)
{
	struct lock_tally tally;

	(void)state;
	assert_int_equal(take(me, LATE, &tally), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(sem_post(&page->lock.semaphore), 0);
	assert_int_equal(take(other, CLOCK_SECOND, &tally), -1);
	assert_int_equal(tally.surplus, 3);
	assert_true(atomic_load(&page->lock.owner) == me);
	lock_release(&page->lock, me);
	assert_int_equal(take(other, LATE, &tally), 0);
	lock_release(&page->lock, other);
}

static void
release_of_anothers_lock_aborts(void **state)
{
	struct lock_tally tally;
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(take(me, LATE, &tally), 0);
	pid = fork();
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		lock_release(&page->lock, other);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_true(atomic_load(&page->lock.owner) == me);
}

static void
no_increment_under_the_lock_is_lost(void **state)
{
	pid_t writers[WRITERS];

	(void)state;
	for (unsigned i = 0; i < WRITERS; i++)
		writers[i] = start(increment, ((uint64_t)i << 48) | 1);
	for (unsigned i = 0; i < WRITERS; i++)
		ends_well(writers[i]);
	assert_int_equal(page->counter, WRITERS * INCREMENTS);
	assert_int_equal(tokens(), 1);
	assert_true(atomic_load(&page->lock.owner) == 0);
}

struct writer {
	pid_t pid;
	uint64_t id;
};

static struct writer
new_writer(unsigned slot, unsigned incarnation)
{
	uint64_t id = worker_id(slot, incarnation);

	return (struct writer){ start(check_alone, id), id };
}

/* Kills it and recovers the lock: 1 if it died with it. */
static unsigned
end_writer(const struct writer *writer)
{
	unsigned held;

	kill_and_leave_unburied(writer->pid);
	held = lock_recover(&page->lock, writer->id) == 1;
	bury(writer->pid);
	return held;
}

/*
 * Writers killed at whatever they do, and replaced: nobody ever meets another
 * inside, and the lock can always be had.
 */
static void
killed_writers_never_share_nor_block_the_lock(void **state)
{
	struct writer writers[WRITERS];
	int64_t until = clock_mono() + LONGEST;
	unsigned held = 0, round;
	struct lock_tally tally;

	(void)state;
	for (unsigned i = 0; i < WRITERS; i++)
		writers[i] = new_writer(i, 1);
	for (round = 0;
	     round < ROUNDS || (held == 0 && clock_mono() < until); round++) {
		unsigned i = round % WRITERS;

		/* On a busy machine all deaths of one wait were elsewhere. */
		usleep(1000 + round % 16 * 100);
		held += end_writer(&writers[i]);
		writers[i] = new_writer(i, round + 2);
	}
	for (unsigned i = 0; i < WRITERS; i++)
		held += end_writer(&writers[i]);
	print_message("# %u of %u died with the lock\n", held, round);
	assert_true(held > 0);
	assert_int_equal(atomic_load(&page->here), 0);
	assert_int_equal(take(me, LATE, &tally), 0);
	lock_release(&page->lock, me);
}

#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(is_mine_from_take_to_release),
		test(a_second_taker_gives_up_at_its_deadline),
		test(a_deadline_that_passed_is_no_wait),
		test(a_waiting_taker_gets_in_after_the_release),
		test(a_dead_owner_keeps_the_lock_until_recovered),
		test(recovery_gives_a_dead_owners_lock_back_once),
		test(recovery_of_another_id_does_nothing),
		test(a_token_that_died_is_put_back),
		test(a_surplus_token_admits_no_second_owner),
		test(release_of_anothers_lock_aborts),
		test(no_increment_under_the_lock_is_lost),
		test(killed_writers_never_share_nor_block_the_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
