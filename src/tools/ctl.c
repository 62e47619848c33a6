#include "tools/ctl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <bsd/string.h>

#include "base/text.h"

#define COMPLAINT_MAX 1024

static bool is_plugin, is_named;

bool
ctl_given(const struct ctl *ctl, enum ctl_option option)
{
	return (ctl->given & (1u << option)) != 0;
}

static void complain(const char *format, va_list args)
    __attribute__((format(printf, 1, 0)));

void
ctl_be_plugin(bool by_name)
{
	is_plugin = true;
	is_named = by_name;
}

bool
ctl_is_plugin(void)
{
	return is_plugin;
}

bool
ctl_is_named_plugin(void)
{
	return is_named;
}

const char *
ctl_program(void)
{
	return is_named ? CTL_PLUGIN_NAME : "ratesctl";
}

/*
 * One write(2) a line, so that lines of several processes don't mix; after
 * what was printed so far, should both go to one place.
 */
static void
complain(const char *format, va_list args)
{
	char text[COMPLAINT_MAX];

	vsnprintf(text, sizeof(text), format, args);
	fflush(stdout);
	/* A bar would begin performance data. */
	for (char *p = text; is_plugin && *p != '\0'; p++)
		if (*p == '|')
			*p = '/';
	if (is_plugin)
		printf("RATES UNKNOWN - %s\n", text);
	else
		fprintf(stderr, "ratesctl: %s\n", text);
}

int
ctl_complain(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(format, args);
	va_end(args);
	return is_plugin ? CTL_PLUGIN_UNKNOWN : status;
}

int
ctl_note(const struct ctl *ctl, int status, const char *format, ...)
{
	va_list args;

	if (ctl_given(ctl, OPTION_QUIET) && !is_plugin)
		return status;
	va_start(args, format);
	complain(format, args);
	va_end(args);
	return is_plugin ? CTL_PLUGIN_UNKNOWN : status;
}

/*
 * A full disk shows up in the flush at the latest.  With SIGPIPE at its
 * default a closed pipe has ended the process before this.
 */
int
ctl_finish(int status)
{
	bool failed = ferror(stdout) != 0;

	/* Only a flush that fails now tells why. */
	if (fflush(stdout) == 0) {
		if (!failed)
			return status;
		return ctl_complain(CTL_FAILED, "can't write the output");
	}
	return ctl_complain(CTL_FAILED, "can't write the output: %m");
}

void
ctl_nearest(struct ctl_nearest *nearest, const char *candidate)
{
	unsigned edits;

	if (!text_near(nearest->word, candidate, &edits) ||
	    (nearest->best[0] != '\0' && edits >= nearest->edits))
		return;
	nearest->edits = edits;
	strlcpy(nearest->best, candidate, sizeof(nearest->best));
}

const char *
ctl_hint(const struct ctl_nearest *nearest, const char *otherwise, char *buf,
    size_t size)
{
	return nearest->best[0] == '\0'
	    ? text_format(buf, size, "%s", otherwise)
	    : text_format(buf, size, "; did you mean '%s'?", nearest->best);
}

void
ctl_list(char *buf, size_t size, unsigned count, const char *name)
{
	if (count < CTL_LIST_MAX)
		text_append(buf, size, "%s%s", count == 0 ? "" : ", ", name);
}

void
ctl_list_end(char *buf, size_t size, unsigned count)
{
	if (count > CTL_LIST_MAX)
		text_append(
		    buf, size, " and %u more", count - CTL_LIST_MAX);
}
