#include "daemon/conf.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "daemon/conf_parse.h"
#include "daemon/conf_preset.h"
#include "daemon/conf_resolve.h"

#define WHY_MAX 200

/* The configuration, once the draft holds it whole. */
static struct conf *
take_conf(struct conf_draft *draft)
{
	struct conf *conf = draft->conf;

	draft->conf = NULL;
	return conf;
}

struct conf *
conf_load(const char *file, const char *source_dir, conf_report *report,
    void *context)
{
	struct conf_presets presets;
	struct conf_reader reader;
	struct conf *conf = NULL;
	char line[PATH_MAX + WHY_MAX];
	const char *why;
	int whole;

	conf_presets_begin(&presets, source_dir, report, context);
	whole = conf_reader_read(&reader, file, false, &why);
	if (whole == -1) {
		report(context,
		    text_format(line, sizeof(line), "%s: %s", file, why));
	} else {
		if (whole == 1)
			conf_resolve(&reader.draft, &presets,
			    reader.text.last_line);
		if (conf_reader_report(&reader, file, report, context) == 0 &&
		    presets.faults == 0)
			conf = take_conf(&reader.draft);
	}
	conf_reader_clear(&reader);
	conf_presets_end(&presets);
	return conf;
}

struct conf *
conf_copy(const struct conf *conf)
{
	struct conf *copy = malloc(sizeof(*copy));

	if (copy != NULL)
		*copy = *conf;
	return copy;
}

void
conf_free(struct conf *conf)
{
	if (conf != NULL)
		explicit_bzero(conf, sizeof(*conf));
	free(conf);
}
