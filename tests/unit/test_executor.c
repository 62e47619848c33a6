#include "fetch/executor.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

#define LONG (60 * CLOCK_SECOND)
#define SHORT (10 * CLOCK_MS)
#define MANY 500

/* A gate that calls wait at; readable: open. */
static int
new_gate(void)
{
	int gate = eventfd(0, EFD_CLOEXEC);

	assert_int_not_equal(gate, -1);
	return gate;
}

static int
wait_at(void *tool, void *argument)
{
	struct pollfd gate = { *(int *)argument, POLLIN, 0 };

	(void)tool;
	return poll(&gate, 1, 60000) == 1 ? 0 : ETIMEDOUT;
}

static int
give(void *tool, void *argument)
{
	(void)tool;
	return *(int *)argument;
}

static int
count(void *tool, void *argument)
{
	(void)tool;
	atomic_fetch_add((_Atomic unsigned *)argument, 1);
	return 0;
}

/* A tool is nobody else's meanwhile: counted without a lock. */
static int
use_tool(void *tool, void *argument)
{
	(void)argument;
	++*(unsigned *)tool;
	return 0;
}

static void
a_future_becomes_what_the_call_returned(void **state)
{
	int errors[] = { 0, ENOENT, EIO };
	struct executor *e = executor_new(2, NULL, 8);

	(void)state;
	assert_non_null(e);
	for (size_t i = 0; i < 3; i++) {
		struct future *f = executor_submit(e, give, &errors[i]);

		assert_true(future_wait(f, LONG));
		assert_int_equal(future_poll(f), FUTURE_DONE);
		assert_int_equal(future_result(f), errors[i]);
		assert_false(future_cancel(f));
		future_free(f);
	}
	assert_int_equal(executor_free(e), 0);
}

static void
it_waits_runs_and_is_done(void **state)
{
	int gate = new_gate();
	struct executor *e = executor_new(1, NULL, 8);
	struct future *first = executor_submit(e, wait_at, &gate);
	struct future *second = executor_submit(e, wait_at, &gate);

	(void)state;
	while (future_poll(first) == FUTURE_WAITING)
		poll(NULL, 0, 1);
	assert_int_equal(future_poll(first), FUTURE_RUNNING);
	assert_int_equal(future_poll(second), FUTURE_WAITING);
	assert_false(future_wait(second, SHORT));
	assert_int_equal(future_result(first), EBUSY);
	eventfd_write(gate, 1);
	assert_true(future_wait(second, LONG));
	assert_int_equal(future_poll(first), FUTURE_DONE);
	future_free(first);
	future_free(second);
	assert_int_equal(executor_free(e), 0);
	close(gate);
}

static void
what_has_not_begun_can_be_cancelled(void **state)
{
	int gate = new_gate();
	_Atomic unsigned counted = 0;
	struct executor *e = executor_new(1, NULL, 8);
	struct future *running = executor_submit(e, wait_at, &gate);
	struct future *waiting = executor_submit(e, count, &counted);
	struct future *last;

	(void)state;
	while (future_poll(running) == FUTURE_WAITING)
		poll(NULL, 0, 1);
	assert_false(future_cancel(running));
	assert_true(future_cancel(waiting));
	assert_false(future_cancel(waiting));
	assert_int_equal(future_poll(waiting), FUTURE_CANCELLED);
	assert_int_equal(future_result(waiting), ECANCELED);
	assert_true(future_wait(waiting, 0));
	last = executor_submit(e, wait_at, &gate);
	eventfd_write(gate, 1);
	assert_true(future_wait(last, LONG));
	assert_int_equal(atomic_load(&counted), 0);
	future_free(running);
	future_free(waiting);
	future_free(last);
	assert_int_equal(executor_free(e), 0);
	close(gate);
}

