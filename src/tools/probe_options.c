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
	     "the section of\nratesd.conf that reads it.\n\n"
	     "      --base CODE    the base, if the answer doesn't name it\n"
	     "      --file ANSWER  look at this file; URL is not asked\n"
	     "      --name NAME    of the section\n"
	     "  -V, --version      print the version and exit\n"
	     "  -h, --help         print this help and exit\n\n"
	     "Exit status: 0 done, 1 failed or nothing found, 2 wrong command "
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

static void
take(struct probe_options *o, int found, char **argv)
{
	switch (found) {
	case 'b':
		set_base(o, optarg);
		break;
	case 'f':
		o->file = optarg;
		break;
	case 'n':
		set_name(o, optarg);
		break;
	case 'V':
		puts("ratesd-probe (ratesd) " PACKAGE_VERSION);
		exit(fflush(stdout) == 0 ? 0 : 1);
	case 'h':
		help();
	case ':':
		wrong("%s needs an argument", argv[optind - 1]);
	default:
		wrong("no such option: %s", argv[optind - 1]);
	}
}

void
probe_options(int argc, char **argv, struct probe_options *o)
{
	static const struct option longs[] = {
		{ "base", required_argument, NULL, 'b' },
		{ "file", required_argument, NULL, 'f' },
		{ "name", required_argument, NULL, 'n' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
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
