#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bsd/string.h>
#include <cmocka.h>

#include "base/clock.h"

#define SIZE 100000 /* of a file that takes a while to write */
#define ROUNDS 200
#define NOBODY 65534 /* any user but root */
#define PATIENCE (30 * CLOCK_SECOND)
#define PATH_ROOM (PATH_MAX + 16)

static char directory[] = "/tmp/ratesd-file-XXXXXX";
static char path[64]; /* in a directory below, which is not there yet */
static const char *what;

/* --- what the module asks of the kernel ---------------------------------- */

/*
 * The calls of file.c come here first, so that a test can do something between
 * two of them, and knows their order.
 */
static void (*after_unlink)(const char *removed);
static char calls[16];
static ino_t synced; /* the last directory */

static void
note(const char *call)
{
	strlcat(calls, call, sizeof(calls));
}

int
unlink(const char *name)
{
	int result = unlinkat(AT_FDCWD, name, 0);
	int kept = errno;

	if (after_unlink != NULL)
		after_unlink(name);
	errno = kept;
	return result;
}

int
rename(const char *from, const char *to)
{
	note("r");
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int
fsync(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return -1;
	note(S_ISDIR(st.st_mode) ? "d" : "f");
	if (S_ISDIR(st.st_mode))
		synced = st.st_ino;
	return fdatasync(fd);
}

/* --- files --------------------------------------------------------------- */

static void
remove_in(const char *name)
{
	DIR *dir = opendir(name);
	struct dirent *entry;
	char inner[PATH_ROOM];

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(inner, sizeof(inner), "%s/%s", name, entry->d_name);
		if (unlinkat(AT_FDCWD, inner, 0) == -1) {
			remove_in(inner);
			rmdir(inner);
		}
	}
	if (dir != NULL)
		closedir(dir);
}

static int
begin(void **state)
{
	(void)state;
	alarm(60); /* rather than hang */
	after_unlink = NULL;
	calls[0] = '\0';
	what = NULL;
	memcpy(directory + sizeof(directory) - 7, "XXXXXX", 6);
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/state/board", directory);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	alarm(0);
	remove_in(directory);
	return rmdir(directory);
}

/* The name of a file beside the path; static. */
static const char *
beside(const char *suffix)
{
	static char name[80];

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return name;
}

static bool
is_there(const char *name)
{
	struct stat st;

	return lstat(name, &st) == 0;
}

static void
make_directory(void)
{
	char name[64];

	snprintf(name, sizeof(name), "%s/state", directory);
	assert_int_equal(mkdir(name, 0755), 0);
}

static void
write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_int_equal(fputs(text, file) >= 0, 1);
	assert_int_equal(fclose(file), 0);
}

static void
replace(const char *text)
{
	assert_int_equal(file_replace(path, text, strlen(text), &what), 0);
}

static void
not_replaced(const char *with, int error, const char *step)
{
	errno = 0;
	assert_int_equal(file_replace(path, with, strlen(with), &what), -1);
	assert_int_equal(errno, error);
	assert_string_equal(what, step);
}

static void
holds(const char *name, const char *text)
{
	void *bytes;
	size_t size;

	assert_int_equal(file_load(name, SIZE, &bytes, &size), 0);
	assert_int_equal(size, strlen(text));
	assert_memory_equal(bytes, text, size);
	free(bytes);
}

static void
not_loaded(const char *name, size_t most, int error)
{
	char dummy;
	void *bytes = &dummy;
	size_t size = 1;

	errno = 0;
	assert_int_equal(file_load(name, most, &bytes, &size), -1);
	assert_int_equal(errno, error);
	assert_null(bytes);
	assert_int_equal(size, 0);
}

/* --- loading ------------------------------------------------------------- */

static void
loads_what_was_put_there(void **state)
{
	(void)state;
	replace("some bytes");
	holds(path, "some bytes");
	replace("");
	holds(path, "");
}

static void
loads_no_larger_file(void **state)
{
	void *bytes;
	size_t size;

	(void)state;
	replace("12345678");
	not_loaded(path, 7, EFBIG);
	not_loaded(path, 0, EFBIG);
	assert_int_equal(file_load(path, 8, &bytes, &size), 0);
	free(bytes);
}

