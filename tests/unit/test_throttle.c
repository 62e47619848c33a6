#include "fetch/throttle.h"

#include <sched.h>
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

#include "dice.h"

#define NOW (5000 * CLOCK_SECOND)
#define HOUR (3600 * CLOCK_SECOND)
#define TAKERS 4
#define TRIES 2000
#define ROUNDS 20

struct bucket {
	_Atomic uint64_t arrival, not_before;
	struct throttle throttle;
};

static struct throttle *
fill(struct bucket *bucket, int64_t interval, unsigned burst)
{
	atomic_init(&bucket->arrival, 0);
	atomic_init(&bucket->not_before, 0);
	bucket->throttle = (struct throttle){ .arrival = &bucket->arrival,
		.not_before = &bucket->not_before,
		.interval = interval,
		.burst = burst };
	return &bucket->throttle;
}

static void
grants_a_burst_and_then_one_an_interval(void **state)
{
	static const unsigned bursts[] = { 1, 2, 16, 1000000 };
	struct bucket bucket;

	(void)state;
	for (size_t i = 0; i < sizeof(bursts) / sizeof(bursts[0]); i++) {
		const struct throttle *t = fill(&bucket, 1000, bursts[i]);

		for (unsigned n = 0; n < bursts[i]; n++)
			assert_true(throttle_take(t, NOW) == 0);
		for (int64_t n = 1; n < 5; n++) {
			int64_t free_at = NOW + n * 1000;

			assert_true(throttle_take(t, free_at - 1000) == 1000);
			assert_true(throttle_take(t, free_at - 1) == 1);
			assert_true(throttle_take(t, free_at) == 0);
		}
	}
}

static void
begun_it_is_empty(void **state)
{
	static const int64_t intervals[] = { 1000, CLOCK_SECOND, 9 * HOUR };
	struct bucket bucket;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct throttle *t = fill(&bucket, intervals[i], 4);
		int64_t first = intervals[i] < CLOCK_SECOND ? intervals[i]
							    : CLOCK_SECOND;

		throttle_begin(t, NOW);
		assert_true(throttle_take(t, NOW) == first);
		assert_true(throttle_take(t, NOW + first) == 0);
		assert_true(
		    throttle_take(t, NOW + first) == intervals[i]);
		/* What was used once is what it is. */
		throttle_begin(t, NOW + 100 * HOUR);
		for (int n = 0; n < 4; n++)
			assert_true(
			    throttle_take(t, NOW + 100 * HOUR) == 0);
	}
	throttle_begin(fill(&bucket, 0, 1), NOW);
	assert_true(throttle_take(&bucket.throttle, NOW) == 0);
}

static void
a_refusal_costs_nothing(void **state)
{
	struct bucket bucket;
	const struct throttle *t = fill(&bucket, 1000, 1);

	(void)state;
	assert_true(throttle_take(t, NOW) == 0);
	for (int i = 0; i < 100; i++)
		assert_true(throttle_take(t, NOW + 1) == 999);
	assert_true(throttle_take(t, NOW + 1000) == 0);
}

static void
a_long_pause_saves_no_more_than_a_burst(void **state)
{
	struct bucket bucket;
	const struct throttle *t = fill(&bucket, CLOCK_SECOND, 3);

	(void)state;
	assert_true(throttle_take(t, NOW) == 0);
	for (int i = 0; i < 3; i++)
		assert_true(throttle_take(t, NOW + 100 * HOUR) == 0);
	assert_true(throttle_take(t, NOW + 100 * HOUR) == CLOCK_SECOND);
}

static void
never_grants_more_than_its_rate(void **state)
{
	(void)state;
	dice_seed();
	for (int run = 0; run < 200; run++) {
		int64_t interval = 2 + (int64_t)dice_below(1000);
		unsigned burst = 1 + (unsigned)dice_below(20);
		struct bucket bucket;
		const struct throttle *t = fill(&bucket, interval, burst);
		int64_t now = NOW, granted = 0;

		for (int i = 0; i < 2000; i++) {
			now += (int64_t)dice_below((uint64_t)interval);
			granted += throttle_take(t, now) == 0;
			assert_true(granted <=
			    (int64_t)burst + (now - NOW) / interval);
		}
		assert_true(granted > burst);
	}
}

static void
who_waits_as_told_gets_the_whole_rate(void **state)
{
	(void)state;
	dice_seed();
	for (int run = 0; run < 200; run++) {
		int64_t interval = 2 + (int64_t)dice_below(1000);
		unsigned burst = 1 + (unsigned)dice_below(20);
		struct bucket bucket;
		const struct throttle *t = fill(&bucket, interval, burst);
		int64_t now = NOW, granted = 0;

		for (int i = 0; i < 1000; i++) {
			int64_t wait = throttle_take(t, now);

			now += wait;
			granted += wait == 0;
		}
		assert_true(
		    granted == (int64_t)burst + (now - NOW) / interval ||
		    granted == (int64_t)burst + (now - NOW) / interval - 1);
	}
}

static void
nothing_is_granted_before_the_end_of_a_block(void **state)
{
	struct bucket bucket;
	const struct throttle *t = fill(&bucket, 1000, 5);

	(void)state;
	throttle_block(t, NOW + 100);
	assert_true(throttle_take(t, NOW) == 100);
	assert_true(throttle_take(t, NOW + 99) == 1);
	for (int i = 0; i < 5; i++)
		assert_true(throttle_take(t, NOW + 100) == 0);
}

