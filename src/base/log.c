#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <bsd/string.h>

#include "base/clock.h"

/* Well below PIPE_BUF, so that lines of many processes never mix. */
#define LINE_MAX_BYTES 1024
#define CUT_MARK "..."

/* How long a pipe that fills up may hold up the caller, once. */
#define FULL_PIPE_WAIT (100 * CLOCK_MS)

static const struct {
	const char *name;
	int priority;
} levels[] = {
#define X(id, text, number) [LOG_LEVEL_##id] = { text, number },
	LOG_LEVELS(X)
#undef X
};

/* Engines log from threads while a reload sets the level. */
static _Atomic int threshold = LOG_LEVEL_INFO;
static enum log_target target = LOG_TO_STDERR;
static const char *ident;
static bool journald;

static _Atomic unsigned lost; /* lines, since the last that was written */
static _Atomic pid_t lost_pid; /* whose they are */

/*
 * True if stderr is the stream that $JOURNAL_STREAM names as "device:inode";
 * someone may have redirected it since.  See systemd.exec(5).
 */
static bool
stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char name[48];
	struct stat st;

	if (stream == NULL || fstat(STDERR_FILENO, &st) == -1)
		return false;
	snprintf(name, sizeof(name), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	return strcmp(name, stream) == 0;
}

void
log_open(enum log_target to, enum log_level level, const char *name)
{
	int saved = errno;

	target = to;
	ident = name;
	lost = 0; /* on another log */
	log_set_level(level);
	if (to == LOG_TO_SYSLOG)
		openlog(name, LOG_PID, LOG_DAEMON);
	else
		journald = stderr_is_journal();
	errno = saved;
}

void
log_set_level(enum log_level level)
{
	threshold = (int)level;
}

int
log_level_parse(const char *name, enum log_level *level)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (strcmp(levels[i].name, name) == 0) {
			*level = (enum log_level)i;
			return 0;
		}
	}
	return -1;
}

bool
log_enabled(enum log_level level)
{
	return (int)level <= threshold;
}

/* A line is one line: what a text brings along can't begin another. */
static void
make_one_line(char *line)
{
	for (; *line != '\0'; line++) {
		if ((unsigned char)*line < ' ' || *line == '\177')
			*line = ' ';
	}
}

/*
 * Waits until stderr takes bytes, but not for long: 0, or -1 to give up.  On a
 * pipe it means room for a page (pipe(7)), which is several lines: others that
 * write at the same moment don't make the write wait.
 */
static int
wait_for_room(int64_t wait)
{
	struct pollfd room = { .fd = STDERR_FILENO, .events = POLLOUT };
	int64_t until = clock_mono() + wait;
	int ready;

	do
		ready = poll(&room, 1, clock_poll_ms(until - clock_mono()));
	while (ready == -1 && errno == EINTR);
	return ready == 1 && (room.revents & POLLOUT) != 0 ? 0 : -1;
}

/* 0, or -1 for a line that is lost. */
static int
write_stderr(const char *line, size_t length, int64_t wait)
{
	ssize_t written;

	if (wait_for_room(wait) == -1)
		return -1;
	do
		written = write(STDERR_FILENO, line, length);
	while (written == -1 && errno == EINTR);
	return written == -1 ? -1 : 0;
}

/* The beginning of a line for stderr; for syslog there is none. */
static size_t
write_prefix(char *line, size_t size, enum log_level level)
{
	line[0] = '\0';
	if (target == LOG_TO_SYSLOG)
		return 0;
	if (journald)
		snprintf(line, size, "<%d>", levels[level].priority);
	else
		snprintf(line, size, "%.64s[%ld]: %s: ",
		    ident != NULL ? ident : program_invocation_short_name,
		    (long)getpid(), levels[level].name);
	return strlen(line);
}

/* How many lines this process has lost since one was last written. */
static unsigned
lost_lines(void)
{
	pid_t pid = getpid();

	/* Those of the process that forked are for it to tell. */
	if (atomic_exchange(&lost_pid, pid) != pid)
		atomic_store(&lost, 0);
	return atomic_load(&lost);
}

/* Says first how many lines are missing here: 0, or -1 if it can't. */
static int
tell_lost(unsigned count)
{
	char line[LINE_MAX_BYTES];
	size_t used = write_prefix(line, sizeof(line), LOG_LEVEL_WARN);

	snprintf(line + used, sizeof(line) - used,
	    "%u log line%s lost here: nobody read them\n", count,
	    count == 1 ? " was" : "s were");
	if (write_stderr(line, strlen(line), 0) == -1)
		return -1;
	atomic_fetch_sub(&lost, count);
	return 0;
}

/* Only the first of many lines waits: each would hold up the caller. */
static void
send_to_stderr(const char *line, size_t length)
{
	unsigned count = lost_lines();

	if ((count > 0 && tell_lost(count) == -1) ||
	    write_stderr(line, length, FULL_PIPE_WAIT) == -1)
		atomic_fetch_add(&lost, 1);
}

static void
send_line(enum log_level level, char *line)
{
	size_t length;

	make_one_line(line);
	if (target == LOG_TO_SYSLOG) {
		syslog(levels[level].priority, "%s", line);
		return;
	}
	length = strlen(line);
	line[length++] = '\n';
	send_to_stderr(line, length);
}

void
log_at(enum log_level level, const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	size_t room = sizeof(line) - 1; /* one for the newline */
	int saved = errno, length;
	size_t used;
	va_list args;

	if (!log_enabled(level))
		return;
	used = write_prefix(line, room, level);
	errno = saved; /* for %m */
	va_start(args, format);
	length = vsnprintf(line + used, room - used, format, args);
	va_end(args);
	if (length >= 0 && (size_t)length >= room - used)
		strlcpy(line + room - sizeof(CUT_MARK), CUT_MARK,
		    sizeof(CUT_MARK));
	send_line(level, line);
	errno = saved;
}
