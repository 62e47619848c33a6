#include "tools/ask.h"
#include "tools/command.h"

int
cmd_accept(struct ctl *ctl, int argc, char **argv)
{
	int status = ask_open(ctl);

	return status == CTL_DONE ? ask(ctl, JOB_ACCEPT, argc, argv) : status;
}
