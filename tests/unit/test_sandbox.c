/*
 * What is left to a process in the sandbox, and what isn't.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/sandbox.h"

static char ours[] = "/tmp/ratesd-sandbox-XXXXXX";

/* The exit status of what is tried in the sandbox; 256 + a signal's number. */
static int
tried(int (*attempt)(void))
{
	enum sandbox_state states[SANDBOX_PART_COUNT];
	char error[128];
	int status;
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		if (sandbox_enter(states, error, sizeof(error)) == -1) {
			fprintf(stderr, "%s\n", error);
			_exit(255);
		}
		for (size_t i = 0; i < SANDBOX_PART_COUNT; i++)
			if (states[i] != SANDBOX_ON)
				_exit(254);
		_exit(attempt());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 256 + WTERMSIG(status) :
	                             WEXITSTATUS(status);
}

static int
error_of(int result)
{
	return result == -1 ? errno : 0;
}

static int
read_etc(void)
{
	return error_of(open("/etc/passwd", O_RDONLY));
}

static int
read_other(void)
{
	return error_of(open(ours, O_RDONLY));
}

static int
write_other(void)
{
	return error_of(open(ours, O_WRONLY));
}

static int
make_shared(void)
{
	return error_of(shm_open("/ratesd-sandbox", O_RDWR | O_CREAT, 0600));
}

static int
bind_port(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	any.sin_port = htons(18099);
	return error_of(
	    bind(fd, (const struct sockaddr *)&any, sizeof(any)));
}

static void
files_are_only_read_and_not_all(void **state)
{
	(void)state;
	assert_int_equal(tried(read_etc), 0);
	assert_int_equal(tried(read_other), EACCES);
	assert_int_equal(tried(write_other), EACCES);
	assert_int_equal(tried(make_shared), EACCES);
	if (sandbox_files_version() >= 4)
		assert_int_equal(tried(bind_port), EACCES);
}

static int
run_program(void)
{
	return execl("/bin/true", "true", (char *)NULL) == -1 ? errno : 0;
}

static int
make_process(void)
{
	return fork() == -1 ? errno : 0;
}

static int
signal_parent(void)
{
	return error_of(kill(getppid(), 0));
}

static int
see_packets(void)
{
	return error_of(socket(AF_PACKET, SOCK_RAW, 0));
}

static int
listen_to(void)
{
	return error_of(listen(socket(AF_INET, SOCK_STREAM, 0), 1));
}

static int
be_another(void)
{
	return error_of(setuid(0));
}

static void
calls_that_fetching_needs_not_are_deadly(void **state)
{
	int (*const attempts[])(void) = { run_program, make_process,
		signal_parent, see_packets, listen_to, be_another };

	(void)state;
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
		assert_int_equal(tried(attempts[i]), 256 + SIGSYS);
}

static void *
say_so(void *what)
{
	*(int *)what = 1;
	return NULL;
}

static int
use_a_thread(void)
{
	int said = 0;
	pthread_t thread;

	if (pthread_create(&thread, NULL, say_so, &said) != 0)
		return 1;
	pthread_join(thread, NULL);
	return said == 1 ? 0 : 2;
}

static int
resolve(void)
{
	struct addrinfo *list;
	int result = getaddrinfo("localhost", "80", NULL, &list);

	if (result == 0)
		freeaddrinfo(list);
	return result == 0 ? 0 : 1;
}

static int
end_itself(void)
{
	abort();
}

static void
what_fetching_needs_is_left(void **state)
{
	(void)state;
	assert_int_equal(tried(use_a_thread), 0);
	assert_int_equal(tried(resolve), 0);
	assert_int_equal(tried(end_itself), 256 + SIGABRT);
}

static int
make_file(void **state)
{
	int fd = mkstemp(ours);

	(void)state;
	if (fd != -1)
		close(fd);
	return fd == -1 ? -1 : 0;
}

static int
remove_file(void **state)
{
	(void)state;
	shm_unlink("/ratesd-sandbox");
	return unlink(ours);
}

int
main(void)
{
	char text[64];
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_only_read_and_not_all),
		cmocka_unit_test(calls_that_fetching_needs_not_are_deadly),
		cmocka_unit_test(what_fetching_needs_is_left),
	};

	/* A test that is skipped is "not ok" to cmocka, and so to automake. */
	if (strstr(sandbox_text(text, sizeof(text)), "Landlock") == NULL ||
	    strstr(text, "seccomp") == NULL) {
		printf("1..0 # SKIP %s\n", text);
		return 0;
	}
	return cmocka_run_group_tests(tests, make_file, remove_file);
}
