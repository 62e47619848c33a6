/*
 * Output for programs: JSON (RFC 8259) and CSV (RFC 4180).
 *
 * Write errors stay in the FILE; whoever closes it looks at them.
 */
#ifndef RATESD_TOOLS_WRITER_H
#define RATESD_TOOLS_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_DEPTH_MAX 8

/* A document on one line, with a blank after each ',' and ':'. */
struct json {
	FILE *out;
	unsigned depth;
	bool keyed; /* a key was written, its value not yet */
	struct {
		char close;
		bool begun; /* the next member needs a comma */
	} levels[JSON_DEPTH_MAX];
};

void json_begin(struct json *json, FILE *out);

/* Ends the line; every object and array must be closed. */
void json_end(struct json *json);

void json_object(struct json *json);
void json_array(struct json *json);

/* Closes the innermost object or array. */
void json_close(struct json *json);

/* The key of the value that comes next; only within an object. */
void json_key(struct json *json, const char *key);

/* Text is ASCII: any other byte comes out as U+FFFD.  NULL gives null. */
void json_string(struct json *json, const char *text);

/* A number, true, false or null, as it is to stand there. */
void json_bare(struct json *json, const char *text);

/* Lines end with "\n" alone, as other tools here expect. */
struct csv {
	FILE *out;
	bool begun;
};

void csv_begin(struct csv *csv, FILE *out);

/* The next field, quoted if it must be; NULL gives an empty one. */
void csv_field(struct csv *csv, const char *text);

/* The shortest text of the number; an empty field if it is not finite. */
void csv_number(struct csv *csv, double value);

/* Ends the record. */
void csv_end(struct csv *csv);

#endif
