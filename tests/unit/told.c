#include "told.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"

#ifndef TEST_DATA
#define TEST_DATA "tests/data"
#endif

char told[TOLD_MAX];
const char *told_sources = TEST_DATA "/presets";

/* context: how much of each line's beginning to leave out. */
static void
collect(void *context, const char *line)
{
	const size_t *skip = context;

	text_append(told, sizeof(told), "%s\n", line + *skip);
}

struct conf *
load_file(const char *file)
{
	size_t skip = 0;

	told[0] = '\0';
	return conf_load(file, told_sources, collect, &skip);
}

struct conf *
load_bytes(const char *bytes, size_t size)
{
	int fd = memfd_create("conf", MFD_CLOEXEC);
	struct conf *conf;
	char file[40];
	size_t skip;

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, bytes, size), size);
	text_format(file, sizeof(file), "/proc/self/fd/%d", fd);
	skip = strlen(file);
	told[0] = '\0';
	conf = conf_load(file, told_sources, collect, &skip);
	close(fd);
	return conf;
}

struct conf *
load_text(const char *text)
{
	return load_bytes(text, strlen(text));
}

void
refuses_file(const char *file, const char *faults)
{
	assert_null(load_file(file));
	assert_string_equal(told, faults);
}

void
refuses_text(const char *text, const char *faults)
{
	assert_null(load_text(text));
	assert_string_equal(told, faults);
}

void
accepts_text(const char *text)
{
	struct conf *conf = load_text(text);

	assert_string_equal(told, "");
	assert_non_null(conf);
	conf_free(conf);
}

int
enter_samples(void **state)
{
	(void)state;
	return chdir(TEST_DATA "/conf");
}
