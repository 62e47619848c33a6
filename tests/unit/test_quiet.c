/*
 * Who reads makes no system call and allocates nothing.  Calls are seen by the
 * kernel: seccomp(2) has a filter that ends whoever makes any but _exit(2).  (Its
 * strict mode won't do: it takes the vDSO's clock away too.)  Allocations are counted: the linker gives this
 * program's own malloc(3) and its kin to all that is linked into it (--wrap).
 */
#include "board/rates.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "boards.h"

#define READS 10000

static struct rates *rates;

/* --- allocations --------------------------------------------------------- */

static unsigned long allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);

void *
__wrap_malloc(size_t size)
{
	allocations++;
	return __real_malloc(size);
}

void *
__wrap_calloc(size_t count, size_t size)
{
	allocations++;
	return __real_calloc(count, size);
}

void *
__wrap_realloc(void *old, size_t size)
{
	allocations++;
	return __real_realloc(old, size);
}

void *
__wrap_reallocarray(void *old, size_t count, size_t size)
{
	allocations++;
	return __real_reallocarray(old, count, size);
}

/* --- reading ------------------------------------------------------------- */

/* Calls that ask no clock; true if all is as it should be. */
static bool
read_numbers(void)
{
	double rate, row[3], all[9];
	char code[RATES_CODE_MAX];
	unsigned usd;

	for (unsigned i = 0; i < READS; i++)
		if (rates_get(rates, 0, i % 3, &rate) != RATES_OK ||
		    rate != three[i % 3])
			return false;
	return rates_count(rates) == 3 &&
	    rates_index(rates, "USD", &usd) == RATES_OK && usd == 1 &&
	    rates_code(rates, usd, code) == RATES_OK &&
	    rates_get_code(rates, "EUR", "USD", &rate) == RATES_OK &&
	    rates_get_code(rates, "EUR", "XXX", &rate) == RATES_NO_CURRENCY &&
	    rates_get(rates, 1, 0, &rate) == RATES_NO_NUMBER &&
	    rates_row(rates, 0, NULL, row) == RATES_OK &&
	    memcmp(row, three, sizeof(row)) == 0 &&
	    rates_snapshot(rates, 3, NULL, all) == RATES_OK &&
	    memcmp(all, three, sizeof(three)) == 0 &&
	    rates_strerror(RATES_BUSY)[0] != '\0' && rates_fault()[0] == '\0';
}

/* And those that give ages: the clock is in the vDSO, if the machine's is. */
static bool
read_ages(void)
{
	struct rates_row row, rows[3];
	struct rates_quote quote;
	struct rates_feed feed;
	double rate;

	atomic_store(&board->map->heartbeat, clock_mono());
	for (unsigned i = 0; i < READS; i++)
		if (rates_get_fresh(rates, 0, 1, STALE, &rate) != RATES_OK)
			return false;
	return rates_row(rates, 0, &row, NULL) == RATES_OK &&
	    rates_snapshot(rates, 3, rows, NULL) == RATES_OK &&
	    rates_quote(rates, "EUR", "USD", STALE, &quote) == RATES_OK &&
	    rates_feed(rates, &feed) == RATES_OK;
}

static bool
ask_clocks(void)
{
	return clock_boot() > 0 && clock_mono() > 0;
}

static bool
call(void)
{
	return getppid() > 0;
}

/* From here on _exit(2) is the only call that does not end the process. */
static int
confine(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	const struct sock_fprog program = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = code,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

#define NO_SECCOMP 2

/* The wait status of a child that may make no system call while it runs. */
static int
confined(bool (*run)(void))
{
	const struct rlimit none = { 0, 0 };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &none);
		if (confine() == -1)
			_exit(NO_SECCOMP);
		/* Not _exit(3), before which a sanitizer makes calls. */
		syscall(SYS_exit_group, run() ? 0 : 1);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int
begin(void **state)
{
	(void)state;
	boards_begin("quiet", 60);
	board = create("EUR USD PLN");
	publish_board(board);
	put(board, good_answer(0, three, 10, clock_boot()));
	return rates_open(instance, &rates) == RATES_OK ? 0 : -1;
}

static int
end(void **state)
{
	(void)state;
	rates_close(rates);
	return boards_end();
}

/* A kernel may have been built without the filters: then nothing is seen. */
static bool
calls_are_seen(void)
{
	int status = confined(call);

	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_SECCOMP) {
		print_message("# no seccomp filters here\n");
		return false;
	}
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	return true;
}

static void
numbers_are_read_without_a_system_call(void **state)
{
	(void)state;
	if (calls_are_seen())
		assert_int_equal(confined(read_numbers), 0);
}

static void
ages_are_read_without_one_where_the_clock_needs_none(void **state)
{
	(void)state;
	if (!calls_are_seen())
		return;
	if (confined(ask_clocks) == 0)
		assert_int_equal(confined(read_ages), 0);
	else
		print_message("# the clock is not in the vDSO here\n");
}

static void
nothing_is_allocated_for_a_read(void **state)
{
	struct rates *other;
	unsigned long before = allocations;

	(void)state;
	assert_int_equal(rates_open(instance, &other), RATES_OK);
	assert_true(allocations > before); /* else nothing is counted */
	rates_close(other);
	before = allocations;
	assert_true(read_numbers());
	assert_true(read_ages());
	assert_int_equal(allocations, before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_read_without_a_system_call),
		cmocka_unit_test(
		    ages_are_read_without_one_where_the_clock_needs_none),
		cmocka_unit_test(nothing_is_allocated_for_a_read),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
