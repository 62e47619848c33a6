#include "tools/ratesfetch_matrix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/text.h"
#include "daemon/request.h"
#include "daemon/verdict.h"
#include "fetch/batch.h"
#include "source/derive.h"
#include "source/document.h"

_Static_assert((int)SOURCE_NAME_MAX <= (int)RATES_SOURCE_MAX, "a row names it");
_Static_assert((int)DOCUMENT_ERROR_MAX <= (int)RATES_ERROR_MAX, "and why");

/* One pass over rows that have no answer yet, at the source or at a mirror. */
struct round {
	struct matrix *matrix;
	const struct matrix_run *run;
	unsigned mirror; /* 0: the source's url */
	unsigned count;  /* of matrix->asked */
	unsigned done;
	unsigned again; /* of matrix->again: rows for the next mirror */
	int64_t *last;  /* when the last item came */
};

/* --- an empty matrix ------------------------------------------------------ */

/* The place of a code, or the free one where it belongs. */
static unsigned *
place_of(const struct matrix *m, uint64_t code)
{
	size_t at = code_hash(code) & (m->place_count - 1);

	while (m->places[at] != 0 && m->codes[m->places[at] - 1] != code)
		at = (at + 1) & (m->place_count - 1);
	return &m->places[at];
}

static int
find(const void *context, uint64_t code)
{
	return (int)*place_of(context, code) - 1;
}

/* The index of a code, which is added if it is new. */
static unsigned
index_of(struct matrix *m, uint64_t code)
{
	unsigned *place = place_of(m, code);

	if (*place == 0) {
		m->codes[m->show.view.count++] = code;
		*place = m->show.view.count;
	}
	return *place - 1;
}

static void *
need(void *memory)
{
	if (memory == NULL)
		fetch_exit(1, "no memory");
	return memory;
}

static void
make_rows(struct matrix *m)
{
	struct view *view = &m->show.view;
	size_t count = view->count;

	view->codes = need(calloc(count, sizeof(*view->codes)));
	view->rows = need(calloc(count, sizeof(*view->rows)));
	view->states = need(calloc(count, sizeof(*view->states)));
	view->numbers = need(reallocarray(NULL, count * count, sizeof(double)));
	view->feed = (struct rates_feed){ .fed = 1, .state = "ready" };
	m->hub = need(reallocarray(NULL, count, sizeof(double)));
	for (size_t i = 0; i < count; i++)
		code_unpack(m->codes[i], view->codes[i]);
}

void
matrix_begin(struct matrix *m, const struct source *source,
    const struct fetch_list *bases, const struct fetch_list *symbols)
{
	struct show *show = &m->show;
	size_t symbols_size = (size_t)symbols->count * CODE_TEXT_MAX + 1;

	*m = (struct matrix){ .source = source, .place_count = 4 };
	while (m->place_count < 2 * (size_t)(bases->count + symbols->count))
		m->place_count *= 2;
	m->places = need(calloc(m->place_count, sizeof(*m->places)));
	m->codes = need(calloc(
	    bases->count + symbols->count, sizeof(*m->codes)));
	show->bases = need(calloc(bases->count, sizeof(*show->bases)));
	show->symbols = need(calloc(symbols->count, sizeof(*show->symbols)));
	m->asked = need(calloc(bases->count, sizeof(*m->asked)));
	m->again = need(calloc(bases->count, sizeof(*m->again)));
	show->base_count = bases->count;
	show->symbol_count = symbols->count;
	for (unsigned i = 0; i < symbols->count; i++)
		show->symbols[i] = index_of(m, symbols->codes[i]);
	for (unsigned i = 0; i < bases->count; i++)
		show->bases[i] = index_of(m, bases->codes[i]);
	make_rows(m);
	m->symbols = need(malloc(symbols_size));
	request_symbols(
	    symbols->codes, symbols->count, m->symbols, symbols_size);
}

