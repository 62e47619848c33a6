/*
 * ratesfetch: one matrix of exchange rates, once, without a daemon, in any of
 * the concurrency models; or in all of them, compared.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "tools/ratesfetch_compare.h"
#include "tools/ratesfetch_matrix.h"
#include "tools/ratesfetch_options.h"
#include "tools/ratesfetch_source.h"

/* The throttle's words, shared with every process that is forked. */
static const struct throttle *
begin_throttle(const struct source *source, struct throttle *throttle)
{
	_Atomic uint64_t *words;

	if (source->rate_interval == 0)
		return NULL;
	words = mmap(NULL, 2 * sizeof(*words), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (words == MAP_FAILED)
		fetch_exit(1, "%s", strerror(errno));
	*throttle = (struct throttle){ &words[0], &words[1],
		source->rate_interval, source->burst };
	throttle_begin(throttle, clock_boot());
	return throttle;
}

static void
show_progress(unsigned done, unsigned all)
{
	if (done < all)
		fprintf(stderr, "\r%u of %u", done, all);
	else
		fputs("\r\033[K", stderr);
}

static void
print_matrix(const struct matrix *m, enum ctl_format format)
{
	if (format == FORMAT_LINES)
		show_lines(&m->show);
	else if (format == FORMAT_TABLE)
		show_table(&m->show);
	else if (format == FORMAT_CSV)
		show_csv(&m->show);
	else
		show_tree(&m->show);
}

/* What is for programs has no line that is for people. */
static void
print_elapsed(int64_t elapsed, enum ctl_format format)
{
	bool people = format == FORMAT_LINES || format == FORMAT_TABLE;

	fprintf(people ? stdout : stderr, "time elapsed: %.2fs\n",
	    (double)elapsed / CLOCK_SECOND);
}

static void
name_failures(const struct matrix *m)
{
	char error[VIEW_ERROR_MAX];

	for (unsigned i = 0; i < m->show.base_count; i++) {
		unsigned row = m->show.bases[i];

		if (m->show.view.rows[row].version == 0)
			fprintf(stderr, "ratesfetch: %s: %s\n",
			    m->show.view.codes[row],
			    view_error(&m->show.view.rows[row], error,
				sizeof(error)));
	}
}

static int
finish(int status)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return status;
	fetch_exit(1, "can't write the output");
}

static int
fetch(const struct fetch_options *o, struct matrix *m,
    const struct throttle *throttle)
{
	const struct ctl ctl = { .format = o->format, .max_age = -1 };
	const struct matrix_run run = { .engine = o->engine,
		.concurrency = o->concurrency,
		.timeout = o->timeout,
		.throttle = throttle,
		.progress = !o->quiet && isatty(STDERR_FILENO) ? show_progress
							       : NULL };
	struct matrix_cost cost;
	int result = matrix_fetch(m, &run, &cost);

	m->show.ctl = &ctl;
	m->show.told = true;
	/* An engine that could do nothing at all has said why. */
	if (result == 0 || m->failed < m->show.base_count) {
		print_matrix(m, o->format);
		print_elapsed(cost.elapsed, o->format);
		fflush(stdout);
		name_failures(m);
	}
	return finish(result == 0 && m->failed == 0 ? 0 : 1);
}

static void
draw(const struct comparison *c, const char *file)
{
	char *bytes = NULL;
	const char *what;
	size_t size;
	FILE *out = open_memstream(&bytes, &size);

	if (out == NULL)
		fetch_exit(1, "%s", strerror(errno));
	compare_draw(c, out);
	if (fclose(out) != 0)
		fetch_exit(1, "%s", strerror(errno));
	if (file_replace(file, bytes, size, &what) == -1)
		fetch_exit(1, "%s: %s: %s", file, what, strerror(errno));
	free(bytes);
}

static int
compare(const struct fetch_options *o, struct matrix *m,
    const struct throttle *throttle)
{
	struct comparison c = { .options = o,
		.source = m->source,
		.requests = matrix_requests(m),
		.rows = m->show.base_count };

	/* Before it takes its time. */
	if (o->svg != NULL && file_replaceable(o->svg) == -1)
		fetch_exit(1, "%s: %s", o->svg,
		    errno == EINVAL ? "it is no regular file, so it stays"
				    : strerror(errno));
	compare_run(&c, m, throttle);
	compare_print(&c);
	if (o->svg != NULL)
		draw(&c, o->svg);
	return finish(c.error[0] == '\0' && c.advised ? 0 : 1);
}

int
main(int argc, char **argv)
{
	static struct fetch_options options; /* large */
	static struct source source;
	const struct throttle *throttle;
	struct throttle words;
	struct matrix matrix;
	const char *fault;
	int status;

	log_open(LOG_TO_STDERR, LOG_LEVEL_WARN, "ratesfetch");
	fetch_options(argc, argv, &options);
	fetch_source(&options, &source);
	matrix_begin(&matrix, &source, &options.bases, &options.symbols);
	fault = matrix_fault(&matrix);
	if (fault != NULL)
		fetch_exit(RATESFETCH_USAGE, "%s: %s", source.name, fault);
	throttle = begin_throttle(&source, &words);
	status = options.compare ? compare(&options, &matrix, throttle)
				 : fetch(&options, &matrix, throttle);
	matrix_end(&matrix);
	explicit_bzero(&source, sizeof(source)); /* a key is in it, perhaps */
	return status;
}
