/*
 * What a TZ text of POSIX.1-2017, section 8.3, says of all years: the footer
 * of a TZif file ("CET-1CEST,M3.5.0,M10.5.0/3").  Pure.
 */
#ifndef RATESD_BASE_ZONE_RULE_H
#define RATESD_BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Less than this from UTC, either way: RFC 9636, section 3.2. */
#define ZONE_OFFSET_WEST (25 * 3600)
#define ZONE_OFFSET_EAST (26 * 3600)

enum zone_date_form {
	ZONE_DATE_WEEKDAY, /* Mm.w.d */
	ZONE_DATE_NO_LEAP, /* Jn: 29 February is not counted */
	ZONE_DATE_OF_YEAR, /* n */
};

struct zone_date {
	enum zone_date_form form;
	int64_t month;   /* 1 to 12; weekday only */
	int64_t week;    /* 1 to 5, 5: the last; weekday only */
	int64_t day;     /* 0: Sunday, to 6; 1 to 365; 0 to 365 */
	int64_t seconds; /* of the local time, from that day's midnight */
};

struct zone_rule {
	int64_t standard; /* seconds east of UTC */
	int64_t summer;
	bool has_summer; /* else only standard means anything */
	struct zone_date start, end;
};

/*
 * Reads a text of this length, not ended by a NUL: 0, or -1 if it is none.
 * Hours from -167 to 167 in a date, as RFC 9636 has it, in every version; a
 * summer time without its dates is refused.
 */
int zone_rule_parse(const char *text, size_t length, struct zone_rule *rule);

/* Seconds east of UTC at a time (seconds since 1970; years 1 to 9999). */
int64_t zone_rule_offset(const struct zone_rule *rule, int64_t seconds);

/* The first change after a time, or INT64_MAX. */
int64_t zone_rule_next(const struct zone_rule *rule, int64_t seconds);

#endif