/* A hole costs nothing: no memory is asked for it. */
static void
loads_no_huge_file(void **state)
{
	(void)state;
	replace("");
	assert_int_equal(truncate(path, (off_t)1 << 40), 0);
	not_loaded(path, 64 << 20, EFBIG);
}

/* Nor waits for the writer of a FIFO. */
static void
loads_only_regular_files(void **state)
{
	(void)state;
	not_loaded(path, SIZE, ENOENT);
	not_loaded(directory, SIZE, EINVAL);
	not_loaded("/dev/zero", SIZE, EINVAL);
	make_directory();
	assert_int_equal(mkfifo(path, 0644), 0);
	not_loaded(path, SIZE, EINVAL);
}

/* --- replacing ----------------------------------------------------------- */

static void
replaces_a_file_that_is_there_or_not(void **state)
{
	(void)state;
	make_directory();
	replace("the first one, longer");
	holds(path, "the first one, longer");
	replace("another");
	holds(path, "another");
	assert_false(is_there(beside(".new")));
}

static void
makes_a_directory_that_is_missing(void **state)
{
	(void)state;
	assert_false(is_there(path));
	replace("new");
	holds(path, "new");
}

static void
a_name_without_a_directory_is_here(void **state)
{
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	(void)state;
	assert_int_equal(chdir(directory), 0);
	assert_int_equal(stat(directory, &st), 0);
	assert_int_equal(file_replace("board", "bytes", 5, &what), 0);
	assert_int_equal(synced, st.st_ino);
	holds("board", "bytes");
	assert_int_equal(file_remove("board"), 0);
	assert_false(is_there("board"));
	assert_int_equal(fchdir(here), 0);
	close(here);
}

static void
the_mode_is_0644_whatever_the_umask(void **state)
{
	mode_t before = umask(077);
	struct stat st;

	(void)state;
	make_directory();
	replace("bytes");
	umask(before);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
}

/* Else a crash could leave the name with nothing behind it. */
static void
bytes_are_synced_before_they_get_the_name(void **state)
{
	(void)state;
	replace("bytes");
	assert_string_equal(calls, "frd");
}

static void
a_piece_of_one_that_died_is_no_hindrance(void **state)
{
	(void)state;
	make_directory();
	write_file(beside(".new"), "much more than a piece of it");
	replace("bytes");
	holds(path, "bytes");
	assert_false(is_there(beside(".new")));
}

static void
another_hard_link_keeps_the_old_bytes(void **state)
{
	char kept[80];

	(void)state;
	replace("old");
	snprintf(kept, sizeof(kept), "%s.kept", path);
	assert_int_equal(link(path, kept), 0);
	replace("new");
	holds(kept, "old");
	holds(path, "new");
}

/* --- traps --------------------------------------------------------------- */

static char victim[80];

static void
set_link(const char *name)
{
	assert_int_equal(symlink(victim, name), 0);
}

static void
set_hard_link(const char *name)
{
	assert_int_equal(link(victim, name), 0);
}

/* A name that comes back after each removal, as a racing process would. */
static void
leaves_the_victim_of(void (*trap)(const char *name))
{
	make_directory();
	snprintf(victim, sizeof(victim), "%s/victim", directory);
	write_file(victim, "precious");
	write_file(path, "old");
	after_unlink = trap;
	errno = 0;
	assert_int_equal(file_replace(path, "bytes", 5, &what), -1);
	after_unlink = NULL;
	assert_int_equal(errno, EEXIST);
	assert_string_equal(what, "open");
	holds(victim, "precious");
	holds(path, "old");
}

static void
a_link_at_the_temporary_name_is_not_followed(void **state)
{
	(void)state;
	make_directory();
	snprintf(victim, sizeof(victim), "%s/victim", directory);
	write_file(victim, "precious");
	set_link(beside(".new"));
	replace("bytes");
	holds(path, "bytes");
	holds(victim, "precious");
	assert_false(is_there(beside(".new")));
}

static void
a_link_that_comes_back_is_not_followed(void **state)
{
	(void)state;
	leaves_the_victim_of(set_link);
}

static void
a_hard_link_that_comes_back_is_not_written(void **state)
{
	(void)state;
	leaves_the_victim_of(set_hard_link);
}

