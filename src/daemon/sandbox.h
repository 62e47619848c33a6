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

/*
 * What this kernel and this build have of it, for people: "Landlock 7,
 * seccomp", or why there is nothing; in buf.
 */
const char *sandbox_text(char *buf, size_t size);

/*
 * Enters what there is; for good, and for the threads that begin after it.  0,
 * also if there is nothing; -1 with what failed in error.
 */
int sandbox_enter(char *error, size_t size);

/* Its halves: the version of Landlock's interface, 0 for none; whether this
 * build has seccomp.  Entering: 0, or -1 with errno. */
int sandbox_files_version(void);
int sandbox_files_enter(void);
bool sandbox_calls_available(void);
int sandbox_calls_enter(void);

#endif
