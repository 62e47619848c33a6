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
#define ERRNO_MAX 4095 /* of the kernel */

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

static int
parse_status(const char *text, int64_t *argument)
{
	return number_parse_int(text, 0, 255, argument);
}

static int
parse_ms(const char *text, int64_t *argument)
{
	return number_parse_int(text, 0, 3600000, argument);
}

static int
parse_errno(const char *text, int64_t *argument)
{
	static const struct {
		const char *name;
		int number;
	} errors[] = {
#define X(name) { #name, name }
		X(EACCES), X(EAGAIN), X(EDQUOT), X(EIO), X(EMFILE), X(ENOMEM),
		X(ENOSPC), X(EROFS),
#undef X
	};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (strcmp(errors[i].name, text) == 0) {
			*argument = errors[i].number;
			return 0;
		}
	}
	return number_parse_int(text, 1, ERRNO_MAX, argument);
}

static const struct kind {
	const char *name;
	int (*parse)(const char *text, int64_t *argument); /* or NULL: none */
	void (*act)(int64_t argument); /* NULL: the argument is an errno */
} kinds[] = {
	{ "kill", NULL, act_kill },
	{ "stop", NULL, act_stop },
	{ "abort", NULL, act_abort },
	{ "exit", parse_status, act_exit },
	{ "sleep", parse_ms, act_sleep },
	{ "errno", parse_errno, NULL },
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
		if ((text != NULL) != (kinds[i].parse != NULL) ||
		    (text != NULL && kinds[i].parse(text, argument) == -1))
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

/*
 * One fault of the list, "NAME:COUNT:ACTION", met at the point name: the errno
 * that the point is to fail with, or 0.
 */
static int
pass(atomic_llong *passed, char *fault, const char *name)
{
	char *rest = fault;
	const char *point = strsep(&rest, ":");
	const char *count_text = strsep(&rest, ":");
	const struct kind *kind;
	int64_t count, argument;

	if (strcmp(point, name) != 0)
		return 0;
	if (count_text == NULL || rest == NULL ||
	    number_parse_int(count_text, 1, PASSAGES_MAX, &count) == -1 ||
	    (kind = parse_action(rest, &argument)) == NULL)
		misspelled("RATESD_FAULT");
	if (atomic_fetch_add(passed, 1) + 1 != count || take_turn() == -1)
		return 0;
	if (kind->act == NULL)
		return (int)argument;
	kind->act(argument);
	return 0;
}

/* Does what is due at the point: the errno to fail with, or 0. */
static int
meet(const char *name)
{
	const char *list = getenv("RATESD_FAULT");
	char copy[SPEC_MAX], *rest = copy, *fault;
	int failure = 0, now;

	if (list == NULL)
		return 0;
	if (strlcpy(copy, list, sizeof(copy)) >= sizeof(copy))
		misspelled("RATESD_FAULT");
	begin_process();
	for (size_t i = 0; (fault = strsep(&rest, ",")) != NULL; i++) {
		if (i == FAULTS_MAX)
			misspelled("RATESD_FAULT");
		now = pass(&passages[i], fault, name);
		if (now != 0)
			failure = now;
	}
	return failure;
}

void
fault_point(const char *name)
{
	int saved = errno;

	/* Such a fault would otherwise be none, and its test pass. */
	if (meet(name) != 0) {
		log_error("RATESD_FAULT: %s is no point that can fail", name);
		abort();
	}
	errno = saved;
}

int
fault_fails(const char *name)
{
	int saved = errno;
	int failure = meet(name);

	errno = failure != 0 ? failure : saved;
	return failure != 0;
}

#else

/* A unit of C has at least one declaration. */
typedef int fault_points_are_off;

#endif
