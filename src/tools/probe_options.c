#include "tools/probe_options.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/code.h"
#include "base/text.h"
#include "daemon/conf_value.h"
#include "tools/words.h"

/* What getopt_long(3) returns for an option: its row, above letters. */
enum {
	LONG_BEFORE = 255,
#define X(id, letter, word, argument, help) LONG_##id,
	PROBE_OPTIONS(X)
#undef X
	LONG_FIRST = LONG_BEFORE + 1,
};

static const struct words_option rows[] = {
#define X(id, letter, word, argument, help) { letter, word, argument, help },
	PROBE_OPTIONS(X)
#undef X
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static _Noreturn void wrong(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

static _Noreturn void
wrong(const char *format, ...)
{
	va_list ap;

	fputs("ratesd-probe: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputs(" (see ratesd-probe --help)\n", stderr);
	exit(PROBE_USAGE);
}

static _Noreturn void
help(void)
{
	puts("usage: ratesctl probe [--base CODE] [--name NAME] URL\n"
	     "       ratesctl probe [--base CODE] [--name NAME] --file ANSWER "
	     "[URL]\n\n"
	     "Looks at one answer of an unknown source of rates, and prints "
	     "the section of\nratesd.conf that reads it.\n");
	words_help(rows, ROWS);
	puts("\nExit status: 0 done, 1 failed or nothing found, 2 wrong command "
	     "line.");
	exit(fflush(stdout) == 0 ? 0 : 1);
}

/* A name from that of a host or a file: what can't be in one becomes '-'. */
static void
make_name(struct probe_options *o)
{
	const char *from = strstr(o->url, "://"), *slash;
	char *dot;

	from = from != NULL ? from + 3 : "source";
	if (o->url[0] == '\0') {
		slash = strrchr(o->file, '/');
		from = slash != NULL ? slash + 1 : o->file;
	}
	if (strncmp(from, "api.", 4) == 0 || strncmp(from, "www.", 4) == 0)
		from += 4;
	text_format(o->name, sizeof(o->name), "%.*s",
	    (int)strcspn(from, "/:?#"), from);
	dot = o->url[0] == '\0' ? strrchr(o->name, '.') : NULL;
	if (dot != NULL && dot != o->name)
		*dot = '\0';
	for (char *p = o->name; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && strchr("_-.", *p) == NULL)
			*p = '-';
	if (!conf_source_name_valid(o->name))
		text_format(o->name, sizeof(o->name), "source");
}

static void
set_name(struct probe_options *o, const char *value)
{
	if (!conf_source_name_valid(value))
		wrong("'%s' is not " CONF_SOURCE_NAME, value);
	text_format(o->name, sizeof(o->name), "%s", value);
}

static void
set_base(struct probe_options *o, const char *value)
{
	o->base = code_pack(value);
	if (o->base == 0)
		wrong("'%s' is not a currency code (%d to %d of A-Z 0-9)",
		    value, CODE_MIN, CODE_MAX);
}

/* What getopt_long(3) refused: it left a letter in optopt, or a row, or 0. */
static _Noreturn void
refused(const char *word)
{
	char hint[WORDS_HINT_MAX];

	if (optopt >= LONG_FIRST)
		wrong("--%s takes no value", rows[optopt - LONG_FIRST].word);
	if (optopt != 0)
		wrong("no such option: -%c", optopt);
	wrong("no such option: %s%s", word,
	    words_hint(rows, ROWS, word, hint, sizeof(hint)));
}

static void
take(struct probe_options *o, int found, char **argv)
{
	switch (found) {
	case LONG_BASE:
		set_base(o, optarg);
		break;
	case LONG_FILE:
		o->file = optarg;
		break;
	case LONG_NAME:
		set_name(o, optarg);
		break;
	case 'V':
	case LONG_VERSION:
		puts("ratesd-probe (ratesd) " PACKAGE_VERSION);
		exit(fflush(stdout) == 0 ? 0 : 1);
	case 'h':
	case LONG_HELP:
		help();
	case ':':
		wrong("%s needs an argument", argv[optind - 1]);
	default:
		refused(argv[optind - 1]);
	}
}

void
probe_options(int argc, char **argv, struct probe_options *o)
{
	static const struct option longs[] = {
#define X(id, letter, word, argument, help)                                    \
	{ word, (argument) != NULL, NULL, LONG_##id },
		PROBE_OPTIONS(X)
#undef X
		{ NULL, 0, NULL, 0 },
	};
	int found;

	*o = (struct probe_options){ .url = "" };
	opterr = 0;
	while ((found = getopt_long(argc, argv, ":Vh", longs, NULL)) != -1)
		take(o, found, argv);
	if (optind < argc)
		o->url = argv[optind++];
	if (optind < argc)
		wrong("'%s' is one argument too many", argv[optind]);
	if (o->url[0] == '\0' && o->file == NULL)
		wrong("neither a URL nor --file");
	if (o->name[0] == '\0')
		make_name(o);
}
