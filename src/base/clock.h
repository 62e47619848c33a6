/*
 * The three clocks, in nanoseconds, and their text.
 *
 * Waits and deadlines use the monotonic clock; ages use the boot clock, which
 * counts suspended time; the wall clock is printed, and counts over a reboot
 * alone.  See clock_gettime(2).
 */
#ifndef RATESD_BASE_CLOCK_H
#define RATESD_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define CLOCK_SECOND INT64_C(1000000000)
#define CLOCK_CENTURY (INT64_C(36525) * 86400 * CLOCK_SECOND)
#define CLOCK_MS INT64_C(1000000)

/* Enough for any text that this module writes. */
#define CLOCK_TEXT_MAX 32

int64_t clock_mono(void); /* CLOCK_MONOTONIC */
int64_t clock_boot(void); /* CLOCK_BOOTTIME */
int64_t clock_wall(void); /* CLOCK_REALTIME, ns since 1970-01-01 UTC */

/*
 * RFC 3339 in UTC with whole seconds, "2026-04-13T14:00:00Z"; "-" for a time
 * outside years 1 to 9999.  Returns buf.
 */
const char *clock_format_utc(int64_t wall_ns, char *buf, size_t size);

/* The day of clock_format_utc alone, "2026-04-13".  Returns buf. */
const char *clock_format_day(int64_t wall_ns, char *buf, size_t size);

#define CLOCK_AGE_UNKNOWN INT64_MAX /* older than any that is known */

/*
 * An age in its two largest units, "now" below a second, "5s", "3m 10s",
 * "2h 5m", "3d 4h"; a negative age is "now", and CLOCK_AGE_UNKNOWN "?".
 * Returns buf.
 */
const char *clock_format_age(int64_t age_ns, char *buf, size_t size);

/* How long ago that was: "just now", "5s ago", "some time ago".  Returns buf. */
const char *clock_format_ago(int64_t age_ns, char *buf, size_t size);

/* Whole days since 1970-01-01 of a "YYYY-MM-DD" day: 0, or -1 if it is none. */
int clock_parse_day(const char *text, int64_t *days);

/* Milliseconds for poll(2): rounded up, 0 if past, at most INT_MAX. */
int clock_poll_ms(int64_t remaining_ns);

#endif
