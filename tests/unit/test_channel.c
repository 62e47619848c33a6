#include "fetch/channel.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"

#define LONG (60 * CLOCK_SECOND)
#define SHORT (10 * CLOCK_MS)
#define WRITERS 4
#define READERS 4
#define EACH 2000

static int numbers[8] = { 0, 1, 2, 3, 4, 5, 6, 7 };

static bool
is_readable(const struct channel *c)
{
	struct pollfd fd = { channel_descriptor(c), POLLIN, 0 };

	return poll(&fd, 1, 0) == 1;
}

static void
gives_back_in_order(void **state)
{
	struct channel *c = channel_new(3);
	void *got;

	(void)state;
	assert_non_null(c);
	for (int i = 0; i < 3; i++)
		assert_int_equal(
		    channel_put(c, &numbers[i], 0), CHANNEL_DONE);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(channel_take(c, &got, 0), CHANNEL_DONE);
		assert_ptr_equal(got, &numbers[i]);
		assert_int_equal(
		    channel_put(c, &numbers[3 + i], 0), CHANNEL_DONE);
	}
	for (int i = 3; i < 6; i++) {
		assert_int_equal(channel_take(c, &got, LONG), CHANNEL_DONE);
		assert_ptr_equal(got, &numbers[i]);
	}
	channel_free(c);
}

static void
holds_no_more_than_its_capacity(void **state)
{
	struct channel *c = channel_new(2);
	int64_t begun = clock_mono();
	void *got;

	(void)state;
	assert_int_equal(channel_put(c, &numbers[0], 0), CHANNEL_DONE);
	assert_int_equal(channel_put(c, &numbers[1], 0), CHANNEL_DONE);
	assert_int_equal(channel_put(c, &numbers[2], 0), CHANNEL_TIMEOUT);
	assert_int_equal(channel_put(c, &numbers[2], SHORT), CHANNEL_TIMEOUT);
	assert_true(clock_mono() - begun >= SHORT);
	assert_int_equal(channel_take(c, &got, 0), CHANNEL_DONE);
	assert_int_equal(channel_put(c, &numbers[2], 0), CHANNEL_DONE);
	channel_free(c);
}

static void
a_wait_for_nothing_ends(void **state)
{
	struct channel *c = channel_new(1);
	int64_t begun = clock_mono();
	void *got;

	(void)state;
	assert_int_equal(channel_take(c, &got, 0), CHANNEL_TIMEOUT);
	assert_int_equal(channel_take(c, &got, SHORT), CHANNEL_TIMEOUT);
	assert_true(clock_mono() - begun >= SHORT);
	channel_free(c);
}

static void
closed_it_gives_what_it_has_and_takes_nothing(void **state)
{
	struct channel *c = channel_new(2);
	void *got;

	(void)state;
	channel_put(c, &numbers[0], 0);
	channel_close(c);
	assert_int_equal(channel_put(c, &numbers[1], LONG), CHANNEL_CLOSED);
	assert_int_equal(channel_take(c, &got, LONG), CHANNEL_DONE);
	assert_ptr_equal(got, &numbers[0]);
	assert_int_equal(channel_take(c, &got, LONG), CHANNEL_CLOSED);
	channel_free(c);
}

static void
its_descriptor_is_readable_while_there_is_something(void **state)
{
	struct channel *c = channel_new(2);
	void *got;

	(void)state;
	assert_false(is_readable(c));
	channel_put(c, &numbers[0], 0);
	channel_put(c, &numbers[1], 0);
	assert_true(is_readable(c));
	channel_take(c, &got, 0);
	assert_true(is_readable(c));
	channel_take(c, &got, 0);
	assert_false(is_readable(c));
	channel_close(c);
	assert_true(is_readable(c));
	assert_int_equal(channel_take(c, &got, 0), CHANNEL_CLOSED);
	assert_true(is_readable(c));
	channel_free(c);
}

static void *
wait_for_end(void *context)
{
	void *got;

	return channel_take(context, &got, LONG) == CHANNEL_CLOSED ? context
								   : NULL;
}

static void
who_waits_is_woken_by_the_end(void **state)
{
	struct channel *c = channel_new(1);
	pthread_t readers[READERS];
	void *saw;

	(void)state;
	for (int i = 0; i < READERS; i++)
		assert_int_equal(
		    pthread_create(&readers[i], NULL, wait_for_end, c), 0);
	poll(NULL, 0, 100); /* by then they wait */
	channel_close(c);
	for (int i = 0; i < READERS; i++) {
		pthread_join(readers[i], &saw);
		assert_ptr_equal(saw, c);
	}
	channel_free(c);
}

struct side {
	struct channel *channel;
	uint64_t sum, count;
	enum channel_end end; /* of a reader */
};

static void *
write_numbers(void *context)
{
	struct side *side = context;

	for (uintptr_t i = 1; i <= EACH; i++)
		if (channel_put(side->channel, (void *)i, LONG) ==
		    CHANNEL_DONE)
			side->sum += i;
	return NULL;
}

static void *
read_numbers(void *context)
{
	struct side *side = context;
	void *got;

	while ((side->end = channel_take(side->channel, &got, LONG)) ==
	    CHANNEL_DONE) {
		side->sum += (uintptr_t)got;
		side->count++;
	}
	return NULL;
}

static void
nothing_is_lost_or_doubled_among_many(void **state)
{
	struct channel *c = channel_new(3);
	struct side sides[WRITERS + READERS] = { { .channel = c } };
	pthread_t threads[WRITERS + READERS];
	uint64_t in = 0, out = 0, count = 0;

	(void)state;
	for (int i = 0; i < WRITERS + READERS; i++) {
		sides[i].channel = c;
		pthread_create(&threads[i], NULL,
		    i < WRITERS ? write_numbers : read_numbers, &sides[i]);
	}
	for (int i = 0; i < WRITERS; i++) {
		pthread_join(threads[i], NULL);
		in += sides[i].sum;
	}
	channel_close(c);
	for (int i = WRITERS; i < WRITERS + READERS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(sides[i].end, CHANNEL_CLOSED);
		out += sides[i].sum;
		count += sides[i].count;
	}
	assert_true(count == WRITERS * EACH);
	assert_true(in == out);
	channel_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_back_in_order),
		cmocka_unit_test(holds_no_more_than_its_capacity),
		cmocka_unit_test(a_wait_for_nothing_ends),
		cmocka_unit_test(
		    closed_it_gives_what_it_has_and_takes_nothing),
		cmocka_unit_test(
		    its_descriptor_is_readable_while_there_is_something),
		cmocka_unit_test(who_waits_is_woken_by_the_end),
		cmocka_unit_test(nothing_is_lost_or_doubled_among_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
