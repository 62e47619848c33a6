/*
 * Keys of sources: from which files they come, and that nothing of them is
 * told.
 */
#include "told.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/conf_credential.h"

static char directory[] = "/tmp/test_credential.XXXXXX";
static char path[64], why[256];

/* The file of the key, with these bytes and this mode. */
static void
put(const char *bytes, size_t size, mode_t mode)
{
	int fd;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, bytes, size), size);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static int
read_path(struct source *source)
{
	memset(source, 0, sizeof(*source));
	snprintf(source->name, sizeof(source->name), "bank");
	snprintf(source->credential, sizeof(source->credential), "%s", path);
	why[0] = '\0';
	return conf_credential_read(source, why, sizeof(why));
}

static void
takes(const char *bytes, const char *key)
{
	struct source source;

	put(bytes, strlen(bytes), 0600);
	assert_int_equal(read_path(&source), 0);
	assert_string_equal(source.key, key);
}

static void
refuses(const char *bytes, size_t size, mode_t mode, const char *fault)
{
	struct source source;
	char wanted[256];

	put(bytes, size, mode);
	assert_int_equal(read_path(&source), -1);
	snprintf(wanted, sizeof(wanted), "%s: %s", path, fault);
	assert_string_equal(why, wanted);
	assert_string_equal(source.key, "");
}

static void
one_newline_is_cut_off(void **state)
{
	char most[260];

	(void)state;
	takes("S3CRET", "S3CRET");
	takes("S3CRET\n", "S3CRET");
	snprintf(most, sizeof(most), "%0255d\n", 0);
	put(most, 256, 0600);
	most[255] = '\0';
	takes(most, most);
}

#define NO_TEXT "a blank, a control character or no ASCII in it"

static void
what_is_no_key_is_refused_and_not_told(void **state)
{
	char more[260];

	(void)state;
	refuses("", 0, 0600, "empty");
	refuses("\n", 1, 0600, "empty");
	refuses("S3\nCRET\n", 8, 0600, "more than one line");
	refuses("S3CRET\n\n", 8, 0600, "more than one line");
	refuses("S3CRET\r\n", 8, 0600, NO_TEXT);
	refuses("S3\0CRET", 7, 0600, NO_TEXT);
	refuses("S3CRET ", 7, 0600, NO_TEXT);
	refuses("S3\033CRET", 7, 0600, NO_TEXT);
	refuses("S3\177CRET", 7, 0600, NO_TEXT);
	refuses("S3\303\251CRET", 8, 0600, NO_TEXT);
	snprintf(more, sizeof(more), "%0256d\n", 0);
	refuses(more, 256, 0600, "longer than 255 bytes");
	refuses(more, 257, 0600, "longer than 255 bytes");
}

static void
a_file_for_others_is_refused(void **state)
{
	static const char *const read = "everybody may read it (chmod o-r)";
	static const char *const wrote = "others may write it (chmod go-w)";
	struct source source;

	(void)state;
	refuses("S3CRET", 6, 0604, read);
	refuses("S3CRET", 6, 0644, read);
	refuses("S3CRET", 6, 0620, wrote);
	refuses("S3CRET", 6, 0602, wrote);
	refuses("S3CRET", 6, 0666, wrote);
	put("S3CRET", 6, 0440);
	assert_int_equal(read_path(&source), 0);
	put("S3CRET", 6, 0640);
	assert_int_equal(read_path(&source), 0);
}

static void
only_a_regular_file_will_do(void **state)
{
	struct source source;
	char wanted[128];

	(void)state;
	unlink(path);
	assert_int_equal(read_path(&source), -1);
	snprintf(wanted, sizeof(wanted), "%s: No such file or directory",
	    path);
	assert_string_equal(why, wanted);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(read_path(&source), -1); /* and waits for nobody */
	snprintf(wanted, sizeof(wanted), "%s: not a regular file", path);
	assert_string_equal(why, wanted);
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(read_path(&source), -1);
	assert_string_equal(why, wanted);
	assert_int_equal(rmdir(path), 0);
}

static void
the_service_manager_keeps_keys_too(void **state)
{
	struct source source = { .name = "bank" };

	(void)state;
	put("S3CRET\n", 7, 0444); /* it is the directory that is closed */
	setenv("CREDENTIALS_DIRECTORY", directory, 1);
	assert_int_equal(
	    conf_credential_read(&source, why, sizeof(why)), 0);
	assert_string_equal(source.key, "S3CRET");
	assert_int_equal(read_path(&source), 0);
	source = (struct source){ .name = "other", .credential = "bank" };
	assert_int_equal(
	    conf_credential_read(&source, why, sizeof(why)), 0);
	assert_string_equal(source.key, "S3CRET");
	/* Only below it, and only by name. */
	setenv("CREDENTIALS_DIRECTORY", "/tmp/test", 1);
	assert_int_equal(read_path(&source), -1);
	setenv("CREDENTIALS_DIRECTORY", "/", 1);
	assert_int_equal(read_path(&source), -1);
	setenv("CREDENTIALS_DIRECTORY", directory, 1);
	put("S3CRET\n", 7, 0666);
	assert_int_equal(read_path(&source), -1);
	unsetenv("CREDENTIALS_DIRECTORY");
}

#define KEYED "currencies = EUR sources = keyed-bank\n"

static void
a_source_with_auth_needs_its_key(void **state)
{
	char text[512], fault[512];
	struct conf *conf, *copy;

	(void)state;
	refuses_text(KEYED, ":1: source 'keyed-bank': credential: none given,"
	    " and there is no $CREDENTIALS_DIRECTORY to find 'keyed-bank'"
	    " in\n");
	refuses_text(KEYED "source keyed-bank {\n credential = 'k' }\n",
	    ":3: source 'keyed-bank': credential: not a path, and there is no"
	    " $CREDENTIALS_DIRECTORY to find 'k' in\n");
	snprintf(text, sizeof(text), KEYED "source keyed-bank {\n"
	    "\n credential = '%s' }\n", path);
	unlink(path);
	snprintf(fault, sizeof(fault), ":4: source 'keyed-bank': credential:"
	    " %s: No such file or directory\n", path);
	refuses_text(text, fault);
	put("S3CRET\n", 7, 0600);
	conf = load_text(text);
	assert_string_equal(told, "");
	assert_non_null(conf);
	copy = conf_copy(conf);
	conf_free(conf);
	assert_non_null(copy);
	assert_string_equal(copy->sources[0].key, "S3CRET");
	assert_int_equal(copy->sources[0].auth, SOURCE_AUTH_HEADER);
	assert_string_equal(copy->sources[0].auth_name, "X-Key");
	conf_free(copy);
}

/* A section that no one uses is checked, but its key is let lie. */
static void
a_key_that_is_not_used_is_not_read(void **state)
{
	(void)state;
	accepts_text(WHOLE "source b { preset = keyed-bank"
	    " credential = '/nonexistent' }\n");
}

static int
set_up(void **state)
{
	unsetenv("CREDENTIALS_DIRECTORY");
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/bank", directory);
	return enter_samples(state);
}

static int
tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(directory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_newline_is_cut_off),
		cmocka_unit_test(what_is_no_key_is_refused_and_not_told),
		cmocka_unit_test(a_file_for_others_is_refused),
		cmocka_unit_test(only_a_regular_file_will_do),
		cmocka_unit_test(the_service_manager_keeps_keys_too),
		cmocka_unit_test(a_source_with_auth_needs_its_key),
		cmocka_unit_test(a_key_that_is_not_used_is_not_read),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
