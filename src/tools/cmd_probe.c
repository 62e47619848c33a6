#include "tools/command.h"

#include <stdlib.h>
#include <unistd.h>

#ifndef PKGLIBEXECDIR
#define PKGLIBEXECDIR "/usr/libexec/ratesd"
#endif
#define PROGRAM "ratesd-probe"

/*
 * What asks the network and reads what comes from there is a program of its
 * own: ratesctl carries no fetcher.
 */
int
cmd_probe(struct ctl *ctl, int argc, char **argv)
{
	const char *path = getenv("RATESD_PROBE");
	static char program[] = PROGRAM;
	char **args = calloc((size_t)argc + 2, sizeof(*args));

	(void)ctl;
	if (path == NULL || *path == '\0')
		path = PKGLIBEXECDIR "/" PROGRAM;
	if (args == NULL)
		return ctl_complain(CTL_FAILED, "%m");
	args[0] = program;
	for (int i = 0; i < argc; i++)
		args[i + 1] = argv[i];
	execv(path, args);
	free(args);
	return ctl_complain(CTL_FAILED, "can't run %s: %m", path);
}
