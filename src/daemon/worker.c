#include "daemon/worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <bsd/unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/sandbox.h"
#include "daemon/tasks.h"

#define STOP_GRACE (2 * CLOCK_SECOND)

enum { FD_QUEUE, FD_SIGNAL, FD_LIFE, FD_COUNT };

struct worker {
	const struct worker_setup *setup;
	struct board_slot *slot;
	struct tasks *tasks;
	struct pollfd fds[FD_COUNT];
	bool ready;
	bool stopping;
	int64_t stop_by; /* monotonic */
};

static void
set(board_word *word, uint64_t value)
{
	atomic_store_explicit(word, value, memory_order_relaxed);
}

/* "worker 2 [default] EUR USD +3": what ps shows. */
static void
show_title(struct worker *w)
{
	char text[128];

	text_format(text, sizeof(text), "worker %u [%s]", w->setup->slot,
	    w->setup->board->instance);
	if (tasks_title(w->tasks, text, sizeof(text)))
		setproctitle("-ratesd: %s", text);
}

static void
show_state(struct worker *w)
{
	enum slot_state state = w->stopping    ? SLOT_STOPPING
	    : tasks_active(w->tasks) > 0 ? SLOT_BUSY
					 : SLOT_IDLE;

	if (atomic_load_explicit(&w->slot->state, memory_order_relaxed) ==
	    state)
		return;
	set(&w->slot->since_wall, (uint64_t)clock_wall());
	set(&w->slot->since_mono, (uint64_t)clock_mono());
	set(&w->slot->state, state);
}

static void
read_signals(struct worker *w)
{
	struct signalfd_siginfo info;

	while (read(w->fds[FD_SIGNAL].fd, &info, sizeof(info)) ==
	    (ssize_t)sizeof(info)) {
		if (info.ssi_signo != SIGTERM || w->stopping)
			continue;
		w->stopping = true;
		w->stop_by = clock_mono() + STOP_GRACE;
	}
}

/* The supervisor never writes: readable means that it is gone. */
static void
leave_if_orphaned(const struct worker *w)
{
	if (w->fds[FD_LIFE].revents != 0) {
		log_warn("worker %u: the supervisor is gone", w->setup->slot);
		_exit(1);
	}
}

static enum engine_next
next_when_stopping(struct worker *w, int64_t *wait_ns)
{
	/* Waiting tasks keep their claims: the supervisor puts them back. */
	*wait_ns = w->stop_by - clock_mono();
	return *wait_ns <= 0 ? ENGINE_QUIT : ENGINE_STOP;
}

/* Once the engine asks for work, it is in its loop. */
static void
tell_ready(struct worker *w)
{
	if (w->ready)
		return;
	w->ready = true;
	set(&w->slot->ready, 1);
	if (write(w->setup->life, "r", 1) != 1) {
		log_error("worker %u: %m", w->setup->slot);
		_exit(1);
	}
}

/* The supervisor wants to see it move, even when there is nothing to do. */
static int64_t
watched(const struct worker *w, int64_t wait_ns)
{
	int64_t longest = w->setup->conf->watchdog / 3;

	return wait_ns < 0 || wait_ns > longest ? longest : wait_ns;
}

static enum engine_next
worker_next(void *context, struct engine_item *item, int64_t *wait_ns)
{
	struct worker *w = context;

	leave_if_orphaned(w);
	read_signals(w);
	tell_ready(w);
	set(&w->slot->progress_mono, (uint64_t)clock_mono());
	if (w->stopping)
		return next_when_stopping(w, wait_ns);
	if (item != NULL && tasks_next(w->tasks, item))
		return ENGINE_ITEM;
	*wait_ns = watched(w, item != NULL ? tasks_wait(w->tasks) : *wait_ns);
	return ENGINE_LATER;
}

static void
worker_before_wait(void *context, bool room)
{
	struct worker *w = context;
	bool wants = room && tasks_room(w->tasks);

	/* A full worker leaves the queue to the others. */
	w->fds[FD_QUEUE].events = wants ? POLLIN : 0;
	show_state(w);
	show_title(w);
}

static void
worker_done(void *context, void *tag, const struct transfer_result *result)
{
	struct worker *w = context;

	tasks_done(w->tasks, tag, result, w->stopping);
}

static int
open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_SETMASK, &set, NULL);
	/* A terminal's Ctrl-C reaches the whole group: the supervisor decides. */
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static int
prepare(struct worker *w, const struct worker_setup *setup)
{
	*w = (struct worker){ .setup = setup,
		.slot = board_slot(
		    setup->board->map, &setup->board->shape, setup->slot),
		.tasks = tasks_new(setup) };
	set(&w->slot->pid, (uint64_t)getpid());
	w->fds[FD_QUEUE] = (struct pollfd){ setup->queue, POLLIN, 0 };
	w->fds[FD_SIGNAL] = (struct pollfd){ open_signals(), POLLIN, 0 };
	w->fds[FD_LIFE] = (struct pollfd){ setup->life, POLLIN, 0 };
	if (w->tasks != NULL && w->fds[FD_SIGNAL].fd != -1)
		return 0;
	log_error("worker %u: %m", setup->slot);
	return -1;
}

/* Rates that come without it are better than none. */
static void
enter_sandbox(struct worker *w)
{
	enum sandbox_state states[] = { SANDBOX_OFF, SANDBOX_OFF };
	char error[128];

	if (w->setup->conf->sandbox &&
	    sandbox_enter(states, error, sizeof(error)) == -1)
		log_warn("worker %u: it works with less of a sandbox: %s",
		    w->setup->slot, error);
#define X(name, text) set(&w->slot->name, states[SANDBOX_PART_##name]);
	SANDBOX_PARTS(X)
#undef X
}

int
worker_run(const struct worker_setup *setup)
{
	struct worker w;
	struct engine_io io = { .context = &w,
		.concurrency = setup->conf->concurrency,
		.limits = { .connect = setup->conf->connect_timeout,
		    .total = setup->conf->timeout },
		.next = worker_next,
		.done = worker_done,
		.fds = w.fds,
		.fd_count = FD_COUNT,
		.before_wait = worker_before_wait };
	int result = prepare(&w, setup);
	bool may_pass;

	FAULT_POINT("worker.start");
	if (result == -1)
		return 1; /* short of memory or descriptors: it may pass */
	enter_sandbox(&w);
	errno = 0;
	result = setup->conf->engine->run(&io);
	may_pass = errno == EAGAIN; /* no thread, for now */
	tasks_free(w.tasks);
	if (result == -1)
		return w.ready || may_pass ? 1 : WORKER_CANNOT;
	return 0;
}
