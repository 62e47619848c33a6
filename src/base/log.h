/*
 * Log lines: one line a fault, to stderr or syslog.
 *
 * Formats take %m for the text of errno.  errno is the same after every call
 * as before it.  A closed stderr is no error, and a full pipe holds the caller
 * up for a moment once, until it takes a line again: what can't be written is
 * dropped, and counted in the next line that can.
 */
#ifndef RATESD_BASE_LOG_H
#define RATESD_BASE_LOG_H

#include <stdbool.h>

/* name in the config and on the command line, syslog(3) priority */
#define LOG_LEVELS(X)                                                          \
	X(ERROR, "error", 3)                                                   \
	X(WARN, "warning", 4)                                                  \
	X(INFO, "info", 6)                                                     \
	X(DEBUG, "debug", 7)

enum log_level {
#define X(id, name, priority) LOG_LEVEL_##id,
	LOG_LEVELS(X)
#undef X
};

enum log_target {
	LOG_TO_STDERR, /* with "<N>" priorities when journald reads stderr */
	LOG_TO_SYSLOG,
};

/* Lines above level are dropped.  ident is kept, not copied. */
void log_open(enum log_target target, enum log_level level, const char *ident);

/* Changes the level; the target stays. */
void log_set_level(enum log_level level);

/* 0 and the level of that name in *level, or -1 for an unknown name. */
int log_level_parse(const char *name, enum log_level *level);

/* True if a line of this level would be written. */
bool log_enabled(enum log_level level);

void log_at(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#define log_error(...) log_at(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_at(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) log_at(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
