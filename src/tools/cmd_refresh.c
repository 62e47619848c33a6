#include "tools/ask.h"
#include "tools/command.h"

int
cmd_refresh(struct ctl *ctl, int argc, char **argv)
{
	int status = ask_open(ctl);

	return status == CTL_DONE ? ask(ctl, JOB_REFRESH, argc, argv) : status;
}