static void
a_link_at_the_name_is_replaced_and_not_followed(void **state)
{
	struct stat st;

	(void)state;
	make_directory();
	snprintf(victim, sizeof(victim), "%s/victim", directory);
	write_file(victim, "precious");
	set_link(path);
	replace("bytes");
	holds(victim, "precious");
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
}

/* --- failures ------------------------------------------------------------ */

static void
only_a_file_or_nothing_is_replaceable(void **state)
{
	(void)state;
	assert_int_equal(file_replaceable(path), 0);
	assert_int_equal(file_replace(path, "x", 1, &what), 0);
	assert_int_equal(file_replaceable(path), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("nowhere", path), 0);
	errno = 0;
	assert_int_equal(file_replaceable(path), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(file_replaceable(path), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(file_replaceable("/dev/null"), -1);
	assert_int_equal(file_replaceable("/"), -1);
	assert_int_equal(unlink(path), 0);
}

static void
a_file_as_directory_is_told(void **state)
{
	char file[64];

	(void)state;
	snprintf(file, sizeof(file), "%s/state", directory);
	write_file(file, "no directory");
	not_replaced("bytes", ENOTDIR, "open");
	holds(file, "no directory");
	assert_int_equal(file_remove(path), 0); /* nothing is there */
}

static void
only_one_directory_is_made(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "%s/no/state/board", directory);
	not_replaced("bytes", ENOENT, "open");
}

/* Root may write everywhere, so it becomes another one for a moment. */
static void
a_directory_without_permission_is_told(void **state)
{
	uid_t before = geteuid();
	char name[64];

	(void)state;
	replace("old");
	snprintf(name, sizeof(name), "%s/state", directory);
	assert_int_equal(chmod(directory, 0755), 0);
	assert_int_equal(chmod(name, 0555), 0);
	if (before == 0 && seteuid(NOBODY) == -1) {
		print_message("# not tested: root can't be another one\n");
		return;
	}
	not_replaced("new", EACCES, "open");
	holds(path, "old");
	assert_int_equal(seteuid(before), 0);
	assert_int_equal(chmod(name, 0755), 0);
}

static void
a_directory_at_a_name_is_told(void **state)
{
	(void)state;
	make_directory();
	assert_int_equal(mkdir(path, 0755), 0);
	not_replaced("bytes", EISDIR, "rename");
	assert_false(is_there(beside(".new")));
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkdir(beside(".new"), 0755), 0);
	not_replaced("bytes", EISDIR, "open");
	assert_false(is_there(path));
}

/*
 * The disk is full after some bytes: a limit for the size of a file answers a
 * write with what has room and the next one with EFBIG.
 */
