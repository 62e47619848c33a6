#include "tools/instances.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "base/code.h"
#include "base/text.h"
#include "board/attach.h"
#include "board/feed.h"
#include "board/layout.h"
#include "tools/ctl.h"

#define LOOKED_AT_MAX 256 /* boards; any user may make more */

/* The instance whose board a file is, or NULL. */
static const char *
instance_of(const char *file)
{
	char prefix[BOARD_OBJECT_MAX];
	size_t length;

	board_object_name("", prefix, sizeof(prefix));
	length = strlen(prefix + 1); /* it begins with the "/" of the path */
	if (strncmp(file, prefix + 1, length) != 0 ||
	    !instance_valid(file + length))
		return NULL;
	return file + length;
}

static bool
is_fed(const char *instance)
{
	struct board_header header;
	struct rates_feed feed;

	if (attach_peek(instance, &header) == -1)
		return false;
	feed_read(&header, &feed);
	return feed.fed != 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static unsigned
find(char names[LOOKED_AT_MAX][INSTANCE_TEXT_MAX])
{
	DIR *directory = opendir(BOARD_SHM_DIR);
	const struct dirent *entry;
	const char *instance;
	unsigned count = 0;

	if (directory == NULL)
		return 0;
	while (count < LOOKED_AT_MAX && (entry = readdir(directory)) != NULL) {
		instance = instance_of(entry->d_name);
		if (instance != NULL && is_fed(instance))
			strlcpy(names[count++], instance, INSTANCE_TEXT_MAX);
	}
	closedir(directory);
	qsort(names, count, sizeof(names[0]), by_name);
	return count;
}

const char *
instances_running(char *buf, size_t size)
{
	char names[LOOKED_AT_MAX][INSTANCE_TEXT_MAX];
	unsigned count = find(names);

	text_format(buf, size, "%s", count == 0 ? "" : "; running: ");
	for (unsigned i = 0; i < count; i++)
		ctl_list(buf, size, i, names[i]);
	ctl_list_end(buf, size, count);
	return buf;
}
