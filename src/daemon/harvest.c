#include "daemon/harvest.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/log.h"
#include "base/text.h"
#include "board/last.h"
#include "daemon/sources.h"
#include "source/derive.h"
#include "source/gates.h"

#define LOCK_PATIENCE (5 * CLOCK_SECOND)
#define HELD_MAX (10 * 86400 * CLOCK_SECOND) /* over any holidays */

struct harvest {
	const struct worker_setup *setup;
	double *last, *held, *derived; /* one a currency each */
	double room[];
};

struct harvest *
harvest_new(const struct worker_setup *setup)
{
	size_t count = setup->conf->currencies;
	struct harvest *h = calloc(1, sizeof(*h) + 3 * count * sizeof(double));

	if (h == NULL)
		return NULL;
	h->setup = setup;
	h->last = h->room;
	h->held = h->room + count;
	h->derived = h->room + 2 * count;
	return h;
}

void
harvest_free(struct harvest *h)
{
	free(h);
}

/* The place of a source in the chain; UINT_MAX for one that left. */
static unsigned
rank(const struct conf *conf, const char *name)
{
	unsigned i = 0;

	while (i < conf->source_count &&
	    strcmp(conf->sources[i].name, name) != 0)
		i++;
	return i < conf->source_count ? i : UINT_MAX;
}

static void
log_locked_out(const struct harvest *h, uint32_t row)
{
	char code[CODE_TEXT_MAX];

	log_error("%s: the row's lock could not be had",
	    code_unpack(h->setup->conf->codes[row], code));
}

static struct publication
publication_of(const struct harvest *h, uint32_t row,
    const struct answer *answer)
{
	const struct worker_setup *setup = h->setup;
	const uint64_t own = setup->conf->codes[row];

	return (struct publication){
		.worker = worker_id(setup->slot, setup->incarnation),
		.row = row,
		.source = setup->conf->sources[answer->source].name,
		.http_status = answer->http_status,
		.fetched_wall = answer->fetched_wall,
		.fetched_boot = answer->fetched_boot,
		.published_form = answer->form,
		.published = answer->published,
		.hub = answer->hub == own ? 0 : answer->hub,
		.recipe = answer->recipe,
		.hash = answer->hash,
		.etag = answer->etag,
		.modified = answer->modified
	};
}

static bool
holds(const struct row_last *last, int64_t now)
{
	return last->held_wall != 0 && now - last->held_wall < HELD_MAX;
}

/* The gates' question about numbers for a row. */
static struct gate_question
question_of(const struct harvest *h, uint32_t row,
    const struct answer *answer, const double *numbers,
    const struct row_last *last)
{
	const struct conf *conf = h->setup->conf;

	return (struct gate_question){ .count = conf->currencies,
		.codes = conf->codes,
		.base = row,
		.candidate = { numbers, answer->source, answer->form,
		    answer->published, answer->hash },
		.last = { last->version != 0 ? h->last : NULL,
		    rank(conf, last->source), last->form, last->published,
		    last->hash },
		.held = { holds(last, answer->fetched_wall) ? h->held : NULL,
		    rank(conf, last->held_source), last->held_form,
		    last->held_published, last->held_hash },
		.accepted = last->accepted,
		.stale = answer->fetched_boot - last->fetched_boot >
		    conf->stale_after,
		.max_jump = conf->max_jump,
		.now = answer->fetched_wall };
}

/* The index of the hub, or the count if the board doesn't have it. */
static unsigned
hub_index(const struct harvest *h, uint64_t hub)
{
	int i = board_find(h->setup->board, hub);

	return i == -1 ? h->setup->conf->currencies : (unsigned)i;
}

/* The answer's numbers for a row, or NULL: it has none. */
static const double *
numbers_for(
    struct harvest *h, uint32_t row, const struct answer *answer)
{
	const struct conf *conf = h->setup->conf;

	if (answer->hub == 0 || answer->hub == conf->codes[row])
		return answer->numbers;
	return derive_row(answer->numbers, hub_index(h, answer->hub), row,
		   h->derived, conf->currencies) > 0
	    ? h->derived
	    : NULL;
}

/* An answer before the row that it is for. */
struct trial {
	struct harvest *harvest;
	const struct answer *answer;
	char *text;
	size_t size;
	enum attempt_class class;
};

/*
 * What the row has already says nothing of what it holds; but one of the same
 * day may have other numbers, those that were held among them.
 */
static bool
is_news(const struct gate_question *q)
{
	return q->last.numbers == NULL ||
	    !gates_same(&q->candidate, &q->last, q->count) ||
	    !gates_same_numbers(&q->candidate, &q->last, q->count);
}

