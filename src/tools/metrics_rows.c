/*
 * What `ratesctl metrics` says of rows.
 */
#include "tools/metrics.h"

static struct labels
base_of(const struct metrics *m, unsigned i)
{
	return (struct labels){ { { "base", m->view.codes[i] } } };
}

void
metrics_rows(struct metrics *m)
{
	uint64_t counts[FRESHNESS_COUNT] = { 0 };

	for (unsigned i = 0; i < m->view.count; i++)
		counts[m->view.states[i]]++;
	for (unsigned s = 0; s < FRESHNESS_COUNT; s++)
		exposition_count(&m->out,
		    &(struct labels){ { { "state",
			freshness_name((enum freshness)s) } } },
		    counts[s]);
}

void
metrics_row_published_timestamp_seconds(struct metrics *m)
{
	for (unsigned i = 0; i < m->view.count; i++) {
		const struct labels labels = base_of(m, i);
		const struct rates_row *row = &m->view.rows[i];

		if (row->version != 0 &&
		    row->published_form != RATES_PUBLISHED_NONE)
			exposition_time(&m->out, &labels, row->published);
	}
}

/* The metrics that are one word of each row, written as what. */
#define EACH_ROW(metric, what, word)                                           \
	void metrics_##metric(struct metrics *m)                               \
	{                                                                      \
		for (unsigned i = 0; i < m->view.count; i++) {                 \
			const struct labels labels = base_of(m, i);            \
			const struct rates_row *row = &m->view.rows[i];        \
                                                                               \
			exposition_##what(&m->out, &labels, word);             \
		}                                                              \
	}
EACH_ROW(row_fetched_timestamp_seconds, time,
    row->version != 0 ? row->fetched : 0)
EACH_ROW(row_changed_timestamp_seconds, time,
    row->version != 0 ? row->changed : 0)
EACH_ROW(row_currencies, count, row->present)
EACH_ROW(row_failures, count, row->failures)
EACH_ROW(row_attempts_total, count, row->attempts)

void
metrics_row_current(struct metrics *m)
{
	for (unsigned i = 0; i < m->view.count; i++) {
		const struct labels labels = base_of(m, i);

		exposition_count(&m->out, &labels,
		    m->view.states[i] == FRESHNESS_FRESH ||
			m->view.states[i] == FRESHNESS_CLOSED);
	}
}

/* The board may be another one by now; then that is not known. */
void
metrics_row_held(struct metrics *m)
{
	struct inspect_row row;

	for (unsigned i = 0; i < m->view.count; i++) {
		const struct labels labels = base_of(m, i);

		if (inspect_row(m->ctl->rates, i, &row) == RATES_OK)
			exposition_count(&m->out, &labels, row.held);
	}
}
