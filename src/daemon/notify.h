/*
 * systemd's notification protocol, by hand: sd_notify(3), "Notes".
 */
#ifndef RATESD_DAEMON_NOTIFY_H
#define RATESD_DAEMON_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/* Reads $NOTIFY_SOCKET and $WATCHDOG_USEC; nothing to do without them. */
void notify_open(void);

/* For a worker: it must not speak for the service. */
void notify_close(void);

/*
 * Sends "KEY=value" lines; dropped when nobody listens.  False if whoever does
 * has too much to read yet, so that they may be sent again.  errno is kept.
 */
bool notify(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "RELOADING=1" with the time that systemd wants beside it. */
void notify_reloading(void);

/* ns between two "WATCHDOG=1" that systemd expects at most; 0: none. */
int64_t notify_watchdog(void);

#endif
