#include "daemon/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * landlock(7), by hand: the C library has no calls, and the kernel's header is
 * often older than the kernel.
 */
#ifdef SYS_landlock_create_ruleset

#define VERSION_ONLY 1u
#define RULE_PATH 1

#define FS_READ_FILE (UINT64_C(1) << 2)
#define FS_READ_DIR (UINT64_C(1) << 3)
#define NET_BIND_TCP UINT64_C(1)
#define SCOPE_ABSTRACT_SOCKETS UINT64_C(1)
#define SCOPE_SIGNALS UINT64_C(2)

struct ruleset {
	uint64_t fs, net, scope;
};

struct __attribute__((packed)) path_rule {
	uint64_t allowed;
	int32_t parent;
};

/* The kinds of access to files that each version knows: the first so many. */
static const unsigned fs_kinds[] = { 0, 13, 14, 15, 15, 16 };
#define FS_VERSIONS (sizeof(fs_kinds) / sizeof(fs_kinds[0]))

/* Where libraries, certificates, and what the resolver wants may be. */
static const char *const readable[] = { "/dev", "/etc", "/lib", "/lib32",
	"/lib64", "/nix/store", "/opt", "/proc", "/run", "/sys", "/usr",
	"/var/lib/ca-certificates" };
static const char *const readable_variables[] = { "SSL_CERT_FILE",
	"SSL_CERT_DIR", "OPENSSL_CONF", "LD_LIBRARY_PATH" };

static struct ruleset
ruleset_of(int version)
{
	size_t known = (size_t)version < FS_VERSIONS ? (size_t)version :
	                                               FS_VERSIONS - 1;

	return (struct ruleset){
		.fs = (UINT64_C(1) << fs_kinds[known]) - 1,
		.net = version >= 4 ? NET_BIND_TCP : 0,
		.scope = version >= 6 ? SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS :
		                        0 };
}

/* An older kernel knows no such field, and wants its size left out. */
static size_t
ruleset_size(int version)
{
	return version >= 6 ? 3 * sizeof(uint64_t) :
	    version >= 4    ? 2 * sizeof(uint64_t) :
			      sizeof(uint64_t);
}

/* What is not there need not be read. */
static int
let_read(int rules, const char *path)
{
	struct path_rule rule = { .allowed = FS_READ_FILE | FS_READ_DIR };
	struct stat st;
	int result;

	rule.parent = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent == -1)
		return 0;
	if (fstat(rule.parent, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed = FS_READ_FILE;
	result = (int)syscall(
	    SYS_landlock_add_rule, rules, RULE_PATH, &rule, 0);
	close(rule.parent);
	return result;
}

static int
let_read_all(int rules)
{
	int result = 0;

	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
		result |= let_read(rules, readable[i]);
	for (size_t i = 0; i <
	     sizeof(readable_variables) / sizeof(readable_variables[0]);
	     i++) {
		const char *path = getenv(readable_variables[i]);

		if (path != NULL && path[0] == '/')
			result |= let_read(rules, path);
	}
	return result;
}

int
sandbox_files_version(void)
{
	long version =
	    syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_ONLY);

	return version < 0 ? 0 : (int)version;
}

enum sandbox_state
sandbox_files_enter(void)
{
	int version = sandbox_files_version(), result = -1, rules, kept;
	struct ruleset set = ruleset_of(version);

	if (version == 0)
		return SANDBOX_ABSENT;
	rules = (int)syscall(SYS_landlock_create_ruleset, &set,
	    ruleset_size(version), 0);
	if (rules == -1)
		return SANDBOX_FAILED;
	if (let_read_all(rules) == 0)
		result = (int)syscall(SYS_landlock_restrict_self, rules, 0);
	kept = errno;
	close(rules);
	errno = kept;
	return result == 0 ? SANDBOX_ON : SANDBOX_FAILED;
}

#else

int
sandbox_files_version(void)
{
	return 0;
}

enum sandbox_state
sandbox_files_enter(void)
{
	return SANDBOX_UNBUILT;
}

#endif
