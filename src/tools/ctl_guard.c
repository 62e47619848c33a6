#include "tools/ctl_guard.h"

#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "tools/screen.h"

#define WHAT "no board: it was truncated while it was read\n"

static const char line[] = "ratesctl: " WHAT;
static const char plugin_line[] = "RATES UNKNOWN - " WHAT;

static volatile sig_atomic_t quiet, plugin;
static atomic_flag told = ATOMIC_FLAG_INIT;

/*
 * The one signal handler: that a page is gone shows nowhere else, and is seen
 * in the middle of any load.  What stdout still holds is dropped, as it is
 * perhaps half of something.
 */
static void
end_process(int number, siginfo_t *info, void *context)
{
	ssize_t written = 0;

	(void)context;
	if (info->si_code != BUS_ADRERR) {
		screen_restore();
		signal(number, SIG_DFL); /* another fault; it comes again */
		return;
	}
	/* Two threads may look at it; the other one ends the process. */
	while (atomic_flag_test_and_set(&told))
		pause();
	screen_restore();
	if (plugin)
		written = write(
		    STDOUT_FILENO, plugin_line, sizeof(plugin_line) - 1);
	else if (!quiet)
		written = write(STDERR_FILENO, line, sizeof(line) - 1);
	(void)written;
	_exit(CTL_NO_BOARD);
}

void
ctl_guard(const struct ctl *ctl)
{
	struct sigaction action = { .sa_sigaction = end_process,
		.sa_flags = SA_SIGINFO };

	plugin = ctl_is_plugin();
	quiet = ctl_given(ctl, OPTION_QUIET);
	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, &action, NULL);
}
