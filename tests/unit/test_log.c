#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

/* A pipe in the place of stderr, and what came through it. */
static int reader, writer, real_stderr;
static char caught[65536 + 1];

static int
redirect(void **state)
{
	int ends[2];

	(void)state;
	if (pipe(ends) == -1)
		return -1;
	reader = ends[0];
	writer = ends[1];
	fcntl(reader, F_SETFL, O_NONBLOCK);
	real_stderr = dup(STDERR_FILENO);
	dup2(writer, STDERR_FILENO);
	log_open(LOG_TO_STDERR, LOG_LEVEL_INFO, "tester");
	return 0;
}

/* Gives stderr back; safe to call twice, as each test ends with it. */
static int
restore(void **state)
{
	(void)state;
	if (real_stderr == -1)
		return 0;
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	real_stderr = -1;
	close(reader);
	close(writer);
	return 0;
}

static const char *
catch_all(void)
{
	ssize_t n = read(reader, caught, sizeof(caught) - 1);

	caught[n > 0 ? n : 0] = '\0';
	return caught;
}

static void
assert_caught(const char *text)
{
	char expected[1100];

	snprintf(expected, sizeof(expected), "tester[%ld]: %s", (long)getpid(),
	    text);
	catch_all();
	restore(NULL);
	assert_string_equal(caught, expected);
}

static void
writes_ident_pid_level_and_text(void **state)
{
	(void)state;
	log_warn("row %s: %d", "EUR", 7);
	assert_caught("warning: row EUR: 7\n");
}

static void
drops_lines_above_its_level(void **state)
{
	(void)state;
	log_debug("not seen");
	log_set_level(LOG_LEVEL_ERROR);
	log_info("not seen");
	log_warn("not seen");
	log_error("seen");
	assert_false(log_enabled(LOG_LEVEL_WARN));
	assert_true(log_enabled(LOG_LEVEL_ERROR));
	assert_caught("error: seen\n");
}

static void
writes_the_text_of_errno_and_keeps_it(void **state)
{
	int after;

	(void)state;
	errno = ENOENT;
	log_error("open %s: %m", "x");
	after = errno;
	assert_caught("error: open x: No such file or directory\n");
	assert_int_equal(after, ENOENT);
}

static void
keeps_a_text_on_one_line(void **state)
{
	(void)state;
	log_info("a\nb\r\033[2Jc\n");
	assert_caught("info: a b  [2Jc \n");
}

static void
cuts_a_long_line(void **state)
{
	char text[3000];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	log_info("%s", text);
	catch_all();
	restore(NULL);
	assert_in_range(strlen(caught), 1000, 1024);
	assert_string_equal(caught + strlen(caught) - 6, "xx...\n");
	assert_ptr_equal(strchr(caught, '\n'), caught + strlen(caught) - 1);
}

static void
marks_lines_for_the_journal(void **state)
{
	char stream[64];
	struct stat st;

	(void)state;
	fstat(STDERR_FILENO, &st);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_open(LOG_TO_STDERR, LOG_LEVEL_DEBUG, "tester");
	log_error("e");
	log_warn("w");
	log_info("i");
	log_debug("d");
	unsetenv("JOURNAL_STREAM");
	catch_all();
	restore(NULL);
	assert_string_equal(caught, "<3>e\n<4>w\n<6>i\n<7>d\n");
}

static void
knows_that_stderr_is_not_the_journal(void **state)
{
	(void)state;
	setenv("JOURNAL_STREAM", "1:1", 1);
	log_open(LOG_TO_STDERR, LOG_LEVEL_INFO, "tester");
	unsetenv("JOURNAL_STREAM");
	log_info("i");
	assert_caught("info: i\n");
}

/* Fills the pipe to the last byte; writing to it would then wait. */
static void
fill_pipe(void)
{
	char block[4096];

	memset(block, 'f', sizeof(block));
	fcntl(writer, F_SETFL, O_NONBLOCK);
	while (write(writer, block, sizeof(block)) > 0)
		;
	fcntl(writer, F_SETFL, 0);
}

