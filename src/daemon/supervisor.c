#include "daemon/supervisor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bsd/stdlib.h>
#include <bsd/unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/crew.h"
#include "daemon/feed.h"
#include "daemon/notify.h"
#include "daemon/recover.h"
#include "daemon/world.h"

#define TICK_MAX CLOCK_SECOND
#define TICK_MIN (10 * CLOCK_MS)
#define STOP_PATIENCE (5 * CLOCK_SECOND) /* then SIGKILL */
#define FORK_RETRY CLOCK_SECOND

enum phase {
	RUNNING,
	RELOADING, /* the workers are asked to stop, then start anew */
	STOPPING,
};

struct supervisor {
	const struct supervisor_setup *setup;
	struct world world;
	struct crew crew;
	struct deaths deaths;
	struct conf *next_conf; /* while RELOADING */
	enum phase phase;
	int signals;        /* signalfd */
	int64_t kill_at;    /* monotonic, unless RUNNING */
	int64_t tick_at;    /* monotonic */
	bool announced;     /* READY=1 was sent */
	bool gave_up;
	unsigned fresh;     /* rows, at the last tick; for STATUS= */
	unsigned said_fresh;
};

/* --- signals ------------------------------------------------------------- */

static int
open_signals(void)
{
	sigset_t set;

	/* Ignored, as one may inherit it, the kernel reaps and tells nobody. */
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static void
ask_workers_to_stop(struct supervisor *s, enum phase phase)
{
	/* Asked again while they are stopping, they get no more time. */
	if (s->phase == RUNNING) {
		s->kill_at = clock_mono() + STOP_PATIENCE;
		crew_signal(&s->crew, SIGTERM);
	}
	s->phase = phase;
}

static void
begin_stop(struct supervisor *s)
{
	if (s->phase == STOPPING)
		return;
	log_info("stopping");
	notify("STOPPING=1\nSTATUS=stopping");
	ask_workers_to_stop(s, STOPPING);
}

static void
report_conf_error(void *context, const char *line)
{
	(void)context;
	log_error("%s", line);
}

/* Anything wrong with the new file: the old configuration stays. */
static void
begin_reload(struct supervisor *s)
{
	struct conf *conf;

	if (s->phase == STOPPING)
		return;
	conf = conf_load(s->setup->conf_file, report_conf_error, NULL);
	if (conf == NULL) {
		log_error("%s has errors: the old configuration stays",
		    s->setup->conf_file);
		return;
	}
	log_info("reloading %s", s->setup->conf_file);
	notify_reloading();
	conf_free(s->next_conf);
	s->next_conf = conf;
	ask_workers_to_stop(s, RELOADING);
}

static void
read_signals(struct supervisor *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) ==
	    (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
			begin_stop(s);
		else if (info.ssi_signo == SIGHUP)
			begin_reload(s);
		/* SIGCHLD only ends the wait: they merge, so all are asked. */
	}
}

/* --- workers ------------------------------------------------------------- */

static void
give_up(struct supervisor *s)
{
	log_error("more than %u workers died within a minute: giving up "
		  "(restart-limit)",
	    s->world.conf->restart_limit);
	s->gave_up = true;
	begin_stop(s);
}

static void
plan_restart(struct supervisor *s, const struct death *death)
{
	struct child *child = &s->crew.children[death->slot];
	struct board_slot *slot = board_slot(
	    s->world.board->map, &s->world.board->shape, death->slot);
	int64_t now = clock_mono();
	int64_t delay = backoff_after_death(
	    &child->backoff, death->ready, death->lived, arc4random());

	child->start_at = now + delay;
	if (delay > 0)
		atomic_store(&slot->state, SLOT_WAITING);
	board_count(s->world.board, COUNTER_restarts, 1);
	atomic_fetch_add(&slot->restarts, 1);
	if (deaths_note(&s->deaths, now, s->world.conf->restart_limit))
		give_up(s);
}

static void
log_death(const struct death *death)
{
	char how[32];

	log_warn("worker %u (pid %ld) died: %s%s", death->slot,
	    (long)death->pid, death_text(death->status, how, sizeof(how)),
	    WIFSIGNALED(death->status) && WTERMSIG(death->status) == SIGKILL
		? " (perhaps out of memory)"
		: "");
}

static void
bury_dead(struct supervisor *s)
{
	static const enum recovery recovery[] = { [RUNNING] = RECOVER_CRASH,
		[RELOADING] = RECOVER_RELOAD,
		[STOPPING] = RECOVER_STOP };
	struct death death;

	while (crew_find_dead(&s->crew, &death)) {
		bool planned = s->phase != RUNNING;

		if (!planned)
			log_death(&death);
		recover(&s->world, &death, recovery[s->phase]);
		crew_bury(&s->crew, &death);
		FAULT_POINT("supervisor.buried");
		if (!planned)
			plan_restart(s, &death);
	}
	crew_reap_strangers(&s->crew);
}

static void
start_workers(struct supervisor *s)
{
	int64_t now = clock_mono();

	for (unsigned i = 0; i < s->crew.count; i++) {
		struct child *child = &s->crew.children[i];
		struct worker_setup setup = { .board = s->world.board,
			.conf = s->world.conf,
			.queue = s->world.queue };

		if (child->pid != 0 || child->start_at > now)
			continue;
		if (crew_start(&s->crew, i, &setup) == -1) {
			log_error("worker %u: fork: %m", i);
			child->start_at = now + FORK_RETRY;
		}
	}
}