void
matrix_end(struct matrix *m)
{
	free(m->codes);
	free(m->places);
	free(m->hub);
	free(m->symbols);
	free(m->asked);
	free(m->again);
	free(m->show.bases);
	free(m->show.symbols);
	free(m->show.view.codes);
	free(m->show.view.rows);
	free(m->show.view.states);
	free(m->show.view.numbers);
}

static void
forget_rows(struct matrix *m)
{
	struct view *view = &m->show.view;

	m->failed = 0;
	for (size_t i = 0; i < view->count; i++) {
		view->rows[i] = (struct rates_row){ .attempt = "none" };
		view->states[i] = FRESHNESS_EMPTY;
	}
	for (size_t i = 0; i < (size_t)view->count * view->count; i++)
		view->numbers[i] = NAN;
}

/* --- answers -------------------------------------------------------------- */

static bool
is_shared(const struct matrix *m)
{
	return m->source->base != 0;
}

unsigned
matrix_requests(const struct matrix *m)
{
	return is_shared(m) ? 1 : m->show.base_count;
}

/* What an attempt at row came to. */
static struct rates_row *
note_attempt(struct matrix *m, unsigned row, enum attempt_class class,
    const struct transfer_result *r, const char *text)
{
	struct rates_row *to = &m->show.view.rows[row];

	to->attempts++;
	to->attempted = clock_wall();
	to->attempt = attempt_class_name(class);
	to->http_status = r->http_status;
	to->failures = class == ATTEMPT_OK ? 0 : to->failures + 1;
	strlcpy(to->attempt_source, m->source->name,
	    sizeof(to->attempt_source));
	strlcpy(to->error, text, sizeof(to->error));
	return to;
}

static void
fill_row(struct matrix *m, unsigned row, const struct document *document,
    unsigned present, const struct transfer_result *r)
{
	struct rates_row *to = note_attempt(m, row, ATTEMPT_OK, r, "");

	to->version = 1;
	to->published_form = (enum rates_published)document->published_form;
	to->published = document->published;
	to->fetched = to->changed = to->attempted;
	to->present = present;
	strlcpy(to->source, m->source->name, sizeof(to->source));
	m->show.view.states[row] = FRESHNESS_FRESH;
}

static double *
numbers_of(const struct matrix *m, unsigned row)
{
	return m->show.view.numbers + (size_t)row * m->show.view.count;
}

/* The row has failed; all have, of what is for all. */
static void
fail_rows(struct matrix *m, unsigned row, enum attempt_class class,
    const struct transfer_result *r, const char *text)
{
	for (unsigned i = 0; i < m->show.base_count; i++)
		if (is_shared(m) || m->show.bases[i] == row)
			note_attempt(m, m->show.bases[i], class, r, text);
}

/* Every row from the one answer that there is. */
static void
derive_rows(struct matrix *m, const struct document *document,
    const struct transfer_result *r)
{
	int hub = find(m, document->base);
	unsigned count = m->show.view.count;

	for (unsigned i = 0; i < m->show.base_count; i++) {
		unsigned row = m->show.bases[i], present;

		if (hub == (int)row) {
			memcpy(numbers_of(m, row), m->hub,
			    count * sizeof(*m->hub));
			present = document->present;
		} else {
			present = derive_row(m->hub,
			    hub == -1 ? count : (unsigned)hub, row,
			    numbers_of(m, row), count);
		}
		if (present > 0)
			fill_row(m, row, document, present, r);
		else
			note_attempt(m, row, ATTEMPT_UNSUPPORTED, r,
			    "the answer for all rows had none for this one");
	}
}

/* An answer of row; of all of them, if it is for all. */
static void
read_answer(struct matrix *m, unsigned row, const struct transfer_result *r)
{
	char error[DOCUMENT_ERROR_MAX] = "";
	struct document document = { .mapping = &m->source->mapping,
		.base = is_shared(m) ? m->source->base : m->codes[row],
		.find = find,
		.context = m,
		.numbers = m->hub,
		.count = m->show.view.count };
	enum attempt_class class = document_read(
	    &document, r->body, r->size, error, sizeof(error));

	text_redact(error, sizeof(error), m->source->key);
	if (class == ATTEMPT_OK && is_shared(m)) {
		derive_rows(m, &document, r);
	} else if (class == ATTEMPT_OK) {
		memcpy(numbers_of(m, row), m->hub,
		    m->show.view.count * sizeof(*m->hub));
		fill_row(m, row, &document, document.present, r);
	} else {
		fail_rows(m, row, class, r, error);
	}
}

