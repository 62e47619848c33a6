/*
 * What a worker gives up before it takes its first job, for it is the one that
 * reads what strangers send: landlock(7) and seccomp(2).
 *
 * Landlock: no file is written, made, removed or run, and none is read but
 * where systems have libraries, certificates and resolver files; no TCP port is
 * bound; nobody else is sent a signal.  What is open already stays so: board,
 * queue, log.  seccomp: a call that no fetching needs ends the process
 * (SIGSYS), and its supervisor replaces it.
 */
#ifndef RATESD_DAEMON_SANDBOX_H
#define RATESD_DAEMON_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "board/layout.h"

/*
 * What this kernel and this build have of it, for people: "Landlock 7,
 * seccomp", or why there is nothing; in buf.
 */
const char *sandbox_text(char *buf, size_t size);

/*
 * Enters what there is; for good, and for the threads that begin after it.
 * What became of each part is in states.  0, also if there is nothing; -1 with
 * what failed in error: the other part is entered even so.
 */
int sandbox_enter(enum sandbox_state states[SANDBOX_PART_COUNT], char *error,
    size_t size);

/* Its parts: the version of Landlock's interface, 0 for none; whether this
 * build and kernel have seccomp.  Entering, SANDBOX_FAILED is with errno. */
int sandbox_files_version(void);
enum sandbox_state sandbox_files_enter(void);
bool sandbox_calls_available(void);
enum sandbox_state sandbox_calls_enter(void);

#endif
