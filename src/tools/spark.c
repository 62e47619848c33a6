#include "tools/spark.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

struct range {
	double low, high; /* NaN without a value */
};

static struct range
range_of(const double *values, unsigned count)
{
	struct range range = { NAN, NAN };

	for (unsigned i = 0; i < count; i++) {
		range.low = fmin(range.low, values[i]);
		range.high = fmax(range.high, values[i]);
	}
	return range;
}

/* Which of so many bars. */
static unsigned
level(double value, const struct range *range, unsigned levels)
{
	double place;

	if (range->high <= range->low)
		return (levels - 1) / 2;
	place = (value - range->low) / (range->high - range->low);
	return (unsigned)lround(place * (levels - 1));
}

const char *
spark(const double *values, unsigned count, unsigned width, bool utf8,
    char *buf, size_t size)
{
	static const char *const blocks[] = { "\342\226\201", "\342\226\202",
		"\342\226\203", "\342\226\204", "\342\226\205",
		"\342\226\206", "\342\226\207" };
	static const char *const signs[] = { "_", ".", "-", "^" };
	const char *const *bars = utf8 ? blocks : signs;
	const unsigned levels = utf8 ? sizeof(blocks) / sizeof(blocks[0])
				     : sizeof(signs) / sizeof(signs[0]);
	struct range range;

	if (count > width) {
		values += count - width;
		count = width;
	}
	range = range_of(values, count);
	text_format(buf, size, "%s", "");
	for (unsigned i = 0; i < count; i++)
		text_append(buf, size, "%s",
		    isfinite(values[i])
			? bars[level(values[i], &range, levels)]
			: " ");
	return buf;
}