static void
a_full_backlog_refuses_and_then_takes(void **state)
{
	int gate = new_gate();
	struct executor *e = executor_new(1, NULL, 2);
	struct future *a = executor_submit(e, wait_at, &gate);
	struct future *b = executor_submit(e, wait_at, &gate);
	struct future *c;

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_null(executor_submit(e, wait_at, &gate));
	assert_int_equal(errno, EAGAIN);
	eventfd_write(gate, 1);
	assert_true(future_wait(a, LONG));
	/* Done is not freed. */
	assert_null(executor_submit(e, wait_at, &gate));
	future_free(a);
	c = executor_submit(e, wait_at, &gate);
	assert_non_null(c);
	assert_true(future_wait(c, LONG));
	assert_int_equal(executor_free(e), 0);
	close(gate);
}

/* One that is freed while it runs has its place back when it ends. */
static void
nobody_needs_to_wait_for_a_future(void **state)
{
	_Atomic unsigned counted = 0;
	struct executor *e = executor_new(2, NULL, 2);

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		struct future *f;

		while ((f = executor_submit(e, count, &counted)) == NULL)
			poll(NULL, 0, 1);
		while (future_poll(f) == FUTURE_WAITING)
			poll(NULL, 0, 0);
		future_free(f);
	}
	assert_int_equal(executor_free(e), 0);
	assert_int_equal(atomic_load(&counted), MANY);
}

static void
its_descriptor_tells_that_one_is_done(void **state)
{
	int error = 0;
	struct executor *e = executor_new(1, NULL, 8);
	struct pollfd fd = { executor_descriptor(e), POLLIN, 0 };
	struct future *f;

	(void)state;
	assert_int_equal(poll(&fd, 1, 0), 0);
	f = executor_submit(e, give, &error);
	assert_int_equal(poll(&fd, 1, 60000), 1);
	executor_heard(e);
	assert_int_equal(future_poll(f), FUTURE_DONE);
	assert_int_equal(poll(&fd, 1, 0), 0);
	assert_int_equal(executor_free(e), 0);
}

static void
each_thread_has_a_tool_of_its_own(void **state)
{
	unsigned uses[4] = { 0 }, sum = 0;
	void *tools[4] = { &uses[0], &uses[1], &uses[2], &uses[3] };
	struct executor *e = executor_new(4, tools, MANY);
	struct future *futures[MANY];

	(void)state;
	for (unsigned i = 0; i < MANY; i++)
		futures[i] = executor_submit(e, use_tool, NULL);
	for (unsigned i = 0; i < MANY; i++)
		assert_true(future_wait(futures[i], LONG));
	assert_int_equal(executor_free(e), 0);
	for (unsigned i = 0; i < 4; i++)
		sum += uses[i];
	assert_int_equal(sum, MANY);
}

static _Atomic bool ending;

/* By when the executor closes, or the test would hang. */
static void *
open_later(void *gate)
{
	while (!atomic_load(&ending))
		poll(NULL, 0, 1);
	poll(NULL, 0, 1000);
	eventfd_write(*(int *)gate, 1);
	return NULL;
}

static void
its_end_cancels_what_waits(void **state)
{
	pthread_t opener;
	int gate = new_gate();
	_Atomic unsigned counted = 0;
	struct executor *e = executor_new(1, NULL, 8);
	struct future *running = executor_submit(e, wait_at, &gate);

	(void)state;
	while (future_poll(running) == FUTURE_WAITING)
		poll(NULL, 0, 1);
	for (int i = 0; i < 4; i++)
		executor_submit(e, count, &counted);
	assert_int_equal(pthread_create(&opener, NULL, open_later, &gate), 0);
	atomic_store(&ending, true);
	assert_int_equal(executor_free(e), 0);
	assert_int_equal(atomic_load(&counted), 0);
	pthread_join(opener, NULL);
	close(gate);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_future_becomes_what_the_call_returned),
		cmocka_unit_test(it_waits_runs_and_is_done),
		cmocka_unit_test(what_has_not_begun_can_be_cancelled),
		cmocka_unit_test(a_full_backlog_refuses_and_then_takes),
		cmocka_unit_test(nobody_needs_to_wait_for_a_future),
		cmocka_unit_test(its_descriptor_tells_that_one_is_done),
		cmocka_unit_test(each_thread_has_a_tool_of_its_own),
		cmocka_unit_test(its_end_cancels_what_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
