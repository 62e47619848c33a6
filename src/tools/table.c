#include "tools/table.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const styles[] = {
#define X(id, code) [STYLE_##id] = code,
	TABLE_STYLES(X)
#undef X
};

const char *
table_style_code(enum table_style style)
{
	return styles[style];
}

void
table_begin(struct table *table, size_t columns)
{
	size_t i;

	assert(columns > 0);
	memset(table, 0, sizeof(*table));
	table->columns = calloc(columns, sizeof(*table->columns));
	if (table->columns == NULL) {
		table->failed = true;
		return;
	}
	table->column_count = columns;
	for (i = 0; i < columns; i++)
		table->columns[i].align = ALIGN_RIGHT;
}

void
table_align(struct table *table, size_t column, enum table_align align)
{
	if (table->failed)
		return;
	assert(column < table->column_count);
	table->columns[column].align = align;
}

void
table_hide(struct table *table, size_t column)
{
	if (table->failed)
		return;
	assert(column < table->column_count);
	table->columns[column].hidden = true;
}

/* Room for need elements in *room: the array, perhaps moved, or NULL. */
static void *
grow(void *array, size_t *room, size_t need, size_t size)
{
	size_t more = *room == 0 ? 64 : *room;
	void *grown;

	if (need <= *room)
		return array;
	while (more < need)
		more *= 2;
	grown = reallocarray(array, more, size);
	if (grown != NULL)
		*room = more;
	return grown;
}

static bool
make_room(struct table *table, size_t length)
{
	void *cells, *text;

	if (table->text_size + length > UINT32_MAX)
		return false;
	cells = grow(table->cells, &table->cell_room, table->cell_count + 1,
	    sizeof(*table->cells));
	if (cells == NULL)
		return false;
	table->cells = cells;
	text = grow(table->text, &table->text_room, table->text_size + length,
	    1);
	if (text == NULL && table->text_size + length > 0)
		return false;
	table->text = text;
	return true;
}

void
table_cell(struct table *table, enum table_style style, const char *text)
{
	size_t length = strlen(text);
	struct table_column *column;
	struct table_cell *cell;

	if (table->failed || !make_room(table, length)) {
		table->failed = true;
		return;
	}
	column = &table->columns[table->cell_count % table->column_count];
	if (length > column->width)
		column->width = (unsigned)length;
	cell = &table->cells[table->cell_count++];
	cell->at = (uint32_t)table->text_size;
	cell->length = (uint32_t)length;
	cell->style = style;
	if (length > 0)
		memcpy(table->text + table->text_size, text, length);
	table->text_size += length;
}

unsigned
table_column_width(const struct table *table, size_t column)
{
	const struct table_column *c;

	if (table->failed)
		return 0;
	assert(column < table->column_count);
	c = &table->columns[column];
	if (c->hidden || c->width == 0)
		return 0;
	return c->width + TABLE_GAP;
}

unsigned
table_width(const struct table *table)
{
	unsigned width = 0;
	size_t i;

	for (i = 0; i < table->column_count; i++)
		width += table_column_width(table, i);
	return width > TABLE_GAP ? width - TABLE_GAP : 0;
}

static void
print_text(const struct table *table, const struct table_cell *cell, FILE *out,
    bool color)
{
	const char *style = styles[cell->style];

	color = color && *style != '\0';
	if (color)
		fprintf(out, "\033[%sm", style);
	fwrite(table->text + cell->at, 1, cell->length, out);
	if (color)
		fputs("\033[0m", out);
}

/* Blanks wait in pad until a text follows, so that no row ends in them. */
static void
print_row(const struct table *table, const struct table_cell *row, FILE *out,
    bool color)
{
	unsigned pad = 0, space;
	size_t i;

	for (i = 0; i < table->column_count; i++) {
		if (table_column_width(table, i) == 0)
			continue;
		space = table->columns[i].width - row[i].length;
		if (table->columns[i].align == ALIGN_RIGHT)
			pad += space;
		if (row[i].length > 0) {
			fprintf(out, "%*s", (int)pad, "");
			print_text(table, &row[i], out, color);
			pad = 0;
		}
		if (table->columns[i].align == ALIGN_LEFT)
			pad += space;
		pad += TABLE_GAP;
	}
	putc('\n', out);
}

int
table_print(const struct table *table, FILE *out, bool color)
{
	size_t i;

	if (table->failed) {
		errno = ENOMEM;
		return -1;
	}
	for (i = 0; i + table->column_count <= table->cell_count;
	     i += table->column_count)
		print_row(table, table->cells + i, out, color);
	return 0;
}

void
table_free(struct table *table)
{
	free(table->columns);
	free(table->cells);
	free(table->text);
	memset(table, 0, sizeof(*table));
}
