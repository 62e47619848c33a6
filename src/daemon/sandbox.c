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

static int
all_are(enum sandbox_state states[SANDBOX_PART_COUNT], enum sandbox_state state)
{
	for (unsigned i = 0; i < SANDBOX_PART_COUNT; i++)
		states[i] = state;
	return state == SANDBOX_FAILED ? -1 : 0;
}

int
sandbox_enter(enum sandbox_state states[SANDBOX_PART_COUNT], char *error,
    size_t size)
{
	/* seccomp last: it lets nobody enter Landlock. */
	static const struct {
		const char *name;
		enum sandbox_state (*enter)(void);
	} parts[] = {
		[SANDBOX_PART_landlock] = { "Landlock", sandbox_files_enter },
		[SANDBOX_PART_seccomp] = { "seccomp", sandbox_calls_enter },
	};

	if (!allowed)
		return all_are(states, SANDBOX_UNBUILT);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1) {
		text_format(error, size, "no_new_privs: %m");
		return all_are(states, SANDBOX_FAILED);
	}
	text_format(error, size, "%s", "");
	for (unsigned i = 0; i < SANDBOX_PART_COUNT; i++) {
		states[i] = parts[i].enter();
		if (states[i] == SANDBOX_FAILED)
			text_append(error, size, "%s%s: %m",
			    error[0] == '\0' ? "" : ", ", parts[i].name);
	}
	return error[0] == '\0' ? 0 : -1;
}
