#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include <bsd/string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "jobs/queue.h"
#include "tools/command.h"
#include "tools/metrics.h"

#define WORD_MAX 48
#define LOCK_WAIT (5 * CLOCK_SECOND)
#define LOCK_PAUSE (20 * CLOCK_MS)

static void
keep_sources(struct metrics *m)
{
	unsigned count = inspect_source_count(m->ctl->rates);

	for (unsigned i = 0; i < count; i++) {
		struct inspect_source *s = &m->sources[m->source_count];
		bool known = false;

		inspect_source(m->ctl->rates, i, s);
		/* Only on a damaged board: one sample must not come twice. */
		for (unsigned k = 0; k < m->source_count; k++)
			known |= strcmp(m->sources[k].name, s->name) == 0;
		m->source_count += !known;
	}
}

/*
 * What is on the board.  That there is none is news, and no failure; CTL_FAILED
 * has spoken, and what is known then is that it is not readable.
 */
static int
look(struct metrics *m)
{
	int status = view_open(m->ctl);

	if (status != CTL_DONE)
		return status == CTL_NO_BOARD ? CTL_DONE : status;
	m->sources = calloc(BOARD_SOURCES_MAX, sizeof(*m->sources));
	if (m->sources == NULL)
		return ctl_complain(CTL_FAILED, "%m");
	status = view_load(m->ctl, m->ctl->pairs != NULL, &m->view);
	if (status != CTL_DONE)
		return status;
	m->readable = true;
	m->queue_depth = queue_depth_of(m->ctl->instance, &m->queue_max);
	keep_sources(m);
	return CTL_DONE;
}

/* The directory that a file is in, or NULL with errno. */
static const char *
directory_of(const char *path, char buf[PATH_MAX])
{
	if (strlcpy(buf, path, PATH_MAX) < PATH_MAX)
		return dirname(buf);
	errno = ENAMETOOLONG;
	return NULL;
}

/*
 * Those of other instances write into the same directory, and cron starts all
 * at once; but who holds the lock for ever must not hold up everything.
 */
static int
lock(int fd)
{
	const struct timespec pause = { .tv_nsec = LOCK_PAUSE };
	int64_t end = clock_mono() + LOCK_WAIT;

	while (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK || clock_mono() >= end)
			return -1;
		nanosleep(&pause, NULL);
	}
	return 0;
}

/*
 * Two that write the same file would have the same temporary one.  The
 * directory, open and locked, or -1 with errno.
 */
static int
lock_directory(const char *path)
{
	char buf[PATH_MAX];
	const char *directory = directory_of(path, buf);
	int fd, kept;

	if (directory == NULL)
		return -1;
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || lock(fd) == 0)
		return fd;
	kept = errno;
	close(fd);
	errno = kept;
	return -1;
}

static int
replace(const char *path, const char *text, size_t size)
{
	int lock = lock_directory(path), status = CTL_DONE;
	const char *what;

	if (lock == -1)
		return ctl_complain(CTL_FAILED, "%s: directory: %s", path,
		    errno == EWOULDBLOCK ? "somebody else writes there"
					 : strerror(errno));
	if (file_replaceable(path) == -1)
		status = ctl_complain(CTL_FAILED, "%s: %s", path,
		    errno == EINVAL ? "it is no regular file, so it stays"
				    : strerror(errno));
	else if (file_replace(path, text, size, &what) == -1)
		status = ctl_complain(CTL_FAILED, "%s: %s: %m", path, what);
	close(lock);
	return status;
}

/* Writes it whole, or nothing of it. */
static int
write_out(struct metrics *m)
{
	char *text = NULL;
	size_t size = 0;
	int status = CTL_DONE;

	m->out.out = open_memstream(&text, &size);
	if (m->out.out == NULL)
		return ctl_complain(CTL_FAILED, "%m");
	metrics_write(m);
	if (fclose(m->out.out) != 0)
		status = ctl_complain(CTL_FAILED, "%m");
	else if (m->ctl->textfile != NULL)
		status = replace(m->ctl->textfile, text, size);
	else
		fwrite(text, 1, size, stdout);
	free(text);
	return status;
}

static int
check_options(const struct ctl *ctl)
{
	const char *fault =
	    ctl->pairs != NULL ? metrics_pairs_fault(ctl->pairs) : NULL;
	char word[WORD_MAX];

	if (fault != NULL)
		return ctl_complain(CTL_USAGE, "--rates: '%s' %s",
		    text_clean(word, sizeof(word), ctl->pairs,
			strlen(ctl->pairs)),
		    fault);
	if (ctl->textfile != NULL && ctl->textfile[0] == '\0')
		return ctl_complain(CTL_USAGE, "--textfile: which file?");
	return CTL_DONE;
}

int
cmd_metrics(struct ctl *ctl, int argc, char **argv)
{
	struct metrics m = { .ctl = ctl, .queue_depth = -1 };
	int status = check_options(ctl), written;

	(void)argc;
	(void)argv;
	if (status != CTL_DONE)
		return status;
	/* Two files of one host must not have the same samples. */
	if (strcmp(ctl->instance, "default") != 0)
		m.out.always =
		    (struct label){ METRICS_INSTANCE, ctl->instance };
	status = look(&m);
	/* Also then: a file that nobody writes any more looks like a good one. */
	written = write_out(&m);
	view_free(&m.view);
	free(m.sources);
	return status != CTL_DONE ? status : written;
}
