/*
 * The sources as the workers share them: whom to ask next, and what that came
 * to.  All words are on the board.
 *
 * A source with one base answers for all rows at once, and so does every
 * source when rows are derived: one worker asks (the source's claim), the tasks
 * of the other rows wait for that answer.
 */
#ifndef RATESD_DAEMON_SOURCES_H
#define RATESD_DAEMON_SOURCES_H

#include <stdbool.h>

#include "daemon/worker.h"
#include "fetch/transfer.h"

enum pick {
	PICK_GRANTED,  /* ask it now; a shared one is claimed */
	PICK_WAIT,     /* try again in *wait ns */
	PICK_ANSWERED, /* a shared one, that has answered since */
	PICK_NONE,     /* none can be asked within a minute */
};

/* True if one answer of the source is for all rows. */
bool sources_shared(const struct conf *conf, unsigned source);

/* The packed base to ask a shared source for. */
uint64_t sources_hub(const struct conf *conf, unsigned source);

/* The packed base to ask a source for, that row's job being to be done. */
uint64_t sources_asked(
    const struct conf *conf, unsigned source, uint32_t row);

/*
 * The source to ask for a task that began at since, at the time now (boot
 * clock, ns), from *source on in their order; in *source.  One that is to be
 * left alone is passed over while there is another one; a source that has a
 * token soon is waited for; brief: for no other one, as the row has a failure
 * to tell.  A granted request is counted.
 */
enum pick sources_pick(const struct worker_setup *setup, unsigned *source,
    int64_t since, bool brief, int64_t now, int64_t *wait);

/*
 * A granted request is made once more, of a mirror: counted, as its host may be
 * the same one.  False if the quota has none left.
 */
bool sources_mirror(const struct worker_setup *setup, unsigned source);

/* What a shared source's last answer came to. */
enum attempt_class sources_answer(
    const struct worker_setup *setup, unsigned source);

/*
 * Notes what came of a granted request, class after all checks: the breaker,
 * and whether to come back later.
 */
void sources_note(const struct worker_setup *setup, unsigned source,
    const struct transfer_result *result, enum attempt_class class);

/* Counts a granted request that has ended: how long it took. */
void sources_took(const struct worker_setup *setup, unsigned source,
    const struct transfer_result *result);

/* Counts one that failed, and is made once more of a mirror. */
void sources_failed(const struct worker_setup *setup, unsigned source,
    enum attempt_class class);

/* Counts numbers that came and were not let in: DATE, HELD, BASE, VALUE. */
void sources_rejected(const struct worker_setup *setup, unsigned source,
    enum attempt_class class);

/*
 * After that, and after its rows are published: lets the others go on.  ended:
 * when the answer came (boot clock), as its rows have it.
 */
void sources_release(const struct worker_setup *setup, unsigned source,
    enum attempt_class class, int64_t ended);

/* Why the source is left alone now; in buf for people. */
enum attempt_class sources_reason(const struct worker_setup *setup,
    unsigned source, int64_t now, char *buf, size_t size);

#endif
