#include "fetch/batch.h"

#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"

#include "engine_case.h"

#define MANY 10000
#define WARM 5000 /* of them, until all memory is had that is needed */

static void
engines_have_names(void **state)
{
	char names[128] = "";

	(void)state;
	for (unsigned id = 0; id < ENGINE_COUNT; id++)
		assert_ptr_equal(
		    engine_find(engine_at(id)->name), engine_at(id));
	assert_null(engine_find("magic"));
	assert_string_equal(engine_names(true, names, sizeof(names)),
	    "sync pool async");
}

/* --- batches -------------------------------------------------------------- */

struct want {
	const char *path;
	enum attempt_class class;
	const char *text; /* of the failure, or the body */
};

struct seen {
	const struct want *wants;
	unsigned count, done[64];
};

static void
ask(void *context, unsigned number, struct transfer_request *request)
{
	const struct seen *seen = context;

	fill_url(request, seen->wants[number].path);
}

static void
check(void *context, unsigned number, const struct transfer_result *result)
{
	struct seen *seen = context;
	const struct want *want = &seen->wants[number];

	seen->done[number]++;
	assert_int_equal(result->class, want->class);
	if (want->class == ATTEMPT_OK) {
		assert_int_equal(result->size, strlen(want->text));
		assert_string_equal(result->body, want->text);
		assert_string_equal(result->text, "");
	} else if (want->text != NULL) {
		assert_string_equal(result->text, want->text);
	}
}

/* Runs an engine over items that come to what they are wanted to. */
static void
run(enum engine_id id, unsigned concurrency, int64_t total,
    const struct want *wants, unsigned count)
{
	struct seen seen = { wants, count, { 0 } };
	const struct batch batch = { .engine = engine_at(id),
		.concurrency = concurrency,
		.count = count,
		.limits = { total, total, total },
		.context = &seen,
		.request = ask,
		.done = check };
	unsigned peak;

	print_message("# %s\n", engine_at(id)->name);
	assert_int_equal(batch_run(&batch, &peak), 0);
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(seen.done[i], 1);
	assert_true(peak >= 1 && peak <= count);
	nothing_is_left();
}

static void
each_item_comes_back_once_as_what_it_is(void **state)
{
	static const struct want wants[] = { { "ok/a", ATTEMPT_OK, "a" },
		{ "ok/bc", ATTEMPT_OK, "bc" }, { "ok/d", ATTEMPT_OK, "d" },
		{ "ok/efgh", ATTEMPT_OK, "efgh" }, { "ok/", ATTEMPT_OK, "" },
		{ "ok/i", ATTEMPT_OK, "i" }, { "ok/j", ATTEMPT_OK, "j" } };

	(void)state;
	server_reset(server, 1);
	for (unsigned id = 0; id < ENGINE_COUNT; id++)
		for (unsigned width = 1; width <= 9; width += 4)
			run(id, width, PATIENCE, wants, 7);
}

static void
a_bad_item_costs_no_other(void **state)
{
	static const struct want wants[] = { { "ok/a", ATTEMPT_OK, "a" },
		{ "500", ATTEMPT_HTTP, "status 500" },
		{ "cut", ATTEMPT_TRANSFER, NULL },
		{ "hang", ATTEMPT_TIMEOUT, NULL },
		{ "", ATTEMPT_TRANSFER, "the transfer could not be started" },
		{ "ok/b", ATTEMPT_OK, "b" }, { "ok/c", ATTEMPT_OK, "c" } };

	(void)state;
	server_reset(server, 1);
	for (unsigned id = 0; id < ENGINE_COUNT; id++)
		run(id, 3, 6 * CLOCK_SECOND, wants, 7);
}

