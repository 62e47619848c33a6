#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "tools/command.h"
#include "tools/terminal.h"
#include "tools/view.h"
#include "tools/watch.h"

#define LOOK_EVERY CLOCK_SECOND /* what only time changes wakes nobody */

static bool
enough(const struct watch *watch)
{
	return ctl_given(watch->ctl, OPTION_CHANGES) &&
	    watch->told >= watch->ctl->count;
}

static void
print(struct watch *watch, const struct happening *h)
{
	switch (watch->ctl->format) {
	case FORMAT_JSON:
	case FORMAT_KEYVALUE:
		watch_tree(watch, h);
		break;
	case FORMAT_CSV:
		watch_csv(watch, h);
		break;
	default:
		watch_line(watch, h);
		break;
	}
	fflush(stdout);
}

static void
hear(void *context, const struct happening *h)
{
	struct watch *watch = context;
	bool verbose = ctl_given(watch->ctl, OPTION_VERBOSE);

	if (enough(watch))
		return;
	if (((1u << h->change) & CHANGES_VERBOSE) != 0 && !verbose)
		return;
	print(watch, h);
	watch->told += h->base != FOLLOW_BOARD;
}

/* Who reads a pipe and goes away wakes nobody either. */
static void
end_without_reader(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO };

	if (poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0)
		raise(SIGPIPE);
}

static int64_t
left(const struct watch *watch)
{
	int64_t rest;

	if (watch->deadline < 0)
		return LOOK_EVERY;
	rest = watch->deadline - clock_mono();
	return rest < 0 ? 0 : rest;
}

static int
out_of_time(const struct watch *watch)
{
	if (!ctl_given(watch->ctl, OPTION_CHANGES))
		return CTL_DONE;
	return ctl_note(watch->ctl, CTL_FAILED,
	    "%" PRIu64 " of %" PRIu64 " events after %s", watch->told,
	    watch->ctl->count, watch->ctl->timeout_text);
}

static int
follow(struct watch *watch)
{
	int64_t looked = 0, rest;
	bool clock;

	for (;;) {
		clock = clock_mono() - looked >= LOOK_EVERY;
		if (clock)
			looked = clock_mono();
		if (follow_look(&watch->follow, clock, hear, watch) == -1)
			return ctl_complain(CTL_FAILED, "%m");
		if (enough(watch) || ferror(stdout) != 0)
			return CTL_DONE;
		rest = left(watch);
		if (rest == 0)
			return out_of_time(watch);
		if (clock)
			end_without_reader();
		if (follow_wait(&watch->follow,
			rest < LOOK_EVERY ? rest : LOOK_EVERY) == -1)
			return ctl_complain(CTL_FAILED, "waiting: %m");
	}
}

static int
watch_lines(struct ctl *ctl, int argc, char **argv)
{
	struct watch watch = { .ctl = ctl,
		.color = terminal_color(ctl->color),
		.utf8 = terminal_utf8(),
		.width = terminal_width(),
		.deadline =
		    ctl->timeout < 0 ? -1 : clock_mono() + ctl->timeout };
	int status = follow_begin(&watch.follow, ctl, argc, argv);

	/* As cat does, also where whoever started us ignores it. */
	signal(SIGPIPE, SIG_DFL);
	if (status == CTL_DONE)
		status = follow(&watch);
	follow_end(&watch.follow);
	return status;
}

/* What goes with lines alone. */
static int
check_top(const struct ctl *ctl)
{
	static const enum ctl_option lines[] = { OPTION_FORMAT,
		OPTION_CHANGES, OPTION_TIMEOUT, OPTION_VERBOSE };

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (ctl_given(ctl, OPTION_TOP) && ctl_given(ctl, lines[i]))
			return ctl_complain(CTL_USAGE,
			    "watch --top takes no --%s",
			    ctl_option_word(lines[i]));
	return CTL_DONE;
}

int
cmd_watch(struct ctl *ctl, int argc, char **argv)
{
	int status = check_top(ctl);

	if (status == CTL_DONE)
		status = view_open(ctl);
	if (status != CTL_DONE)
		return status;
	if (ctl_given(ctl, OPTION_TOP))
		return watch_top(ctl, argc, argv);
	return watch_lines(ctl, argc, argv);
}
