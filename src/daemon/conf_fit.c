#include "daemon/conf_fit.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

struct fit {
	const struct source *source;
	conf_misfit *report;
	void *context;
};

static void
misfit(const struct fit *fit, bool wrong, const char *key, const char *why)
{
	if (wrong)
		fit->report(fit->context, key, why);
}

/* Whether a URL has a parameter of that name. */
static bool
has_parameter(const char *url, const char *name)
{
	size_t length = strlen(name);
	const char *p = strchr(url, '?');

	for (; p != NULL; p = strpbrk(p + 1, "&;")) {
		if (strncmp(p + 1, name, length) == 0 && p[1 + length] == '=')
			return true;
	}
	return false;
}

static void
fit_url(const struct fit *fit, const char *key, const char *url)
{
	const struct source *source = fit->source;
	char detail[80], why[160];
	const char *fault =
	    source_template_fault(source, url, detail, sizeof(detail));

	if (fault != NULL)
		misfit(fit, true, key, text_format(why, sizeof(why),
		    detail[0] != '\0' ? "%s '%.64s'" : "%s", fault, detail));
	misfit(fit, source->auth == SOURCE_AUTH_QUERY &&
	    has_parameter(url, source->auth_name), key,
	    "has the parameter in it that auth adds");
}

static void
fit_auth(const struct fit *fit)
{
	const struct source *source = fit->source;
	size_t length = strlen(source->auth_name);

	misfit(fit, source->auth == SOURCE_AUTH_NONE &&
	    source->credential[0] != '\0', "credential",
	    "there is no auth that takes it");
	if (source->auth != SOURCE_AUTH_HEADER)
		return;
	for (unsigned i = 0; i < source->header_count; i++) {
		const char *header = source->headers[i];

		misfit(fit, strncasecmp(header, source->auth_name, length) ==
		    0 && header[length] == ':', "headers",
		    "one of them is that of auth");
	}
}

static void
fit_mapping(const struct fit *fit)
{
	const struct mapping *mapping = &fit->source->mapping;
	bool map = mapping->shape == MAPPING_MAP;
	bool rows = mapping->shape == MAPPING_ROWS;

	misfit(fit, rows && mapping->quote[0] == '\0', "shape",
	    "\"rows\" needs quote");
	misfit(fit, rows && mapping->rate[0] == '\0', "shape",
	    "\"rows\" needs rate");
	misfit(fit, mapping->shape == MAPPING_OBJECTS &&
	    mapping->rate[0] == '\0', "shape", "\"objects\" needs rate");
	misfit(fit, mapping->format != MAPPING_JSON && !rows, "format",
	    "all but \"json\" need shape = \"rows\"");
	misfit(fit, mapping->format == MAPPING_CSV &&
	    mapping->rates[0] != '\0', "rates",
	    "must be \"\" with format = \"csv\"");
	misfit(fit, map && mapping->unit[0] == '/', "unit",
	    "a pointer needs shape = \"rows\" or \"objects\"");
}

void
conf_fit(const struct source *source, conf_misfit *report, void *context)
{
	const struct fit fit = { source, report, context };

	fit_url(&fit, "url", source->url);
	for (unsigned i = 0; i < source->mirror_count; i++)
		fit_url(&fit, "mirrors", source->mirrors[i]);
	fit_auth(&fit);
	fit_mapping(&fit);
	misfit(&fit, source->base != 0 && source->exact_base != 0 &&
	    source->base != source->exact_base, "exact-base",
	    "is not the only base that there is");
}
