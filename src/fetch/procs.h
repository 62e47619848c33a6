/*
 * The parts of engine_procs.c, for each other alone: what goes between the
 * parent and its children, and the children.
 *
 * A job goes through a POSIX queue to whichever child is first.  Through a pipe
 * of its own each child says what it has taken and, when that is done, the
 * result, followed by its body.
 */
#ifndef RATESD_FETCH_PROCS_H
#define RATESD_FETCH_PROCS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fetch/transfer.h"

/* Which of the items in flight, and which of the times that it was sent. */
struct procs_id {
	uint32_t place;
	uint32_t turn;
};

struct procs_job {
	struct procs_id id;
	struct transfer_limits limits;
	struct transfer_request request;
};

enum procs_kind { PROCS_TAKEN = 1, PROCS_DONE };

struct procs_note {
	uint32_t kind;
	struct procs_id id;
	struct transfer_result result; /* of PROCS_DONE; body: whether any */
};

/* One child, as its parent sees it. */
struct procs_child {
	pid_t pid; /* 0: none */
	int pipe;  /* to read from; -1: none */
	char *bytes; /* that came, and are not a whole note yet */
	size_t used, room;
	size_t told; /* of used: the last note */
	bool busy; /* with: */
	struct procs_id id;
	int64_t since; /* monotonic: when it became busy, or idle */
};

/*
 * Forks a child that works until it is killed, or its parent dies.  The pipes
 * of the others, which it closes, are all of children.  0, or -1 with errno.
 */
int procs_child_start(struct procs_child *child, int queue,
    const struct procs_child *children, unsigned count);

/* Kills it if it lives, and reaps it; how it ended in status (wait(2)). */
void procs_child_end(struct procs_child *child, int *status);

/*
 * Reads what has come.  False once the pipe has ended, or what came can't be
 * from a child of ours: it is then to be ended.
 */
bool procs_child_read(struct procs_child *child);

/*
 * The next whole note: 1 with *note, whose result's body is good until the
 * child is read from or asked again, and ends with no NUL; 0: none yet; -1: it
 * is none.
 */
int procs_child_note(struct procs_child *child, struct procs_note *note);

#endif
