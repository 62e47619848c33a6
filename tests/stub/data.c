#include "data.h"

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#define DATE_LEN	10

struct row {
	char	*date;
	char	*cells;		/* what follows the date, still one text */
};

struct currency {
	char	code[CODE_MAX + 1];
	char	text[NUM_SIZE];
	double	value;
	bool	quoted;
};

static struct currency	currencies[CURRENCY_MAX];
static int		by_code[CURRENCY_MAX];	/* ids, sorted by code */
static int		columns, count;
static size_t		wanted_total;
static struct row	*rows;
static int		row_count, selected;

static bool
is_code(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

	return n >= 3 && n <= CODE_MAX && s[n] == '\0';
}

/* Digits with at most one inner point: what is also a JSON number. */
static bool
is_number(const char *s)
{
	size_t whole = strspn(s, "0123456789"), part;

	if (whole == 0 || (whole > 1 && s[0] == '0'))
		return false;
	if (s[whole] == '\0')
		return true;
	part = strspn(s + whole + 1, "0123456789");
	return s[whole] == '.' && part > 0 && s[whole + 1 + part] == '\0';
}

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(currencies[*(const int *)a].code,
	    currencies[*(const int *)b].code);
}

static int
compare_code(const void *code, const void *id)
{
	return strcmp(code, currencies[*(const int *)id].code);
}

static int
add_currency(const char *code)
{
	if (!is_code(code))
		errx(1, "'%s' is not a currency code", code);
	if (count == CURRENCY_MAX)
		errx(1, "too many currencies");
	strlcpy(currencies[count].code, code, sizeof(currencies[count].code));
	return count++;
}

static int
set_rate(struct currency *cur, const char *text)
{
	cur->quoted = strcmp(text, "N/A") != 0;
	if (!cur->quoted)
		return 0;
	if (!is_number(text) ||
	    strlcpy(cur->text, text, sizeof(cur->text)) >= sizeof(cur->text))
		errx(1, "%s: '%s' is not a rate", cur->code, text);
	cur->value = strtod(cur->text, NULL);
	if (cur->value <= 0)
		errx(1, "%s: the rate is not above zero", cur->code);
	return 1;
}

/* The currencies quoted on that row, the invented ones left out. */
static int
read_row(const struct row *row)
{
	char *copy, *rest, *cell;
	int id = 1, quoted = 1;

	if ((copy = rest = strdup(row->cells)) == NULL)
		err(1, NULL);
	while ((cell = strsep(&rest, ",")) != NULL && id <= columns)
		quoted += set_rate(&currencies[id++], cell);
	if (id <= columns || (cell != NULL && *cell != '\0'))
		errx(1, "%s: wrong number of rates", row->date);
	free(copy);
	return quoted;
}

/*
 * The first letter tells the width of the number after it and a digit is in
 * every code, so neither two of them nor one and a published code are alike.
 */
static void
invent(unsigned n)
{
	unsigned width = 2 + n % 6, decimals;
	uint64_t mix = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
	static const unsigned power[] = { 1, 10, 100, 1000, 10000, 100000, 1000000 };
	char code[CODE_MAX + 8], text[NUM_SIZE];

	snprintf(code, sizeof(code), "%c%0*u", "ABCDEF"[n % 6], (int)width, n / 6);
	/* Five digits, their point anywhere: as wide a range as the real ones. */
	decimals = (unsigned)(mix >> 33) % 7;
	snprintf(text, sizeof(text), "%.*f", (int)decimals,
	    (10000 + (double)(mix >> 40) / 187) / power[decimals]);
	set_rate(&currencies[add_currency(code)], text);
}

static void
read_header(char *line)
{
	char *cell;

	if (strcmp(strsep(&line, ","), "Date") != 0 || line == NULL)
		errx(1, "the first line is not a header");
	add_currency("EUR");
	set_rate(&currencies[0], "1");
	while ((cell = strsep(&line, ",")) != NULL && *cell != '\0') {
		if (columns++ == COLUMN_MAX)
			errx(1, "more than %d columns", COLUMN_MAX);
		add_currency(cell);
	}
}

static void
add_row(const char *line)
{
	struct row *row;
	int quoted;

	rows = reallocarray(rows, (size_t)row_count + 1, sizeof(*rows));
	if (rows == NULL)
		err(1, NULL);
	row = &rows[row_count++];
	if ((row->date = strdup(line)) == NULL)
		err(1, NULL);
	row->cells = row->date;
	strsep(&row->cells, ",");
	if (strlen(row->date) != DATE_LEN || row->cells == NULL ||
	    strspn(row->date, "0123456789-") != DATE_LEN)
		errx(1, "line %d: no date", row_count + 1);
	quoted = read_row(row);
	if (wanted_total > 0 && (size_t)quoted > wanted_total)
		errx(1, "%s has %d currencies, more than %zu", row->date,
		    quoted, wanted_total);
}

static void
read_lines(FILE *in)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, in) != -1) {
		line[strcspn(line, "\r\n")] = '\0';
		if (columns == 0)
			read_header(line);
		else
			add_row(line);
	}
	free(line);
}

void
data_load(const char *file, size_t total)
{
	FILE *in = fopen(file, "re");

	if (in == NULL)
		err(1, "%s", file);
	wanted_total = total;
	read_lines(in);
	if (ferror(in) || row_count == 0)
		errx(1, "%s: no rates read", file);
	fclose(in);
	for (unsigned n = 0; n < total; n++)
		invent(n);
	for (int id = 0; id < count; id++)
		by_code[id] = id;
	qsort(by_code, (size_t)count, sizeof(by_code[0]), compare_ids);
	for (int i = 1; i < count; i++)
		if (compare_ids(&by_code[i - 1], &by_code[i]) == 0)
			errx(1, "%s: %s is there twice", file, data_code(by_code[i]));
	data_select(data_newest_day());
}

void
data_free(void)
{
	for (int i = 0; i < row_count; i++)
		free(rows[i].date);
	free(rows);
	rows = NULL;
	row_count = 0;
}

int
data_find_day(const char *date)
{
	for (int i = 0; i < row_count; i++)
		if (strcmp(rows[i].date, date) == 0)
			return i;
	return -1;
}

int
data_newest_day(void)
{
	int newest = 0;

	for (int i = 1; i < row_count; i++)
		if (strcmp(rows[i].date, rows[newest].date) > 0)
			newest = i;
	return newest;
}

void
data_select(int day)
{
	int quoted = read_row(&rows[day]);

	/* As many invented ones as this day lacks, the same ones first. */
	for (int id = columns + 1; id < count; id++)
		currencies[id].quoted = (size_t)quoted++ < wanted_total;
	selected = day;
}

const char *
data_date(void)
{
	return rows[selected].date;
}

int
data_count(void)
{
	return count;
}

int
data_id(const char *code)
{
	const int *id = bsearch(code, by_code, (size_t)count,
	    sizeof(by_code[0]), compare_code);

	return id == NULL ? -1 : *id;
}

const char *
data_code(int id)
{
	return currencies[id].code;
}

bool
data_quoted(int id)
{
	return currencies[id].quoted;
}

const char *
data_text(int id)
{
	return currencies[id].text;
}

double
data_value(int id)
{
	return currencies[id].value;
}
