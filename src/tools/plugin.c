#include "tools/plugin.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define DETAIL_MAX 1024

static const char *const names[] = {
#define X(id, name) name,
	PLUGIN_STATUSES(X)
#undef X
};

/* How bad each is, beside the others. */
static const int ranks[] = { [PLUGIN_OK] = 0, [PLUGIN_WARNING] = 1,
	[PLUGIN_UNKNOWN] = 2, [PLUGIN_CRITICAL] = 3 };

const char *
plugin_status_name(enum plugin_status status)
{
	return names[status];
}

int
plugin_begin(struct plugin *p)
{
	memset(p, 0, sizeof(*p));
	p->data = open_memstream(&p->data_text, &p->data_size);
	if (p->data == NULL)
		return -1;
	p->details = open_memstream(&p->details_text, &p->details_size);
	if (p->details != NULL)
		return 0;
	fclose(p->data);
	free(p->data_text);
	return -1;
}

void
plugin_raise(struct plugin *p, enum plugin_status status)
{
	if (ranks[status] > ranks[p->status])
		p->status = status;
}

void
plugin_because(
    struct plugin *p, enum plugin_status status, const char *format, ...)
{
	char text[PLUGIN_SUMMARY_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	plugin_raise(p, status);
	text_append(p->reasons, sizeof(p->reasons), "%s%s",
	    p->reasons[0] != '\0' ? "; " : "", text);
}

void
plugin_fact(struct plugin *p, const char *format, ...)
{
	char text[PLUGIN_FACTS_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	text_append(p->facts, sizeof(p->facts), "%s%s",
	    p->facts[0] != '\0' ? ", " : "", text);
}

/* A quote is doubled; what can't be in a label at all becomes '_'. */
static void
put_label(FILE *out, const char *label)
{
	putc('\'', out);
	for (; *label != '\0'; label++) {
		bool odd = *label == '=' || *label == '|' || *label < ' ' ||
		    *label > '~';

		if (*label == '\'')
			putc('\'', out);
		putc(odd ? '_' : *label, out);
	}
	putc('\'', out);
}

static void
put_range(FILE *out, const struct range *range)
{
	char text[RANGE_TEXT_MAX];

	if (range != NULL)
		fputs(range_text(range, text), out);
}

void
plugin_datum(struct plugin *p, const struct plugin_datum *datum)
{
	char text[RANGE_NUMBER_MAX];
	FILE *out = p->data;

	putc(' ', out);
	put_label(out, datum->label);
	fprintf(out, "=%s%s;", range_number(datum->value, text),
	    isfinite(datum->value) ? datum->unit : "");
	put_range(out, datum->warning);
	putc(';', out);
	put_range(out, datum->critical);
	fprintf(out, ";%s",
	    isnan(datum->min) ? "" : range_number(datum->min, text));
	fprintf(out, ";%s",
	    isnan(datum->max) ? "" : range_number(datum->max, text));
}

void
plugin_count(
    struct plugin *p, const char *label, uint64_t value, const char *unit)
{
	const struct plugin_datum datum = { .label = label,
		.value = (double)value,
		.unit = unit,
		.min = 0,
		.max = NAN };

	plugin_datum(p, &datum);
}

void
plugin_detail(struct plugin *p, const char *format, ...)
{
	char text[DETAIL_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(p->details, "%s\n", text);
}

enum plugin_status
plugin_judge(const struct range *warning, const struct range *critical,
    double value)
{
	if (range_alert(critical, value))
		return PLUGIN_CRITICAL;
	return range_alert(warning, value) ? PLUGIN_WARNING : PLUGIN_OK;
}

/* A bar would begin performance data. */
static void
put_text(const char *text)
{
	for (; *text != '\0'; text++)
		putchar(*text == '|' ? '/' : *text);
}

static void
print(const struct plugin *p, bool details)
{
	printf(PLUGIN_SERVICE " %s - ", names[p->status]);
	put_text(p->reasons);
	if (p->reasons[0] != '\0' && p->facts[0] != '\0')
		fputs("; ", stdout);
	put_text(p->facts);
	if (p->data_size > 0)
		printf(" |%s", p->data_text);
	putchar('\n');
	if (details)
		put_text(p->details_text);
}

int
plugin_end(struct plugin *p, bool details)
{
	bool failed = fclose(p->data) != 0;

	failed |= fclose(p->details) != 0;
	if (failed) {
		puts(PLUGIN_SERVICE " UNKNOWN - no memory");
		p->status = PLUGIN_UNKNOWN;
	} else {
		print(p, details);
	}
	free(p->data_text);
	free(p->details_text);
	return (int)p->status;
}
