/*
 * LD_PRELOAD: shifts the wall clock by the seconds that the file named in
 * WALLCLOCK_SHIFT holds at each call, so that it can jump in a running process.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t
shift(void)
{
	const char *path = getenv("WALLCLOCK_SHIFT");
	int saved = errno, fd = -1;
	char text[32];
	ssize_t size = 0;

	if (path != NULL)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd != -1) {
		size = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	text[size > 0 ? size : 0] = '\0';
	errno = saved;
	return (time_t)strtoll(text, NULL, 10);
}

int
clock_gettime(clockid_t id, struct timespec *now)
{
	long result = syscall(SYS_clock_gettime, id, now);

	if (result == 0 &&
	    (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		now->tv_sec += shift();
	return (int)result;
}

int
gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec exact = { 0, 0 };

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &exact);
	now->tv_sec = exact.tv_sec;
	now->tv_usec = exact.tv_nsec / 1000;
	return 0;
}

time_t
time(time_t *seconds)
{
	struct timespec now = { 0, 0 };

	clock_gettime(CLOCK_REALTIME, &now);
	if (seconds != NULL)
		*seconds = now.tv_sec;
	return now.tv_sec;
}
