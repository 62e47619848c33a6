/*
 * Gives a fuzz target the files, and all files in the directories, that are
 * named on the command line: so a corpus is a test without a fuzzer.  A fault
 * ends the program; no file at all is a fault too.
 */
#include <dirent.h>
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define FILE_MAX (1 << 20)
#define PATH_LENGTH_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned replayed;

/* The bytes lie in memory of exactly their size, for a sanitizer to guard. */
static void
replay_file(const char *path, size_t size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(size > 0 ? size : 1);

	if (file == NULL || data == NULL)
		err(1, "%s", path);
	if (fread(data, 1, size, file) != size)
		errx(1, "%s: it became shorter", path);
	fclose(file);
	fprintf(stderr, "%s\n", path); /* the last one is the one that fails */
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	replayed++;
}

static void replay_path(const char *path);

static void
replay_directory(const char *path)
{
	DIR *directory = opendir(path);
	char file[PATH_LENGTH_MAX];
	struct dirent *entry;

	if (directory == NULL)
		err(1, "%s", path);
	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		replay_path(file);
	}
	closedir(directory);
}

static void
replay_path(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		err(1, "%s", path);
	if (S_ISDIR(st.st_mode))
		replay_directory(path);
	else if (st.st_size > FILE_MAX)
		errx(1, "%s: over %d bytes", path, FILE_MAX);
	else
		replay_file(path, (size_t)st.st_size);
}

int
main(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++)
		replay_path(argv[i]);
	printf("%u inputs replayed\n", replayed);
	return replayed > 0 ? 0 : 1;
}
