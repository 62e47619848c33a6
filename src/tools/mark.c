#include "tools/mark.h"

#include <string.h>

const char *
mark_of(enum freshness state, bool failed)
{
	static const char *const marks[FRESHNESS_COUNT][2] = {
		[FRESHNESS_FRESH] = { "", "!" },
		[FRESHNESS_CLOSED] = { "C", "C!" },
		[FRESHNESS_LATE] = { "L", "L!" },
		[FRESHNESS_FROZEN] = { "F", "F!" },
		[FRESHNESS_STALE] = { "S", "S!" },
		[FRESHNESS_EMPTY] = { "E", "E!" },
	};

	return marks[state][failed];
}

/* A weekend is nothing to look at; an empty row has a word for it. */
enum table_style
mark_style(enum freshness state)
{
	return state == FRESHNESS_LATE || state == FRESHNESS_FROZEN ||
		state == FRESHNESS_STALE
	    ? STYLE_STALE
	    : STYLE_PLAIN;
}

enum table_style
mark_worker_style(const char *state)
{
	static const struct {
		const char *state;
		enum table_style style;
	} styles[] = { { "busy", STYLE_UP }, { "starting", STYLE_STALE },
		{ "stopping", STYLE_STALE }, { "waiting", STYLE_FAILED },
		{ "empty", STYLE_DIM } };

	for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++)
		if (strcmp(styles[i].state, state) == 0)
			return styles[i].style;
	return STYLE_PLAIN;
}
