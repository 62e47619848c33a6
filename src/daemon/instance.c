#include "daemon/instance.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <bsd/libutil.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "board/board.h"
#include "board/inspect.h"
#include "board/object.h"
#include "board/rates.h"
#include "jobs/queue.h"

/* Who may open it may lock it, and so keep a new supervisor from starting. */
#define PIDFILE_MODE 0600
#define TRIES 20
#define TRY_NS (100 * CLOCK_MS)

/* A zombie answers kill(2) too, for as long as its parent is busy. */
static bool
is_zombie(pid_t pid)
{
	char path[64], stat[512], *end;
	ssize_t size = -1;
	int fd;

	text_format(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd != -1) {
		size = read(fd, stat, sizeof(stat) - 1);
		close(fd);
	}
	stat[size > 0 ? size : 0] = '\0';
	end = strrchr(stat, ')'); /* of the name; the state follows, proc(5) */
	return end != NULL && strncmp(end, ") Z", 3) == 0;
}

static bool
alive(pid_t pid)
{
	return pid > 0 && pid != getpid() &&
	    (kill(pid, 0) == 0 || errno == EPERM) && !is_zombie(pid);
}

/* A supervisor whose pid means nothing here may still beat: true if it does. */
static bool
beats(struct rates *rates)
{
	const struct timespec pause = { .tv_nsec = TRY_NS };
	struct rates_feed feed, before;

	if (rates_feed(rates, &before) != RATES_OK)
		return false;
	for (int i = 0; i < TRIES; i++) {
		nanosleep(&pause, NULL);
		if (rates_feed(rates, &feed) == RATES_OK &&
		    feed.heartbeat_age < before.heartbeat_age)
			return true;
		before = feed;
	}
	return false;
}

static bool
is_fed(struct rates *rates, const struct rates_feed *feed)
{
	if (inspect_pid_space(rates) != board_pid_space())
		return beats(rates);
	return alive((pid_t)feed->supervisor);
}

/*
 * The same instance under another runtime directory: its lock is not ours to
 * see, but its board beats.  Another user's board proves nothing: it could name
 * any pid, and is refused when ours is published.
 */
static pid_t
feeder(const char *name)
{
	struct rates_feed feed;
	struct rates *rates;
	pid_t pid = 0;

	if (rates_open(name, &rates) != RATES_OK)
		return 0;
	if (inspect_owner(rates) == geteuid() &&
	    rates_feed(rates, &feed) == RATES_OK && is_fed(rates, &feed))
		pid = (pid_t)feed.supervisor;
	rates_close(rates);
	return pid;
}

static int
refuse(const struct instance *instance, pid_t holder, char *error,
    size_t error_size)
{
	text_format(error, error_size,
	    alive(holder) ? "instance %s is already running, pid %ld"
			  : "instance %s: a worker of the dead supervisor %ld "
			    "is still alive",
	    instance->name, (long)holder);
	return -1;
}

static int
refuse_other(const struct instance *instance, pid_t pid, char *error,
    size_t error_size)
{
	text_format(error, error_size,
	    "instance %s is already running, pid %ld, with another runtime "
	    "directory",
	    instance->name, (long)pid);
	return -1;
}

static int
open_pidfile(struct instance *instance, const char *path, char *error,
    size_t error_size)
{
	const struct timespec pause = { .tv_nsec = TRY_NS };
	pid_t holder = 0;

	for (int i = 0; i < TRIES; i++) {
		instance->pidfile = pidfile_open(path, PIDFILE_MODE, &holder);
		if (instance->pidfile != NULL &&
		    fchmod(pidfile_fileno(instance->pidfile), PIDFILE_MODE) ==
			0)
			return 0;
		if (instance->pidfile != NULL || errno != EEXIST) {
			text_format(error, error_size,
			    "%s: %m (see --runtime-dir)", path);
			return -1;
		}
		if (alive(holder))
			break;
		nanosleep(&pause, NULL);
	}
	return refuse(instance, holder, error, error_size);
}

static int
lock(struct instance *instance, char *error, size_t error_size)
{
	char path[PATH_MAX];
	pid_t pid;

	text_format(path, sizeof(path), "%s/%s.pid", instance->runtime_dir,
	    instance->name);
	if (open_pidfile(instance, path, error, error_size) == -1)
		return -1;
	pid = feeder(instance->name);
	if (pid == 0)
		return 0;
	instance_unlock(instance);
	return refuse_other(instance, pid, error, error_size);
}

void
instance_saved_path(const struct instance *instance, char *buf, size_t size)
{
	text_format(
	    buf, size, "%s/%s.board", instance->state_dir, instance->name);
}

int
instance_lock(struct instance *instance, char *error, size_t error_size)
{
	if (mkdir(instance->runtime_dir, 0755) == 0 || errno == EEXIST)
		return lock(instance, error, error_size);
	text_format(error, error_size, "%s: %m (see --runtime-dir)",
	    instance->runtime_dir);
	return -1;
}

int
instance_write_pid(struct instance *instance)
{
	return pidfile_write(instance->pidfile);
}

void
instance_leave(const struct instance *instance)
{
	pidfile_close(instance->pidfile);
}

void
instance_unlock(struct instance *instance)
{
	if (instance->pidfile != NULL)
		pidfile_remove(instance->pidfile);
	instance->pidfile = NULL;
}

int
instance_purge(struct instance *instance, char *error, size_t error_size)
{
	char saved[PATH_MAX];
	int result = 0;
	pid_t pid = 0;

	/* Where no directory is, no lock is held, and none is to be left. */
	if (access(instance->runtime_dir, F_OK) == 0 &&
	    lock(instance, error, error_size) == -1)
		return -1;
	if (instance->pidfile == NULL)
		pid = feeder(instance->name);
	if (pid != 0)
		return refuse_other(instance, pid, error, error_size);
	instance_saved_path(instance, saved, sizeof(saved));
	if (object_remove(instance->name) == -1 ||
	    queue_remove(instance->name) == -1 ||
	    file_remove(saved) == -1) {
		text_format(error, error_size, "instance %s: %m",
		    instance->name);
		result = -1;
	}
	instance_unlock(instance);
	return result;
}
