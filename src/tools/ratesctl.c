/*
 * ratesctl: shows the board of exchange rates, and asks for fresh rows.
 */
#include <getopt.h>
#include <string.h>

#include "tools/command.h"
#include "tools/ctl.h"
#include "tools/ctl_guard.h"

/* By the last part of its name, for it is called by a path. */
static bool
is_plugin_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strcmp(slash != NULL ? slash + 1 : path, CTL_PLUGIN_NAME) == 0;
}

/* Before its options are read: a plugin also complains of them as one. */
static void
see_plugin(int argc, char **argv)
{
	const char *word;

	if (argc > 0 && is_plugin_name(argv[0])) {
		ctl_be_plugin(true);
		return;
	}
	word = ctl_first_word(argc, argv);
	if (word != NULL && strcmp(word, "check") == 0)
		ctl_be_plugin(false);
}

static int
dispatch(struct ctl *ctl, int argc, char **argv)
{
	return ctl_is_named_plugin() ? ctl_dispatch_plugin(ctl, argc, argv)
				     : ctl_dispatch(ctl, argc, argv);
}

int
main(int argc, char **argv)
{
	struct ctl ctl;
	int status;

	/* What comes after it is not ours to understand. */
	if (argc > 1 && strcmp(argv[1], "probe") == 0 &&
	    !is_plugin_name(argv[0]))
		return cmd_probe(NULL, argc - 2, argv + 2);
	see_plugin(argc, argv);
	status = ctl_options(&ctl, argc, argv);
	ctl_guard(&ctl);
	if (status == CTL_DONE)
		status = dispatch(&ctl, argc - optind, argv + optind);
	rates_close(ctl.rates);
	return ctl_finish(status);
}
