#include "daemon/conf_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define FAULT_MAX 256
#define BLANKS " \t\r"
/* What ends a word for libconfuse 3.3 (its lexer.l). */
#define NO_WORD BLANKS "\n#\"'={}()+,*"

void
conf_faults_init(struct conf_faults *faults)
{
	TAILQ_INIT(&faults->list);
	faults->lost = false;
}

void
conf_faults_clear(struct conf_faults *faults)
{
	struct conf_fault *fault;

	while ((fault = TAILQ_FIRST(&faults->list)) != NULL) {
		TAILQ_REMOVE(&faults->list, fault, link);
		free(fault);
	}
}

/* GCC's analyzer loses sight of what hangs on a tail queue. */
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 10
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

static void
insert(struct conf_faults *faults, int line, const char *text)
{
	struct conf_fault *before, *fault;
	size_t size = strlen(text) + 1;

	TAILQ_FOREACH_REVERSE(before, &faults->list, conf_fault_list, link) {
		if (before->line <= line)
			break;
	}
	for (fault = before; fault != NULL && fault->line == line;
	     fault = TAILQ_PREV(fault, conf_fault_list, link)) {
		if (strcmp(fault->text, text) == 0)
			return;
	}
	fault = malloc(sizeof(*fault) + size);
	if (fault == NULL) {
		faults->lost = true;
		return;
	}
	fault->line = line;
	memcpy(fault->text, text, size);
	if (before != NULL)
		TAILQ_INSERT_AFTER(&faults->list, before, fault, link);
	else
		TAILQ_INSERT_HEAD(&faults->list, fault, link);
}

void
conf_fault_add(struct conf_faults *faults, int line, const char *format, ...)
{
	char raw[FAULT_MAX], clean[FAULT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	insert(faults, line,
	    text_clean(clean, sizeof(clean), raw, strlen(raw)));
}

/* Reads a stream to its end into buf.  NULL, or why not. */
static const char *
read_all(FILE *stream, char *buf, size_t size)
{
	size_t used = fread(buf, 1, size, stream);

	if (ferror(stream))
		return strerror(errno);
	if (used == size)
		return "larger than 1 MiB";
	if (memchr(buf, '\0', used) != NULL)
		return "has a NUL byte in it";
	buf[used] = '\0';
	return NULL;
}

/* Not a FIFO: on a reload the supervisor must not wait for its writer. */
static FILE *
open_file(const char *file, const char **why)
{
	int fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	FILE *stream = NULL;
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1)
		*why = strerror(errno);
	else if (S_ISDIR(st.st_mode))
		*why = strerror(EISDIR);
	else if (!S_ISREG(st.st_mode))
		*why = "not a regular file";
	else if ((stream = fdopen(fd, "r")) == NULL)
		*why = strerror(errno);
	if (fd != -1 && stream == NULL)
		close(fd);
	return stream;
}

const char *
conf_text_read(struct conf_text *text, const char *file)
{
	const char *why;
	FILE *stream;

	stream = open_file(file, &why);
	if (stream == NULL)
		return why;
	text->bytes = malloc(CONF_TEXT_MAX + 1);
	if (text->bytes == NULL)
		why = strerror(errno);
	else
		why = read_all(stream, text->bytes, CONF_TEXT_MAX + 1);
	fclose(stream);
	return why;
}

struct scan {
	struct conf_text *text;
	struct conf_faults *faults;
	char *p;
	int line;
	int depth;
	int outer;    /* line of the outermost '{' */
	int brace;    /* line of the last '{' */
	char last;    /* the last byte that is neither blank nor comment */
	bool in_list; /* the last '{' came after a '=' */
};

/* What comes from here on makes no sense: report it, and end the text. */
static void
cut(struct scan *s, char *at, int line, const char *what)
{
	conf_fault_add(s->faults, line, "%s", what);
	s->text->broken = line;
	*at = '\0';
	s->p = at;
}

static void
blank_line(struct scan *s)
{
	while (*s->p != '\0' && *s->p != '\n')
		*s->p++ = ' ';
}

static void
blank_block(struct scan *s)
{
	char *begin = s->p, *end = strstr(begin + 2, "*/");
	int line = s->line;

	if (end == NULL) {
		cut(s, begin, line, "a comment without an end");
		return;
	}
	for (; s->p < end + 2; s->p++) {
		if (*s->p == '\n')
			s->line++;
		else
			*s->p = ' ';
	}
}

/*
 * Skips "${NAME}", which libconfuse replaces from the environment.  It would
 * look for the '}' beyond quotes and lines.
 */
static bool
skip_variable(struct scan *s, char *begin)
{
	size_t length = strcspn(s->p, "}\"\n");

	if (s->p[length] != '}') {
		cut(s, begin, s->line, "a '${' that has no '}'");
		return false;
	}
	s->p += length + 1;
	return true;
}

