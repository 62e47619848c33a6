#include "tools/ratesfetch_options.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/number.h"
#include "base/text.h"
#include "tools/words.h"

#define BOOK "USD,EUR,PLN,NOK,CZK"
#define USUAL_REPEAT 5
#define USUAL_CONCURRENCY 16
#define USUAL_TIMEOUT (15 * CLOCK_SECOND)
#define TIMEOUT_MIN (100 * CLOCK_MS)
#define TIMEOUT_MAX (300 * CLOCK_SECOND)
#define WORD_MAX 64

enum option_id {
	OPTIONS_BEGIN = 255, /* above letters */
#define X(id, letter, name, argument, help) IS_##id,
	RATESFETCH_OPTIONS(X)
#undef X
	OPTIONS_END
};

static const struct words_option rows[] = {
#define X(id, letter, name, argument, help) { letter, name, argument, help },
	RATESFETCH_OPTIONS(X)
#undef X
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

void
fetch_exit(int status, const char *format, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("ratesfetch: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputs(status == RATESFETCH_USAGE ? " (see ratesfetch --help)\n" : "\n",
	    stderr);
	exit(status);
}

#define wrong(...) fetch_exit(RATESFETCH_USAGE, __VA_ARGS__)

static _Noreturn void
help(void)
{
	puts("usage: ratesfetch [--model M] [-j N] [--bases LIST] "
	     "[--symbols LIST]\n"
	     "                  [--source NAME | --url TEMPLATE] "
	     "[--throttle 10/s]\n"
	     "                  [--format lines|table|json|csv]\n"
	     "       ratesfetch --compare [--repeat K] [--svg FILE] [...]\n\n"
	     "Fetches one matrix of exchange rates, once.\n");
	words_help(rows, ROWS);
	puts("\nModels:");
	for (unsigned id = 0; id < ENGINE_COUNT; id++)
		printf("  %-23s  %s\n", engine_at(id)->name,
		    engine_at(id)->what);
	puts("\nExit status: 0 every row came, 1 some did not, 2 wrong command "
	     "line.");
	exit(fflush(stdout) == 0 ? 0 : 1);
}

static void
add_code(struct fetch_list *list, const char *option, const char *word)
{
	uint64_t code = code_pack(word);

	if (code == 0)
		wrong("--%s: '%s' is not a currency code (%d to %d of A-Z "
		      "0-9)",
		    option, word, CODE_MIN, CODE_MAX);
	for (unsigned i = 0; i < list->count; i++)
		if (list->codes[i] == code)
			return;
	if (list->count == BOARD_CURRENCIES_MAX)
		wrong("--%s: more than %d codes", option,
		    BOARD_CURRENCIES_MAX);
	list->codes[list->count++] = code;
}

static void
set_list(struct fetch_list *list, const char *option, const char *text)
{
	char word[WORD_MAX];
	size_t length;

	list->count = 0;
	for (const char *at = text; at != NULL;
	     at = at[length] == ',' ? at + length + 1 : NULL) {
		length = strcspn(at, ",");
		text_format(word, sizeof(word), "%.*s", (int)length, at);
		add_code(list, option, word);
	}
}

static unsigned
number(const char *option, const char *text, int64_t max)
{
	int64_t value;

	if (number_parse_int(text, 1, max, &value) == -1)
		wrong("--%s: '%s' is not a whole number from 1 to %lld",
		    option, text, (long long)max);
	return (unsigned)value;
}

static void
set_model(struct fetch_options *o, const char *name)
{
	char names[ENGINE_COUNT * 16] = "";

	o->engine = engine_find(name);
	if (o->engine == NULL)
		wrong("--model: '%s' is none of: %s", name,
		    engine_names(false, names, sizeof(names)));
}

static void
set_format(struct fetch_options *o, const char *name)
{
	static const char *const names[] = {
#define X(id, word) [FORMAT_##id] = word,
		CTL_FORMATS(X)
#undef X
	};

	for (unsigned i = 0; i < FORMAT_COUNT; i++) {
		if (strcmp(names[i], name) == 0 && i != FORMAT_KEYVALUE) {
			o->format = (enum ctl_format)i;
			return;
		}
	}
	wrong("--format: '%s' is none of: lines table json csv", name);
}

static void
set_timeout(struct fetch_options *o, const char *text)
{
	if (number_parse_duration(text, &o->timeout) == -1 ||
	    o->timeout < TIMEOUT_MIN || o->timeout > TIMEOUT_MAX)
		wrong("--timeout: '%s' is not a time from 100ms to 5m", text);
}

/* The row of what getopt_long(3) found; -1 for none. */
static int
row_of(int found)
{
	if (found > OPTIONS_BEGIN && found < OPTIONS_END)
		return found - OPTIONS_BEGIN - 1;
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].letter != 0 && rows[i].letter == found)
			return (int)i;
	return -1;
}

