/*
 * ratesd: the daemon's main.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <bsd/unistd.h>

#include "daemon/conf.h"
#include "daemon/instance.h"
#include "daemon/notify.h"
#include "daemon/supervisor.h"
#include "tools/detach.h"
#include "tools/ratesd_options.h"
#include "tools/ratesd_sources.h"

#define EXIT_CONFIG 78 /* EX_CONFIG of sysexits.h */

/* With -t as "file:line: ...", which editors understand. */
static void
print_error(void *context, const char *line)
{
	const struct ratesd_options *options = context;

	if (options->test || options->sources)
		fprintf(stderr, "%s\n", line);
	else
		log_error("%s", line);
}

static int
purge(struct instance *instance)
{
	char error[256];

	if (instance_purge(instance, error, sizeof(error)) == 0)
		return 0;
	log_error("%s", error);
	return 1;
}

/* Until now errors went to the terminal of whoever started the daemon. */
static void
leave_terminal(void *context)
{
	const struct ratesd_options *options = context;

	log_open(LOG_TO_SYSLOG, options->level, "ratesd");
	detach_files();
}

static void
let_starter_go(void *context)
{
	(void)context;
	detach_done();
}

static const char *
source_dir(const struct ratesd_options *options)
{
	return options->source_dir[0] != '\0' ? options->source_dir : NULL;
}

/* Locks the instance, goes into the background if asked to, and runs. */

static int
run(struct ratesd_options *options, struct instance *instance,
    struct conf *conf)
{
	struct supervisor_setup setup = { .instance = instance,
		.conf_file = options->conf_file,
		.source_dir = source_dir(options),
		.conf = conf,
		.made = options->foreground ? NULL : leave_terminal,
		.ready = options->foreground ? NULL : let_starter_go,
		.context = options };
	char error[256];
	int status;

	if (instance_lock(instance, error, sizeof(error)) == -1) {
		log_error("%s", error);
		conf_free(conf);
		return 1;
	}
	if ((!options->foreground && detach_begin() == -1) ||
	    instance_write_pid(instance) == -1) {
		log_error("start: %m");
		instance_unlock(instance);
		conf_free(conf);
		return 1;
	}
	status = supervisor_run(&setup);
	instance_unlock(instance);
	return status;
}

/*
 * One that comes before the supervisor listens waits for it.  What stops it
 * may end the start of any other process; but for PID 1 of a container the
 * kernel throws away what would end it, unless it is blocked.
 */
static void
hold_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	if (getpid() == 1) {
		sigaddset(&set, SIGTERM);
		sigaddset(&set, SIGINT);
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
}

int
main(int argc, char **argv, char **envp)
{
	struct ratesd_options options;
	struct instance instance;
	struct conf *conf;

	hold_signals();
	detach_keep_standard_files();
	setproctitle_init(argc, argv, envp);
	ratesd_options(argc, argv, &options);
	log_open(LOG_TO_STDERR, options.level, "ratesd");
	instance = (struct instance){ .name = options.instance,
		.runtime_dir = options.runtime_dir,
		.state_dir = options.state_dir };
	if (options.purge)
		return purge(&instance);
	if (options.sources)
		return ratesd_sources(options.preset, source_dir(&options),
		    print_error, &options) == 0 ? 0 : 1;
	conf = conf_load(options.conf_file, source_dir(&options), print_error,
	    &options);
	if (conf == NULL)
		return EXIT_CONFIG;
	if (options.test) {
		conf_free(conf);
		return 0;
	}
	notify_open();
	return run(&options, &instance, conf);
}