static void
a_write_cut_short_leaves_the_old_file(void **state)
{
	static char bytes[SIZE];
	struct rlimit before, small;

	(void)state;
	replace("old");
	memset(bytes, 'n', sizeof(bytes) - 1);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = SIZE / 2;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	errno = 0;
	assert_int_equal(file_replace(path, bytes, SIZE, &what), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(errno, EFBIG);
	assert_string_equal(what, "write");
	holds(path, "old");
	assert_false(is_there(beside(".new")));
	replace(bytes); /* room again */
	holds(path, bytes);
}

static void
long_names_are_told(void **state)
{
	char name[PATH_ROOM];

	(void)state;
	/* Good in itself, and without room for what comes after it. */
	memset(name, '/', sizeof(name));
	memcpy(name, directory, strlen(directory));
	memcpy(name + PATH_MAX - 9, "board", sizeof("board"));
	errno = 0;
	assert_int_equal(file_replace(name, "b", 1, &what), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_string_equal(what, "open");
	errno = 0;
	assert_int_equal(file_set_aside(name), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	errno = 0;
	assert_int_equal(file_remove(name), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	memset(name + strlen(directory) + 1, 'n', NAME_MAX);
	name[strlen(directory) + 1 + NAME_MAX] = '\0'; /* an entry's limit */
	errno = 0;
	assert_int_equal(file_replace(name, "b", 1, &what), -1);
	assert_int_equal(errno, ENAMETOOLONG);
}

/* --- set aside, removed -------------------------------------------------- */

static void
sets_a_file_aside(void **state)
{
	(void)state;
	replace("damaged");
	assert_int_equal(file_set_aside(path), 0);
	assert_false(is_there(path));
	holds(beside(".damaged"), "damaged");
	replace("another");
	assert_int_equal(file_set_aside(path), 0);
	holds(beside(".damaged"), "another");
	errno = 0;
	assert_int_equal(file_set_aside(path), -1);
	assert_int_equal(errno, ENOENT);
}

static void
removes_every_piece(void **state)
{
	char stranger[80];

	(void)state;
	replace("bytes");
	write_file(beside(".new"), "a piece");
	write_file(beside(".damaged"), "an older one");
	snprintf(stranger, sizeof(stranger), "%s.not", path);
	write_file(stranger, "somebody's");
	assert_int_equal(file_remove(path), 0);
	assert_false(is_there(path));
	assert_false(is_there(beside(".new")));
	assert_false(is_there(beside(".damaged")));
	holds(stranger, "somebody's");
	assert_int_equal(file_remove(path), 0);
}

static void
removes_pieces_without_the_file(void **state)
{
	(void)state;
	make_directory();
	write_file(beside(".damaged"), "an older one");
	assert_int_equal(file_remove(path), 0);
	assert_false(is_there(beside(".damaged")));
}

static void
removes_no_directory(void **state)
{
	(void)state;
	make_directory();
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(file_remove(path), -1);
	assert_true(is_there(path));
}

/* --- together ------------------------------------------------------------ */

static bool
all_alike(const char *bytes, size_t size)
{
	for (size_t i = 1; i < size; i++)
		if (bytes[i] != bytes[0])
			return false;
	return true;
}

/* Until both kinds were seen, and the writer is done. */
static void
read_whole_files(int done)
{
	int64_t until = clock_mono() + PATIENCE;
	bool ended = false;
	char byte;

	while (!ended && clock_mono() < until) {
		void *bytes;
		size_t size;

		ended = read(done, &byte, 1) == 0;
		if (file_load(path, SIZE, &bytes, &size) == -1)
			_exit(2);
		if (size != SIZE || !all_alike(bytes, size))
			_exit(3);
		free(bytes);
	}
	_exit(ended ? 0 : 4);
}

static void
a_reader_sees_no_part_of_a_file(void **state)
{
	static char bytes[SIZE];
	int status, ends[2];
	int64_t end;
	pid_t reader;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	memset(bytes, 'a', SIZE);
	assert_int_equal(file_replace(path, bytes, SIZE, &what), 0);
	reader = fork();
	if (reader == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[1]);
		read_whole_files(ends[0]);
	}
	assert_true(reader > 0);
	close(ends[0]);
	end = clock_mono() + 15 * CLOCK_SECOND; /* the reader has 30 */
	for (int i = 0; i < ROUNDS && clock_mono() < end; i++) {
		memset(bytes, 'a' + i % 26, SIZE);
		assert_int_equal(file_replace(path, bytes, SIZE, &what), 0);
	}
	close(ends[1]);
	assert_int_equal(waitpid(reader, &status, 0), reader);
	assert_int_equal(status, 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(loads_what_was_put_there),
		test(loads_no_larger_file),
		test(loads_no_huge_file),
		test(loads_only_regular_files),
		test(replaces_a_file_that_is_there_or_not),
		test(makes_a_directory_that_is_missing),
		test(a_name_without_a_directory_is_here),
		test(the_mode_is_0644_whatever_the_umask),
		test(bytes_are_synced_before_they_get_the_name),
		test(a_piece_of_one_that_died_is_no_hindrance),
		test(another_hard_link_keeps_the_old_bytes),
		test(a_link_at_the_temporary_name_is_not_followed),
		test(a_link_that_comes_back_is_not_followed),
		test(a_hard_link_that_comes_back_is_not_written),
		test(a_link_at_the_name_is_replaced_and_not_followed),
		test(only_a_file_or_nothing_is_replaceable),
		test(a_file_as_directory_is_told),
		test(only_one_directory_is_made),
		test(a_directory_without_permission_is_told),
		test(a_directory_at_a_name_is_told),
		test(a_write_cut_short_leaves_the_old_file),
		test(long_names_are_told),
		test(sets_a_file_aside),
		test(removes_every_piece),
		test(removes_pieces_without_the_file),
		test(removes_no_directory),
		test(a_reader_sees_no_part_of_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
