/*
 * The supervisor: schedule, queue, workers, board, systemd.
 *
 * It takes no board lock, parses nothing from the network, and blocks on
 * nothing but its one poll(2).
 */
#ifndef RATESD_DAEMON_SUPERVISOR_H
#define RATESD_DAEMON_SUPERVISOR_H

#include "daemon/conf.h"
#include "daemon/instance.h"

struct supervisor_setup {
	const struct instance *instance; /* locked */
	const char *conf_file;
	const char *source_dir; /* of conf_load; may be NULL */
	struct conf *conf; /* the supervisor frees it */

	/*
	 * Called once the board is made, before a worker is forked: from then
	 * on nobody may be left at the terminal.  And when a worker is in its
	 * loop, also after a reload.  Either may be NULL.
	 */
	void (*made)(void *context);
	void (*ready)(void *context);
	void *context;
};

/* Runs until SIGTERM or SIGINT: the exit status of the process. */
int supervisor_run(const struct supervisor_setup *setup);

#endif
