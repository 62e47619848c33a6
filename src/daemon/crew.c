#include "daemon/crew.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/guard.h"
#include "daemon/notify.h"

/* Workers can be replaced, the supervisor can't: oom_score_adj of proc(5). */
#define OOM_SCORE_FILE "/proc/self/oom_score_adj"
#define OOM_SCORE "500"

void
crew_begin(struct crew *crew, unsigned count, const struct board *board)
{
	*crew = (struct crew){ .count = count };
	for (unsigned i = 0; i < count; i++) {
		crew->children[i].life = -1;
		crew->children[i].incarnation = atomic_load(
		    &board_slot(board->map, &board->shape, i)->incarnation);
	}
}

static void
prefer_for_oom(void)
{
	int fd = open(OOM_SCORE_FILE, O_WRONLY | O_CLOEXEC);

	if (fd == -1)
		return;
	if (write(fd, OOM_SCORE, sizeof(OOM_SCORE) - 1) == -1)
		log_debug("%s: %m", OOM_SCORE_FILE);
	close(fd);
}

/* What a child must not keep: the other workers' lines to the supervisor. */
static void
close_lines(const struct crew *crew)
{
	for (unsigned i = 0; i < crew->count; i++)
		if (crew->children[i].life != -1)
			close(crew->children[i].life);
	notify_close();
}

pid_t
crew_fork(const struct crew *crew)
{
	pid_t pid = FAULT_FAILS("crew.fork") ? -1 : fork();

	if (pid != 0)
		return pid;
	FAULT_POINT("crew.child");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	guard_end();
	close_lines(crew);
	prefer_for_oom();
	return 0;
}

/* Before the fork: a new id, and a state that the worker then overwrites. */
static void
prepare_slot(struct child *child, struct worker_setup *setup)
{
	struct board_slot *s =
	    board_slot(setup->board->map, &setup->board->shape, setup->slot);

	setup->incarnation = ++child->incarnation;
	atomic_store(&s->incarnation, child->incarnation);
	atomic_store(&s->ready, 0);
#define X(name, text) atomic_store(&s->name, SANDBOX_UNKNOWN);
	SANDBOX_PARTS(X)
#undef X
	atomic_store(&s->since_wall, (uint64_t)clock_wall());
	atomic_store(&s->since_mono, (uint64_t)clock_mono());
	atomic_store(&s->progress_mono, (uint64_t)clock_mono());
	atomic_store(&s->state, SLOT_STARTING);
}

int
crew_start(struct crew *crew, unsigned slot, struct worker_setup *setup)
{
	struct child *child = &crew->children[slot];
	int line[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		line) == -1)
		return -1;
	setup->slot = slot;
	setup->life = line[1];
	prepare_slot(child, setup);
	pid = crew_fork(crew);
	if (pid == 0) {
		close(line[0]);
		/* A supervisor that died before shows on the line. */
		_exit(worker_run(setup));
	}
	close(line[1]);
	if (pid == -1) {
		close(line[0]);
		return -1;
	}
	FAULT_POINT("crew.forked");
	child->pid = pid;
	child->life = line[0];
	child->ready = false;
	child->started = clock_mono();
	child->watch = (struct watch){ 0 };
	return 0;
}

bool
crew_find_dead(struct crew *crew, struct death *death)
{
	for (unsigned i = 0; i < crew->count; i++) {
		struct child *child = &crew->children[i];
		siginfo_t info = { 0 };

		/* One by one: P_ALL would give the same zombie for ever. */
		if (child->pid == 0 ||
		    waitid(P_PID, (id_t)child->pid, &info,
			WEXITED | WNOHANG | WNOWAIT) == -1 ||
		    info.si_pid == 0)
			continue;
		*death = (struct death){ .slot = i,
			.pid = child->pid,
			.worker = worker_id(i, child->incarnation),
			.status = info.si_code == CLD_EXITED
			    ? info.si_status << 8
			    : info.si_status,
			.lived = clock_mono() - child->started };
		crew_hear(crew); /* its last word may be "ready" */
		death->ready = child->ready;
		return true;
	}
	return false;
}

void
crew_bury(struct crew *crew, const struct death *death)
{
	struct child *child = &crew->children[death->slot];

	waitpid(death->pid, NULL, 0);
	close(child->life);
	child->life = -1;
	child->pid = 0;
}

static bool
is_worker(const struct crew *crew, pid_t pid)
{
	for (unsigned i = 0; i < crew->count; i++)
		if (crew->children[i].pid == pid)
			return true;
	return false;
}

void
crew_reap_strangers(const struct crew *crew, pid_t other)
{
	for (;;) {
		siginfo_t info = { 0 };

		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) ==
			-1 ||
		    info.si_pid == 0 || info.si_pid == other ||
		    is_worker(crew, info.si_pid))
			return;
		waitpid(info.si_pid, NULL, 0);
	}
}

void
crew_hear(struct crew *crew)
{
	char byte;

	for (unsigned i = 0; i < crew->count; i++) {
		struct child *child = &crew->children[i];

		if (child->life == -1 || child->ready ||
		    read(child->life, &byte, 1) != 1)
			continue;
		child->ready = true;
	}
}

bool
crew_ready(const struct crew *crew)
{
	for (unsigned i = 0; i < crew->count; i++)
		if (crew->children[i].pid != 0 && crew->children[i].ready)
			return true;
	return false;
}

void
crew_signal(const struct crew *crew, int signal)
{
	for (unsigned i = 0; i < crew->count; i++)
		if (crew->children[i].pid != 0)
			kill(crew->children[i].pid, signal);
}

unsigned
crew_alive(const struct crew *crew)
{
	unsigned alive = 0;

	for (unsigned i = 0; i < crew->count; i++)
		alive += crew->children[i].pid != 0;
	return alive;
}

const char *
death_text(int status, char *buf, size_t size)
{
	if (WIFSIGNALED(status))
		return text_format(buf, size, "signal %d", WTERMSIG(status));
	return text_format(buf, size, "exit %d", WEXITSTATUS(status));
}
