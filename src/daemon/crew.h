/*
 * The supervisor's workers: the slot table, forking and burying.
 *
 * Only the main thread forks.  Each worker shares a socketpair with the
 * supervisor, whose closing tells it that it is an orphan; it also dies with
 * its parent (PR_SET_PDEATHSIG), even while it is stopped.
 */
#ifndef RATESD_DAEMON_CREW_H
#define RATESD_DAEMON_CREW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "board/layout.h"
#include "daemon/backoff.h"
#include "daemon/watch.h"
#include "daemon/worker.h"

struct child {
	pid_t pid;        /* 0: none */
	int life;         /* our end of the socketpair, or -1 */
	bool ready;       /* it said so */
	int64_t started;  /* monotonic */
	int64_t start_at; /* monotonic; when it may be started (again) */
	uint64_t incarnation;
	struct backoff backoff;
	struct watch watch;
};

struct crew {
	struct child children[BOARD_SLOTS_MAX];
	unsigned count;
};

/* How a worker ended. */
struct death {
	unsigned slot;
	pid_t pid;
	uint64_t worker; /* worker_id() */
	int status;      /* as of waitpid(2) */
	bool ready;
	int64_t lived; /* ns */
};

/* Empties the table; the slots' incarnations go on from the board's. */
void crew_begin(struct crew *crew, unsigned count, const struct board *board);

/*
 * Forks a worker into slot, with the signals blocked that the supervisor has
 * blocked, so that none is lost before the worker listens.  In the child this
 * never returns.  0, or -1 with errno; then the slot is to be tried later.
 */
int crew_start(
    struct crew *crew, unsigned slot, struct worker_setup *setup);

/*
 * Finds a dead worker: true with *death.  It stays a zombie, and its id
 * unused, until crew_bury(); call again until false.
 */
bool crew_find_dead(struct crew *crew, struct death *death);
void crew_bury(struct crew *crew, const struct death *death);

/*
 * Reaps children that are neither workers nor the other one given: as PID 1
 * the supervisor inherits some.
 */
void crew_reap_strangers(const struct crew *crew, pid_t other);

/*
 * fork(2) for a child of any kind: 0 in the child, which dies with the
 * supervisor and has none of the workers' lines.
 */
pid_t crew_fork(const struct crew *crew);

/* Reads who became ready. */
void crew_hear(struct crew *crew);

/* True if a worker that is alive said so. */
bool crew_ready(const struct crew *crew);

void crew_signal(const struct crew *crew, int signal);

unsigned crew_alive(const struct crew *crew);

/* "exit 3", "signal 9": into buf, which it returns. */
const char *death_text(int status, char *buf, size_t size);

#endif