static void
announce(struct supervisor *s)
{
	crew_hear(&s->crew);
	if (s->announced || s->phase != RUNNING || !crew_ready(&s->crew))
		return;
	s->announced = true;
	notify("READY=1");
	log_info("ready: %u workers, %u currencies", s->world.conf->workers,
	    s->world.conf->currencies);
	if (s->setup->ready != NULL)
		s->setup->ready(s->setup->context);
	s->said_fresh = UINT32_MAX;
}

/* --- the loop ------------------------------------------------------------ */

static void
say_status(struct supervisor *s)
{
	if (s->fresh == s->said_fresh || !s->announced)
		return;
	s->said_fresh = s->fresh;
	notify("STATUS=%u of %u rows fresh, %u workers", s->fresh,
	    s->world.conf->currencies, crew_alive(&s->crew));
}

static int64_t
tick_length(const struct supervisor *s)
{
	int64_t tick = s->world.conf->refresh / 2;

	if (notify_watchdog() > 0 && notify_watchdog() / 2 < tick)
		tick = notify_watchdog() / 2;
	if (tick > TICK_MAX)
		tick = TICK_MAX;
	return tick < TICK_MIN ? TICK_MIN : tick;
}

static void
tick(struct supervisor *s)
{
	int64_t now = clock_mono();

	if (now < s->tick_at)
		return;
	s->tick_at = now + tick_length(s);
	atomic_store(&s->world.board->map->heartbeat, now);
	s->fresh = feed_look(&s->world);
	say_status(s);
	notify("WATCHDOG=1");
}

static void
kill_the_slow(struct supervisor *s)
{
	if (s->phase == RUNNING || clock_mono() < s->kill_at)
		return;
	log_warn("%u workers did not stop in time: killed",
	    crew_alive(&s->crew));
	crew_signal(&s->crew, SIGKILL);
	s->kill_at = INT64_MAX;
}

static void
finish_reload(struct supervisor *s)
{
	char error[256];

	FAULT_POINT("supervisor.reload");
	if (world_change(&s->world, s->next_conf, error, sizeof(error)) == -1) {
		log_error("reload: %s: the old configuration stays", error);
		conf_free(s->next_conf);
	}
	s->next_conf = NULL;
	s->phase = RUNNING;
	s->announced = false; /* READY=1 ends a reload, sd_notify(3) */
	s->tick_at = 0;
	crew_begin(&s->crew, s->world.conf->workers, s->world.board);
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* ns until there is something to do without being woken. */
static int64_t
next_wait(const struct supervisor *s, bool backlog)
{
	int64_t now = clock_mono();
	int64_t until = s->tick_at;

	if (s->phase != RUNNING)
		return earlier(until, s->kill_at) - now;
	for (unsigned i = 0; i < s->crew.count; i++)
		if (s->crew.children[i].pid == 0)
			until = earlier(until, s->crew.children[i].start_at);
	until -= now;
	if (!backlog && schedule_next(s->world.schedule) != INT64_MAX)
		until = earlier(
		    until, schedule_next(s->world.schedule) - clock_boot());
	return until;
}

static void
wait_for_news(struct supervisor *s, bool backlog)
{
	struct pollfd fds[2 + BOARD_SLOTS_MAX] = {
		{ s->signals, POLLIN, 0 },
		{ s->world.queue, backlog ? POLLOUT : 0, 0 },
	};
	nfds_t count = 2;

	for (unsigned i = 0; i < s->crew.count; i++)
		if (s->crew.children[i].life != -1 && !s->crew.children[i].ready)
			fds[count++] = (struct pollfd){
				s->crew.children[i].life, POLLIN, 0
			};
	if (poll(fds, count, clock_poll_ms(next_wait(s, backlog))) == -1 &&
	    errno != EINTR)
		log_error("poll: %m");
}

static void
show_title(const struct supervisor *s)
{
	setproctitle("-ratesd: supervisor [%s]", s->setup->instance->name);
}

static void
run_loop(struct supervisor *s)
{
	for (;;) {
		bool backlog = false;

		read_signals(s);
		bury_dead(s);
		if (s->phase != RUNNING && crew_alive(&s->crew) == 0) {
			if (s->phase == STOPPING)
				return;
			finish_reload(s);
		}
		kill_the_slow(s);
		tick(s);
		announce(s);
		if (s->phase == RUNNING) {
			start_workers(s);
			backlog = feed_queue(&s->world);
		}
		wait_for_news(s, backlog);
	}
}

int
supervisor_run(const struct supervisor_setup *setup)
{
	struct supervisor s = { .setup = setup };
	char error[256];

	s.signals = open_signals();
	if (s.signals == -1) {
		log_error("signals: %m");
		conf_free(setup->conf);
		return 1;
	}
	if (world_open(&s.world, setup->instance->name, setup->conf, error,
		sizeof(error)) == -1) {
		log_error("%s", error);
		world_close(&s.world);
		conf_free(setup->conf);
		return 1;
	}
	if (setup->made != NULL)
		setup->made(setup->context);
	show_title(&s);
	crew_begin(&s.crew, s.world.conf->workers, s.world.board);
	run_loop(&s);
	world_close(&s.world);
	conf_free(s.next_conf);
	close(s.signals);
	log_info("stopped");
	return s.gave_up ? 1 : 0;
}
