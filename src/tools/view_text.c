#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "tools/view.h"

bool
view_failed(const struct rates_row *row)
{
	return strcmp(row->attempt, "none") != 0 &&
	    strcmp(row->attempt, "ok") != 0;
}

const char *
view_error(const struct rates_row *row, char *buf, size_t size)
{
	text_format(buf, size, "%s", row->attempt);
	if (row->error[0] != '\0')
		text_append(buf, size, ": %s", row->error);
	else if (row->http_status != 0)
		text_append(buf, size, ": %u", row->http_status);
	if (row->attempt_source[0] != '\0')
		text_append(buf, size, "%s from %s",
		    row->error[0] != '\0' ? "," : "", row->attempt_source);
	if (row->failures > 1)
		text_append(buf, size, ", %" PRIu64 " failures",
		    row->failures);
	return buf;
}

const char *
view_bad(const struct inspect_source *source, char *buf, size_t size)
{
	bool success = source->bad_http >= 200 && source->bad_http < 300;

	text_format(buf, size, "%s", source->bad_class);
	if (source->bad_http != 0 && !success)
		text_append(buf, size, " %u", source->bad_http);
	return buf;
}

/* The beat tells how long only if the supervisor had no time to say so. */
const char *
view_silence(const struct rates_feed *feed, char *buf, size_t size)
{
	char age[CLOCK_TEXT_MAX];

	text_format(buf, size, "nobody feeds this board");
	if (strcmp(feed->state, "ready") == 0 && feed->heartbeat_age >= 0)
		text_append(buf, size, " for %s",
		    clock_format_age(feed->heartbeat_age, age, sizeof(age)));
	return buf;
}

const char *
view_time(int64_t wall, char buf[CLOCK_TEXT_MAX])
{
	if (wall == 0)
		return NULL;
	clock_format_utc(wall, buf, CLOCK_TEXT_MAX);
	return strcmp(buf, "-") == 0 ? NULL : buf;
}

const char *
view_day(enum rates_published form, int64_t wall, char buf[CLOCK_TEXT_MAX])
{
	if (form == RATES_PUBLISHED_NONE)
		return NULL;
	if (form == RATES_PUBLISHED_TIME)
		clock_format_utc(wall, buf, CLOCK_TEXT_MAX);
	else
		clock_format_day(wall, buf, CLOCK_TEXT_MAX);
	return strcmp(buf, "-") == 0 ? NULL : buf;
}

const char *
view_published(const struct rates_row *row, char buf[CLOCK_TEXT_MAX])
{
	return row->version == 0
	    ? NULL
	    : view_day(row->published_form, row->published, buf);
}
