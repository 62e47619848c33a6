#include "daemon/supervisor.h"

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
#include "daemon/feed.h"
#include "daemon/notify.h"
#include "daemon/sandbox.h"
#include "daemon/saver.h"
#include "daemon/staff.h"
#include "daemon/world.h"

#define TICK_MAX CLOCK_SECOND
#define TICK_MIN (10 * CLOCK_MS)
#define REMAKE_EVERY (4 * CLOCK_SECOND)
#define STOP_PATIENCE (5 * CLOCK_SECOND) /* then SIGKILL */

enum phase {
	RUNNING,
	RELOADING, /* the workers are asked to stop, then start anew */
	STOPPING,
};

struct supervisor {
	const struct supervisor_setup *setup;
	struct world world;
	struct staff staff;
	struct saver saver;
	struct conf *next_conf; /* while RELOADING */
	enum phase phase;
	int signals;        /* signalfd */
	int64_t kill_at;    /* monotonic, unless RUNNING */
	int64_t tick_at;    /* monotonic */
	int64_t remake_at;  /* monotonic: no new try before it */
	bool announced;     /* a worker is in its loop, */
	bool said_ready;    /* and READY=1 was sent */
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
	signal(SIGXFSZ, SIG_IGN); /* EFBIG instead, setrlimit(2) */
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static void
ask_workers_to_stop(struct supervisor *s, enum phase phase)
{
	/* Asked again while they are stopping, they get no more time. */
	if (s->phase == RUNNING) {
		s->kill_at = clock_mono() + STOP_PATIENCE;
		crew_signal(&s->staff.crew, SIGTERM);
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
give_up(struct supervisor *s)
{
	s->gave_up = true;
	begin_stop(s);
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
	conf = conf_load(s->setup->conf_file, s->setup->source_dir,
	    report_conf_error, NULL);
	if (conf == NULL) {
		log_error("%s has errors: the old configuration stays",
		    s->setup->conf_file);
		return;
	}
	log_info("reloading %s", s->setup->conf_file);
	notify_reloading();
	conf_free(s->next_conf);
	s->next_conf = conf;
	FAULT_POINT("reload.read");
	ask_workers_to_stop(s, RELOADING);
	FAULT_POINT("reload.asked");
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
bury_dead(struct supervisor *s)
{
	static const enum recovery recovery[] = { [RUNNING] = RECOVER_CRASH,
		[RELOADING] = RECOVER_RELOAD,
		[STOPPING] = RECOVER_STOP };

	staff_bury(&s->staff, &s->world, recovery[s->phase]);
	crew_reap_strangers(&s->staff.crew, s->saver.child);
	if (s->staff.board_lost)
		s->tick_at = 0;
	s->staff.board_lost = false;
	if (s->staff.gave_up)
		give_up(s);
}

static void
announce(struct supervisor *s)
{
	crew_hear(&s->staff.crew);
	if (s->announced || s->phase != RUNNING || !crew_ready(&s->staff.crew))
		return;
	s->announced = true;
	s->said_ready = notify("READY=1");
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
	if (!s->announced || s->phase != RUNNING)
		return;
	if (!s->said_ready)
		s->said_ready = notify("READY=1");
	if (s->fresh != s->said_fresh &&
	    notify("STATUS=%u of %u rows fresh, %u workers", s->fresh,
		s->world.conf->currencies, crew_alive(&s->staff.crew)))
		s->said_fresh = s->fresh;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
tick_length(const struct supervisor *s)
{
	int64_t tick = s->world.conf->refresh / 2;

	if (notify_watchdog() > 0)
		tick = earlier(tick, notify_watchdog() / 2);
	tick = earlier(tick, s->world.conf->watchdog / 4);
	tick = earlier(tick, TICK_MAX);
	return tick < TICK_MIN ? TICK_MIN : tick;
}

/* The same configuration once more, on a board of its own. */
static void
remake_board(struct supervisor *s)
{
	s->remake_at = clock_mono() + REMAKE_EVERY;
	s->next_conf = conf_copy(s->world.conf);
	if (s->next_conf == NULL)
		log_error("a new board: %m");
	else
		ask_workers_to_stop(s, RELOADING);
}

static void
look_after_board(struct supervisor *s)
{
	char error[256];

	if (s->phase != RUNNING || !world_lost(&s->world) ||
	    clock_mono() < s->remake_at)
		return;
	switch (board_presence(s->world.board)) {
	case BOARD_TAKEN:
		log_error("another supervisor feeds a board of this name: "
			  "giving up");
		give_up(s);
		return;
	case BOARD_GONE:
		if (board_check_name(s->world.board, error, sizeof(error)) ==
		    -1) {
			log_error("%s", error);
			s->remake_at = clock_mono() + REMAKE_EVERY;
			return;
		}
		log_error("the board is no longer under its name: it is made "
			  "anew");
		break;
	case BOARD_CUT:
	case BOARD_PRESENT:
		log_error("the board was cut short: it is made anew");
	}
	remake_board(s);
}

static void
tick(struct supervisor *s)
{
	int64_t now = clock_mono();

	if (now < s->tick_at)
		return;
	s->tick_at = now + tick_length(s);
	look_after_board(s);
	atomic_store(&s->world.board->map->heartbeat, now);
	saver_tick(&s->saver, s->world.board, &s->staff.crew);
	forecast_tick(s->world.forecast, s->world.board, clock_wall());
	s->fresh = feed_look(&s->world);
	if (s->phase == RUNNING)
		staff_watch(&s->staff, &s->world);
	say_status(s);
	notify("WATCHDOG=1");
}

static void
kill_the_slow(struct supervisor *s)
{
	if (s->phase == RUNNING || clock_mono() < s->kill_at)
		return;
	log_warn("%u workers did not stop in time: killed",
	    crew_alive(&s->staff.crew));
	crew_signal(&s->staff.crew, SIGKILL);
	s->kill_at = INT64_MAX;
}

static void
tell_sandbox(const struct supervisor *s)
{
	char text[64];

	log_info("the workers' sandbox: %s", s->world.conf->sandbox
		? sandbox_text(text, sizeof(text))
		: "off (sandbox in the configuration)");
}

static void
finish_reload(struct supervisor *s)
{
	char error[256];

	FAULT_POINT("reload.alone");
	if (world_change(&s->world, s->next_conf, s->saver.path, error,
		sizeof(error)) == -1) {
		log_error("reload: %s: the old configuration stays", error);
		conf_free(s->next_conf);
	}
	FAULT_POINT("reload.changed");
	s->next_conf = NULL;
	tell_sandbox(s);
	s->phase = RUNNING;
	s->announced = false; /* READY=1 ends a reload, sd_notify(3) */
	s->tick_at = 0;
	staff_begin(&s->staff, &s->world);
}

/* ns until there is something to do without being woken. */
static int64_t
next_wait(const struct supervisor *s, bool backlog)
{
	int64_t now = clock_mono();
	int64_t until = s->tick_at;

	if (s->phase != RUNNING)
		return earlier(until, s->kill_at) - now;
	until = earlier(until, staff_next(&s->staff)) - now;
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

	for (unsigned i = 0; i < s->staff.crew.count; i++) {
		const struct child *child = &s->staff.crew.children[i];

		if (child->life != -1 && !child->ready)
			fds[count++] =
			    (struct pollfd){ child->life, POLLIN, 0 };
	}
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
		if (s->phase != RUNNING && crew_alive(&s->staff.crew) == 0) {
			if (s->phase == STOPPING)
				return;
			finish_reload(s);
		}
		kill_the_slow(s);
		tick(s);
		announce(s);
		if (s->phase == RUNNING) {
			staff_start(&s->staff, &s->world);
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
	saver_begin(&s.saver, setup->instance);
	if (world_open(&s.world, setup->instance->name, setup->conf,
		s.saver.path, error, sizeof(error)) == -1) {
		log_error("%s", error);
		world_close(&s.world);
		conf_free(setup->conf);
		return 1;
	}
	if (setup->made != NULL)
		setup->made(setup->context);
	show_title(&s);
	tell_sandbox(&s);
	staff_begin(&s.staff, &s.world);
	run_loop(&s);
	saver_end(&s.saver, s.world.board, &s.staff.crew);
	world_close(&s.world);
	conf_free(s.next_conf);
	close(s.signals);
	log_info("stopped");
	return s.gave_up ? 1 : 0;
}
