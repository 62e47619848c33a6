#include "tools/check.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/text.h"
#include "tools/command.h"

#define TIMEOUT (10 * CLOCK_SECOND)
#define WORD_MAX 48

static const struct mode {
	const char *word;
	bool times;
	const char *arguments;
	void (*judge)(struct check *check);
} modes[] = {
#define X(name, times, arguments) { #name, times, arguments, check_##name },
	CHECK_MODES(X)
#undef X
};

#define MODES (sizeof(modes) / sizeof(modes[0]))

static const char out_of_time[] =
    PLUGIN_SERVICE " UNKNOWN - not done within its time\n";

static void
give_up(int number)
{
	ssize_t written =
	    write(STDOUT_FILENO, out_of_time, sizeof(out_of_time) - 1);

	(void)number;
	(void)written;
	_exit(PLUGIN_UNKNOWN);
}

/* Nothing here waits; but names of users may come over a network. */
static void
bound_time(int64_t ns) /* 0: it is done */
{
	const struct sigaction action = { .sa_handler = give_up };
	const struct itimerval timer = { .it_value = {
		.tv_sec = (time_t)(ns / CLOCK_SECOND),
		.tv_usec = (suseconds_t)(ns % CLOCK_SECOND / 1000) } };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

/* --- what was asked ------------------------------------------------------- */

static int
usage(const char *what, const char *text, const char *why)
{
	char word[WORD_MAX];

	ctl_complain(CTL_USAGE, "%s: '%s' %s", what,
	    text_clean(word, sizeof(word), text, strlen(text)), why);
	return -1;
}

/* ctl_options() has seen that it is one. */
static const struct mode *
mode_of(const struct ctl *ctl)
{
	for (size_t i = 0; ctl->mode != NULL && i < MODES; i++)
		if (strcmp(modes[i].word, ctl->mode) == 0)
			return &modes[i];
	return &modes[0];
}

static int
read_range(const char *what, const char *text, bool times, struct range *range)
{
	if (text == NULL || range_parse(text, times, range) == 0)
		return 0;
	return usage(what, text,
	    times ? "is no range of times, such as 26h, 90s:3d or ~:10"
		  : "is no range, such as 10, 3:5, 1: or @~:0");
}

static int
read_options(struct check *check, const struct mode **mode)
{
	const struct ctl *ctl = check->ctl;

	*mode = mode_of(ctl);
	check->published =
	    ctl->clock != NULL && strcmp(ctl->clock, "published") == 0;
	if (read_range("--warning", ctl->warning, (*mode)->times,
		&check->warning) == -1 ||
	    read_range("--critical", ctl->critical, (*mode)->times,
		&check->critical) == -1)
		return -1;
	if (ctl->timeout == 0)
		return usage("--timeout", ctl->timeout_text, "is no time");
	if (check->argc > 0 && (*mode)->arguments == NULL)
		return usage(
		    (*mode)->word, check->argv[0], "is too much: it is of all");
	return 0;
}

/* --- which rows ----------------------------------------------------------- */

/* "EUR", or "EUR/USD". */
static int
read_pick(struct check *check, const char *text, struct check_pick *pick)
{
	char code[sizeof(pick->name)], *slash;
	unsigned quote;

	text_clean(code, sizeof(code), text, strlen(text));
	slash = strchr(code, '/');
	if (slash != NULL)
		*slash = '\0';
	text_format(pick->name, sizeof(pick->name), "%s%s%s", code,
	    slash != NULL ? "/" : "", slash != NULL ? slash + 1 : "");
	pick->quote = -1;
	if (view_index(check->ctl, &check->view, code, &pick->row) != CTL_DONE)
		return -1;
	if (slash == NULL)
		return 0;
	if (view_index(check->ctl, &check->view, slash + 1, &quote) !=
	    CTL_DONE)
		return -1;
	pick->quote = (int)quote;
	return 0;
}

static int
read_picks(struct check *check)
{
	unsigned count =
	    check->argc > 0 ? (unsigned)check->argc : check->view.count;

	check->picks = calloc(count, sizeof(*check->picks));
	if (check->picks == NULL) {
		ctl_complain(CTL_FAILED, "%m");
		return -1;
	}
	check->pick_count = count;
	for (unsigned i = 0; i < count; i++)
		if (read_pick(check,
			check->argc > 0 ? check->argv[i]
					: check->view.codes[i],
			&check->picks[i]) == -1)
			return -1;
	return 0;
}

double
check_number(const struct check *check, const struct check_pick *pick)
{
	return check->view.numbers[(size_t)pick->row * check->view.count +
	    (size_t)pick->quote];
}

/* --- the verdict ---------------------------------------------------------- */

/* That there is no board is what a plugin is asked for to tell. */
static int
no_board(const struct check *check, enum rates_result result)
{
	const char *fault = result == RATES_BAD_BOARD ? rates_fault() : "";
	enum plugin_status status =
	    result == RATES_NO_BOARD ? PLUGIN_CRITICAL : PLUGIN_UNKNOWN;

	printf(PLUGIN_SERVICE " %s - instance %s: %s%s%s\n",
	    plugin_status_name(status), check->ctl->instance,
	    rates_strerror(result), *fault != '\0' ? ": " : "", fault);
	return (int)status;
}

/* What no mode leaves out. */
static void
judge_all(struct check *check)
{
	char text[VIEW_SILENCE_MAX], owner[VIEW_OWNER_MAX];
	struct plugin *p = &check->plugin;

	if (!check->view.feed.fed)
		plugin_because(p, PLUGIN_CRITICAL, "%s",
		    view_silence(&check->view.feed, text, sizeof(text)));
	if (view_stranger(check->ctl, owner, sizeof(owner)) != NULL)
		plugin_because(
		    p, PLUGIN_WARNING, "the board was made by %s", owner);
}

static int
judge(struct check *check, const struct mode *mode)
{
	bool rows = mode->arguments != NULL &&
	    strcmp(mode->arguments, "rows") == 0;

	if (view_load(check->ctl, rows, &check->view) != CTL_DONE ||
	    (rows && read_picks(check) == -1))
		return PLUGIN_UNKNOWN;
	if (plugin_begin(&check->plugin) == -1)
		return ctl_complain(CTL_FAILED, "%m");
	judge_all(check);
	mode->judge(check);
	return plugin_end(
	    &check->plugin, ctl_given(check->ctl, OPTION_VERBOSE));
}

int
cmd_check(struct ctl *ctl, int argc, char **argv)
{
	struct check check = { .ctl = ctl, .argc = argc, .argv = argv };
	const struct mode *mode;
	enum rates_result result;
	int status;

	if (read_options(&check, &mode) == -1)
		return PLUGIN_UNKNOWN;
	bound_time(ctl->timeout < 0 ? TIMEOUT : ctl->timeout);
	result = rates_open(ctl->instance, &ctl->rates);
	if (result != RATES_OK)
		return no_board(&check, result);
	status = judge(&check, mode);
	bound_time(0);
	view_free(&check.view);
	free(check.picks);
	return status;
}
