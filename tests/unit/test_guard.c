#include "daemon/guard.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PAGES 4

/* Memory that a descriptor's truncate(2) takes away. */
struct memory {
	int fd;
	volatile unsigned char *bytes;
	size_t size;
};

static struct memory memory, other;
static size_t page;

static void
make(struct memory *m, size_t size)
{
	m->size = size;
	m->fd = memfd_create("guard", MFD_CLOEXEC);
	assert_int_not_equal(m->fd, -1);
	assert_int_equal(ftruncate(m->fd, (off_t)size), 0);
	m->bytes = mmap(
	    NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, m->fd, 0);
	assert_ptr_not_equal(m->bytes, MAP_FAILED);
	for (size_t i = 0; i < size; i += 64)
		m->bytes[i] = 0xa5;
}

static void
cut(const struct memory *m, size_t size)
{
	assert_int_equal(ftruncate(m->fd, (off_t)size), 0);
}

static int
begin(void **state)
{
	(void)state;
	alarm(60); /* rather than hang */
	page = (size_t)sysconf(_SC_PAGESIZE);
	make(&memory, PAGES * page);
	make(&other, PAGES * page);
	return 0;
}

/* In the test itself, for cmocka puts its own handler before each. */
static void
guard(const struct memory *m)
{
	assert_int_equal(guard_begin((void *)(uintptr_t)m->bytes, m->size), 0);
}

static void
unmake(struct memory *m)
{
	munmap((void *)(uintptr_t)m->bytes, m->size);
	close(m->fd);
}

static int
end(void **state)
{
	(void)state;
	alarm(0);
	guard_end();
	unmake(&memory);
	unmake(&other);
	return 0;
}

static void
is_writable(size_t at)
{
	memory.bytes[at] = 0x5a;
	assert_int_equal(memory.bytes[at], 0x5a);
}

/* --- children ------------------------------------------------------------ */

/* The signal that ends a child, 0 if it ends by itself. */
static int
signal_that_ends(void (*run)(void))
{
	const struct rlimit no_core = { 0, 0 };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setrlimit(RLIMIT_CORE, &no_core);
		alarm(30);
		run();
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : status;
}

static void
store_everywhere(void)
{
	for (size_t i = 0; i < memory.size; i++)
		memory.bytes[i] = 1;
	if (!guard_hit())
		_exit(1);
}

static void
store_in_other(void)
{
	other.bytes[0] = 1;
}

static void
store_at_others_end(void)
{
	other.bytes[other.size - 1] = 1;
}

static void
store_unguarded(void)
{
	guard_end();
	memory.bytes[0] = 1;
}

/* The page that alone is guarded. */
static volatile unsigned char *
guarded_middle(void)
{
	volatile unsigned char *middle = memory.bytes + page;

	if (guard_begin((void *)(uintptr_t)middle, page) == -1)
		_exit(1);
	middle[0] = 1;
	middle[page - 1] = 1;
	return middle;
}

static void
store_before(void)
{
	guarded_middle()[-1] = 1;
}

static void
store_behind(void)
{
	guarded_middle()[page] = 1;
}

static void
store_inside(void)
{
	guarded_middle();
}

/* Without memory for a page the store can't be mended. */
static void
store_without_memory(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_AS, &none);
	memory.bytes[0] = 1;
}

/* --- tests --------------------------------------------------------------- */

static void
memory_that_is_there_is_no_hit(void **state)
{
	(void)state;
	guard(&memory);
	for (size_t at = 0; at < memory.size; at += page)
		is_writable(at);
	assert_false(guard_hit());
}

static void
stores_and_loads_go_on_without_memory(void **state)
{
	(void)state;
	guard(&memory);
	cut(&memory, 0);
	assert_false(guard_hit());
	is_writable(2 * page + 8); /* a store first */
	assert_true(guard_hit());
	assert_int_equal(memory.bytes[page], 0); /* a load first */
	for (size_t at = 0; at < memory.size; at++)
		is_writable(at);
}

