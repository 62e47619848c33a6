#include "daemon/sandbox.h"

#include <sys/prctl.h>

#include "base/text.h"

/*
 * Fault points write files and stop processes, sanitizers read all over /proc,
 * and either is for tests alone.
 */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||     \
    __has_feature(memory_sanitizer)
#define TEST_BUILD
#endif
#endif
#if defined(RATESD_FAULT_POINTS) || defined(__SANITIZE_ADDRESS__) ||           \
    defined(__SANITIZE_THREAD__)
#define TEST_BUILD
#endif

#ifdef TEST_BUILD
static const bool allowed = false;
#else
static const bool allowed = true;
#endif

const char *
sandbox_text(char *buf, size_t size)
{
	int version = sandbox_files_version();

	if (!allowed)
		return text_format(buf, size, "none in this test build");
	if (version == 0 && !sandbox_calls_available())
		return text_format(buf, size, "none: neither Landlock nor "
		    "seccomp here");
	text_format(buf, size, "%s", "");
	if (version > 0)
		text_append(buf, size, "Landlock %d", version);
	if (sandbox_calls_available())
		text_append(buf, size, "%sseccomp", version > 0 ? ", " : "");
	return buf;
}

int
sandbox_enter(char *error, size_t size)
{
	if (!allowed)
		return 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1) {
		text_format(error, size, "no_new_privs: %m");
		return -1;
	}
	if (sandbox_files_version() > 0 && sandbox_files_enter() == -1) {
		text_format(error, size, "Landlock: %m");
		return -1;
	}
	if (sandbox_calls_available() && sandbox_calls_enter() == -1) {
		text_format(error, size, "seccomp: %m");
		return -1;
	}
	return 0;
}
