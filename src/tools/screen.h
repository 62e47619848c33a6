/*
 * The whole terminal, taken and given back as it was: also when the process is
 * stopped, is ended by a signal, or crashes.
 */
#ifndef RATESD_TOOLS_SCREEN_H
#define RATESD_TOOLS_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/paint.h"

#define SCREEN_LINES_MAX 1000

/* Only one at a time. */
struct screen {
	unsigned rows, columns; /* of the terminal */
	char **lines;           /* to be drawn, and what stands there now */
	char **shown;
	unsigned line_count; /* of lines */
	bool failed;         /* no memory */
};

/* Why no screen can be taken, for a message; NULL if it can.  Static text. */
const char *screen_trouble(void);

/*
 * Takes the terminal of stdout: 0, or -1 with errno.  Keys come from stdin, or
 * from /dev/tty if that is no terminal.
 */
int screen_take(struct screen *screen);

/*
 * Gives it back; nothing if it isn't taken.  Safe in a signal handler and in
 * any state of the process.
 */
void screen_restore(void);

/* Gives it back, and frees what *screen has. */
void screen_end(struct screen *screen);

/* Ends the screen_wait() of another thread; safe in a signal handler. */
void screen_wake(void);

enum screen_event {
	SCREEN_QUIET,  /* the time is over */
	SCREEN_WOKEN,  /* by screen_wake(): look what is new */
	SCREEN_TYPED,  /* there are keys to read */
	SCREEN_AGAIN,  /* other size, or back from a stop: draw all */
	SCREEN_GONE    /* no terminal any more; errno says it */
};

/* Waits at most timeout ns (negative: for ever).  Does what a stop asks for. */
enum screen_event screen_wait(struct screen *screen, int64_t timeout);

/* Whether a signal came for which the next screen_wait() does something. */
bool screen_signalled(void);

/* Typed bytes into buf: how many, or -1 when the terminal is gone. */
int screen_read(char *buf, unsigned size);

/* The next line of the frame, which this ends; one too many is dropped. */
void screen_line(struct screen *screen, struct paint *paint);

/* How many lines the frame still has room for. */
unsigned screen_room(const struct screen *screen);

/*
 * Writes what is not yet there of the frame, of which then the next begins: 0,
 * or -1 when the terminal is gone or memory is out.
 */
int screen_draw(struct screen *screen);

/* Forgets what is on the terminal, so that all is drawn. */
void screen_forget(struct screen *screen);

#endif