/* A string may go on after a '\' at the end of a line, but not without. */
static void
skip_string(struct scan *s)
{
	char *begin = s->p++;
	int line = s->line;

	while (*s->p != *begin) {
		if (*s->p == '\\' && s->p[1] != '\0') {
			if (s->p[1] == '\n')
				s->line++;
			s->p += 2;
		} else if (*begin == '"' && strncmp(s->p, "${", 2) == 0) {
			if (!skip_variable(s, begin))
				return;
		} else if (*s->p == '\0' || *s->p == '\n') {
			cut(s, begin, line,
			    "a string without an end on its line");
			return;
		} else {
			s->p++;
		}
	}
	s->p++;
	s->last = *begin;
}

static void
scan_brace(struct scan *s)
{
	if (*s->p == '{') {
		if (s->depth++ == 0)
			s->outer = s->line;
		s->brace = s->line;
		s->in_list = s->last == '=';
	} else {
		if (s->last == '{' && s->in_list)
			conf_fault_add(s->faults, s->brace, "an empty list");
		if (s->depth > 0 && --s->depth == 0)
			s->text->opened[s->line] = s->outer;
	}
	s->last = *s->p++;
}

/* A word, or one byte of punctuation; libconfuse passes over '*' and '+'. */
static void
scan_word(struct scan *s)
{
	size_t length = strcspn(s->p, NO_WORD);

	if (*s->p == '*' || *s->p == '+')
		conf_fault_add(s->faults, s->line, "unexpected '%c'", *s->p);
	s->last = *s->p;
	s->p += length > 0 ? length : 1;
}

static void
scan_next(struct scan *s)
{
	if (*s->p == '\n') {
		s->line++;
		s->p++;
	} else if (strchr(BLANKS, *s->p) != NULL) {
		s->p++;
	} else if (*s->p == '#' || strncmp(s->p, "//", 2) == 0) {
		blank_line(s);
	} else if (strncmp(s->p, "/*", 2) == 0) {
		blank_block(s);
	} else if (*s->p == '"' || *s->p == '\'') {
		skip_string(s);
	} else if (strncmp(s->p, "${", 2) == 0) {
		skip_variable(s, s->p);
		s->last = '$';
	} else if (*s->p == '{' || *s->p == '}') {
		scan_brace(s);
	} else {
		scan_word(s);
	}
}

/* Counts the lines, and looks for bytes that no text file has. */
static void
check_bytes(struct conf_text *text, struct conf_faults *faults)
{
	int line = 1;
	const char *p;

	for (p = text->bytes; *p != '\0'; p++) {
		if (*p == '\n')
			line++;
		else if ((unsigned char)*p < ' ' && strchr(BLANKS, *p) == NULL)
			conf_fault_add(faults, line, "a control character");
	}
	text->last_line = line;
	if (p > text->bytes && p[-1] == '\n')
		text->last_line--;
}

int
conf_text_scan(struct conf_text *text, struct conf_faults *faults)
{
	struct scan s = { .text = text, .faults = faults, .p = text->bytes,
		.line = 1 };

	check_bytes(text, faults);
	text->broken = 0;
	text->opened = calloc((size_t)text->last_line + 2, sizeof(int));
	if (text->opened == NULL)
		return -1;
	while (*s.p != '\0')
		scan_next(&s);
	if (s.depth > 0 && text->broken == 0) {
		conf_fault_add(faults, s.outer, "a '{' that is never closed");
		text->broken = s.outer;
	}
	return 0;
}

int
conf_text_opened(const struct conf_text *text, int line)
{
	if (line < 1 || line > text->last_line || text->opened[line] == 0)
		return line;
	return text->opened[line];
}

static bool
has_equals(const char *p)
{
	return p[strspn(p, BLANKS "\"'")] == '=';
}

char *
conf_text_find(const struct conf_text *text, int line, const char *key)
{
	size_t length = strlen(key);
	char *first = NULL, *end, *p = text->bytes;

	while (p != NULL && --line > 0) {
		p = strchr(p, '\n');
		p = p != NULL ? p + 1 : NULL;
	}
	if (p == NULL || length == 0)
		return NULL;
	for (end = p + strcspn(p, "\n"); p < end; p++) {
		bool starts = p == text->bytes || strchr(NO_WORD, p[-1]);

		if (!starts || strncmp(p, key, length) != 0 ||
		    (p[length] != '\0' && !strchr(NO_WORD, p[length])))
			continue;
		if (has_equals(p + length))
			return p;
		if (first == NULL)
			first = p;
	}
	return first;
}

void
conf_text_free(struct conf_text *text)
{
	free(text->bytes);
	free(text->opened);
}
