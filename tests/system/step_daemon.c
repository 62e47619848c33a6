#include "step.h"

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "board/attach.h"
#include "jobs/queue.h"

#define LOOK_US 50
#define LOOK_MAX (100 * CLOCK_MS)

uint64_t
step_counter(const struct step *s, enum board_counter which)
{
	return atomic_load(&s->board.map->counters[which]);
}

bool
step_wait(struct step *s, bool (*condition)(struct step *s, void *context),
    void *context, int64_t patience)
{
	int64_t now = clock_mono(), waited = 0;

	while (!condition(s, context)) {
		int64_t then = now;

		if (waitpid(s->daemon, NULL, WNOHANG) != 0)
			errx(2, "the daemon ended");
		if (waited > patience)
			return false;
		usleep(LOOK_US);
		now = clock_mono();
		/* A machine that pauses stops everybody: no time to blame. */
		waited += now - then < LOOK_MAX ? now - then : LOOK_MAX;
	}
	return true;
}

static void
start_daemon(struct step *s, char **arguments)
{
	s->daemon = fork();
	if (s->daemon == -1)
		err(2, "fork");
	if (s->daemon != 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	execv(arguments[0], arguments);
	err(2, "%s", arguments[0]);
}

static bool
board_is_there(struct step *s, void *context)
{
	(void)context;
	return rates_open(s->instance, &s->rates) == RATES_OK;
}

bool
step_worker_is_ready(struct step *s, void *context)
{
	(void)context;
	return atomic_load(&s->slot->ready) != 0 &&
	    atomic_load(&s->slot->pid) != 0;
}

static bool
row_is_fetched(struct step *s, void *context)
{
	struct rates_row row;

	(void)context;
	return rates_row(s->rates, s->subject.row, &row, NULL) == RATES_OK &&
	    row.version > 0 &&
	    step_counter(s, COUNTER_jobs_done) >= row.version;
}

/* The board read-write, as a worker has it. */
static void
map_board(struct step *s)
{
	char name[BOARD_OBJECT_MAX];
	struct attached found;
	void *map;
	int fd, row;

	board_object_name(s->instance, name, sizeof(name));
	fd = shm_open(name, O_RDWR | O_CLOEXEC, 0);
	if (fd == -1 || attach(s->instance, &found) == -1)
		err(2, "%s", name);
	map = mmap(NULL, found.shape.total_size, PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		err(2, "%s", name);
	close(fd);
	s->board = (struct board){ .map = map, .shape = found.shape };
	detach(&found);
	row = board_find(&s->board, s->base);
	if (row == -1 || s->board.shape.currencies != s->subject.count)
		errx(2, "not the board that was told");
	s->subject.row = (uint32_t)row;
	s->lock = board_lock_of(map, &s->board.shape, s->subject.row);
	s->slot = board_slot(map, &s->board.shape, 0);
	s->row = board_row(map, &s->board.shape, s->subject.row);
}

void
step_begin(struct step *s, uintptr_t offset, char **arguments)
{
	struct region program;
	struct rates_row row;

	s->tallies = mmap(NULL, sizeof(*s->tallies), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->tallies == MAP_FAILED)
		err(2, "mmap");
	start_daemon(s, arguments);
	if (!step_wait(s, board_is_there, NULL, START_PATIENCE))
		errx(2, "no board");
	map_board(s);
	if (!step_wait(s, step_worker_is_ready, NULL, START_PATIENCE) ||
	    !step_wait(s, row_is_fetched, NULL, START_PATIENCE))
		errx(2, "the row is not fetched");
	if (trace_region(s->daemon, arguments[0], &program) == -1)
		err(2, "%s", arguments[0]);
	trace_region(s->daemon, "[vdso]", &s->vdso); /* there may be none */
	s->entry = program.from + offset;
	s->queue = queue_open_send(s->instance);
	if (s->queue == -1 ||
	    rates_row(s->rates, s->subject.row, &row, NULL) != RATES_OK)
		err(2, "the daemon");
	s->subject.version_less = row.seq - row.version;
	s->subject.attempts_less = row.seq - row.attempts;
	s->subject.fetched = clock_boot();
}

void
step_start_helpers(struct step *s)
{
	unsigned rivals = s->options.contended ? RIVALS : 0;

	s->helper_count = rivals + 1;
	for (unsigned i = 0; i < s->helper_count; i++) {
		s->helpers[i] = i < rivals
		    ? rival_start(&s->board, &s->subject, s->tallies, i)
		    : reader_start(s->instance, &s->subject, s->tallies);
		if (s->helpers[i] == -1)
			err(2, "fork");
	}
}

void
step_end(struct step *s)
{
	int status;

	atomic_store(&s->tallies->stop, 1);
	for (unsigned i = 0; i < s->helper_count; i++)
		if (waitpid(s->helpers[i], &status, 0) == -1 || status != 0)
			errx(2, "a helper ended badly");
	kill(s->daemon, SIGTERM);
	if (waitpid(s->daemon, &status, 0) == -1 || status != 0)
		errx(2, "the daemon ended badly");
}
