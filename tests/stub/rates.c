#include "rates.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "data.h"
#include "serial.h"

#define SERIAL_TEXT_MAX	32

typedef char numtext[NUM_SIZE];

/*
 * The text of every rate of a base, made when the base is first asked for:
 * finding the shortest text costs far more than copying it, and a benchmark
 * asks for the same base again and again.
 */
static numtext	*crosses[CURRENCY_MAX];

/*
 * Fifteen digits always survive text -> double -> text, so if any text that
 * short reads back, "%.15g" finds it; else 16 are tried; 17 always do.
 */
static void
shortest(char *out, size_t size, double value)
{
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(out, size, "%.*g", digits, value);
		if (strtod(out, NULL) == value)
			return;
	}
}

static const numtext *
base_rates(int base)
{
	numtext *row = crosses[base];

	if (row != NULL)
		return row;
	if ((row = calloc((size_t)data_count(), sizeof(*row))) == NULL)
		return NULL;
	for (int id = 0; id < data_count(); id++) {
		if (!data_quoted(id))
			continue;
		if (base == 0)
			strlcpy(row[id], data_text(id), sizeof(row[id]));
		else
			shortest(row[id], sizeof(row[id]),
			    data_value(id) / data_value(base));
	}
	crosses[base] = row;
	return row;
}

static void
write_number(FILE *out, const char *form, const char *number)
{
	for (; *form != '\0'; form++) {
		if (*form == '#')
			fputs_unlocked(number, out);
		else
			putc_unlocked(*form, out);
	}
}

static const char *
serial_text(char text[SERIAL_TEXT_MAX], uint64_t serial, int base, int id)
{
	snprintf(text, SERIAL_TEXT_MAX, "%" PRIu64 ".%06" PRIu32, serial,
	    serial_fraction(data_code(base), data_code(id)));
	return text;
}

static void
write_rates(FILE *out, int base, const numtext *row, const bool *want,
    const char *form, uint64_t serial)
{
	char text[SERIAL_TEXT_MAX];
	const char *before = "";

	fputs(",\"rates\":{", out);
	for (int id = 0; id < data_count(); id++) {
		if (!data_quoted(id) || (want != NULL && !want[id]))
			continue;
		fputs_unlocked(before, out);
		putc_unlocked('"', out);
		fputs_unlocked(data_code(id), out);
		fputs_unlocked("\":", out);
		write_number(out, id == base ? "1" : form, serial == 0
		    ? row[id]
		    : serial_text(text, serial, base, id));
		before = ",";
	}
	fputs("}", out);
}

/* open_memstream() owns the text until here; a failed write loses it. */
static char *
finish(FILE *out, char **text)
{
	bool bad = ferror(out) != 0;

	if (fclose(out) != 0 || bad) {
		free(*text);
		*text = NULL;
	}
	return *text;
}

char *
rates_body(int base, const bool *want, const char *form, uint64_t serial,
    size_t *len)
{
	const numtext *row;
	char *text = NULL;
	FILE *out;

	if (!data_quoted(base) || (row = base_rates(base)) == NULL ||
	    (out = open_memstream(&text, len)) == NULL)
		return NULL;
	fprintf(out, "{\"date\":\"%s\",\"base\":\"%s\"", data_date(),
	    data_code(base));
	if (form != NULL)
		write_rates(out, base, row, want, form, serial);
	fputs("}", out);
	return finish(out, &text);
}

char *
rates_codes(size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (out == NULL)
		return NULL;
	for (int id = 0; id < data_count(); id++)
		if (data_quoted(id))
			fprintf(out, "%c\"%s\"", id == 0 ? '[' : ',', data_code(id));
	fputs("]", out);
	return finish(out, &text);
}

void
rates_select(int day)
{
	rates_forget();
	data_select(day);
}

void
rates_forget(void)
{
	for (int id = 0; id < CURRENCY_MAX; id++) {
		free(crosses[id]);
		crosses[id] = NULL;
	}
}
