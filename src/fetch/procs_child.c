#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "fetch/fetcher.h"
#include "fetch/procs.h"
#include "jobs/queue_private.h"

#define ROUND (60 * CLOCK_SECOND) /* a wait for jobs, again and again */
#define NOTE_MAX (sizeof(struct procs_note) + TRANSFER_BODY_MAX)

/* --- in the child --------------------------------------------------------- */

static void
write_all(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t written = write(fd, at, size);

		if (written == -1 && errno == EINTR)
			continue;
		if (written <= 0)
			_exit(1); /* nobody reads it any more */
		at += written;
		size -= (size_t)written;
	}
}

static void
do_job(struct fetcher *fetcher, const struct procs_job *job, int pipe)
{
	struct procs_note note = { .kind = PROCS_TAKEN, .id = job->id };

	write_all(pipe, &note, sizeof(note));
	note.kind = PROCS_DONE;
	if (fetcher_fetch(
		fetcher, &job->request, &job->limits, &note.result) == -1)
		_exit(1);
	write_all(pipe, &note, sizeof(note));
	if (note.result.body != NULL)
		write_all(pipe, note.result.body, note.result.size);
}

static _Noreturn void
work(int queue, int pipe)
{
	struct fetcher *fetcher = fetcher_new(-1);
	struct pollfd jobs = { queue, POLLIN, 0 };
	struct procs_job job;

	if (fetcher == NULL)
		_exit(1);
	for (;;) {
		int got = queue_private_receive(queue, &job, sizeof(job));

		if (got == -1 && errno != EINTR)
			_exit(1);
		if (got == 1)
			do_job(fetcher, &job, pipe);
		else
			poll(&jobs, 1, clock_poll_ms(ROUND));
	}
}

/* Signals are as a program finds them; it dies with its parent. */
static void
settle(pid_t parent)
{
	static const int usual[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		signal(usual[i], SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* --- in the parent -------------------------------------------------------- */

int
procs_child_start(struct procs_child *child, int queue,
    const struct procs_child *children, unsigned count)
{
	pid_t parent = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	child->pid = fork();
	if (child->pid == 0) {
		settle(parent);
		close(ends[0]);
		for (unsigned i = 0; i < count; i++)
			if (children[i].pipe != -1)
				close(children[i].pipe);
		work(queue, ends[1]);
	}
	close(ends[1]);
	if (child->pid == -1) {
		child->pid = 0;
		close(ends[0]);
		return -1;
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	child->pipe = ends[0];
	child->used = child->told = 0;
	child->busy = false;
	child->since = clock_mono();
	return 0;
}

void
procs_child_end(struct procs_child *child, int *status)
{
	*status = 0;
	if (child->pid != 0) {
		kill(child->pid, SIGKILL);
		while (waitpid(child->pid, status, 0) == -1 && errno == EINTR)
			;
	}
	if (child->pipe != -1)
		close(child->pipe);
	free(child->bytes);
	*child = (struct procs_child){ .pipe = -1 };
}

/* Room for one note with the largest body, once there is a body at all. */
static bool
grow(struct procs_child *child)
{
	size_t room = child->room == 0 ? sizeof(struct procs_note) : NOTE_MAX;
	char *bytes;

	if (child->used < child->room)
		return true;
	if (child->room == NOTE_MAX)
		return false;
	bytes = realloc(child->bytes, room);
	if (bytes == NULL)
		return false;
	child->bytes = bytes;
	child->room = room;
	return true;
}

/* What was told needs no room any more. */
static void
drop_told(struct procs_child *child)
{
	if (child->told == 0)
		return;
	child->used -= child->told;
	memmove(child->bytes, child->bytes + child->told, child->used);
	child->told = 0;
}

bool
procs_child_read(struct procs_child *child)
{
	drop_told(child);
	for (;;) {
		ssize_t got;

		if (!grow(child))
			return child->used == NOTE_MAX; /* full: later */
		got = read(child->pipe, child->bytes + child->used,
		    child->room - child->used);
		if (got == -1)
			return errno == EAGAIN || errno == EINTR;
		if (got == 0)
			return false;
		child->used += (size_t)got;
	}
}

/* It has met the network: what it says is looked at before it is believed. */
static bool
is_sound(struct procs_note *note)
{
	struct transfer_result *r = &note->result;

	if (note->kind == PROCS_TAKEN)
		return true;
	if (note->kind != PROCS_DONE || r->size > TRANSFER_BODY_MAX ||
	    (unsigned)r->class >= ATTEMPT_CLASS_COUNT)
		return false;
	r->text[sizeof(r->text) - 1] = '\0';
	r->etag[sizeof(r->etag) - 1] = '\0';
	r->modified[sizeof(r->modified) - 1] = '\0';
	r->effective[sizeof(r->effective) - 1] = '\0';
	return true;
}

int
procs_child_note(struct procs_child *child, struct procs_note *note)
{
	size_t size = sizeof(*note);
	bool has_body;

	drop_told(child);
	if (child->used < size)
		return 0;
	memcpy(note, child->bytes, size);
	if (!is_sound(note))
		return -1;
	has_body = note->kind == PROCS_DONE && note->result.body != NULL;
	note->result.body = NULL;
	if (has_body) {
		size += note->result.size;
		if (child->used < size)
			return 0;
		note->result.body = child->bytes + sizeof(*note);
	}
	child->told = size;
	return 1;
}
