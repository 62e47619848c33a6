#include "base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

#define NOTHING 42 /* a child's status when no fault ended it */

static char directory[] = "/tmp/ratesd-fault-XXXXXX";

/* A faulty child's words are of no interest, and its core is none. */
static void
become_child(const char *fault)
{
	int null = open("/dev/null", O_WRONLY);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_DUMPABLE, 0);
	dup2(null, STDERR_FILENO);
	alarm(20);
	if (fault != NULL)
		setenv("RATESD_FAULT", fault, 1);
	else
		unsetenv("RATESD_FAULT");
}

/* A child's exit status; each has counts of its own. */
static int
status_of(int (*run)(void), const char *fault)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		become_child(fault);
		_exit(run());
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* The wait status of a child that passes point "here" so many times. */
static int
status_after(const char *fault, int passages)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		become_child(fault);
		for (int i = 0; i < passages; i++)
			FAULT_POINT("here");
		_exit(NOTHING);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	if (WIFSTOPPED(status)) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return status;
}

static void
assert_passes(const char *fault, int passages)
{
	int status = status_after(fault, passages);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), NOTHING);
}

static void
assert_ends(const char *fault, int passages, int signal)
{
	int status = status_after(fault, passages);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), signal);
}

static void
does_nothing_unasked(void **state)
{
	(void)state;
	assert_passes(NULL, 3);
	assert_passes("elsewhere:1:kill", 3);
}

static void
counts_passages(void **state)
{
	(void)state;
	assert_passes("here:3:kill", 2);
	assert_ends("here:3:kill", 3, SIGKILL);
	/* Two faults of one point count alike. */
	assert_ends("elsewhere:1:kill,here:4:kill,here:2:abort", 4, SIGABRT);
}

static int
fork_after_a_passage(void)
{
	int status = 0;
	pid_t pid;

	FAULT_POINT("here");
	pid = fork();
	if (pid == 0) {
		FAULT_POINT("here");
		_exit(NOTHING);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

static void
counts_anew_in_a_forked_process(void **state)
{
	(void)state;
	assert_int_equal(
	    status_of(fork_after_a_passage, "here:2:exit=1"), NOTHING);
}

static void
kills_stops_aborts_and_exits(void **state)
{
	int status;

	(void)state;
	assert_ends("here:1:kill", 1, SIGKILL);
	assert_ends("here:1:abort", 1, SIGABRT);
	status = status_after("here:1:stop", 1);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(WSTOPSIG(status), SIGSTOP);
	status = status_after("here:1:exit=7", 1);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
}

static void
sleeps(void **state)
{
	int64_t began = clock_mono();

	(void)state;
	assert_passes("here:1:sleep=60", 1);
	assert_true(clock_mono() - began >= 60 * CLOCK_MS);
}

/* The passage that did not go as it should, or 0. */
static int
fail_twice(void)
{
	for (int i = 1; i <= 5; i++) {
		errno = ENOENT;
		if (FAULT_FAILS("call") != (i == 2 || i == 4) ||
		    errno != (i == 2 ? ENOSPC : i == 4 ? EPROTO : ENOENT))
			return i;
	}
	return 0;
}

static int
fail_once(void)
{
	return FAULT_FAILS("call") ? errno : 0;
}

static void
fails_with_an_errno_when_it_is_due(void **state)
{
	(void)state;
	assert_int_equal(status_of(fail_twice,
			     "call:2:errno=ENOSPC,call:4:errno=71"),
	    0);
	assert_int_equal(status_of(fail_once, NULL), 0);
}

static void
knows_errors_by_name(void **state)
{
	(void)state;
	assert_int_equal(status_of(fail_once, "call:1:errno=EACCES"), EACCES);
	assert_int_equal(status_of(fail_once, "call:1:errno=EAGAIN"), EAGAIN);
	assert_int_equal(status_of(fail_once, "call:1:errno=EDQUOT"), EDQUOT);
	assert_int_equal(status_of(fail_once, "call:1:errno=EIO"), EIO);
	assert_int_equal(status_of(fail_once, "call:1:errno=EMFILE"), EMFILE);
	assert_int_equal(status_of(fail_once, "call:1:errno=ENOMEM"), ENOMEM);
	assert_int_equal(status_of(fail_once, "call:1:errno=ENOSPC"), ENOSPC);
	assert_int_equal(status_of(fail_once, "call:1:errno=EROFS"), EROFS);
}

static int
sleep_and_exit(void)
{
	if (FAULT_FAILS("call"))
		return 1;
	return FAULT_FAILS("call") ? 2 : 3;
}

static void
other_actions_work_where_a_call_can_fail(void **state)
{
	(void)state;
	assert_int_equal(
	    status_of(sleep_and_exit, "call:1:sleep=1,call:2:exit=7"), 7);
}

static void
a_misspelt_fault_aborts(void **state)
{
	static const char *const faults[] = { "here", "here:1", "here:0:kill",
		"here:x:kill", "here:1:", "here:1:kil", "here:1:kill=1",
		"here:1:exit", "here:1:exit=256", "here:1:sleep=", "here:1:errno",
		"here:1:errno=ENOSUCH", "here:1:errno=0", "here:1:errno=4096",
		/* a point that can't fail */
		"here:1:errno=EIO" };

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		assert_ends(faults[i], 1, SIGABRT);
}

static void
a_limit_is_over_all_processes(void **state)
{
	char limit[64], file[64];

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(limit, sizeof(limit), "%s:2", directory);
	setenv("RATESD_FAULT_LIMIT", limit, 1);
	assert_ends("here:1:kill", 1, SIGKILL);
	assert_ends("here:1:kill", 1, SIGKILL);
	assert_passes("here:1:kill", 1);
	setenv("RATESD_FAULT_LIMIT", directory, 1);
	assert_ends("here:1:kill", 1, SIGABRT); /* it has no number */
	unsetenv("RATESD_FAULT_LIMIT");
	for (int i = 0; i < 2; i++) {
		snprintf(file, sizeof(file), "%s/fault.%d", directory, i);
		assert_int_equal(unlink(file), 0);
	}
	assert_int_equal(rmdir(directory), 0);
}

static void
errno_is_kept(void **state)
{
	(void)state;
	setenv("RATESD_FAULT", "quiet:1:sleep=0,quiet:9:kill", 1);
	errno = ENOENT;
	FAULT_POINT("quiet");
	assert_int_equal(errno, ENOENT);
	unsetenv("RATESD_FAULT");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(does_nothing_unasked),
		cmocka_unit_test(counts_passages),
		cmocka_unit_test(counts_anew_in_a_forked_process),
		cmocka_unit_test(kills_stops_aborts_and_exits),
		cmocka_unit_test(sleeps),
		cmocka_unit_test(fails_with_an_errno_when_it_is_due),
		cmocka_unit_test(knows_errors_by_name),
		cmocka_unit_test(other_actions_work_where_a_call_can_fail),
		cmocka_unit_test(a_misspelt_fault_aborts),
		cmocka_unit_test(a_limit_is_over_all_processes),
		cmocka_unit_test(errno_is_kept),
	};

	unsetenv("RATESD_FAULT");
	unsetenv("RATESD_FAULT_LIMIT");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
