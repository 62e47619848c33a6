/*
 * Whatever bytes a configuration has: either a configuration whose values are
 * all within their bounds and no report, or none and reports that can be
 * shown, each with a line of the file.  No descriptor is left open.
 */
#include "daemon/conf.h"

#include <fcntl.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/number.h"
#include "base/text.h"
#include "fuzz.h"

#define REPORT_MAX (4096 + 256)

struct seen {
	char file[40];
	int64_t lines;
	unsigned reports;
};

static void
check_report(void *context, const char *line)
{
	struct seen *seen = context;
	size_t length = strlen(seen->file);
	char number[32];
	int64_t at;

	seen->reports++;
	require_printable(line, REPORT_MAX);
	REQUIRE(strncmp(line, seen->file, length) == 0);
	REQUIRE(line[length] == ':');
	line += length + 1;
	if (line[0] == ' ')
		return; /* of the file as a whole */
	text_format(number, sizeof(number), "%.*s",
	    (int)strcspn(line, ":"), line);
	REQUIRE(number_parse_int(number, 1, seen->lines, &at) == 0);
	REQUIRE(line[strlen(number)] == ':');
}

static void
require_codes(const struct conf *conf)
{
	REQUIRE(conf->currencies >= 1);
	REQUIRE(conf->currencies <= BOARD_CURRENCIES_MAX);
	for (unsigned i = 0; i < conf->currencies; i++) {
		REQUIRE(code_valid(conf->codes[i]));
		for (unsigned k = 0; k < i; k++)
			REQUIRE(conf->codes[i] != conf->codes[k]);
	}
}

/* A host may be named in any script; what a terminal obeys is no part of it. */
static void
require_url(const char *url)
{
	REQUIRE(strnlen(url, SOURCE_URL_MAX) < SOURCE_URL_MAX);
	REQUIRE(strncasecmp(url, "http", 4) == 0);
	for (; *url != '\0'; url++)
		REQUIRE((unsigned char)*url >= ' ' && *url != 0x7f);
}

static void
require_lists(const struct source *source)
{
	REQUIRE(source->mirror_count <= SOURCE_MIRRORS_MAX);
	for (unsigned i = 0; i < source->mirror_count; i++)
		require_url(source->mirrors[i]);
	REQUIRE(source->header_count <= SOURCE_HEADERS_MAX);
	for (unsigned i = 0; i < source->header_count; i++)
		REQUIRE(strpbrk(source->headers[i], "\r\n") == NULL);
	REQUIRE(source->mapping.error_count <= MAPPING_ERRORS_MAX);
	REQUIRE(source->mapping.class_count <= MAPPING_CLASSES_MAX);
	for (unsigned i = 0; i < source->mapping.error_count; i++)
		REQUIRE(source->mapping.errors[i][0] == '/');
}

static void
require_sources(const struct conf *conf)
{
	REQUIRE(conf->source_count >= 1);
	REQUIRE(conf->source_count <= BOARD_SOURCES_MAX);
	for (unsigned i = 0; i < conf->source_count; i++) {
		const struct source *source = &conf->sources[i];

		require_printable(source->name, sizeof(source->name));
		require_url(source->url);
		REQUIRE(source->name[0] != '\0');
		REQUIRE(source->burst >= 1 && source->burst <= 1000000);
		REQUIRE(source->rate_interval >= 0);
		require_lists(source);
		REQUIRE(memchr(source->terms, '\0', SOURCE_TERMS_MAX) !=
		    NULL);
		REQUIRE((source->auth == SOURCE_AUTH_NONE) ==
		    (source->key[0] == '\0'));
	}
}

static void
require_values(const struct conf *conf)
{
	REQUIRE(conf->workers >= 1 && conf->workers <= BOARD_SLOTS_MAX);
	REQUIRE(conf->concurrency >= 1 && conf->concurrency <= 256);
	REQUIRE(conf->restart_limit >= 1 && conf->restart_limit <= 1000);
	REQUIRE(conf->engine != NULL);
	REQUIRE(conf->refresh >= 100 * CLOCK_MS);
	REQUIRE(conf->stale_after >= CLOCK_SECOND);
	REQUIRE(conf->connect_timeout >= 100 * CLOCK_MS);
	REQUIRE(conf->connect_timeout <= conf->timeout);
	REQUIRE(conf->timeout <= 300 * CLOCK_SECOND);
	REQUIRE((conf->board_mode & 0600) == 0600);
	REQUIRE((conf->board_mode & ~0755u) == 0);
	REQUIRE((conf->queue_mode & 0600) == 0600);
	REQUIRE((conf->queue_mode & ~0777u) == 0);
	REQUIRE(conf->max_jump >= 0 && conf->max_jump <= 10);
	REQUIRE(conf->late_after >= 60 * CLOCK_SECOND);
}

/* A file of these bytes, the same one each time. */
static int
file_of(const uint8_t *data, size_t size)
{
	static int fd = -1;

	if (fd == -1)
		fd = memfd_create("conf", MFD_CLOEXEC);
	REQUIRE(fd != -1);
	REQUIRE(ftruncate(fd, 0) == 0);
	REQUIRE(pwrite(fd, data, size, 0) == (ssize_t)size);
	return fd;
}

static int
lowest_descriptor(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	REQUIRE(fd != -1);
	close(fd);
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen seen = { .lines = 1 };
	struct conf *conf;
	int fd, lowest;

	clearenv(); /* or "${NAME}" would have a value here and none there */
	fd = file_of(data, size);
	text_format(seen.file, sizeof(seen.file), "/proc/self/fd/%d", fd);
	for (size_t i = 0; i < size; i++)
		seen.lines += data[i] == '\n';
	lowest = lowest_descriptor();
	conf = conf_load(seen.file, NULL, check_report, &seen);
	REQUIRE(lowest_descriptor() == lowest);
	REQUIRE((conf == NULL) == (seen.reports > 0));
	REQUIRE(conf == NULL || memchr(data, '\0', size) == NULL);
	if (conf != NULL) {
		require_codes(conf);
		require_sources(conf);
		require_values(conf);
	}
	conf_free(conf);
	return 0;
}
