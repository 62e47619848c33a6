/*
 * Time zones from the bytes of TZif files: RFC 8536 and its successor RFC
 * 9636, versions 1 to 4.  Pure but for zone_load.
 *
 * Times are seconds since 1970; those outside years 1 to 9999 are taken as the
 * nearest one inside.
 */
#ifndef RATESD_BASE_ZONE_H
#define RATESD_BASE_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZONE_NAME_MAX 64 /* with its NUL */

struct zone;

/*
 * A zone, to zone_free(), from untrusted bytes; NULL with what is wrong in
 * why.  One that counts leap seconds ("right/...") is refused.
 */
struct zone *zone_parse(
    const void *bytes, size_t size, char *why, size_t why_size);

void zone_free(struct zone *zone); /* NULL and zone_utc() are left alone */

struct zone *zone_utc(void);

/* Seconds east of UTC. */
int64_t zone_offset(const struct zone *zone, int64_t seconds);

/*
 * The first time at which the zone's clocks show these seconds or later: where
 * they show them twice the first of both, and where they leap over them the
 * end of the leap.  So a later local time is never an earlier one in UTC.
 */
int64_t zone_to_utc(const struct zone *zone, int64_t local);

/*
 * Whether this can name a zone's file: 1 to 63 of A-Z a-z 0-9 _ + - and /,
 * which is not first.
 */
bool zone_name_valid(const char *name);

/*
 * Reads $TZDIR/NAME, or /usr/share/zoneinfo/NAME; "UTC" needs no file.  As
 * zone_parse.
 */
struct zone *zone_load(const char *name, char *why, size_t why_size);

#endif
