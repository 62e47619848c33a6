/*
 * One supervisor an instance: the lock and pid file.
 *
 * The flock belongs to the open file description, so every process of the tree
 * holds it; getting it proves that no worker of an earlier tree is alive.
 */
#ifndef RATESD_DAEMON_INSTANCE_H
#define RATESD_DAEMON_INSTANCE_H

#include <stddef.h>

struct pidfh;

struct instance {
	const char *name;
	const char *runtime_dir;
	const char *state_dir;
	struct pidfh *pidfile;
};

/* Where the instance's board is saved: into buf. */
void instance_saved_path(
    const struct instance *instance, char *buf, size_t size);

/*
 * Takes the instance's lock, making the runtime directory if it is missing;
 * waits up to 2 s for the workers of a supervisor that is dead.  0, or -1 and
 * error says why: who holds it, or what failed.
 */
int instance_lock(struct instance *instance, char *error, size_t error_size);

/* Writes the pid of this process into the file: 0, or -1 with errno. */
int instance_write_pid(struct instance *instance);

/*
 * In a child that writes no board: lets go of the lock, which the others keep.
 */
void instance_leave(const struct instance *instance);

/* Removes the file and gives the lock up. */
void instance_unlock(struct instance *instance);

/*
 * Removes what a stopped instance left: board, queue, saved board, lock file.
 * 0, or -1 and error says why.
 */
int instance_purge(struct instance *instance, char *error, size_t error_size);

#endif
