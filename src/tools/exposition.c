#include "tools/exposition.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/number.h"

static void
put_escaped(FILE *out, const char *text, bool quoted)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n') {
			fputs("\\n", out);
			continue;
		}
		if (*text == '\\' || (quoted && *text == '"'))
			putc('\\', out);
		putc(*text, out);
	}
}

void
exposition_metric(struct exposition *e, const char *name, const char *type,
    const char *help)
{
	e->name = name;
	e->type = type;
	e->help = help;
	e->begun = false;
}

static void
put_head(struct exposition *e)
{
	if (e->begun)
		return;
	e->begun = true;
	fprintf(e->out, "# HELP %s ", e->name);
	put_escaped(e->out, e->help, false);
	fprintf(e->out, "\n# TYPE %s %s\n", e->name, e->type);
}

static const char *
put_label(FILE *out, const char *separator, const char *name, const char *value)
{
	fprintf(out, "%s%s=\"", separator, name);
	put_escaped(out, value, true);
	putc('"', out);
	return ",";
}

/* All of a sample but its value; le: the label of a bucket, or NULL. */
static void
put_name(struct exposition *e, const char *suffix, const struct labels *labels,
    const char *le)
{
	const char *separator = "{";

	put_head(e);
	fprintf(e->out, "%s%s", e->name, suffix);
	if (e->always.name != NULL)
		separator = put_label(
		    e->out, separator, e->always.name, e->always.value);
	for (unsigned i = 0; labels != NULL && i < LABELS_MAX; i++)
		if (labels->list[i].name != NULL)
			separator = put_label(e->out, separator,
			    labels->list[i].name, labels->list[i].value);
	if (le != NULL)
		separator = put_label(e->out, separator, "le", le);
	fputs(*separator == ',' ? "} " : " ", e->out);
}

void
exposition_number(
    struct exposition *e, const struct labels *labels, double value)
{
	char text[NUMBER_TEXT_MAX];

	if (!isfinite(value))
		return;
	put_name(e, "", labels, NULL);
	fprintf(e->out, "%s\n", number_shortest(value, text, sizeof(text)));
}

void
exposition_count(
    struct exposition *e, const struct labels *labels, uint64_t value)
{
	put_name(e, "", labels, NULL);
	fprintf(e->out, "%" PRIu64 "\n", value);
}

void
exposition_time(
    struct exposition *e, const struct labels *labels, int64_t wall)
{
	/* Whole ms: as exact as its reader needs, and short. */
	exposition_number(e, labels, (double)(wall / CLOCK_MS) / 1000);
}

void
exposition_histogram(struct exposition *e, const struct labels *labels,
    const char *const *ends, const uint64_t *counts, unsigned count,
    double sum)
{
	char text[NUMBER_TEXT_MAX];
	uint64_t total = 0;

	for (unsigned i = 0; i <= count; i++) {
		total += counts[i];
		put_name(e, "_bucket", labels, i < count ? ends[i] : "+Inf");
		fprintf(e->out, "%" PRIu64 "\n", total);
	}
	put_name(e, "_sum", labels, NULL);
	fprintf(e->out, "%s\n", number_shortest(sum, text, sizeof(text)));
	put_name(e, "_count", labels, NULL);
	fprintf(e->out, "%" PRIu64 "\n", total);
}
