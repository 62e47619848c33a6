#include "tools/paint.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE_MAX 1024

void
paint_begin(struct paint *paint, unsigned width, bool color)
{
	memset(paint, 0, sizeof(*paint));
	paint->width = width;
	paint->color = color;
}

unsigned
paint_left(const struct paint *paint)
{
	return paint->width == 0 ? UINT_MAX : paint->width - paint->used;
}

static void
append(struct paint *paint, const char *text, size_t length)
{
	size_t need = paint->length + length + 1;
	char *more;

	if (need > paint->room) {
		more = realloc(paint->text, 2 * need);
		if (more == NULL) {
			paint->failed = true;
			return;
		}
		paint->text = more;
		paint->room = 2 * need;
	}
	if (length > 0)
		memcpy(paint->text + paint->length, text, length);
	paint->length += length;
	paint->text[paint->length] = '\0';
}

/* RFC 3629: all bytes of a character but its first are 10xxxxxx. */
static bool
goes_on(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

/* The bytes of text that fit into columns; how many of these in *columns. */
static size_t
fitting(const char *text, unsigned *columns)
{
	unsigned used = 0;
	size_t i;

	for (i = 0; text[i] != '\0'; i++) {
		if (goes_on(text[i]))
			continue;
		if (used == *columns)
			break;
		used++;
	}
	*columns = used;
	return i;
}

static void
paint_piece(struct paint *paint, enum table_style style, const char *text)
{
	unsigned columns = paint_left(paint);
	size_t length = fitting(text, &columns);
	const char *code = table_style_code(style);
	char start[16];

	if (length == 0)
		return;
	if (!paint->color || *code == '\0') {
		append(paint, text, length);
	} else {
		append(paint, start,
		    (size_t)snprintf(start, sizeof(start), "\033[%sm", code));
		append(paint, text, length);
		append(paint, "\033[0m", 4);
	}
	paint->used += columns;
}

void
paint_text(
    struct paint *paint, enum table_style style, const char *format, ...)
{
	char text[PIECE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	paint_piece(paint, style, text);
}

void
paint_to(struct paint *paint, unsigned column)
{
	while (paint->used < column && paint_left(paint) > 0 &&
	    !paint->failed) {
		append(paint, " ", 1);
		paint->used++;
	}
}

char *
paint_end(struct paint *paint)
{
	append(paint, "", 0);
	if (paint->failed) {
		free(paint->text);
		paint->text = NULL;
	}
	while (paint->text != NULL && paint->length > 0 &&
	    paint->text[paint->length - 1] == ' ')
		paint->text[--paint->length] = '\0';
	return paint->text;
}

void
paint_print(struct paint *paint, FILE *out)
{
	char *text = paint_end(paint);

	fprintf(out, "%s\n", text != NULL ? text : "");
	free(text);
}