/* What is left stays shared; what is gone is private. */
static void
pages_that_are_left_stay(void **state)
{
	unsigned char byte = 0;

	(void)state;
	guard(&memory);
	cut(&memory, page);
	is_writable(0);
	is_writable(page - 1);
	assert_false(guard_hit());
	is_writable(page);
	is_writable(memory.size - 1);
	assert_true(guard_hit());
	assert_int_equal(memory.bytes[64], 0xa5);
	assert_int_equal(pread(memory.fd, &byte, 1, 0), 1);
	assert_int_equal(byte, 0x5a);
	assert_int_equal(lseek(memory.fd, 0, SEEK_END), (off_t)page);
}

static void
a_last_page_that_is_not_whole_is_guarded(void **state)
{
	(void)state;
	memory.size -= page - 1;
	guard(&memory);
	memory.size += page - 1;
	cut(&memory, 0);
	is_writable(memory.size - page);
	is_writable(memory.size - 1); /* the same page: mended whole */
	assert_true(guard_hit());
}

static void
errno_is_kept(void **state)
{
	(void)state;
	guard(&memory);
	cut(&memory, 0);
	for (size_t at = 0; at < memory.size; at += page) {
		errno = EDOM;
		memory.bytes[at] = 1;
		assert_int_equal(errno, EDOM);
	}
}

static void
a_child_is_guarded_too(void **state)
{
	(void)state;
	guard(&memory);
	cut(&memory, 0);
	assert_int_equal(signal_that_ends(store_everywhere), 0);
	assert_false(guard_hit()); /* each process has its own word */
	is_writable(0);
	assert_int_equal(signal_that_ends(store_everywhere), 0);
	assert_int_equal(memory.bytes[0], 0x5a); /* and its own memory */
}

static void
other_memory_is_not_guarded(void **state)
{
	(void)state;
	guard(&memory);
	cut(&other, 0);
	assert_int_equal(signal_that_ends(store_in_other), SIGBUS);
	assert_int_equal(signal_that_ends(store_at_others_end), SIGBUS);
	is_writable(0);
}

static void
neighbours_of_the_memory_are_not_guarded(void **state)
{
	(void)state;
	cut(&memory, 0);
	assert_int_equal(signal_that_ends(store_inside), 0);
	assert_int_equal(signal_that_ends(store_before), SIGBUS);
	assert_int_equal(signal_that_ends(store_behind), SIGBUS);
}

static void
an_end_of_the_guard_is_one(void **state)
{
	(void)state;
	guard(&memory);
	cut(&memory, 0);
	assert_int_equal(signal_that_ends(store_unguarded), SIGBUS);
}

/* Not a loop of faults. */
static void
no_memory_for_a_page_is_the_end(void **state)
{
	(void)state;
	guard(&memory);
	cut(&memory, 0);
	assert_int_equal(signal_that_ends(store_without_memory), SIGBUS);
}

/* As when a new board has taken the place of one that was cut. */
static void
a_second_guard_forgets_the_first(void **state)
{
	(void)state;
	guard(&memory);
	cut(&memory, 0);
	is_writable(0);
	assert_true(guard_hit());
	guard(&other);
	assert_false(guard_hit());
	cut(&other, 0);
	assert_int_equal(signal_that_ends(store_in_other), 0);
	assert_int_equal(signal_that_ends(store_everywhere), SIGBUS);
}

#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(memory_that_is_there_is_no_hit),
		test(stores_and_loads_go_on_without_memory),
		test(pages_that_are_left_stay),
		test(a_last_page_that_is_not_whole_is_guarded),
		test(errno_is_kept),
		test(a_child_is_guarded_too),
		test(other_memory_is_not_guarded),
		test(neighbours_of_the_memory_are_not_guarded),
		test(an_end_of_the_guard_is_one),
		test(no_memory_for_a_page_is_the_end),
		test(a_second_guard_forgets_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