/* The server lets go only when it has so many: fewer would hang. */
static void
each_has_as_many_in_flight_as_it_says(void **state)
{
	static const struct want wants[] = { { "hold/a", ATTEMPT_OK, "a" },
		{ "hold/b", ATTEMPT_OK, "b" }, { "hold/c", ATTEMPT_OK, "c" },
		{ "hold/d", ATTEMPT_OK, "d" }, { "hold/e", ATTEMPT_OK, "e" },
		{ "hold/f", ATTEMPT_OK, "f" } };

	(void)state;
	for (unsigned id = 0; id < ENGINE_COUNT; id++) {
		unsigned flying = id == ENGINE_sync ? 1
		    : id == ENGINE_threads	    ? 6
						    : 3;

		server_reset(server, flying);
		run(id, 3, PATIENCE, wants, 6);
		assert_int_equal(atomic_load(&server->peak), flying);
	}
}

static void
a_throttle_holds_for_each(void **state)
{
	static const struct want wants[] = { { "ok/a", ATTEMPT_OK, "a" },
		{ "ok/b", ATTEMPT_OK, "b" }, { "ok/c", ATTEMPT_OK, "c" },
		{ "ok/d", ATTEMPT_OK, "d" } };

	(void)state;
	for (unsigned id = 0; id < ENGINE_COUNT; id++) {
		_Atomic uint64_t arrival = 0, not_before = 0;
		const struct throttle throttle = { &arrival, &not_before,
			20 * CLOCK_MS, 1 };
		struct seen seen = { wants, 4, { 0 } };
		const struct batch batch = { .engine = engine_at(id),
			.concurrency = 4,
			.count = 4,
			.limits = patient,
			.throttle = &throttle,
			.context = &seen,
			.request = ask,
			.done = check };
		int64_t begun = clock_boot();

		throttle_begin(&throttle, begun);
		assert_int_equal(batch_run(&batch, NULL), 0);
		/* Empty at the beginning: the first waits for a token too. */
		assert_true(clock_boot() - begun >= 4 * 20 * CLOCK_MS);
	}
}

/* --- many ----------------------------------------------------------------- */

struct crowd {
	bool *done;
	unsigned count;
	bool warm;
	size_t bytes;   /* in use by this process, once warm */
	unsigned pages; /* kB of its children */
};

static void
ask_crowd(void *context, unsigned number, struct transfer_request *request)
{
	char path[32];

	(void)context;
	fill_url(request,
	    text_format(path, sizeof(path), "ok/%u", number));
}

static size_t
bytes_in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static unsigned
kilobytes_of_children(void)
{
	pid_t pids[CHILDREN_MAX];
	unsigned count = children(pids), sum = 0;

	for (unsigned i = 0; i < count; i++)
		sum += status_number(pids[i], "VmRSS:");
	return sum;
}

static void
check_crowd(void *context, unsigned number,
    const struct transfer_result *result)
{
	struct crowd *crowd = context;
	char text[16];

	assert_int_equal(result->class, ATTEMPT_OK);
	assert_string_equal(
	    result->body, text_format(text, sizeof(text), "%u", number));
	assert_false(crowd->done[number]);
	crowd->done[number] = true;
	if (++crowd->count == WARM) {
		crowd->bytes = bytes_in_use();
		crowd->pages = kilobytes_of_children();
	}
	if (crowd->count == MANY) {
		assert_true(bytes_in_use() < crowd->bytes + 256 * 1024);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
		assert_true(kilobytes_of_children() < crowd->pages + 1024);
#endif
	}
}

static void
ten_thousand_items_take_the_memory_of_a_few(void **state)
{
	(void)state;
	for (unsigned id = 0; id < ENGINE_COUNT; id++) {
		struct crowd crowd = { .done = calloc(MANY, 1) };
		const struct batch batch = { .engine = engine_at(id),
			.concurrency = 8,
			.count = MANY,
			.limits = patient,
			.context = &crowd,
			.request = ask_crowd,
			.done = check_crowd };
		unsigned peak = 0;

		if (id != ENGINE_threads) {
			assert_int_equal(batch_run(&batch, &peak), 0);
			assert_int_equal(crowd.count, MANY);
			assert_int_equal(peak, id == ENGINE_sync ? 1 : 8);
		}
		free(crowd.done);
	}
	nothing_is_left();
}

