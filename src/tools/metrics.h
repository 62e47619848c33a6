/*
 * `ratesctl metrics`: what there is to measure, a row a metric, and who writes
 * the samples of each.
 */
#ifndef RATESD_TOOLS_METRICS_H
#define RATESD_TOOLS_METRICS_H

#include "tools/exposition.h"
#include "tools/view.h"

/*
 * The name behind "ratesd_" (base units in it; what a time was, never how long
 * ago), the type, the labels, the help.  man/ratesctl.1 has the same table.
 */
#define METRICS(X)                                                             \
	X(build_info, gauge, "version",                                        \
	    "1; the version of the ratesctl that wrote this")                  \
	X(up, gauge, "",                                                       \
	    "1 if a supervisor feeds the board, 0 if not, or if none is seen") \
	X(board_readable, gauge, "", "1 if there is a board that can be read") \
	X(board_generation, gauge, "", "Grows with each new board")            \
	X(start_timestamp_seconds, gauge, "",                                  \
	    "When the supervisor started that feeds the board")                \
	X(stale_after_seconds, gauge, "",                                      \
	    "The age from which on a row is stale, as configured")             \
	X(rows, gauge, "state", "Rows in each state")                          \
	X(row_published_timestamp_seconds, gauge, "base",                      \
	    "When the row's numbers were published, as its source says")       \
	X(row_fetched_timestamp_seconds, gauge, "base",                        \
	    "When the row was last fetched; 0: never")                         \
	X(row_changed_timestamp_seconds, gauge, "base",                        \
	    "When a number of the row last changed; 0: never")                 \
	X(row_currencies, gauge, "base", "Numbers that the row has")           \
	X(row_current, gauge, "base",                                          \
	    "1 while the row is fresh or closed, 0 in any other state")        \
	X(row_failures, gauge, "base",                                         \
	    "Failed attempts on the row since the last good one")              \
	X(row_attempts_total, counter, "base", "Attempts on the row")          \
	X(row_held, gauge, "base",                                             \
	    "1 while the row holds an answer that waits to be confirmed")      \
	X(workers, gauge, "state", "Worker slots in each state")               \
	X(sandboxed_workers, gauge, "part",                                    \
	    "Workers that have this part of their sandbox")                    \
	X(worker_restarts_total, counter, "", "Workers started after a death") \
	X(queue_depth, gauge, "", "Jobs that wait in the queue")               \
	X(queue_capacity, gauge, "", "Jobs that fit into the queue")           \
	X(jobs_set_aside, gauge, "",                                           \
	    "Jobs left alone because workers died on them")                    \
	X(jobs_done_total, counter, "", "Jobs that ended with a good answer")  \
	X(jobs_failed_total, counter, "", "Jobs that ended without one")       \
	X(jobs_requeued_total, counter, "", "Jobs of dead workers, done again") \
	X(messages_dropped_total, counter, "", "Messages that were no jobs")   \
	X(lock_repairs_total, counter, "",                                     \
	    "Row locks taken back from dead workers")                          \
	X(lock_posts_total, counter, "",                                       \
	    "Tokens put back into row locks after a wait in vain")             \
	X(lock_surplus_total, counter, "",                                     \
	    "Tokens of row locks that were one too many")                      \
	X(provider_up, gauge, "provider", "1 if the source may be asked now")  \
	X(provider_fetches_total, counter, "provider", "Requests to the source") \
	X(provider_fetch_failures_total, counter, "provider,reason",           \
	    "Requests to the source without a good answer")                    \
	X(provider_fetch_duration_seconds, histogram, "provider",              \
	    "How long requests to the source took")                            \
	X(provider_last_success_timestamp_seconds, gauge, "provider",          \
	    "The last good answer of the source; 0: never")                    \
	X(provider_last_failure_timestamp_seconds, gauge, "provider",          \
	    "The last failure of the source; 0: never")                        \
	X(provider_blocked_until_timestamp_seconds, gauge, "provider",         \
	    "When a source that is left alone is asked again; 0: it is not")   \
	X(provider_quota_limit, gauge, "provider,window",                      \
	    "Requests that the source allows in the window")                   \
	X(provider_quota_remaining, gauge, "provider,window",                  \
	    "Requests that are left of these")                                 \
	X(rejected_rates_total, counter, "provider,reason",                    \
	    "Rows that came from the source and were not let in")              \
	X(rate, gauge, "base,quote",                                           \
	    "Units of quote for one of base, of the pairs asked for")

/* The label of all of them, unless the instance is the default one. */
#define METRICS_INSTANCE "ratesd_instance"

struct metrics {
	struct ctl *ctl;
	struct exposition out;
	bool readable; /* there is a board, and the view is filled */
	struct view view;
	long queue_depth, queue_max; /* depth -1: not known */
	struct inspect_source *sources; /* no two of one name */
	unsigned source_count;
};

/* Each writes the samples of one metric; the board is there. */
#define X(name, type, labels, help) void metrics_##name(struct metrics *m);
METRICS(X)
#undef X

/* Writes all that there is to write; of no board what says so. */
void metrics_write(struct metrics *metrics);

/*
 * What is wrong with a list of pairs such as "EUR/USD,EUR/PLN", or NULL; the
 * currencies need not be there.
 */
const char *metrics_pairs_fault(const char *list);

#endif
