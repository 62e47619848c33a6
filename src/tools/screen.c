#include "tools/screen.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"

#define ROWS 24 /* of a terminal that doesn't say */
#define COLUMNS 80
#define WRITE_TRIES 5
#define WRITE_WAIT_MS 100
#define STACK_SIZE 65536 /* for a crash because the usual one is full */

/* xterm's: the other screen; no cursor; no wrapping at the right edge. */
static const char enter[] = "\033[?1049h\033[?25l\033[?7l\033[2J";
/* CAN ends whatever sequence was being written. */
static const char leave[] = "\030\033[0m\033[?7h\033[?25h\033[?1049l";

static struct {
	volatile sig_atomic_t taken;
	volatile sig_atomic_t stop, changed; /* SIGTSTP; SIGWINCH, SIGCONT */
	int tty;  /* whose settings are ours, and whence keys come, or -1 */
	int keys;
	int wake;
	struct termios saved;
} the = { .tty = -1, .keys = -1, .wake = -1 };

static char crash_stack[STACK_SIZE];

/* --- what signals do ------------------------------------------------------ */

/*
 * A terminal that takes nothing must not keep the process alive for ever: it
 * gets half a second.
 */
static void
write_or_leave(const char *text, size_t length)
{
	int flags = fcntl(STDOUT_FILENO, F_GETFL);
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
	ssize_t written;

	fcntl(STDOUT_FILENO, F_SETFL, flags | O_NONBLOCK);
	for (int tries = 0; length > 0 && tries < WRITE_TRIES; tries++) {
		written = write(STDOUT_FILENO, text, length);
		if (written > 0) {
			text += written;
			length -= (size_t)written;
		} else if (errno != EINTR && errno != EAGAIN) {
			break;
		} else {
			poll(&out, 1, WRITE_WAIT_MS);
		}
	}
	fcntl(STDOUT_FILENO, F_SETFL, flags);
}

/* SIGTTOU is blocked, so that a process in the background can do it too. */
void
screen_restore(void)
{
	int saved_errno = errno;
	sigset_t ttou, before;

	if (!the.taken)
		return;
	the.taken = 0;
	sigemptyset(&ttou);
	sigaddset(&ttou, SIGTTOU);
	pthread_sigmask(SIG_BLOCK, &ttou, &before);
	write_or_leave(leave, sizeof(leave) - 1);
	tcsetattr(the.tty, TCSANOW, &the.saved);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = saved_errno;
}

void
screen_wake(void)
{
	const uint64_t one = 1;
	int saved_errno = errno;
	ssize_t written = write(the.wake, &one, sizeof(one));

	(void)written;
	errno = saved_errno;
}

/* The signal comes again, and does what it does by itself. */
static void
end_process(int number)
{
	screen_restore();
	signal(number, SIG_DFL);
	raise(number);
}

static void
note(int number)
{
	if (number == SIGTSTP)
		the.stop = 1;
	else
		the.changed = 1;
	screen_wake();
}

static const int ends[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE,
	SIGABRT, SIGSEGV, SIGFPE, SIGILL, SIGSYS, SIGXCPU, SIGXFSZ, SIGALRM,
	SIGUSR1, SIGUSR2 };
static const int notes[] = { SIGTSTP, SIGWINCH, SIGCONT };

/*
 * Not SA_RESTART, so that a write that the terminal doesn't take ends.  What
 * whoever started us ignores stays ignored.
 */
static void
handle(int number, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler,
		.sa_flags = SA_ONSTACK },
			 before;

	sigemptyset(&action.sa_mask);
	if (sigaction(number, NULL, &before) == 0 &&
	    before.sa_handler == SIG_IGN && number != SIGPIPE)
		return;
	sigaction(number, &action, NULL);
}

static void
handle_all(void)
{
	stack_t stack = { .ss_sp = crash_stack, .ss_size = STACK_SIZE };

	sigaltstack(&stack, NULL);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		handle(ends[i], end_process);
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		handle(notes[i], note);
}

/* --- taking it ------------------------------------------------------------ */

const char *
screen_trouble(void)
{
	const char *term = getenv("TERM");

	if (isatty(STDOUT_FILENO) != 1)
		return "standard output is no terminal";
	if (term == NULL || *term == '\0' || strcmp(term, "dumb") == 0)
		return "this terminal can't place text (TERM is unset or dumb)";
	return NULL;
}

