/*
 * When a source publishes: "16:00 Europe/Berlin mon-fri target".
 *
 * Pure: the clock and the zone's bytes are arguments.
 */
#ifndef RATESD_SOURCE_CALENDAR_H
#define RATESD_SOURCE_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/zone.h"

struct calendar {
	bool known; /* false: nothing is expected */
	int minute; /* of the day, in the zone */
	unsigned days; /* bit 0: Monday ... bit 6: Sunday */
	bool target;   /* not on the closing days of TARGET */
	char zone[64]; /* "UTC", "Europe/Berlin" */
};

/*
 * Reads "HH:MM ZONE [DAYS] [target]"; DAYS: "daily" (the default), or a list
 * of mon ... sun and ranges, "mon-fri", "tue,thu-sat".  "" is a calendar that
 * is not known.  0, or -1 with what is wrong in why.
 */
int calendar_parse(
    const char *text, struct calendar *calendar, char *why, size_t size);

/*
 * The time (ns since 1970 UTC) of the publication that was expected last
 * before or at now, and back publications earlier (0: that one itself).
 * INT64_MIN if there is none within a year, or the calendar is not known.
 */
int64_t calendar_last(const struct calendar *calendar, const struct zone *zone,
    int64_t now, unsigned back);

/* The first one after now; INT64_MAX if there is none within a year. */
int64_t calendar_next(const struct calendar *calendar, const struct zone *zone,
    int64_t now);

/* The local day in the zone at a time, as ns since 1970 (midnight, no zone). */
int64_t calendar_day(const struct zone *zone, int64_t time);

#endif
