#include "tools/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

#define WONDER (300 * CLOCK_MS)
#define LINE_MAX 256
#define COLUMNS 80 /* of a terminal that doesn't say how many */

void
progress_begin(struct progress *progress, const struct ctl *ctl)
{
	progress->on =
	    isatty(STDERR_FILENO) == 1 && !ctl_given(ctl, OPTION_QUIET);
	progress->begun = clock_mono();
	progress->shown = 0;
}

bool
progress_due(const struct progress *progress)
{
	return progress->on && clock_mono() - progress->begun >= WONDER;
}

int64_t
progress_pause(const struct progress *progress, int64_t left)
{
	int64_t passed = clock_mono() - progress->begun, pause;

	if (!progress->on)
		return left;
	pause = passed < WONDER ? WONDER - passed
				: CLOCK_SECOND - passed % CLOCK_SECOND;
	return left >= 0 && left < pause ? left : pause;
}

static unsigned
columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
		return size.ws_col;
	return COLUMNS;
}

/* Blanks wipe out what was there, for a dumb terminal knows no other way. */
static void
rewrite(struct progress *progress, const char *text)
{
	fprintf(stderr, "\r%*s\r%s", (int)progress->shown, "", text);
	fflush(stderr);
	progress->shown = (unsigned)strlen(text);
}

void
progress_show(struct progress *progress, const char *format, ...)
{
	char text[LINE_MAX], line[LINE_MAX], time[CLOCK_TEXT_MAX];
	unsigned room = columns() - 1; /* the last column may wrap */
	size_t end;
	va_list args;

	if (!progress->on)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	clock_format_age(clock_mono() - progress->begun, time, sizeof(time));
	end = strlen(time) + strlen(" ... ");
	if (room > sizeof(line) - 1)
		room = sizeof(line) - 1;
	text_format(line, sizeof(line), "%.*s ... %s",
	    room > end ? (int)(room - end) : 0, text, time);
	line[room] = '\0';
	rewrite(progress, line);
}

void
progress_end(struct progress *progress)
{
	if (progress->shown == 0)
		return;
	rewrite(progress, "");
}

const char *
progress_text(
    char *buf, size_t size, unsigned done, unsigned total, const char *names)
{
	return text_format(buf, size, "%u of %u row%s, waiting for %s", done,
	    total, total == 1 ? "" : "s", names);
}
