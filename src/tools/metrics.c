#include "tools/metrics.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "base/code.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unconfigured"
#endif

#define PREFIX "ratesd_"

static const struct metric {
	const char *name, *type, *help;
	void (*write)(struct metrics *m);
} all[] = {
#define X(name, type, labels, help)                                            \
	{ PREFIX #name, #type, help, metrics_##name },
	METRICS(X)
#undef X
};

/* --- of the daemon -------------------------------------------------------- */

void
metrics_build_info(struct metrics *m)
{
	exposition_count(&m->out,
	    &(struct labels){ { { "version", PACKAGE_VERSION } } }, 1);
}

void
metrics_up(struct metrics *m)
{
	exposition_count(&m->out, NULL, m->readable && m->view.feed.fed);
}

void
metrics_board_readable(struct metrics *m)
{
	exposition_count(&m->out, NULL, m->readable);
}

void
metrics_board_generation(struct metrics *m)
{
	exposition_count(&m->out, NULL, m->view.feed.generation);
}

void
metrics_start_timestamp_seconds(struct metrics *m)
{
	if (m->view.feed.fed)
		exposition_time(&m->out, NULL, m->view.feed.since);
}

void
metrics_stale_after_seconds(struct metrics *m)
{
	exposition_number(&m->out, NULL,
	    (double)m->view.feed.stale_after / CLOCK_SECOND);
}

void
metrics_workers(struct metrics *m)
{
	static const char *const states[] = {
#define X(id, name) name,
		SLOT_STATES(X)
#undef X
	};
	const size_t count = sizeof(states) / sizeof(states[0]);
	struct inspect_slot slot;
	uint64_t counts[sizeof(states) / sizeof(states[0])] = { 0 };

	for (unsigned i = 0; i < inspect_slots(m->ctl->rates); i++) {
		inspect_slot(m->ctl->rates, i, &slot);
		/* A supervisor that was killed took its workers along. */
		if (!m->view.feed.fed)
			slot.state = states[SLOT_EMPTY];
		for (size_t s = 0; s < count; s++)
			counts[s] += strcmp(slot.state, states[s]) == 0;
	}
	for (size_t s = 0; s < count; s++)
		exposition_count(&m->out,
		    &(struct labels){ { { "state", states[s] } } }, counts[s]);
}

void
metrics_sandboxed_workers(struct metrics *m)
{
	static const char *const parts[] = {
#define X(name, text) #name,
		SANDBOX_PARTS(X)
#undef X
	};
	struct inspect_slot slot;
	uint64_t counts[SANDBOX_PART_COUNT] = { 0 };

	for (unsigned i = 0; i < inspect_slots(m->ctl->rates); i++) {
		inspect_slot(m->ctl->rates, i, &slot);
		for (unsigned p = 0; p < SANDBOX_PART_COUNT; p++)
			counts[p] += m->view.feed.fed &&
			    slot.sandbox[p] == SANDBOX_ON;
	}
	for (unsigned p = 0; p < SANDBOX_PART_COUNT; p++)
		exposition_count(&m->out,
		    &(struct labels){ { { "part", parts[p] } } }, counts[p]);
}

void
metrics_queue_depth(struct metrics *m)
{
	if (m->queue_depth >= 0)
		exposition_count(&m->out, NULL, (uint64_t)m->queue_depth);
}

void
metrics_queue_capacity(struct metrics *m)
{
	if (m->queue_depth >= 0)
		exposition_count(&m->out, NULL, (uint64_t)m->queue_max);
}

void
metrics_jobs_set_aside(struct metrics *m)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < m->view.count; i++)
		count += inspect_aside(m->ctl->rates, i) != 0;
	exposition_count(&m->out, NULL, count);
}

#define COUNTER(metric, counter)                                               \
	void metrics_##metric(struct metrics *m)                               \
	{                                                                      \
		exposition_count(&m->out, NULL,                                \
		    inspect_counter(m->ctl->rates, COUNTER_##counter));        \
	}
COUNTER(worker_restarts_total, restarts)
COUNTER(jobs_done_total, jobs_done)
COUNTER(jobs_failed_total, jobs_failed)
COUNTER(jobs_requeued_total, jobs_requeued)
COUNTER(messages_dropped_total, messages_dropped)
COUNTER(lock_repairs_total, lock_repairs)
COUNTER(lock_posts_total, lock_posts)
COUNTER(lock_surplus_total, lock_surplus)

/* --- of rates ------------------------------------------------------------- */

/*
 * The next pair of a list that metrics_pairs_fault() found nothing wrong with,
 * or false at its end.
 */
static bool
next_pair(const char **list, char base[CODE_TEXT_MAX],
    char quote[CODE_TEXT_MAX])
{
	char *to[] = { base, quote };

	if (**list == '\0')
		return false;
	for (unsigned i = 0; i < 2; i++) {
		size_t length = strcspn(*list, "/,");

		memcpy(to[i], *list, length);
		to[i][length] = '\0';
		*list += length + ((*list)[length] != '\0');
	}
	return true;
}

const char *
metrics_pairs_fault(const char *list)
{
	do {
		size_t length = strcspn(list, ","), base = strcspn(list, "/,");

		if (base == length || code_pack_n(list, base) == 0 ||
		    code_pack_n(list + base + 1, length - base - 1) == 0)
			return "is no list of pairs, such as EUR/USD,EUR/PLN";
		list += length;
	} while (*list++ == ',');
	return NULL;
}

static int
index_of(const struct view *view, const char *code)
{
	for (unsigned i = 0; i < view->count; i++)
		if (strcmp(view->codes[i], code) == 0)
			return (int)i;
	return -1;
}

static bool
was_before(const char *list, const char *end, const char *base,
    const char *quote)
{
	char b[CODE_TEXT_MAX], q[CODE_TEXT_MAX];

	while (list < end && next_pair(&list, b, q) && list < end)
		if (strcmp(b, base) == 0 && strcmp(q, quote) == 0)
			return true;
	return false;
}

/* A number that is silently old is worse than none: not of a stale row. */
void
metrics_rate(struct metrics *m)
{
	const char *at = m->ctl->pairs;
	char base[CODE_TEXT_MAX], quote[CODE_TEXT_MAX];

	while (at != NULL && next_pair(&at, base, quote)) {
		int b = index_of(&m->view, base), q = index_of(&m->view, quote);

		if (b == -1 || q == -1 ||
		    m->view.states[b] == FRESHNESS_STALE ||
		    was_before(m->ctl->pairs, at, base, quote))
			continue;
		exposition_number(&m->out,
		    &(struct labels){ { { "base", base },
			{ "quote", quote } } },
		    m->view.numbers[(size_t)b * m->view.count + (size_t)q]);
	}
}

/* --- all ------------------------------------------------------------------ */

/* What there is to say of no board. */
static bool
needs_no_board(const struct metric *metric)
{
	return metric->write == metrics_up ||
	    metric->write == metrics_build_info ||
	    metric->write == metrics_board_readable;
}

void
metrics_write(struct metrics *m)
{
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!m->readable && !needs_no_board(&all[i]))
			continue;
		exposition_metric(
		    &m->out, all[i].name, all[i].type, all[i].help);
		all[i].write(m);
	}
}
