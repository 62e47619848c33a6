#include "rival.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "board/publish.h"

#define PATIENCE CLOCK_SECOND
#define TRIES 30 /* a holder that is stepped is slow, machines pause */
#define SOURCE_FORM "rival-%u"
#define BREATH 16 /* publications between two pauses */
#define PAUSE_US 50

static const char *
rival_fault(const struct subject *subject, const struct rates_row *row,
    const double *numbers)
{
	char text[RATES_ERROR_MAX];
	int64_t n = row->published;

	for (unsigned i = 0; i < subject->count; i++)
		if (numbers[i] != (double)n)
			return "numbers of two publications";
	text_format(text, sizeof(text), "%lld", (long long)n);
	if (strcmp(row->error, text) != 0)
		return "another publication's text";
	if (row->http_status != (unsigned)(n % 1000))
		return "another publication's status";
	if (row->fetched != n || row->changed != n)
		return "another publication's times";
	return NULL;
}

static const char *
worker_fault(const struct subject *subject, const struct rates_row *row,
    const double *numbers)
{
	for (unsigned i = 0; i < subject->count; i++)
		if (numbers[i] != subject->served[i])
			return "numbers that nobody served";
	if (row->error[0] != '\0' || row->http_status != 200)
		return "another attempt's outcome";
	if (row->published_form != RATES_PUBLISHED_DAY)
		return "another publication's day";
	return NULL;
}

const char *
row_fault(const struct subject *subject, const struct rates_row *row,
    const double *numbers)
{
	if (row->present != subject->count)
		return "a count that is wrong";
	if (row->seq - row->version != subject->version_less ||
	    row->seq - row->attempts != subject->attempts_less)
		return "counts out of step with the sequence";
	if (strcmp(row->source, row->attempt_source) != 0)
		return "sources of two publications";
	if (row->fetched != row->attempted || row->failures != 0 ||
	    strcmp(row->attempt, "ok") != 0)
		return "an attempt that isn't the publication's";
	if (strncmp(row->source, SOURCE_FORM, strcspn(SOURCE_FORM, "%")) == 0)
		return rival_fault(subject, row, numbers);
	return worker_fault(subject, row, numbers);
}

const char *
row_check(const struct subject *subject, struct rates *rates,
    struct tallies *tallies, struct rates_row *row)
{
	double numbers[NUMBERS_MAX];
	const char *fault;

	/* BUSY: writers were faster, which is no fault of a row. */
	if (rates_row(rates, subject->row, row, numbers) != RATES_OK)
		return NULL;
	atomic_fetch_add(&tallies->reads, 1);
	fault = row_fault(subject, row, numbers);
	if (fault != NULL)
		atomic_fetch_add(&tallies->torn, 1);
	return fault;
}

static pid_t
start(void)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
	}
	return pid;
}

/*
 * Numbers, times, status and text all say n.  The boot times are old: a job
 * whose row was fetched since it was asked for is done, and the worker's would
 * never be.
 */
static int
publish_one(struct board *board, const struct subject *subject, unsigned i,
    uint64_t n)
{
	double numbers[NUMBERS_MAX];
	char source[RATES_SOURCE_MAX], text[RATES_ERROR_MAX];
	struct publication p = { .worker = worker_id(RIVAL_SLOT + i, 1),
		.row = subject->row,
		.source = source,
		.class = ATTEMPT_OK,
		.http_status = (unsigned)(n % 1000),
		.text = text,
		.numbers = numbers,
		.fetched_wall = (int64_t)n,
		.fetched_boot = subject->fetched,
		.published_form = PUBLISHED_TIME,
		.published = (int64_t)n };

	text_format(source, sizeof(source), SOURCE_FORM, RIVAL_SLOT + i);
	text_format(text, sizeof(text), "%llu", (unsigned long long)n);
	for (unsigned q = 0; q < subject->count; q++)
		numbers[q] = (double)n;
	for (int try = 0; try < TRIES; try++)
		if (publish(board, &p, clock_mono() + PATIENCE) == 0)
			return 0;
	return -1;
}

pid_t
rival_start(struct board *board, const struct subject *subject,
    struct tallies *tallies, unsigned i)
{
	pid_t pid = start();

	if (pid != 0)
		return pid;
	for (uint64_t n = 1 + i; !atomic_load(&tallies->stop); n += RIVALS) {
		if (publish_one(board, subject, i, n) == -1)
			atomic_fetch_add(&tallies->missed[i], 1);
		else
			atomic_fetch_add(&tallies->writes[i], 1);
		if (n / RIVALS % BREATH == 0)
			usleep(PAUSE_US);
	}
	_exit(0);
}

pid_t
reader_start(const char *instance, const struct subject *subject,
    struct tallies *tallies)
{
	pid_t pid = start();
	struct rates_row row;
	struct rates *rates;
	uint64_t seq = 0;

	if (pid != 0)
		return pid;
	if (rates_open(instance, &rates) != RATES_OK)
		_exit(1);
	while (!atomic_load(&tallies->stop)) {
		row.seq = seq;
		row_check(subject, rates, tallies, &row);
		if (row.seq != seq)
			atomic_fetch_add(&tallies->moved, 1);
		seq = row.seq;
		usleep(PAUSE_US);
	}
	rates_close(rates);
	_exit(0);
}
