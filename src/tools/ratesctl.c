/*
 * ratesctl: shows the board of exchange rates, and asks for fresh rows.
 */
#include <getopt.h>
#include <string.h>

#include "tools/command.h"
#include "tools/ctl.h"
#include "tools/ctl_guard.h"

int
main(int argc, char **argv)
{
	struct ctl ctl;
	int status;

	/* What comes after it is not ours to understand. */
	if (argc > 1 && strcmp(argv[1], "probe") == 0)
		return cmd_probe(NULL, argc - 2, argv + 2);
	status = ctl_options(&ctl, argc, argv);
	ctl_guard(&ctl);
	if (status == CTL_DONE)
		status = ctl_dispatch(&ctl, argc - optind, argv + optind);
	rates_close(ctl.rates);
	return ctl_finish(status);
}