static void
find_keys(void)
{
	the.keys = isatty(STDIN_FILENO) == 1
	    ? STDIN_FILENO
	    : open("/dev/tty", O_RDONLY | O_CLOEXEC);
	the.tty = the.keys != -1 ? the.keys : STDOUT_FILENO;
}

/* Keys one by one and not shown; Ctrl-C and Ctrl-Z stay signals. */
static int
enter_screen(void)
{
	struct termios raw = the.saved;

	raw.c_iflag &= ~(tcflag_t)(IXON | ICRNL | INLCR | IGNCR);
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	/* In the background this stops the process, until it comes back. */
	while (tcsetattr(the.tty, TCSANOW, &raw) == -1)
		if (errno != EINTR)
			return -1;
	the.taken = 1;
	write_or_leave(enter, sizeof(enter) - 1);
	return 0;
}

static void
measure(struct screen *screen)
{
	struct winsize size;

	screen->rows = ROWS;
	screen->columns = COLUMNS;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == -1)
		return;
	if (size.ws_row > 0)
		screen->rows = size.ws_row < SCREEN_LINES_MAX ? size.ws_row
						       : SCREEN_LINES_MAX;
	if (size.ws_col > 0)
		screen->columns = size.ws_col;
}

int
screen_take(struct screen *screen)
{
	memset(screen, 0, sizeof(*screen));
	screen->lines = calloc(SCREEN_LINES_MAX, sizeof(*screen->lines));
	screen->shown = calloc(SCREEN_LINES_MAX, sizeof(*screen->shown));
	the.wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (screen->lines == NULL || screen->shown == NULL || the.wake == -1)
		return -1;
	find_keys();
	if (tcgetattr(the.tty, &the.saved) == -1)
		return -1;
	atexit(screen_restore);
	handle_all();
	measure(screen);
	return enter_screen();
}

void
screen_end(struct screen *screen)
{
	screen_restore();
	screen_forget(screen);
	for (unsigned i = 0; i < screen->line_count; i++)
		free(screen->lines[i]);
	free(screen->lines);
	free(screen->shown);
	memset(screen, 0, sizeof(*screen));
}

/* --- waiting -------------------------------------------------------------- */

/* Whoever stops us finds the terminal as it was. */
static void
stop(void)
{
	screen_restore();
	signal(SIGTSTP, SIG_DFL);
	raise(SIGTSTP);
	handle(SIGTSTP, note);
}

/* What signals left to be done: true if all is to be drawn. */
static bool
settle(struct screen *screen)
{
	bool again = false;

	while (the.stop || the.changed) {
		again = true;
		if (the.stop) {
			the.stop = 0;
			stop();
		}
		the.changed = 0;
		if (enter_screen() == -1)
			break;
	}
	if (again) {
		measure(screen);
		screen_forget(screen);
	}
	return again;
}

enum screen_event
screen_wait(struct screen *screen, int64_t timeout)
{
	struct pollfd on[] = { { .fd = the.wake, .events = POLLIN },
		{ .fd = the.keys, .events = POLLIN } };
	int ms = timeout < 0 ? -1 : clock_poll_ms(timeout);
	int ready = poll(on, 2, ms);
	uint64_t count;

	if (ready == -1 && errno != EINTR)
		return SCREEN_GONE;
	errno = EIO; /* what there is to say of a terminal that is gone */
	if (ready > 0 && on[0].revents != 0 &&
	    read(the.wake, &count, sizeof(count)) == -1)
		count = 0;
	if (settle(screen))
		return the.taken ? SCREEN_AGAIN : SCREEN_GONE;
	if (ready > 0 && (on[1].revents & POLLIN) != 0)
		return SCREEN_TYPED;
	if (ready > 0 && on[1].revents != 0)
		return SCREEN_GONE;
	return ready == 0 ? SCREEN_QUIET : SCREEN_WOKEN;
}

int
screen_read(char *buf, unsigned size)
{
	ssize_t got = read(the.keys, buf, size);

	if (got > 0)
		return (int)got;
	if (got == 0)
		errno = EIO;
	return got == -1 && (errno == EINTR || errno == EAGAIN) ? 0 : -1;
}

bool
screen_signalled(void)
{
	return the.stop || the.changed;
}