static bool
judge(void *context, struct publication *p)
{
	struct trial *t = context;
	struct harvest *h = t->harvest;
	struct gate_question question;
	struct row_last last;

	/* Nobody else writes the row. */
	if (board_row_last(
		h->setup->board, p->row, &last, h->last, h->held) == -1)
		return false;
	question = question_of(h, p->row, t->answer, p->numbers, &last);
	t->class = p->class = gates_judge(&question, t->text, t->size);
	p->text = t->text;
	p->hold = p->class == ATTEMPT_HELD && gates_replaces(&question);
	p->interim = p->class == ATTEMPT_HELD;
	p->forget = p->class == ATTEMPT_OK && is_news(&question);
	return p->class == ATTEMPT_OK || p->class == ATTEMPT_HELD;
}

/* As judge says; ATTEMPT_NONE without the row's lock. */
static enum attempt_class
try(struct trial *t, struct publication *p, publish_judge *judged)
{
	struct harvest *h = t->harvest;

	t->class = ATTEMPT_NONE;
	if (publish_judged(h->setup->board, p, judged, t,
		clock_mono() + LOCK_PATIENCE) == -1)
		log_locked_out(h, p->row);
	if (t->class == ATTEMPT_DATE || t->class == ATTEMPT_HELD)
		sources_rejected(h->setup, t->answer->source, t->class);
	return t->class;
}

enum attempt_class
harvest_row(struct harvest *h, uint32_t row, const struct answer *answer,
    const struct refusal *refused, char *text, size_t size)
{
	struct publication p = publication_of(h, row, answer);
	struct trial trial = { h, answer, text, size, ATTEMPT_NONE };
	char code[CODE_TEXT_MAX];

	text_format(text, size, "%s", "");
	p.numbers = numbers_for(h, row, answer);
	p.refused = refused;
	if (p.numbers != NULL)
		return try(&trial, &p, judge);
	text_format(text, size, "the source has no %s",
	    code_unpack(h->setup->conf->codes[row], code));
	return ATTEMPT_UNSUPPORTED;
}

static bool
has(const struct harvest *h, const struct row_last *last, unsigned source,
    uint64_t recipe, uint64_t hash)
{
	return last->version != 0 && last->hash != 0 && last->hash == hash &&
	    last->recipe == recipe &&
	    rank(h->setup->conf, last->source) == source;
}

static bool
row_has(struct harvest *h, uint32_t row, unsigned source, uint64_t recipe,
    uint64_t hash)
{
	struct row_last last;

	return board_row_last(h->setup->board, row, &last, NULL, NULL) == 0 &&
	    has(h, &last, source, recipe, hash);
}

bool
harvest_known(struct harvest *h, uint32_t row, unsigned source,
    uint64_t recipe, uint64_t hash)
{
	const struct conf *conf = h->setup->conf;

	if (!row_has(h, row, source, recipe, hash))
		return false;
	for (uint32_t i = 0;
	     sources_shared(conf, source) && i < conf->currencies; i++)
		if (!row_has(h, i, source, recipe, hash))
			return false;
	return true;
}

static bool
judge_again(void *context, struct publication *p)
{
	struct trial *t = context;
	const struct answer *answer = t->answer;
	struct row_last last;

	t->class = ATTEMPT_DOCUMENT;
	if (board_row_last(
		t->harvest->setup->board, p->row, &last, NULL, NULL) == -1 ||
	    !has(t->harvest, &last, answer->source, answer->recipe,
		answer->hash)) {
		text_format(t->text, t->size, "%s",
		    "the row has another answer by now");
		return false;
	}
	t->class = p->class = ATTEMPT_OK;
	return true;
}

enum attempt_class
harvest_again(struct harvest *h, uint32_t row, const struct answer *answer,
    char *text, size_t size)
{
	struct publication p = publication_of(h, row, answer);
	struct trial trial = { h, answer, text, size, ATTEMPT_NONE };

	text_format(text, size, "%s", "");
	p.unchanged = true;
	return try(&trial, &p, judge_again);
}

void
harvest_refusal(struct harvest *h, uint32_t row, const struct answer *answer,
    enum attempt_class class, const char *text)
{
	struct publication p = publication_of(h, row, answer);

	p.class = class;
	p.text = text;
	p.interim = true;
	if (publish(h->setup->board, &p, clock_mono() + LOCK_PATIENCE) == -1)
		log_locked_out(h, row);
}

int
harvest_failure(struct harvest *h, uint32_t row,
    const struct refusal *refusal, int64_t boot)
{
	const struct worker_setup *setup = h->setup;
	const struct publication p = {
		.worker = worker_id(setup->slot, setup->incarnation),
		.row = row,
		.source = refusal->source,
		.class = refusal->class,
		.http_status = refusal->http_status,
		.text = refusal->text,
		.fetched_wall = refusal->wall,
		.fetched_boot = boot
	};
	int result =
	    publish(setup->board, &p, clock_mono() + LOCK_PATIENCE);

	if (result == -1)
		log_locked_out(h, row);
	return result;
}