static void
an_earlier_block_changes_nothing(void **state)
{
	struct bucket bucket;
	const struct throttle *t = fill(&bucket, 1000, 1);

	(void)state;
	throttle_block(t, NOW + 100);
	throttle_block(t, NOW + 50);
	assert_true(throttle_take(t, NOW) == 100);
	throttle_block(t, NOW + 150);
	assert_true(throttle_take(t, NOW) == 150);
}

static void
a_block_of_an_hour_holds(void **state)
{
	struct bucket bucket;
	const struct throttle *t = fill(&bucket, 1000, 1);

	(void)state;
	throttle_block(t, NOW + HOUR);
	assert_true(throttle_take(t, NOW) == HOUR);
	assert_true(throttle_take(t, NOW + HOUR) == 0);
}

static void
a_block_that_nobody_could_mean_is_ignored(void **state)
{
	struct bucket bucket;
	const struct throttle *t = fill(&bucket, 1000, 1);

	(void)state;
	throttle_block(t, NOW + 3 * HOUR);
	assert_true(throttle_take(t, NOW) == 0);
}

/* A block holds for a source without a limit too. */
static void
no_interval_is_no_limit(void **state)
{
	struct bucket bucket;
	const struct throttle *t = fill(&bucket, 0, 1);

	(void)state;
	for (int i = 0; i < 10000; i++)
		assert_true(throttle_take(t, NOW) == 0);
	throttle_block(t, NOW + 100);
	assert_true(throttle_take(t, NOW) == 100);
	assert_true(throttle_take(t, NOW + 100) == 0);
}

static const uint64_t corrupt[] = { INT64_MAX, UINT64_MAX,
	(uint64_t)INT64_MAX + 1, INT64_MAX - NOW, UINT64_C(1) << 62,
	NOW + 1000 * (uint64_t)HOUR };

static void
a_corrupt_arrival_heals(void **state)
{
	struct bucket bucket;
	const struct throttle *t;

	(void)state;
	for (size_t i = 0; i < sizeof(corrupt) / sizeof(corrupt[0]); i++) {
		t = fill(&bucket, 1000, 2);
		atomic_store(&bucket.arrival, corrupt[i]);
		assert_true(throttle_take(t, NOW) == 0);
		assert_true(throttle_take(t, NOW) == 0);
		assert_true(throttle_take(t, NOW) == 1000);
		assert_true(throttle_take(t, NOW + 1000) == 0);
	}
}

/* It blocks nothing, and the next block counts again. */
static void
a_corrupt_block_heals(void **state)
{
	struct bucket bucket;
	const struct throttle *t;

	(void)state;
	for (size_t i = 0; i < sizeof(corrupt) / sizeof(corrupt[0]); i++) {
		t = fill(&bucket, 1000, 2);
		atomic_store(&bucket.not_before, corrupt[i]);
		assert_true(throttle_take(t, NOW) == 0);
		throttle_block(t, NOW + 100);
		assert_true(throttle_take(t, NOW) == 100);
	}
}

struct shared {
	struct bucket buckets[ROUNDS];
	_Atomic unsigned granted[ROUNDS];
	_Atomic unsigned here; /* how often a taker came to a round */
};

static void
take_tokens(struct shared *shared)
{
	for (unsigned round = 0; round < ROUNDS; round++) {
		const struct throttle *t = &shared->buckets[round].throttle;

		atomic_fetch_add(&shared->here, 1);
		while (atomic_load(&shared->here) < TAKERS * (round + 1))
			sched_yield();
		for (int i = 0; i < TRIES; i++)
			if (throttle_take(t, NOW) == 0)
				atomic_fetch_add(&shared->granted[round], 1);
	}
}

static pid_t
start_taker(struct shared *shared)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(120);
		take_tokens(shared);
		_exit(0);
	}
	return pid;
}

static void
processes_share_one_bucket(void **state)
{
	struct shared *shared = mmap(NULL, sizeof(*shared),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const unsigned burst = TAKERS * TRIES / 2;
	pid_t takers[TAKERS];
	int status;

	(void)state;
	assert_ptr_not_equal(shared, MAP_FAILED);
	for (int i = 0; i < ROUNDS; i++)
		fill(&shared->buckets[i], CLOCK_MS, burst);
	for (int i = 0; i < TAKERS; i++)
		takers[i] = start_taker(shared);
	for (int i = 0; i < TAKERS; i++) {
		assert_int_equal(waitpid(takers[i], &status, 0), takers[i]);
		assert_int_equal(status, 0);
	}
	for (int i = 0; i < ROUNDS; i++) {
		const struct throttle *t = &shared->buckets[i].throttle;

		assert_int_equal(atomic_load(&shared->granted[i]), burst);
		assert_true(throttle_take(t, NOW) == CLOCK_MS);
	}
	munmap(shared, sizeof(*shared));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grants_a_burst_and_then_one_an_interval),
		cmocka_unit_test(begun_it_is_empty),
		cmocka_unit_test(a_refusal_costs_nothing),
		cmocka_unit_test(a_long_pause_saves_no_more_than_a_burst),
		cmocka_unit_test(never_grants_more_than_its_rate),
		cmocka_unit_test(who_waits_as_told_gets_the_whole_rate),
		cmocka_unit_test(nothing_is_granted_before_the_end_of_a_block),
		cmocka_unit_test(an_earlier_block_changes_nothing),
		cmocka_unit_test(a_block_of_an_hour_holds),
		cmocka_unit_test(a_block_that_nobody_could_mean_is_ignored),
		cmocka_unit_test(no_interval_is_no_limit),
		cmocka_unit_test(a_corrupt_arrival_heals),
		cmocka_unit_test(a_corrupt_block_heals),
		cmocka_unit_test(processes_share_one_bucket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
