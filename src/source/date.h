/*
 * When a source says that it published, in the forms that sources use.
 */
#ifndef RATESD_SOURCE_DATE_H
#define RATESD_SOURCE_DATE_H

#include <stdint.h>

#include "source/mapping.h"

/*
 * All of text, in that form, as nanoseconds since 1970 UTC: 0, or -1 if it is
 * no such date, or one that nanoseconds in 64 bits can't hold (1677 to 2262).
 * A day is its beginning in UTC.  A leap second is the one after it; what is
 * finer than a nanosecond is cut.
 * Sources: RFC 3339 section 5.6; RFC 822 section 5 as changed by RFC 1123
 * section 5.2.14 (the day of the week may be missing, and must be right if it
 * is there).
 */
int date_parse(enum mapping_date form, const char *text, int64_t *ns);

/* "day", "time of RFC 3339" ...: what text should have been.  Static text. */
const char *date_form_name(enum mapping_date form);

#endif
