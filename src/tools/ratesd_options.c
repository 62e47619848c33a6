#include "tools/ratesd_options.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/code.h"
#include "base/text.h"
#include "tools/words.h"

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif
#define RUNTIME_DIR "/run/ratesd"
#define STATE_DIR "/var/lib/ratesd"

/* What getopt_long(3) returns for a long option: its row, above letters. */
#define LONG_FIRST 256

static const struct words_option rows[] = {
#define X(letter, word, argument, help) { letter, word, argument, help },
	RATESD_OPTIONS(X)
#undef X
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static _Noreturn void wrong(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

static _Noreturn void
wrong(const char *format, ...)
{
	va_list ap;

	fputs("ratesd: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputs(" (see ratesd --help)\n", stderr);
	exit(2);
}

static _Noreturn void
help(void)
{
	puts("usage: ratesd [-f] [-t] [-c FILE] [-i NAME] [--runtime-dir DIR]\n"
	     "              [--state-dir DIR] [--source-dir DIR] "
	     "[--log-level LEVEL]\n              [--purge] [-V] [-h]\n"
	     "       ratesd [--source-dir DIR] --sources [PRESET]\n\n"
	     "Keeps exchange rates on a board in shared memory.\n");
	words_help(rows, ROWS);
	puts("\nExit status: 0 done, 1 failed, 2 wrong command line, 78 wrong "
	     "configuration.");
	exit(fflush(stdout) == 0 ? 0 : 1);
}

static _Noreturn void
version(void)
{
	puts("ratesd " PACKAGE_VERSION);
	exit(fflush(stdout) == 0 ? 0 : 1);
}

/* Absolute, for a daemon leaves the directory it was started in. */
static void
set_path(char path[PATH_MAX], const char *value)
{
	char here[PATH_MAX];
	int length;

	if (value[0] == '\0')
		wrong("an empty path");
	if (value[0] == '/')
		length = snprintf(path, PATH_MAX, "%s", value);
	else if (getcwd(here, sizeof(here)) != NULL)
		length = snprintf(path, PATH_MAX, "%s/%s", here, value);
	else
		length = PATH_MAX;
	if (length >= PATH_MAX)
		wrong("%s: the path is too long", value);
}

/* systemd gives a list, separated by colons: the first is ours. */
static void
set_dir(char path[PATH_MAX], const char *variable, const char *otherwise)
{
	char first[PATH_MAX];
	const char *value = getenv(variable);

	if (path[0] != '\0')
		return;
	if (value == NULL || value[0] == '\0' || value[0] == ':')
		value = otherwise;
	text_format(first, sizeof(first), "%.*s", (int)strcspn(value, ":"),
	    value);
	set_path(path, first);
}

static void
set_defaults(struct ratesd_options *o)
{
	char file[PATH_MAX];

	set_dir(o->runtime_dir, "RUNTIME_DIRECTORY", RUNTIME_DIR);
	set_dir(o->state_dir, "STATE_DIRECTORY", STATE_DIR);
	if (o->conf_file[0] != '\0')
		return;
	text_format(file, sizeof(file), "%s/ratesd/%s.conf", SYSCONFDIR,
	    strcmp(o->instance, "default") == 0 ? "ratesd" : o->instance);
	set_path(o->conf_file, file);
}

static void
take(struct ratesd_options *o, const char *name, const char *value)
{
	if (strcmp(name, "foreground") == 0)
		o->foreground = true;
	else if (strcmp(name, "test") == 0)
		o->test = true;
	else if (strcmp(name, "purge") == 0)
		o->purge = true;
	else if (strcmp(name, "sources") == 0)
		o->sources = true;
	else if (strcmp(name, "source-dir") == 0)
		set_path(o->source_dir, value);
	else if (strcmp(name, "config") == 0)
		set_path(o->conf_file, value);
	else if (strcmp(name, "runtime-dir") == 0)
		set_path(o->runtime_dir, value);
	else if (strcmp(name, "state-dir") == 0)
		set_path(o->state_dir, value);
	else if (strcmp(name, "instance") == 0 && instance_valid(value))
		o->instance = value;
	else if (strcmp(name, "instance") == 0)
		wrong("'%s' is no instance name: 1 to 32 of A-Z a-z 0-9 _ -",
		    value);
	else if (strcmp(name, "version") == 0)
		version();
	else if (strcmp(name, "help") == 0)
		help();
	else if (log_level_parse(value, &o->level) == -1)
		wrong("'%s' is no log level: error, warning, info or debug",
		    value);
}

/* getopt_long(3)'s own tables, from ours. */
static void
build_tables(struct option longs[ROWS + 1], char shorts[2 * ROWS + 2])
{
	char *s = shorts;

	*s++ = ':';
	for (size_t i = 0; i < ROWS; i++) {
		longs[i] = (struct option){ .name = rows[i].word,
			.has_arg = rows[i].argument != NULL,
			.val = (int)i + LONG_FIRST };
		if (rows[i].letter == 0)
			continue;
		*s++ = (char)rows[i].letter;
		if (rows[i].argument != NULL)
			*s++ = ':';
	}
	longs[ROWS] = (struct option){ 0 };
	*s = '\0';
}

static const char *
name_of(int found)
{
	if (found >= LONG_FIRST)
		return rows[found - LONG_FIRST].word;
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].letter == found)
			return rows[i].word;
	return "";
}

void
ratesd_options(int argc, char **argv, struct ratesd_options *o)
{
	struct option longs[ROWS + 1];
	char shorts[2 * ROWS + 2], hint[WORDS_HINT_MAX];
	int found;

	*o = (struct ratesd_options){ .instance = "default",
		.level = LOG_LEVEL_INFO };
	build_tables(longs, shorts);
	while ((found = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (found == '?' && optopt != 0 && optopt < LONG_FIRST)
			wrong("no such option: -%c", optopt);
		if (found == '?' && optopt >= LONG_FIRST)
			wrong("--%s takes no value",
			    rows[optopt - LONG_FIRST].word);
		if (found == '?')
			wrong("no such option: %s%s", argv[optind - 1],
			    words_hint(rows, ROWS, argv[optind - 1], hint,
				sizeof(hint)));
		if (found == ':')
			wrong("%s needs an argument", argv[optind - 1]);
		take(o, name_of(found), optarg);
	}
	if (o->sources && optind < argc)
		o->preset = argv[optind++];
	if (optind < argc)
		wrong("'%s' is one argument too many", argv[optind]);
	if (o->test && o->purge)
		wrong("-t and --purge exclude each other");
	if (o->sources && (o->test || o->purge))
		wrong("--sources goes with neither -t nor --purge");
	set_defaults(o);
}
