#include "tools/writer.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/number.h"

void
json_begin(struct json *json, FILE *out)
{
	memset(json, 0, sizeof(*json));
	json->out = out;
}

void
json_end(struct json *json)
{
	assert(json->depth == 0 && !json->keyed);
	putc('\n', json->out);
}

/* Whatever has to stand between the last value or key and this value. */
static void
separate(struct json *json)
{
	if (json->keyed) {
		json->keyed = false;
		return;
	}
	if (json->depth == 0)
		return;
	assert(json->levels[json->depth - 1].close == ']');
	if (json->levels[json->depth - 1].begun)
		fputs(", ", json->out);
	json->levels[json->depth - 1].begun = true;
}

static void
nest(struct json *json, char open, char close)
{
	separate(json);
	assert(json->depth < JSON_DEPTH_MAX);
	json->levels[json->depth].close = close;
	json->levels[json->depth].begun = false;
	json->depth++;
	putc(open, json->out);
}

void
json_object(struct json *json)
{
	nest(json, '{', '}');
}

void
json_array(struct json *json)
{
	nest(json, '[', ']');
}

void
json_close(struct json *json)
{
	assert(json->depth > 0 && !json->keyed);
	json->depth--;
	putc(json->levels[json->depth].close, json->out);
}

/* RFC 8259 section 7. */
static void
put_quoted(struct json *json, const char *text)
{
	unsigned char c;

	putc('"', json->out);
	for (; (c = (unsigned char)*text) != '\0'; text++) {
		if (c == '"' || c == '\\')
			fprintf(json->out, "\\%c", c);
		else if (c < 0x20)
			fprintf(json->out, "\\u%04x", c);
		else if (c >= 0x80)
			fputs("\\ufffd", json->out);
		else
			putc(c, json->out);
	}
	putc('"', json->out);
}

void
json_key(struct json *json, const char *key)
{
	assert(json->depth > 0 && !json->keyed);
	assert(json->levels[json->depth - 1].close == '}');
	if (json->levels[json->depth - 1].begun)
		fputs(", ", json->out);
	json->levels[json->depth - 1].begun = true;
	put_quoted(json, key);
	fputs(": ", json->out);
	json->keyed = true;
}

void
json_string(struct json *json, const char *text)
{
	if (text == NULL) {
		json_bare(json, "null");
		return;
	}
	separate(json);
	put_quoted(json, text);
}

void
json_bare(struct json *json, const char *text)
{
	separate(json);
	fputs(text, json->out);
}

void
csv_begin(struct csv *csv, FILE *out)
{
	csv->out = out;
	csv->begun = false;
}

/* RFC 4180 section 2, rules 5 to 7. */
void
csv_field(struct csv *csv, const char *text)
{
	if (csv->begun)
		putc(',', csv->out);
	csv->begun = true;
	if (text == NULL)
		return;
	if (text[strcspn(text, ",\"\r\n")] == '\0') {
		fputs(text, csv->out);
		return;
	}
	putc('"', csv->out);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			putc('"', csv->out);
		putc(*text, csv->out);
	}
	putc('"', csv->out);
}

void
csv_number(struct csv *csv, double value)
{
	char text[NUMBER_TEXT_MAX];

	if (isfinite(value))
		csv_field(csv, number_shortest(value, text, sizeof(text)));
	else
		csv_field(csv, NULL);
}

void
csv_end(struct csv *csv)
{
	putc('\n', csv->out);
	csv->begun = false;
}
