/*
 * The parts of tasks.c, for each other alone: a task from the queue until its
 * row is published.
 */
#ifndef RATESD_DAEMON_TASK_H
#define RATESD_DAEMON_TASK_H

#include <sys/queue.h>

#include "base/code.h"
#include "board/publish.h"
#include "daemon/asking.h"
#include "daemon/harvest.h"
#include "daemon/tasks.h"
#include "source/document.h"

struct task {
	TAILQ_ENTRY(task) link;
	uint32_t row;
	unsigned source; /* of the configuration, in their order */
	unsigned mirror; /* 0: its url */
	uint64_t hash;   /* of the answer that a 304 would mean */
	int64_t since;   /* boot clock: what came later is an answer */
	int64_t begun;   /* boot clock: its first request; 0: there is none */
	int64_t due;     /* boot clock; while it waits */
	bool again;      /* granted already, as for a mirror */
	bool asked_twice; /* after a 304 that came too late */
	bool anew;       /* it had failed, and somebody had asked meanwhile */
	bool failed;     /* a source before this one: */
	struct refusal refusal;
	char text[DOCUMENT_ERROR_MAX]; /* the refusal's */
};
TAILQ_HEAD(task_list, task);

struct tasks {
	const struct worker_setup *setup;
	const struct conf *conf;
	struct board *board;
	struct board_slot *slot;
	uint64_t id;
	struct task_list free, waiting, flying;
	unsigned active; /* waiting and flying */
	bool retitle;
	int64_t dropped_next; /* monotonic: when to log a dropped message again */
	struct asking *asking;
	struct harvest *harvest;
	double *numbers;
	bool redirected[BOARD_SOURCES_MAX]; /* and that was told */
	struct task all[];
};

/* The code of a row, in text. */
const char *task_row_name(
    const struct tasks *tasks, uint32_t row, char text[CODE_TEXT_MAX]);

/* The next job of the queue as a task, claimed; NULL: there is none now. */
struct task *task_take(struct tasks *tasks);

/* True with the task's request, if a source can be asked now. */
bool task_ask(
    struct tasks *tasks, struct task *task, struct engine_item *item);

/* It waits until due (boot clock), and then asks. */
void task_wait(struct tasks *tasks, struct task *task, int64_t due);

/* What a failure was, until another source has done better. */
void task_note_failure(struct tasks *tasks, struct task *task,
    enum attempt_class class, unsigned http_status, const char *text);

/*
 * No source is left.  The last failure is the row's, unless somebody asked
 * since the task's first request: the task begins anew, once.
 */
void task_fail(struct tasks *tasks, struct task *task);

/* The same without more time: the last failure is the row's. */
void task_give_up(struct tasks *tasks, struct task *task);

/*
 * Its row's attempt has ended (boot clock): the claim is dropped, or it begins
 * anew if somebody has asked since.
 */
void task_finish(
    struct tasks *tasks, struct task *task, bool good, int64_t ended);

/* From request to row, a death counts against the job: id, or 0. */
void task_blame(
    const struct tasks *tasks, const struct task *task, uint64_t id);

#endif
