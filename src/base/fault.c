#include "base/fault.h"

#ifdef RATESD_FAULT_POINTS

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bsd/string.h>

#include "base/log.h"
#include "base/number.h"

#define FAULTS_MAX 16
#define SPEC_MAX 512
#define PASSAGES_MAX 1000000000

/* Passages of this process through the point of each fault in the list. */
static atomic_llong passages[FAULTS_MAX];
static _Atomic pid_t counted_pid;

/* A fault that is spelled wrong must not let its test pass. */
static _Noreturn void
misspelled(const char *variable)
{
	log_error("%s: can't read \"%s\"", variable, getenv(variable));
	abort();
}

static void
act_kill(int64_t argument)
{
	(void)argument;
	kill(getpid(), SIGKILL);
}

static void
act_stop(int64_t argument)
{
	(void)argument;
	kill(getpid(), SIGSTOP);
}

static void
act_abort(int64_t argument)
{
	(void)argument;
	abort();
}

static void
act_exit(int64_t argument)
{
	_exit((int)argument);
}

static void
act_sleep(int64_t argument)
{
	struct timespec left = {
		.tv_sec = (time_t)(argument / 1000),
		.tv_nsec = (long)(argument % 1000) * 1000000,
	};

	while (nanosleep(&left, &left) == -1 && errno == EINTR)
		;
}

static const struct kind {
	const char *name;
	int64_t max; /* of its argument, 0 if it takes none */
	void (*act)(int64_t argument);
} kinds[] = {
	{ "kill", 0, act_kill },
	{ "stop", 0, act_stop },
	{ "abort", 0, act_abort },
	{ "exit", 255, act_exit },
	{ "sleep", 3600000, act_sleep },
};

/* The kind of an action such as "sleep=20", and its argument; or NULL. */
static const struct kind *
parse_action(char *text, int64_t *argument)
{
	char *name = strsep(&text, "=");

	*argument = 0;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(name, kinds[i].name) != 0)
			continue;
		if ((text != NULL) != (kinds[i].max > 0) ||
		    (text != NULL && number_parse_int(text, 0, kinds[i].max,
		    argument) == -1))
			return NULL;
		return &kinds[i];
	}
	return NULL;
}

/*
 * Takes one of the K turns that all processes share: each is a file that can
 * be made only once.  Without RATESD_FAULT_LIMIT there is always a turn.
 */
static int
take_turn(void)
{
	const char *limit = getenv("RATESD_FAULT_LIMIT");
	const char *colon;
	char path[SPEC_MAX];
	int64_t turns;
	int fd;

	if (limit == NULL)
		return 0;
	colon = strrchr(limit, ':');
	if (colon == NULL ||
	    number_parse_int(colon + 1, 0, PASSAGES_MAX, &turns) == -1)
		misspelled("RATESD_FAULT_LIMIT");
	for (int64_t i = 0; i < turns; i++) {
		snprintf(path, sizeof(path), "%.*s/fault.%lld",
		    (int)(colon - limit), limit, (long long)i);
		fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
		if (fd != -1) {
			close(fd);
			return 0;
		}
		if (errno != EEXIST) {
			log_error("can't make %s: %m", path);
			return -1;
		}
	}
	return -1;
}

/* Counts from 0 again in a process that was forked since. */
static void
begin_process(void)
{
	pid_t pid = getpid();

	if (atomic_exchange(&counted_pid, pid) == pid)
		return;
	for (size_t i = 0; i < FAULTS_MAX; i++)
		atomic_store(&passages[i], 0);
}

/* One fault of the list, "NAME:COUNT:ACTION", met at the point name. */
static void
pass(atomic_llong *passed, char *fault, const char *name)
{
	char *rest = fault;
	const char *point = strsep(&rest, ":");
	const char *count_text = strsep(&rest, ":");
	const struct kind *kind;
	int64_t count, argument;

	if (strcmp(point, name) != 0)
		return;
	if (count_text == NULL || rest == NULL ||
	    number_parse_int(count_text, 1, PASSAGES_MAX, &count) == -1 ||
	    (kind = parse_action(rest, &argument)) == NULL)
		misspelled("RATESD_FAULT");
	if (atomic_fetch_add(passed, 1) + 1 == count && take_turn() == 0)
		kind->act(argument);
}

void
fault_point(const char *name)
{
	const char *list = getenv("RATESD_FAULT");
	char copy[SPEC_MAX], *rest = copy, *fault;
	int saved = errno;

	if (list == NULL)
		return;
	if (strlcpy(copy, list, sizeof(copy)) >= sizeof(copy))
		misspelled("RATESD_FAULT");
	begin_process();
	for (size_t i = 0; (fault = strsep(&rest, ",")) != NULL; i++) {
		if (i == FAULTS_MAX)
			misspelled("RATESD_FAULT");
		pass(&passages[i], fault, name);
	}
	errno = saved;
}

#else

/* A unit of C has at least one declaration. */
typedef int fault_points_are_off;

#endif
