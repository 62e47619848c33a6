/*
 * ratesd-probe: an unknown source's answer, and the section that reads it.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "source/document.h"
#include "tools/probe_block.h"
#include "tools/probe_fetch.h"
#include "tools/probe_options.h"

#define WIDTH 76 /* of a line of codes */
#define ERROR_MAX 512

/* All that one run knows. */
struct probe {
	struct probe_options options;
	struct probe_secret secret;
	struct probe_answer answer;
	struct guess guess;
	struct conf_block block;
	struct source source;
	double numbers[GUESS_CODES_MAX];
	struct document document;
	char error[ERROR_MAX];
};

static int
complain(const struct probe *probe, const char *what)
{
	const char *from = probe->options.file != NULL
	    ? probe->options.file : probe->options.url;
	char text[ERROR_MAX], where[ERROR_MAX];

	text_clean(text, sizeof(text), probe->error, strlen(probe->error));
	text_clean(where, sizeof(where), from, strlen(from));
	text_redact(where, sizeof(where), probe->secret.value);
	fprintf(stderr, "ratesd-probe: %s: %s%s\n", where, what, text);
	return 1;
}

static int
load(struct probe *probe)
{
	void *bytes;

	if (probe->options.file == NULL)
		return probe_fetch(probe->options.url, probe->options.base,
		    probe->secret.value, &probe->answer, probe->error,
		    sizeof(probe->error));
	if (file_load(probe->options.file, TRANSFER_BODY_MAX, &bytes,
		&probe->answer.size) == 0) {
		probe->answer.bytes = bytes;
		return 0;
	}
	text_format(probe->error, sizeof(probe->error), "%s",
	    errno == EINVAL ? "no regular file" : strerror(errno));
	return -1;
}

static int
find(const void *context, uint64_t code)
{
	const struct guess *guess = context;

	for (unsigned i = 0; i < guess->count; i++)
		if (guess->codes[i] == code)
			return (int)i;
	return -1;
}

/* Reads the answer with the section, as the daemon will. */
static int
verify(struct probe *probe)
{
	struct document *document = &probe->document;

	*document = (struct document){ .mapping = &probe->source.mapping,
		.base = probe->guess.base,
		.find = find,
		.context = &probe->guess,
		.numbers = probe->numbers,
		.count = probe->guess.count };
	return document_read(document, probe->answer.bytes, probe->answer.size,
	    probe->error, sizeof(probe->error)) == ATTEMPT_OK ? 0 : -1;
}

static void
print_codes(const struct probe *probe)
{
	char code[CODE_TEXT_MAX];
	size_t used = WIDTH;

	for (unsigned i = 0; i < probe->guess.count; i++) {
		if (isnan(probe->numbers[i]))
			continue;
		code_unpack(probe->guess.codes[i], code);
		if (used + 1 + strlen(code) > WIDTH) {
			fputs(used == WIDTH && i == 0 ? "#" : "\n#", stdout);
			used = 1;
		}
		printf(" %s", code);
		used += 1 + strlen(code);
	}
	putchar('\n');
}

static void
print_findings(const struct probe *probe)
{
	const struct document *document = &probe->document;
	char code[CODE_TEXT_MAX], text[CLOCK_TEXT_MAX];

	printf("# read %u rates of %s", document->present,
	    code_unpack(document->base, code));
	if (document->published_form == PUBLISHED_DAY)
		printf(", published %s", clock_format_day(
		    document->published, text, sizeof(text)));
	else if (document->published_form == PUBLISHED_TIME)
		printf(", published %s", clock_format_utc(
		    document->published, text, sizeof(text)));
	if (document->next_update != 0)
		printf(", next ones %s", clock_format_utc(
		    document->next_update, text, sizeof(text)));
	puts(":");
	print_codes(probe);
}

static void
print_notes(const struct probe *probe)
{
	char moved[TRANSFER_EFFECTIVE_MAX];

	for (unsigned i = 0; i < probe->guess.note_count; i++)
		printf("# unsure: %s\n", probe->guess.notes[i]);
	if (probe->options.url[0] == '\0')
		puts("# missing: the url; with {base} in it instead of base, "
		     "if it has any");
	else if (probe->source.base == 0 &&
	    strstr(probe->options.url, "{base") == NULL)
		puts("# unsure: url has {base} in the place of the base: see "
		     "that it answers for others");
	if (probe->answer.moved[0] != '\0')
		printf("# it answered from %s\n",
		    text_clean(moved, sizeof(moved), probe->answer.moved,
			strlen(probe->answer.moved)));
	if (probe->secret.name[0] != '\0')
		puts("# missing: credential, the file with the key");
	puts("# missing: what its owner allows and asks: rate-limit, quota, "
	     "terms");
}

static int
print_all(const struct probe *probe)
{
	print_findings(probe);
	print_notes(probe);
	conf_block_print(&probe->block, probe->options.name, stdout);
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return 0;
	fprintf(stderr, "ratesd-probe: can't write the output\n");
	return 1;
}

static int
run(struct probe *probe)
{
	if (load(probe) == -1)
		return complain(probe, "");
	if (guess_answer(probe->answer.bytes, probe->answer.size,
		probe->options.base, probe->options.url, &probe->guess,
		probe->error, sizeof(probe->error)) == -1) {
		if (probe->guess.count > 0 && probe->guess.base == 0)
			text_append(probe->error, sizeof(probe->error),
			    " (--base says it)");
		return complain(probe, "");
	}
	if (probe->options.base != 0)
		probe->guess.base = probe->options.base;
	if (probe_block(&probe->guess, probe->options.url, &probe->secret,
		&probe->block, &probe->source, probe->error,
		sizeof(probe->error)) == -1)
		return complain(probe, "a configuration can't say it: ");
	if (verify(probe) == -1)
		return complain(probe, "what was guessed doesn't read it: ");
	return print_all(probe);
}

int
main(int argc, char **argv)
{
	static struct probe probe; /* large */
	int status;

	log_open(LOG_TO_STDERR, LOG_LEVEL_WARN, "ratesd-probe");
	probe_options(argc, argv, &probe.options);
	probe_find_secret(probe.options.url, &probe.secret);
	status = run(&probe);
	conf_block_clear(&probe.block);
	free(probe.answer.bytes);
	return status;
}
