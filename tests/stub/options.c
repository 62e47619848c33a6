#include "options.h"

#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/stdlib.h>

#include "behave.h"
#include "data.h"

#define SECONDS_DEFAULT	600
#define SECONDS_MAX	86400

static const char usage_text[] =
"usage: ratesd-stub --data FILE [--date YYYY-MM-DD] [--port N]\n"
"    [--port-file FILE] [--log FILE] [--for SECONDS] [--synthetic N]\n"
"    [--latency MS] [--fail KIND=PERCENT]... [--base-fail BASE=KIND]...\n"
"    [--retry-after VALUE] [--seed N] [--serial 0|1] [--hold 0|1]\n"
"    [--hold-base BASE]\n"
"kinds:";

/* val 's' is a setting, known to behave_set() by the name of the option. */
static const struct option longopts[] = {
	{ "data",		required_argument,	NULL, 'd' },
	{ "port",		required_argument,	NULL, 'p' },
	{ "port-file",		required_argument,	NULL, 'f' },
	{ "log",		required_argument,	NULL, 'l' },
	{ "for",		required_argument,	NULL, 't' },
	{ "synthetic",		required_argument,	NULL, 'n' },
	{ "help",		no_argument,		NULL, 'h' },
	{ "date",		required_argument,	NULL, 's' },
	{ "latency",		required_argument,	NULL, 's' },
	{ "fail",		required_argument,	NULL, 's' },
	{ "base-fail",		required_argument,	NULL, 's' },
	{ "retry-after",	required_argument,	NULL, 's' },
	{ "seed",		required_argument,	NULL, 's' },
	{ "serial",		required_argument,	NULL, 's' },
	{ "hold",		required_argument,	NULL, 's' },
	{ "hold-base",		required_argument,	NULL, 's' },
	{ NULL, 0, NULL, 0 },
};

static void
usage(FILE *out)
{
	fputs(usage_text, out);
	for (int kind = 0; kind < KIND_COUNT; kind++)
		fprintf(out, " %s", kind_name((enum kind)kind));
	fputs("\n", out);
	exit(out == stdout ? 0 : 1);
}

static int
number(const char *name, long long min, long long max)
{
	const char *problem;
	long long n = strtonum(optarg, min, max, &problem);

	if (problem != NULL)
		errx(1, "--%s from %lld to %lld: %s", name, min, max, problem);
	return (int)n;
}

static void
add_setting(struct options *opt, const char *key)
{
	if (opt->setting_count == OPTION_SETTINGS_MAX)
		errx(1, "more than %d settings", OPTION_SETTINGS_MAX);
	opt->settings[opt->setting_count].key = key;
	opt->settings[opt->setting_count++].value = optarg;
}

static void
take(struct options *opt, int c, const char *name)
{
	switch (c) {
	case 'd':
		opt->data = optarg;
		break;
	case 'p':
		opt->port = (uint16_t)number(name, 0, 65535);
		break;
	case 'f':
		opt->port_file = optarg;
		break;
	case 'l':
		opt->log = optarg;
		break;
	case 't':
		opt->seconds = number(name, 1, SECONDS_MAX);
		break;
	case 'n':
		opt->synthetic = (size_t)number(name, 1, SYNTHETIC_MAX);
		break;
	case 's':
		add_setting(opt, name);
		break;
	case 'h':
		usage(stdout);
		break;
	default:
		usage(stderr);
	}
}

void
options_read(struct options *opt, int argc, char *argv[])
{
	int c, which = 0;

	memset(opt, 0, sizeof(*opt));
	opt->seconds = SECONDS_DEFAULT;
	while ((c = getopt_long(argc, argv, "", longopts, &which)) != -1)
		take(opt, c, longopts[which].name);
	if (optind != argc || opt->data == NULL)
		usage(stderr);
}

void
options_apply(const struct options *opt)
{
	struct behave b = behave_copy();
	char why[WHY_SIZE];

	for (size_t i = 0; i < opt->setting_count; i++)
		if (!behave_set(&b, opt->settings[i].key,
		    opt->settings[i].value, why))
			errx(1, "--%s %s: %s", opt->settings[i].key,
			    opt->settings[i].value, why);
	behave_commit(&b);
}

void
port_file_write(const char *file, uint16_t port)
{
	char *temp;
	FILE *out;

	if (file == NULL)
		return;
	if (asprintf(&temp, "%s.%ld.tmp", file, (long)getpid()) == -1)
		err(1, NULL);
	if ((out = fopen(temp, "we")) == NULL)
		err(1, "%s", temp);
	fprintf(out, "%u\n", port);
	if (ferror(out) || fclose(out) != 0 || rename(temp, file) == -1) {
		warn("%s", file);
		unlink(temp);
		exit(1);
	}
	free(temp);
}

void
port_file_remove(const char *file)
{
	if (file != NULL && unlink(file) == -1)
		warn("%s", file);
}