static void
drops_a_line_that_a_full_pipe_does_not_take(void **state)
{
	int after;

	(void)state;
	fill_pipe();
	alarm(20); /* ends a test that hangs */
	errno = ENOENT;
	log_error("lost");
	after = errno;
	alarm(0);
	catch_all();
	log_error("found");
	assert_null(strstr(caught, "lost"));
	assert_int_equal(after, ENOENT);
	catch_all();
	restore(NULL);
	assert_non_null(strstr(
	    caught, "warning: 1 log line was lost here: nobody read them\n"));
	assert_non_null(strstr(caught, "error: found\n"));
}

/* Processor and scheduler may take their time, but not a wait for each. */
static void
waits_once_for_a_pipe_that_stays_full(void **state)
{
	int64_t began;

	(void)state;
	fill_pipe();
	alarm(60);
	log_error("lost");
	began = clock_mono();
	for (int i = 0; i < 100; i++)
		log_error("lost");
	began = clock_mono() - began;
	alarm(0);
	catch_all();
	log_error("found");
	log_error("and no more");
	catch_all();
	restore(NULL);
	assert_true(began < 5 * CLOCK_SECOND);
	assert_non_null(strstr(caught, "warning: 101 log lines were lost"));
	assert_non_null(strstr(caught, "error: found\n"));
	assert_null(strstr(strstr(caught, "found"), "lost"));
}

/* What a process lost before it forked is not the child's to tell. */
static void
a_child_tells_only_its_own_losses(void **state)
{
	int status = -1;
	pid_t pid;

	(void)state;
	fill_pipe();
	log_error("lost");
	catch_all();
	pid = fork();
	if (pid == 0) {
		log_error("child");
		_exit(0);
	}
	waitpid(pid, &status, 0);
	catch_all();
	restore(NULL);
	assert_int_equal(status, 0);
	assert_non_null(strstr(caught, "error: child\n"));
	assert_null(strstr(caught, "lost"));
}

static void
outlives_a_closed_stderr(void **state)
{
	int after;

	(void)state;
	close(reader);
	errno = ENOENT;
	log_error("nobody reads");
	close(STDERR_FILENO);
	log_error("nowhere to write");
	after = errno;
	restore(NULL);
	assert_int_equal(after, ENOENT);
}

static void
leaves_stderr_alone_when_it_writes_to_syslog(void **state)
{
	(void)state;
	log_open(LOG_TO_SYSLOG, LOG_LEVEL_ERROR, "tester");
	log_warn("above the level: nowhere");
	log_open(LOG_TO_STDERR, LOG_LEVEL_INFO, "tester");
	log_info("here");
	assert_caught("info: here\n");
}

static void
knows_its_levels_by_name(void **state)
{
	enum log_level level = LOG_LEVEL_DEBUG;

	(void)state;
	assert_int_equal(log_level_parse("error", &level), 0);
	assert_int_equal(level, LOG_LEVEL_ERROR);
	assert_int_equal(log_level_parse("warning", &level), 0);
	assert_int_equal(level, LOG_LEVEL_WARN);
	assert_int_equal(log_level_parse("debug", &level), 0);
	assert_int_equal(level, LOG_LEVEL_DEBUG);
	assert_int_equal(log_level_parse("Info", &level), -1);
	assert_int_equal(log_level_parse("", &level), -1);
	assert_int_equal(level, LOG_LEVEL_DEBUG);
}

#define REDIRECTED(test)                                                       \
	cmocka_unit_test_setup_teardown(test, redirect, restore)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		REDIRECTED(writes_ident_pid_level_and_text),
		REDIRECTED(drops_lines_above_its_level),
		REDIRECTED(writes_the_text_of_errno_and_keeps_it),
		REDIRECTED(keeps_a_text_on_one_line),
		REDIRECTED(cuts_a_long_line),
		REDIRECTED(marks_lines_for_the_journal),
		REDIRECTED(knows_that_stderr_is_not_the_journal),
		REDIRECTED(drops_a_line_that_a_full_pipe_does_not_take),
		REDIRECTED(waits_once_for_a_pipe_that_stays_full),
		REDIRECTED(a_child_tells_only_its_own_losses),
		REDIRECTED(outlives_a_closed_stderr),
		REDIRECTED(leaves_stderr_alone_when_it_writes_to_syslog),
		cmocka_unit_test(knows_its_levels_by_name),
	};

	signal(SIGPIPE, SIG_IGN);
	unsetenv("JOURNAL_STREAM");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