static void
take(struct fetch_options *o, int row, const char *value)
{
	switch ((enum option_id)(row + OPTIONS_BEGIN + 1)) {
	case IS_MODEL:
		set_model(o, value);
		break;
	case IS_JOBS:
		o->concurrency = number("jobs", value, ENGINE_CONCURRENCY_MAX);
		break;
	case IS_BASES:
		set_list(&o->bases, "bases", value);
		break;
	case IS_SYMBOLS:
		set_list(&o->symbols, "symbols", value);
		break;
	case IS_SOURCE:
		o->source = value;
		break;
	case IS_DIR:
		o->source_dir = value;
		break;
	case IS_URL:
		o->url = value;
		break;
	case IS_THROTTLE:
		if (number_parse_rate(value, &o->interval) == -1)
			wrong("--throttle: '%s' is no rate such as 10/s, 2/m "
			      "or 100/h",
			    value);
		break;
	case IS_TIMEOUT:
		set_timeout(o, value);
		break;
	case IS_FORMAT:
		set_format(o, value);
		break;
	case IS_COMPARE:
		o->compare = true;
		break;
	case IS_REPEAT:
		o->repeat = number("repeat", value, RATESFETCH_REPEAT_MAX);
		break;
	case IS_SVG:
		o->svg = value;
		break;
	case IS_QUIET:
		o->quiet = true;
		break;
	case IS_VERSION:
		puts("ratesfetch (ratesd) " PACKAGE_VERSION);
		exit(fflush(stdout) == 0 ? 0 : 1);
	case IS_HELP:
		help();
	case OPTIONS_BEGIN:
	case OPTIONS_END:
		break;
	}
}

static void
parse(struct fetch_options *o, int argc, char **argv)
{
	struct option longs[ROWS + 1] = { { NULL, 0, NULL, 0 } };
	char shorts[2 * ROWS + 2] = ":", hint[WORDS_HINT_MAX];
	int found, row;

	for (size_t i = 0; i < ROWS; i++) {
		bool has = rows[i].argument != NULL;

		longs[i] = (struct option){ rows[i].word,
			has ? required_argument : no_argument, NULL,
			OPTIONS_BEGIN + 1 + (int)i };
		if (rows[i].letter != 0)
			text_append(shorts, sizeof(shorts), "%c%s",
			    rows[i].letter, has ? ":" : "");
	}
	opterr = 0;
	while ((found = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		row = row_of(found);
		if (found == ':')
			wrong("%s needs an argument", argv[optind - 1]);
		if (row == -1)
			wrong("no such option: %s%s", argv[optind - 1],
			    words_hint(rows, ROWS, argv[optind - 1], hint,
				sizeof(hint)));
		take(o, row, optarg);
	}
	if (optind < argc)
		wrong("'%s' is one argument too many", argv[optind]);
}

void
fetch_options(int argc, char **argv, struct fetch_options *o)
{
	*o = (struct fetch_options){ .engine = engine_at(ENGINE_async),
		.concurrency = USUAL_CONCURRENCY,
		.interval = -1,
		.timeout = USUAL_TIMEOUT,
		.format = FORMAT_COUNT };
	set_list(&o->bases, "bases", BOOK);
	parse(o, argc, argv);
	if (o->symbols.count == 0)
		o->symbols = o->bases;
	if (o->source != NULL && o->url != NULL)
		wrong("--source and --url: only one of them");
	if (o->url == NULL && o->source == NULL)
		o->source = RATESFETCH_SOURCE;
	if (!o->compare && (o->svg != NULL || o->repeat != 0))
		wrong("%s goes with --compare",
		    o->svg != NULL ? "--svg" : "--repeat");
	if (o->repeat == 0)
		o->repeat = USUAL_REPEAT;
	if (o->format == FORMAT_COUNT)
		o->format = o->compare ? FORMAT_TABLE : FORMAT_LINES;
}
