/*
 * When a source publishes: "16:00 Europe/Berlin mon-fri target".
 *
 * Pure: the clock and the zone are arguments.  Times are ns since 1970 UTC;
 * those within two years of the ends of int64_t are taken as if they were two
 * years off.
 */
#ifndef RATESD_SOURCE_CALENDAR_H
#define RATESD_SOURCE_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/expected.h"
#include "base/zone.h"

struct calendar {
	bool known;    /* false: nothing is expected */
	int minute;    /* of the day, in the zone */
	unsigned days; /* bit 0: Monday ... bit 6: Sunday */
	bool target;   /* not on the closing days of TARGET */
	char zone[ZONE_NAME_MAX]; /* "UTC", "Europe/Berlin" */
};

/*
 * Reads "HH:MM ZONE [DAYS] [target]"; DAYS: "daily" (the default), or a list
 * of mon ... sun and ranges, "mon-fri", "tue,thu-sat"; a range may go over the
 * week's end, "sun-thu".  "" is a calendar that is not known.  The zone's name
 * is checked, and whether there is one is not.  0, or -1 with what is wrong in
 * why; the calendar is then not known.
 */
int calendar_parse(
    const char *text, struct calendar *calendar, char *why, size_t size);

/*
 * Whether a day (base/days.h) is a closing day of TARGET, weekends apart: 1
 * January, Good Friday, Easter Monday, 1 May, 25 and 26 December.  Source:
 * ECB, "TARGET closing days in 2000" (1999-07-15) and "Long-term calendar for
 * TARGET closing days" (2000-12-14: from 2002 on).  Not in it: 31 December of
 * 1999 and of 2001, closed once each; in 1999 only 1 January and 25 December
 * were closed besides.
 */
bool calendar_target_closed(int64_t day);

/*
 * The time of the publication that was expected last before or at now, and
 * back publications earlier (0: that one itself).  INT64_MIN if there is none
 * within a year, or the calendar is not known.  A publication in the hour that
 * a change to summer time leaves out is expected at the end of that hour.
 */
int64_t calendar_last(const struct calendar *calendar, const struct zone *zone,
    int64_t now, unsigned back);

/* The first one after now; INT64_MAX if there is none within a year. */
int64_t calendar_next(const struct calendar *calendar, const struct zone *zone,
    int64_t now);

/* The local day in the zone at a time, as ns since 1970 (midnight, no zone). */
int64_t calendar_day(const struct zone *zone, int64_t time);

/*
 * The words of board/freshness.h around a time, all 0 if the calendar is not
 * known.  Whoever keeps them for freshness() gives now - grace, and makes them
 * anew once now >= next + grace.
 */
void calendar_words(const struct calendar *calendar, const struct zone *zone,
    int64_t time, struct expected *words);

#endif
