#include "tools/range.h"

#include <math.h>
#include <string.h>

#include <bsd/string.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/text.h"

#define DIGITS 6 /* after the point */

static int
parse_end(const char *text, bool durations, double *value)
{
	int64_t ns;

	if (number_parse_double(text, value) == 0)
		return *value <= RANGE_END_MAX && *value >= -RANGE_END_MAX ? 0
									   : -1;
	if (!durations || number_parse_duration(text, &ns) == -1)
		return -1;
	*value = (double)ns / CLOCK_SECOND;
	return 0;
}

static int
parse_start(char *text, bool durations, double *value)
{
	if (strcmp(text, "~") == 0) {
		*value = -INFINITY;
		return 0;
	}
	*value = 0;
	return *text == '\0' ? 0 : parse_end(text, durations, value);
}

int
range_parse(const char *text, bool durations, struct range *range)
{
	char copy[RANGE_TEXT_MAX], *end = copy, *colon;

	*range = (struct range){ .given = true, .end = INFINITY };
	if (*text == '@') {
		range->inside = true;
		text++;
	}
	if (*text == '\0' || strlcpy(copy, text, sizeof(copy)) >= sizeof(copy))
		return -1;
	colon = strchr(copy, ':');
	if (colon != NULL) {
		*colon = '\0';
		end = colon + 1;
		if (parse_start(copy, durations, &range->start) == -1)
			return -1;
	}
	if (*end != '\0' && parse_end(end, durations, &range->end) == -1)
		return -1;
	return range->start <= range->end ? 0 : -1;
}

bool
range_alert(const struct range *range, double value)
{
	bool outside = !(value >= range->start && value <= range->end);

	return range->given && outside != range->inside;
}

const char *
range_number(double value, char buf[RANGE_NUMBER_MAX])
{
	size_t length;

	if (!isfinite(value))
		return text_format(buf, RANGE_NUMBER_MAX, "U");
	text_format(buf, RANGE_NUMBER_MAX, "%.*f", DIGITS, value);
	length = strlen(buf);
	if (strchr(buf, '.') == NULL)
		return buf;
	while (buf[length - 1] == '0')
		buf[--length] = '\0';
	if (buf[length - 1] == '.')
		buf[--length] = '\0';
	if (strcmp(buf, "-0") == 0)
		return text_format(buf, RANGE_NUMBER_MAX, "0");
	return buf;
}

const char *
range_text(const struct range *range, char buf[RANGE_TEXT_MAX])
{
	char number[RANGE_NUMBER_MAX];

	text_format(buf, RANGE_TEXT_MAX, "%s", "");
	if (!range->given)
		return buf;
	if (range->inside)
		text_append(buf, RANGE_TEXT_MAX, "@");
	if (isinf(range->start))
		text_append(buf, RANGE_TEXT_MAX, "~:");
	else if (range->start != 0 || isinf(range->end))
		text_append(buf, RANGE_TEXT_MAX, "%s:",
		    range_number(range->start, number));
	if (!isinf(range->end))
		text_append(buf, RANGE_TEXT_MAX, "%s",
		    range_number(range->end, number));
	return buf;
}
