#include "source/tree.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <expat.h>
#include <json-c/json.h>

#define BLANKS " \t\r\n"
#define NAME_MAX_BYTES 128 /* with '@' and the NUL; no pointer is longer */
#define NO_MEMORY "no memory"
/* A byte of ISO 8859-1 may become two of UTF-8; nothing grows more. */
#define GROWTH 2

struct level {
	json_object *element;
	size_t text; /* where its text begins */
};

struct reader {
	XML_Parser parser;
	struct level levels[TREE_DEPTH_MAX + 1]; /* the first: the whole */
	unsigned depth, values;
	/* The open elements' texts, the innermost one's last: an element's own
	 * text goes on where it was when a child of it ends. */
	char *text;
	size_t used, room;
	struct tree_defect *defect;
};

/* The first reason counts; expat may still call for what it has read. */
static void
fail(struct reader *r, const char *what)
{
	XML_Index at = XML_GetCurrentByteIndex(r->parser);

	if (r->defect->what == NULL)
		*r->defect = (struct tree_defect){ .what = what,
			.at = at > 0 ? (size_t)at : 0 };
	XML_StopParser(r->parser, XML_FALSE);
}

static bool
failed(const struct reader *r)
{
	return r->defect->what != NULL;
}

/* Adds a string to the innermost element, unless memory ends. */
static void
add_text(struct reader *r, const char *key, const char *text, size_t length)
{
	json_object *value = json_object_new_string_len(text, (int)length);

	if (++r->values > TREE_VALUES_MAX)
		fail(r, "too many values");
	if (value == NULL || !tree_add(r->levels[r->depth].element, key, value))
		fail(r, NO_MEMORY);
}

static void
add_attribute(struct reader *r, const char *name, const char *value)
{
	char key[NAME_MAX_BYTES];
	int length = snprintf(key, sizeof(key), "@%s", name);

	if (length < 0 || (size_t)length >= sizeof(key))
		fail(r, "a name too long");
	else
		add_text(r, key, value, strlen(value));
}

/* The list of the innermost element's children of that name, or NULL. */
static json_object *
children(struct reader *r, const char *name)
{
	json_object *parent = r->levels[r->depth].element, *list = NULL;

	if (json_object_object_get_ex(parent, name, &list))
		return list;
	list = json_object_new_array_ext(1);
	return list != NULL && tree_add(parent, name, list) ? list : NULL;
}

static void XMLCALL
on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
	struct reader *r = context;
	json_object *list, *element;

	if (failed(r))
		return;
	if (r->depth == TREE_DEPTH_MAX || ++r->values > TREE_VALUES_MAX) {
		fail(r, r->depth == TREE_DEPTH_MAX ? "nesting too deep"
						   : "too many values");
		return;
	}
	list = strlen(name) < NAME_MAX_BYTES ? children(r, name) : NULL;
	element = list != NULL ? json_object_new_object() : NULL;
	if (element == NULL || !tree_append(list, element)) {
		fail(r, strlen(name) < NAME_MAX_BYTES ? NO_MEMORY
						      : "a name too long");
		return;
	}
	r->levels[++r->depth] = (struct level){ element, r->used };
	for (; attributes[0] != NULL && !failed(r); attributes += 2)
		add_attribute(r, attributes[0], attributes[1]);
}

static void XMLCALL
on_text(void *context, const XML_Char *text, int length)
{
	struct reader *r = context;

	if (failed(r))
		return;
	if (r->room - r->used < (size_t)length) {
		fail(r, "more text than bytes");
		return;
	}
	memcpy(r->text + r->used, text, (size_t)length);
	r->used += (size_t)length;
}

static void XMLCALL
on_end(void *context, const XML_Char *name)
{
	struct reader *r = context;
	size_t from, to = r->used;

	(void)name;
	if (failed(r))
		return;
	from = r->levels[r->depth].text;
	while (from < to && strchr(BLANKS, r->text[from]) != NULL)
		from++;
	while (from < to && strchr(BLANKS, r->text[to - 1]) != NULL)
		to--;
	if (from < to)
		add_text(r, "#text", r->text + from, to - from);
	r->used = r->levels[r->depth].text;
	r->depth--;
}

/* Where entities come from, that grow without end or name files. */
static void XMLCALL
on_doctype(void *context, const XML_Char *name, const XML_Char *system,
    const XML_Char *public, int internal)
{
	(void)name;
	(void)system;
	(void)public;
	(void)internal;
	fail(context, "a document type");
}

static void
read_all(struct reader *r, const char *bytes, size_t size)
{
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetCharacterDataHandler(r->parser, on_text);
	XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
	if (XML_Parse(r->parser, bytes, (int)size, XML_TRUE) != XML_STATUS_OK)
		fail(r, XML_ErrorString(XML_GetErrorCode(r->parser)));
}

struct json_object *
tree_read_xml(const char *bytes, size_t size, struct tree_defect *defect)
{
	struct reader r = { .defect = defect };
	json_object *root = json_object_new_object();

	*defect = (struct tree_defect){ NULL, 0, 0 };
	r.levels[0].element = root;
	r.room = size <= INT_MAX / GROWTH ? size * GROWTH : 0;
	r.text = r.room > 0 ? malloc(r.room) : NULL;
	r.parser = XML_ParserCreate(NULL);
	if (root == NULL || r.parser == NULL || (r.text == NULL && size > 0))
		defect->what = NO_MEMORY;
	else
		read_all(&r, bytes, size);
	if (r.parser != NULL)
		XML_ParserFree(r.parser);
	free(r.text);
	if (defect->what != NULL) {
		json_object_put(root);
		root = NULL;
	}
	return root;
}
