#include "tools/ratesfetch_source.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "daemon/conf_credential.h"
#include "daemon/conf_fit.h"
#include "daemon/conf_preset.h"
#include "daemon/conf_source.h"
#include "daemon/conf_url.h"

#define WHY_MAX 256

static void
report_line(void *context, const char *line)
{
	(void)context;
	fprintf(stderr, "ratesfetch: %s\n", line);
}

static _Noreturn void
refuse_name(const struct conf_presets *presets, const char *name)
{
	char near[SOURCE_NAME_MAX];

	if (conf_presets_near(presets, name, near) != NULL)
		fetch_exit(RATESFETCH_USAGE,
		    "there is no preset '%.64s' (did you mean '%s'?)", name,
		    near);
	fetch_exit(RATESFETCH_USAGE,
	    "there is no preset '%.64s'; ratesd --sources lists them", name);
}

static void
take_preset(const struct fetch_options *o, struct source *source)
{
	struct conf_presets presets;
	const struct conf_preset *preset;

	conf_presets_begin(&presets, o->source_dir, report_line, NULL);
	preset = conf_presets_find(&presets, o->source);
	if (preset == NULL)
		refuse_name(&presets, o->source);
	else if (preset->broken)
		fetch_exit(RATESFETCH_USAGE, "the preset '%.64s' is of no use",
		    o->source);
	else
		*source = preset->source;
	conf_presets_end(&presets);
}

static void
read_key(struct source *source)
{
	char why[WHY_MAX];

	if (source->auth != SOURCE_AUTH_NONE &&
	    conf_credential_read(source, why, sizeof(why)) == -1)
		fetch_exit(1, "%s: the key: %s", source->name, why);
}

static void
complain(void *context, const char *key, const char *why)
{
	(void)context;
	fetch_exit(RATESFETCH_USAGE, "--%s: %s", key, why);
}

/* Its name is its host's. */
static void
take_url(const char *url, struct source *source)
{
	const char *host = strstr(url, "://");
	char why[WHY_MAX], name[SOURCE_URL_MAX];

	conf_source_begin(source);
	if (conf_copy_url(source->url, url, why, sizeof(why)) == -1)
		fetch_exit(RATESFETCH_USAGE, "--url: %s", why);
	host = host != NULL ? host + 3 : url;
	if (memchr(host, '@', strcspn(host, "/?#")) != NULL)
		host = strchr(host, '@') + 1;
	text_clean(name, sizeof(name), host, strcspn(host, "/?#"));
	text_format(source->name, sizeof(source->name), "%s", name);
	conf_fit(source, complain, NULL);
}

/*
 * A twentieth more than the rate has: between a token and the source a request
 * takes its time, the first one longest, and by the source's clock too there
 * are to be no more in any second.
 */
static void
slow_down(struct source *source, int64_t interval)
{
	if (interval >= 0) {
		source->rate_interval = interval;
		source->burst = 1;
	}
	source->rate_interval += source->rate_interval / 20;
}

void
fetch_source(const struct fetch_options *o, struct source *source)
{
	if (o->url != NULL) {
		take_url(o->url, source);
	} else {
		take_preset(o, source);
		read_key(source);
	}
	slow_down(source, o->interval);
}
