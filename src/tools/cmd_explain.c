#include "tools/explain.h"

#include <math.h>
#include <string.h>

#include "tools/command.h"

#define LOAD_TRIES 8

const char *
explain_origin_name(enum explain_origin origin)
{
	static const char *const names[] = {
#define X(id, name) name,
		EXPLAIN_ORIGINS(X)
#undef X
	};

	return names[origin];
}

int
explain_hub(const struct explain *e)
{
	for (unsigned i = 0; i < e->view.count; i++)
		if (strcmp(e->view.codes[i], e->more.hub) == 0)
			return (int)i;
	return -1;
}

bool
explain_over(const struct explain *e)
{
	const struct rates_row *row = explain_row(e);

	return e->more.refused && e->more.refused_at != 0 &&
	    !view_failed(row) && row->version != 0 &&
	    row->fetched >= e->more.refused_at;
}

static enum explain_origin
origin_of(const struct explain *e)
{
	const char *hub = e->more.hub;

	if (!isfinite(e->number))
		return ORIGIN_NONE;
	if (e->base == e->quote)
		return ORIGIN_IDENTITY;
	if (hub[0] == '\0' || strcmp(hub, e->view.codes[e->base]) == 0)
		return ORIGIN_SOURCE;
	return strcmp(hub, e->view.codes[e->quote]) == 0 ? ORIGIN_INVERSE
							  : ORIGIN_CROSS;
}

/*
 * Rows are replaced one by one, so for a moment the hub's may be of a newer
 * answer: then the quotient is another one.
 */
static void
find_terms(struct explain *e)
{
	int hub = explain_hub(e);
	const double *numbers;

	e->origin = origin_of(e);
	if ((e->origin != ORIGIN_INVERSE && e->origin != ORIGIN_CROSS) ||
	    hub == -1 ||
	    strcmp(e->view.rows[hub].source, explain_row(e)->source) != 0)
		return;
	numbers = e->view.numbers + (size_t)hub * e->view.count;
	e->dividend = e->origin == ORIGIN_INVERSE ? 1 : numbers[e->quote];
	e->divisor = numbers[e->base];
	e->known = e->dividend / e->divisor == e->number;
}

static void
find_expected(struct explain *e)
{
	const struct expected *words = &e->expected;

	if (!inspect_expected(
		e->ctl->rates, explain_row(e)->source, &e->expected))
		return;
	e->due = e->view.read - inspect_grace(e->ctl->rates) >= words->next
	    ? words->next
	    : words->last;
}

/* True if all of it is of one moment. */
static bool
complete(struct explain *e)
{
	char code[RATES_CODE_MAX];

	if (rates_code(e->ctl->rates, e->base, code) != RATES_OK ||
	    strcmp(code, e->view.codes[e->base]) != 0 ||
	    inspect_row(e->ctl->rates, e->base, &e->more) != RATES_OK ||
	    e->more.seq != explain_row(e)->seq)
		return false;
	e->number =
	    e->view.numbers[(size_t)e->base * e->view.count + e->quote];
	e->held = inspect_held(e->ctl->rates, e->base, e->quote);
	find_terms(e);
	find_expected(e);
	return true;
}

static int
load(struct explain *e, struct ctl *ctl, char **argv)
{
	int status;

	for (unsigned tries = 0; tries < LOAD_TRIES; tries++) {
		status = view_load(ctl, true, &e->view);
		if (status == CTL_DONE)
			status = view_index(ctl, &e->view, argv[0], &e->base);
		if (status == CTL_DONE)
			status = view_index(ctl, &e->view, argv[1], &e->quote);
		if (status != CTL_DONE || complete(e))
			return status;
		view_free(&e->view);
	}
	return ctl_complain(CTL_FAILED, "%s", rates_strerror(RATES_BUSY));
}

int
cmd_explain(struct ctl *ctl, int argc, char **argv)
{
	struct explain explain = { .ctl = ctl };
	int status = view_open(ctl);

	(void)argc;
	if (status == CTL_DONE)
		status = load(&explain, ctl, argv);
	if (status == CTL_DONE && ctl->format == FORMAT_TABLE)
		explain_text(&explain);
	else if (status == CTL_DONE)
		explain_data(&explain);
	if (status == CTL_DONE && explain.origin == ORIGIN_NONE)
		status = CTL_NO_PAIR;
	view_free(&explain.view);
	return status;
}