static void
read_failure(struct matrix *m, unsigned row, const struct transfer_result *r)
{
	char text[DOCUMENT_ERROR_MAX];
	enum attempt_class class =
	    verdict_failure(m->source, r, text, sizeof(text));

	fail_rows(m, row, class, r, text);
}

/* A mirror may have what did not come from here. */
static bool
is_elsewhere(const struct transfer_result *r)
{
	return r->class == ATTEMPT_CONNECT || r->class == ATTEMPT_TIMEOUT ||
	    r->class == ATTEMPT_TRANSFER ||
	    (r->class == ATTEMPT_HTTP && r->http_status >= 500);
}

/* --- fetching ------------------------------------------------------------- */

static const char *
fill_request(const struct matrix *m, unsigned row, unsigned mirror,
    struct transfer_request *request)
{
	char code[CODE_TEXT_MAX];

	code_unpack(is_shared(m) ? m->source->base : m->codes[row], code);
	return request_make(request, m->source, mirror, code, m->symbols);
}

const char *
matrix_fault(const struct matrix *m)
{
	struct transfer_request request;
	const char *fault =
	    fill_request(m, m->show.bases[0], 0, &request);

	return fault != NULL ? fault : transfer_url_fault(request.url);
}

static void
round_request(
    void *context, unsigned number, struct transfer_request *request)
{
	const struct round *round = context;

	/* What is wrong leaves no URL: the engine hands back the failure. */
	fill_request(round->matrix, round->matrix->asked[number],
	    round->mirror, request);
}

static void
round_done(void *context, unsigned number, const struct transfer_result *r)
{
	struct round *round = context;
	struct matrix *m = round->matrix;
	unsigned row = m->asked[number];

	if (r->class == ATTEMPT_OK)
		read_answer(m, row, r);
	else
		read_failure(m, row, r);
	if (is_elsewhere(r))
		m->again[round->again++] = row;
	round->done++;
	*round->last = clock_mono();
	if (round->run->progress != NULL)
		round->run->progress(round->done, round->count);
}

/* Asks for the first count of m->asked; the most in flight in *peak. */
static int
run_round(struct round *round, unsigned *peak)
{
	const struct matrix_run *run = round->run;
	const struct batch batch = { .engine = run->engine,
		.concurrency = run->concurrency,
		.count = round->count,
		.limits = { .connect = run->timeout, .total = run->timeout },
		.throttle = run->throttle,
		.context = round,
		.request = round_request,
		.done = round_done };
	unsigned flying = 0;
	int result = batch_run(&batch, &flying);

	if (flying > *peak)
		*peak = flying;
	return result;
}

int
matrix_fetch(struct matrix *m, const struct matrix_run *run,
    struct matrix_cost *cost)
{
	struct round round = { .matrix = m,
		.run = run,
		.count = matrix_requests(m) };
	int64_t begun = clock_mono(), last = begun;
	int result = 0;

	round.last = &last;
	forget_rows(m);
	*cost = (struct matrix_cost){ .peak = 0 };
	memcpy(m->asked, m->show.bases, m->show.base_count * sizeof(*m->asked));
	while (result == 0 && round.count > 0 &&
	    round.mirror <= m->source->mirror_count) {
		result = run_round(&round, &cost->peak);
		memcpy(m->asked, m->again, round.again * sizeof(*m->asked));
		round = (struct round){ .matrix = m,
			.run = run,
			.mirror = round.mirror + 1,
			.count = round.again,
			.last = &last };
	}
	for (unsigned i = 0; i < m->show.base_count; i++)
		m->failed +=
		    m->show.view.rows[m->show.bases[i]].version == 0;
	m->show.view.read = clock_wall();
	cost->elapsed = last - begun;
	return result;
}
