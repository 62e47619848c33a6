#include "tools/blocked.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "board/inspect.h"
#include "tools/view.h"

/* One without a time is left alone for longer than anybody waits. */
static bool
may_be_asked(const struct inspect_source *source, int64_t until)
{
	return strcmp(source->state, "ok") == 0 ||
	    (source->until != 0 && source->until <= until);
}

/* "ecb: left alone until 2026-04-13T14:00:00Z, after http 500". */
static void
tell(const struct inspect_source *source, char *buf, size_t size)
{
	char time[CLOCK_TEXT_MAX];
	const char *until = view_time(source->until, time);

	text_append(buf, size, "%s%s: %s", buf[0] != '\0' ? "; " : "",
	    source->name, source->state);
	if (until == NULL) {
		text_append(buf, size, " until the month ends");
		return;
	}
	text_append(buf, size, " until %s", until);
	if (source->bad == 0)
		return;
	text_append(buf, size, ", after %s", source->bad_class);
	if (source->bad_http != 0)
		text_append(buf, size, " %u", source->bad_http);
}

/* A source that is left alone may be tried just now: see daemon/breaker.h. */
static bool
somebody_asks(struct rates *rates)
{
	unsigned count = rates_count(rates);

	for (unsigned i = 0; i < count; i++)
		if (inspect_asking(rates, i))
			return true;
	return false;
}

bool
blocked(struct rates *rates, int64_t ns, char *buf, size_t size)
{
	int64_t now = clock_wall();
	int64_t until = ns > INT64_MAX - now ? INT64_MAX : now + ns;
	struct inspect_source source;

	text_format(buf, size, "%s", "");
	for (unsigned i = 0; i < inspect_source_count(rates); i++) {
		inspect_source(rates, i, &source);
		if (may_be_asked(&source, until))
			return false;
		tell(&source, buf, size);
	}
	return !somebody_asks(rates);
}