/* --- refusals ------------------------------------------------------------- */

static void
never(void *context, unsigned number, struct transfer_request *request)
{
	(void)context;
	(void)number;
	(void)request;
	fail();
}

static void
count_failure(void *context, unsigned number,
    const struct transfer_result *result)
{
	(void)number;
	assert_int_equal(result->class, ATTEMPT_TRANSFER);
	++*(unsigned *)context;
}

static void
threads_refuses_a_crowd_and_names_another_engine(void **state)
{
	unsigned failed = 0;
	const struct batch batch = { .engine = engine_at(ENGINE_threads),
		.concurrency = 8,
		.count = ENGINE_THREADS_MAX + 1,
		.limits = patient,
		.context = &failed,
		.request = never,
		.done = count_failure };
	int log = memfd_create("log", MFD_CLOEXEC), terminal = dup(2);
	char text[512] = "";

	(void)state;
	assert_true(log != -1 && terminal != -1);
	dup2(log, 2);
	assert_int_equal(batch_run(&batch, NULL), -1);
	dup2(terminal, 2);
	close(terminal);
	assert_true(pread(log, text, sizeof(text) - 1, 0) > 0);
	close(log);
	assert_int_equal(failed, ENGINE_THREADS_MAX + 1);
	assert_non_null(strstr(text, "256"));
	assert_non_null(strstr(text, "pool"));
}

/* --- a caller with descriptors -------------------------------------------- */

static enum engine_next
caller_next(void *context, struct engine_item *item, int64_t *wait_ns)
{
	struct caller *c = context;

	(void)wait_ns;
	assert_true(clock_mono() - c->since < PATIENCE);
	if (c->fd.revents & POLLIN)
		return c->then;
	return give_item(c, item) ? ENGINE_ITEM : ENGINE_LATER;
}

static void
before_wait(void *context, bool room)
{
	struct caller *c = context;

	(void)room;
	c->fd.events = POLLIN;
}

static int
run_caller(enum engine_id id, struct caller *c)
{
	const struct engine_io io = { .context = c,
		.concurrency = 2,
		.items = 2,
		.limits = patient,
		.next = caller_next,
		.done = caller_done,
		.fds = &c->fd,
		.fd_count = 1,
		.before_wait = before_wait };

	c->since = clock_mono();
	return engine_at(id)->run(&io);
}

/* The server tells of a request that it never answers: that wakes the engine. */
static void
told_to_quit_each_gives_up_what_is_in_flight(void **state)
{
	(void)state;
	for (unsigned id = 0; id < ENGINE_COUNT; id++) {
		struct caller c = { .fd = { server->tell[0], POLLIN, 0 },
			.path = "hang",
			.items = 2,
			.then = ENGINE_QUIT };

		print_message("# %s\n", engine_at(id)->name);
		server_reset(server, 1);
		assert_int_equal(run_caller(id, &c), 0);
		assert_int_equal(c.done, 0);
		nothing_is_left();
	}
}

static void
each_waits_for_the_callers_descriptors_without_items(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	for (unsigned id = 0; id < ENGINE_COUNT; id++) {
		struct caller c = { .fd = { ends[0], POLLIN, 0 },
			.then = ENGINE_STOP };

		assert_int_equal(run_caller(id, &c), 0);
		nothing_is_left();
	}
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(engines_have_names),
		cmocka_unit_test(each_item_comes_back_once_as_what_it_is),
		cmocka_unit_test(a_bad_item_costs_no_other),
		cmocka_unit_test(each_has_as_many_in_flight_as_it_says),
		cmocka_unit_test(a_throttle_holds_for_each),
		cmocka_unit_test(ten_thousand_items_take_the_memory_of_a_few),
		cmocka_unit_test(threads_refuses_a_crowd_and_names_another_engine),
		cmocka_unit_test(told_to_quit_each_gives_up_what_is_in_flight),
		cmocka_unit_test(each_waits_for_the_callers_descriptors_without_items),
	};

	return cmocka_run_group_tests(tests, start_server, stop_server);
}
