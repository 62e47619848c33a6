#include "base/zone.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

#define DIRECTORY "/usr/share/zoneinfo"
#define FILE_MAX 65536 /* the largest of 2025 has 3.6 KB */

static const char *
directory(void)
{
	const char *set = getenv("TZDIR");

	return set != NULL && *set != '\0' ? set : DIRECTORY;
}

struct zone *
zone_load(const char *name, char *why, size_t why_size)
{
	char path[PATH_MAX];
	struct zone *zone;
	void *bytes;
	size_t size;

	if (!zone_name_valid(name)) {
		text_format(why, why_size, "not the name of a time zone");
		return NULL;
	}
	if (strcmp(name, "UTC") == 0)
		return zone_utc();
	text_format(path, sizeof(path), "%s/%s", directory(), name);
	if (file_load(path, FILE_MAX, &bytes, &size) == -1) {
		text_format(why, why_size, "%s: %s", path,
		    errno == EINVAL ? "not a file" : strerror(errno));
		return NULL;
	}
	zone = zone_parse(bytes, size, why, why_size);
	free(bytes);
	return zone;
}
