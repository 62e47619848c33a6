#include "fetch/engine.h"

#include <string.h>

#include "base/text.h"

static const struct engine engines[ENGINE_COUNT] = {
#define X(id, daemon, text) { #id, text, daemon, engine_run_##id },
	ENGINES(X)
#undef X
};

const struct engine *
engine_at(enum engine_id id)
{
	return &engines[id];
}

const struct engine *
engine_find(const char *name)
{
	for (size_t i = 0; i < ENGINE_COUNT; i++)
		if (strcmp(engines[i].name, name) == 0)
			return &engines[i];
	return NULL;
}

const char *
engine_names(bool daemon, char *buf, size_t size)
{
	for (size_t i = 0; i < ENGINE_COUNT; i++)
		if (engines[i].daemon || !daemon)
			text_append(buf, size, "%s%s",
			    buf[0] == '\0' ? "" : " ", engines[i].name);
	return buf;
}
