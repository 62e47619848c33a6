#include "tools/other.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <bsd/string.h>

#include "tools/ctl.h"

#define WORD_MAX 32 /* an option of ours */

int
other_program(const char *variable, const char *path, const char *option,
    int argc, char **argv)
{
	static char program[PATH_MAX], first[WORD_MAX];
	const char *told = getenv(variable);
	char **args = calloc((size_t)argc + 3, sizeof(*args));
	size_t count = 0;

	if (args == NULL)
		return ctl_complain(CTL_FAILED, "%m");
	strlcpy(program, told != NULL && *told != '\0' ? told : path,
	    sizeof(program));
	args[count++] = program;
	if (option != NULL) {
		strlcpy(first, option, sizeof(first));
		args[count++] = first;
	}
	for (int i = 0; i < argc; i++)
		args[count++] = argv[i];
	execv(program, args);
	free(args);
	return ctl_complain(CTL_FAILED, "can't run %s: %m", program);
}
