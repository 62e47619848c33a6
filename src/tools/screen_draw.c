#include "tools/screen.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

unsigned
screen_room(const struct screen *screen)
{
	return screen->rows - screen->line_count;
}

void
screen_line(struct screen *screen, struct paint *paint)
{
	char *text = paint_end(paint);

	if (text == NULL)
		screen->failed = true;
	else if (screen_room(screen) == 0)
		free(text);
	else
		screen->lines[screen->line_count++] = text;
}

void
screen_forget(struct screen *screen)
{
	for (unsigned i = 0; screen->shown != NULL && i < SCREEN_LINES_MAX; i++) {
		free(screen->shown[i]);
		screen->shown[i] = NULL;
	}
}

/* Lines after the last of the frame are empty ones. */
static void
put_changes(struct screen *screen, FILE *out)
{
	for (unsigned i = 0; i < screen->rows; i++) {
		const char *line =
		    i < screen->line_count ? screen->lines[i] : "";

		if (screen->shown[i] != NULL &&
		    strcmp(screen->shown[i], line) == 0)
			continue;
		fprintf(out, "\033[%u;1H\033[2K%s", i + 1, line);
	}
}

/* gcc 12 loses sight of an element of an array that moves to another. */
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 10
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif
static void
take_lines(struct screen *screen)
{
	for (unsigned i = 0; i < screen->rows; i++) {
		free(screen->shown[i]);
		screen->shown[i] = i < screen->line_count ? screen->lines[i]
							   : strdup("");
		if (i < screen->line_count)
			screen->lines[i] = NULL;
	}
	screen->line_count = 0;
}
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 10
#pragma GCC diagnostic pop
#endif

/* A signal ends it early; then all is drawn anew anyway. */
static int
write_all(const char *text, size_t length)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	while (length > 0 && !screen_signalled()) {
		ssize_t written = write(STDOUT_FILENO, text, length);

		if (written == -1 && errno == EAGAIN)
			poll(&out, 1, -1);
		else if (written == -1 && errno != EINTR)
			return -1;
		if (written > 0) {
			text += written;
			length -= (size_t)written;
		}
	}
	return 0;
}

int
screen_draw(struct screen *screen)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out;
	int answer;

	if (screen->failed) {
		errno = ENOMEM;
		return -1;
	}
	out = open_memstream(&text, &length);
	if (out == NULL)
		return -1;
	put_changes(screen, out);
	if (fclose(out) != 0) {
		free(text);
		return -1;
	}
	take_lines(screen);
	answer = write_all(text, length);
	free(text);
	return answer;
}
