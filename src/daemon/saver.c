#include "daemon/saver.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <bsd/unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "board/adopt.h"
#include "board/saved.h"
#include "daemon/guard.h"

#define SAVE_EVERY (30 * CLOCK_SECOND)
#define SAVE_PATIENCE (60 * CLOCK_SECOND)
#define END_PATIENCE (3 * CLOCK_SECOND)
#define END_PAUSE (10 * CLOCK_MS)

void
saver_begin(struct saver *s, const struct instance *instance)
{
	*s = (struct saver){ .instance = instance };
	instance_saved_path(instance, s->path, sizeof(s->path));
	s->due = clock_mono() + SAVE_EVERY;
}

/* --- loading ------------------------------------------------------------- */

static void
set_aside(const char *path, const char *fault)
{
	if (file_set_aside(path) == 0)
		log_error("%s: %s: set aside as %s.damaged", path, fault, path);
	else
		log_error("%s: %s", path, fault);
}

static void
take_over(
    const char *path, struct board *board, const struct attached *image)
{
	char when[CLOCK_TEXT_MAX];

	log_info("%s: saved %s", path,
	    clock_format_utc(image->map->created_wall, when, sizeof(when)));
	adopt(board, image);
}

void
saver_load(const char *path, struct board *board)
{
	struct attached image;
	const char *fault;
	void *bytes;
	size_t size;

	if (file_load(path, SAVED_SIZE_MAX, &bytes, &size) == -1) {
		if (errno == EFBIG || errno == EINVAL)
			set_aside(path, "it is no saved board");
		else if (errno != ENOENT && errno != ENOTDIR)
			log_warn("%s: %m", path);
		return;
	}
	fault = saved_parse(bytes, size, &image);
	free(bytes);
	if (fault != NULL)
		set_aside(path, fault);
	else if (image.map != NULL)
		take_over(path, board, &image);
	detach(&image);
}

/* --- the child ----------------------------------------------------------- */

static int
save(const struct saver *s, const struct board *board)
{
	const struct attached view = { .map = board->map,
		.shape = board->shape };
	const char *what = "rows";
	size_t size = 0;
	void *bytes = saved_compose(&view, &size);
	int result = bytes == NULL
	    ? -1
	    : file_replace(s->path, bytes, size, &what);

	/* A disk that stays full is not to fill the log as well. */
	if (result == -1)
		log_at(s->failing ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARN,
		    "the board is not saved: %s: %s: %m; an earlier one stays "
		    "(see --state-dir)",
		    s->path, what);
	free(bytes);
	return result == 0 ? 0 : 1;
}

static struct saved_state
state_of(const struct board *board)
{
	return (struct saved_state){ board->map->generation,
		atomic_load(&board->map->changes) };
}

static void
start(
    struct saver *s, const struct board *board, const struct crew *crew)
{
	int64_t now = clock_mono();
	pid_t pid;

	s->started = now;
	s->due = now + SAVE_EVERY;
	s->saving = state_of(board);
	FAULT_POINT("save.fork");
	pid = crew_fork(crew);
	if (pid == 0) {
		/* A disk that hangs is not to keep a new supervisor out. */
		instance_leave(s->instance);
		setproctitle("-ratesd: saving [%s]", board->instance);
		_exit(save(s, board));
	}
	if (pid == -1)
		log_error("the board is not saved: fork: %m");
	else
		s->child = pid;
}

/* True once no child is there. */
static bool
hear(struct saver *s)
{
	int status = 0;
	pid_t pid;

	if (s->child == 0)
		return true;
	pid = waitpid(s->child, &status, WNOHANG);
	if (pid == 0)
		return false;
	s->child = 0;
	if (pid == -1 || status != 0) {
		if (WIFSIGNALED(status) && !s->failing)
			log_warn("the board is not saved: signal %d",
			    WTERMSIG(status));
		s->failing = true;
		return true;
	}
	FAULT_POINT("save.heard");
	if (s->failing)
		log_info("the board is saved again");
	s->failing = false;
	s->saved = s->saving;
	return true;
}

/* What was cut, or belongs to another by now, must not replace the file. */
static bool
may_save(const struct board *board)
{
	enum board_presence presence = board_presence(board);

	return !guard_hit() &&
	    (presence == BOARD_PRESENT || presence == BOARD_GONE);
}

/* True if the board has numbers that the file has not. */
static bool
is_unsaved(const struct saver *s, const struct board *board)
{
	struct saved_state now = state_of(board);

	return may_save(board) && (now.generation != s->saved.generation ||
		   now.changes != s->saved.changes) &&
	    board_filled(board) > 0;
}

void
saver_tick(
    struct saver *s, const struct board *board, const struct crew *crew)
{
	int64_t now = clock_mono();

	if (!hear(s)) {
		if (now - s->started > SAVE_PATIENCE) {
			log_warn("%s: a save takes longer than a minute: "
				 "given up",
			    s->path);
			kill(s->child, SIGKILL);
			s->started = now;
		}
		return;
	}
	if (now >= s->due && is_unsaved(s, board))
		start(s, board, crew);
}

static void
wait_for_end(struct saver *s, int64_t until)
{
	const struct timespec pause = { .tv_nsec = END_PAUSE };

	while (!hear(s) && clock_mono() < until)
		nanosleep(&pause, NULL);
}

void
saver_end(
    struct saver *s, const struct board *board, const struct crew *crew)
{
	int64_t until = clock_mono() + END_PATIENCE;

	wait_for_end(s, until);
	if (s->child == 0 && is_unsaved(s, board)) {
		start(s, board, crew);
		wait_for_end(s, until);
	}
	if (s->child == 0)
		return;
	log_warn("%s: the last save did not end in time", s->path);
	kill(s->child, SIGKILL);
	wait_for_end(s, clock_mono() + CLOCK_SECOND);
}
