#include "tools/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static int news = -1; /* write end; its byte says that the start is done */

static _Noreturn void
wait_for_child(pid_t pid, int line)
{
	int status = 0;
	char byte;
	ssize_t got;

	do {
		got = read(line, &byte, 1);
	} while (got == -1 && errno == EINTR);
	if (got == 1)
		_exit(0);
	waitpid(pid, &status, 0);
	_exit(WIFEXITED(status) && WEXITSTATUS(status) != 0
		? WEXITSTATUS(status)
		: 1);
}

int
detach_begin(void)
{
	int line[2];
	pid_t pid;

	if (pipe2(line, O_CLOEXEC) == -1 || (pid = fork()) == -1)
		return -1;
	if (pid != 0) {
		close(line[1]);
		wait_for_child(pid, line[0]);
	}
	close(line[0]);
	news = line[1];
	setsid();
	return chdir("/");
}

void
detach_keep_standard_files(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
}

void
detach_files(void)
{
	int null = open("/dev/null", O_RDWR);

	for (int fd = 0; null != -1 && fd <= 2; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
}

void
detach_done(void)
{
	if (news == -1)
		return;
	/* A parent that is gone already needs no news. */
	if (write(news, "r", 1) == 1 || errno != EINTR)
		close(news);
	news = -1;
}
