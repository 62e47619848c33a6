#include "fetch/batch.h"

#include <mqueue.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"

#include "engine_case.h"

/* Kills a child whenever the server has one more request that it holds. */
static enum engine_next
killing_next(void *context, struct engine_item *item, int64_t *wait_ns)
{
	struct caller *c = context;
	pid_t pids[CHILDREN_MAX];

	*wait_ns = 10 * CLOCK_MS;
	assert_true(clock_mono() - c->since < PATIENCE);
	if (c->kills > 0 && atomic_load(&server->held) == 1 &&
	    atomic_load(&server->requests) > c->turn) {
		c->turn = atomic_load(&server->requests);
		assert_true(children(pids) >= 1);
		kill(pids[0], SIGKILL);
		if (--c->kills == 0)
			atomic_store(&server->want, 1);
	}
	if (c->done == c->items)
		return ENGINE_STOP;
	return give_item(c, item) ? ENGINE_ITEM : ENGINE_LATER;
}

/* One child, and one item after the other, so that it is clear who has what. */
static void
run_killing(struct caller *c)
{
	const struct engine_io io = { .context = c,
		.concurrency = 1,
		.limits = patient,
		.next = killing_next,
		.done = caller_done };

	server_reset(server, 2);
	c->since = clock_mono();
	assert_int_equal(engine_run_procs(&io), 0);
	assert_int_equal(c->done, c->items);
	nothing_is_left();
}

static void
an_item_survives_the_process_that_had_it(void **state)
{
	struct caller c = { .path = "hold/a", .items = 3, .kills = 1 };

	(void)state;
	run_killing(&c);
	assert_int_equal(c.class, ATTEMPT_OK);
	assert_int_equal(atomic_load(&server->requests), 4);
}

static void
an_item_that_kills_again_and_again_is_told(void **state)
{
	struct caller c = { .path = "hold/a", .items = 1, .kills = 2 };

	(void)state;
	run_killing(&c);
	assert_int_equal(c.class, ATTEMPT_TRANSFER);
	assert_non_null(strstr(c.text, "died, 2 times: signal 9"));
	assert_int_equal(atomic_load(&server->requests), 2);
}

/* The queue of an engine that runs: it has a descriptor, and no name. */
static int
private_queue(void)
{
	char path[32], name[64];

	for (int fd = 3; fd < 256; fd++) {
		ssize_t length = readlink(
		    text_format(path, sizeof(path), "/proc/self/fd/%d", fd),
		    name, sizeof(name) - 1);

		name[length > 0 ? length : 0] = '\0';
		if (strncmp(name, "/ratesd-private.", 16) != 0)
			continue;
		assert_non_null(strstr(name, " (deleted)"));
		return fd;
	}
	return -1;
}

/* Takes the message out of the queue while the child can't. */
static enum engine_next
stealing_next(void *context, struct engine_item *item, int64_t *wait_ns)
{
	static char message[8192];
	struct caller *c = context;
	pid_t pids[CHILDREN_MAX];

	*wait_ns = 10 * CLOCK_MS;
	assert_true(clock_mono() - c->since < PATIENCE);
	if (c->done == c->items)
		return ENGINE_STOP;
	assert_int_equal(children(pids), 1);
	if (c->given == 0) {
		kill(pids[0], SIGSTOP);
		/* Until then it may take a message yet. */
		assert_int_equal(
		    waitpid(pids[0], NULL, WUNTRACED), pids[0]);
	} else if (c->turn == 0 &&
	    mq_receive(private_queue(), message, sizeof(message), NULL) > 0 &&
	    ++c->turn == 1)
		kill(pids[0], SIGCONT);
	return give_item(c, item) ? ENGINE_ITEM : ENGINE_LATER;
}

static void
a_message_that_is_lost_is_sent_again(void **state)
{
	struct caller c = { .path = "ok/a", .items = 1 };
	const struct engine_io io = { .context = &c,
		.concurrency = 1,
		.limits = patient,
		.next = stealing_next,
		.done = caller_done };

	(void)state;
	c.since = clock_mono();
	assert_int_equal(engine_run_procs(&io), 0);
	assert_int_equal(c.turn, 1);
	assert_int_equal(c.done, 1);
	assert_int_equal(c.class, ATTEMPT_OK);
}

