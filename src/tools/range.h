/*
 * Ranges as the Monitoring Plugins Development Guidelines have them: an alert
 * is what lies outside of one or, after a '@', inside.  Pure arithmetic.
 */
#ifndef RATESD_TOOLS_RANGE_H
#define RATESD_TOOLS_RANGE_H

#include <stdbool.h>
#include <stddef.h>

#define RANGE_TEXT_MAX 96
#define RANGE_NUMBER_MAX 40
#define RANGE_END_MAX 1e12 /* of either end, either way */

struct range {
	bool given;        /* false: no value is an alert */
	bool inside;       /* '@' */
	double start, end; /* both belong to it; may be infinite */
};

/*
 * "[@][start:][end]", start being 0 unless it is told, '~' minus infinity, and
 * no end infinity; with durations also with units (26h), in seconds.  0, or -1
 * for what is none, or ends before its start.
 */
int range_parse(const char *text, bool durations, struct range *range);

/* Whether a value is one to raise an alert. */
bool range_alert(const struct range *range, double value);

/* The same range as a text that all who read ranges read; "" if none. */
const char *range_text(
    const struct range *range, char buf[RANGE_TEXT_MAX]);

/*
 * A number in digits, '.' and '-' alone, six digits after the point at most;
 * "U" for one that is not finite.
 */
const char *range_number(double value, char buf[RANGE_NUMBER_MAX]);

#endif
