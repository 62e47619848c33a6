/*
 * The jobs that a worker has taken from the queue: each one claimed on the
 * board, in flight or waiting for its source, until it is published.
 */
#ifndef RATESD_DAEMON_TASKS_H
#define RATESD_DAEMON_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/worker.h"
#include "fetch/engine.h"

struct tasks;

/* Room for as many as the configured concurrency.  NULL with errno. */
struct tasks *tasks_new(const struct worker_setup *setup);
void tasks_free(struct tasks *tasks); /* NULL is fine; claims stay */

/*
 * The next request to make: of a task whose wait is over, else of a job from
 * the queue.  False if there is none now.
 */
bool tasks_next(struct tasks *tasks, struct engine_item *item);

/* ns until a waiting task may ask its source; -1: none waits. */
int64_t tasks_wait(const struct tasks *tasks);

/*
 * Takes what came of a task's request: publishes it, or has the next source
 * asked if that one failed and last is false.
 */
void tasks_done(struct tasks *tasks, void *tag,
    const struct transfer_result *result, bool last);

/* How many there are, and whether there is room for more. */
unsigned tasks_active(const struct tasks *tasks);
bool tasks_room(const struct tasks *tasks);

/*
 * Appends the bases in flight to a text, " EUR USD +3".  True if they have
 * changed since the last call; else buf is left alone.
 */
bool tasks_title(struct tasks *tasks, char *buf, size_t size);

#endif