/* Stops the first child that has an item. */
static enum engine_next
stopping_next(void *context, struct engine_item *item, int64_t *wait_ns)
{
	struct caller *c = context;
	pid_t pids[CHILDREN_MAX];

	if (c->kills > 0 && atomic_load(&server->held) == 1) {
		c->kills = 0;
		assert_int_equal(children(pids), 1);
		kill(pids[0], SIGSTOP);
		atomic_store(&server->want, 1);
	}
	if (c->done == c->items)
		return ENGINE_STOP;
	return killing_next(context, item, wait_ns);
}

static void
a_process_that_stands_still_is_replaced(void **state)
{
	struct caller c = { .path = "hold/a", .items = 2, .kills = 1 };
	const struct engine_io io = { .context = &c,
		.concurrency = 1,
		.limits = { PATIENCE / 15, PATIENCE / 15, PATIENCE },
		.next = stopping_next,
		.done = caller_done };

	(void)state;
	server_reset(server, 2);
	c.since = clock_mono();
	assert_int_equal(engine_run_procs(&io), 0);
	assert_int_equal(c.done, 2);
	assert_int_equal(c.class, ATTEMPT_OK);
	nothing_is_left();
}

static void
count_failure(void *context, unsigned number,
    const struct transfer_result *result)
{
	(void)number;
	(void)result;
	++*(unsigned *)context;
}

static bool
is_gone(pid_t pid)
{
	return kill(pid, 0) == -1 || status_number(pid, "Threads:") == 0;
}

static void
ask_hang(void *context, unsigned number, struct transfer_request *request)
{
	(void)context;
	(void)number;
	fill_url(request, "hang");
}

/* A process that has the children of an engine, until it is killed. */
static pid_t
start_parent(void)
{
	unsigned failed = 0;
	const struct batch batch = { .engine = engine_at(ENGINE_procs),
		.concurrency = 3,
		.count = 3,
		.limits = patient,
		.context = &failed,
		.request = ask_hang,
		.done = count_failure };
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGINT, SIG_DFL); /* a shell's "&" ignores it */
		batch_run(&batch, NULL);
		_exit(0);
	}
	return pid;
}

static unsigned
children_of(pid_t parent, pid_t *pids)
{
	char path[64];
	unsigned count = 0;
	FILE *file;

	text_format(path, sizeof(path), "/proc/%ld/task/%ld/children",
	    (long)parent, (long)parent);
	file = fopen(path, "re");
	assert_non_null(file);
	while (count < CHILDREN_MAX && fscanf(file, "%d", &pids[count]) == 1)
		count++;
	fclose(file);
	return count;
}

static void
wait_until(bool (*condition)(const pid_t *pids), const pid_t *pids)
{
	int64_t end = clock_mono() + PATIENCE;

	while (!condition(pids)) {
		assert_true(clock_mono() < end);
		poll(NULL, 0, 5);
	}
}

static bool
three_hang(const pid_t *pids)
{
	(void)pids;
	return atomic_load(&server->hanging) == 3;
}

static bool
three_are_gone(const pid_t *pids)
{
	return is_gone(pids[0]) && is_gone(pids[1]) && is_gone(pids[2]);
}

static void
no_child_outlives_its_parent(void **state)
{
	static const int signals[] = { SIGKILL, SIGINT, SIGTERM };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		pid_t pids[CHILDREN_MAX], parent;

		server_reset(server, 1);
		parent = start_parent();
		wait_until(three_hang, pids);
		assert_int_equal(children_of(parent, pids), 3);
		kill(parent, signals[i]);
		assert_int_equal(waitpid(parent, NULL, 0), parent);
		wait_until(three_are_gone, pids);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_item_survives_the_process_that_had_it),
		cmocka_unit_test(an_item_that_kills_again_and_again_is_told),
		cmocka_unit_test(a_message_that_is_lost_is_sent_again),
		cmocka_unit_test(a_process_that_stands_still_is_replaced),
		cmocka_unit_test(no_child_outlives_its_parent),
	};

	return cmocka_run_group_tests(tests, start_server, stop_server);
}
