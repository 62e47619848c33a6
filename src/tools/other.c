#include "tools/other.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/ctl.h"

int
other_program(const char *variable, const char *path, const char *option,
    int argc, char **argv)
{
	const char *told = getenv(variable);
	char **args = calloc((size_t)argc + 3, sizeof(*args)), **arg = args;

	if (told != NULL && *told != '\0')
		path = told;
	if (args == NULL || (*arg++ = strdup(path)) == NULL)
		return ctl_complain(CTL_FAILED, "%m");
	if (option != NULL && (*arg++ = strdup(option)) == NULL)
		return ctl_complain(CTL_FAILED, "%m");
	for (int i = 0; i < argc; i++)
		*arg++ = argv[i];
	execv(path, args);
	/* What was allocated goes with the process. */
	return ctl_complain(CTL_FAILED, "can't run %s: %m", path);
}
