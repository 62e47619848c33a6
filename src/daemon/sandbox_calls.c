#include "daemon/sandbox.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#ifdef HAVE_SECCOMP

#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <seccomp.h>

/* By what they are for; one that an architecture hasn't is left out. */
static const char *const calls[] = {
	/* what is open, and files to read */
	"read", "readv", "pread64", "preadv", "write", "writev", "pwrite64",
	"close", "close_range", "open", "openat", "openat2", "stat", "stat64",
	"lstat", "lstat64", "fstat", "fstat64", "newfstatat", "fstatat64",
	"statx", "statfs", "statfs64", "fstatfs", "fstatfs64", "access",
	"faccessat", "faccessat2", "readlink", "readlinkat", "getdents",
	"getdents64", "lseek", "_llseek", "fcntl", "fcntl64", "dup", "dup3",
	"pipe", "pipe2", "eventfd2", "fadvise64", "fadvise64_64", "getcwd",
	/* memory */
	"brk", "mmap", "mmap2", "munmap", "mprotect", "mremap", "madvise",
	"mincore", "membarrier", "map_shadow_stack",
	/* the network */
	"connect", "bind", "getsockname", "getpeername", "getsockopt",
	"setsockopt", "send", "sendto", "sendmsg", "sendmmsg", "recv",
	"recvfrom", "recvmsg", "recvmmsg", "recvmmsg_time64", "shutdown",
	"socketpair", "poll", "ppoll", "ppoll_time64", "select", "_newselect",
	"pselect6", "pselect6_time64", "epoll_create", "epoll_create1",
	"epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2",
	/* the queue */
	"mq_timedreceive", "mq_timedreceive_time64", "mq_timedsend",
	"mq_timedsend_time64", "mq_getsetattr",
	/* threads, signals, the end */
	"futex", "futex_time64", "futex_waitv", "set_robust_list",
	"get_robust_list", "rseq", "set_tid_address", "gettid", "sched_yield",
	"sched_getaffinity", "getcpu", "arch_prctl", "rt_sigaction",
	"rt_sigprocmask", "rt_sigpending", "rt_sigtimedwait",
	"rt_sigtimedwait_time64", "rt_sigreturn", "sigreturn", "sigaltstack",
	"signalfd4", "restart_syscall", "exit", "exit_group",
	/* time */
	"clock_gettime", "clock_gettime64", "clock_getres",
	"clock_getres_time64", "clock_nanosleep", "clock_nanosleep_time64",
	"nanosleep", "gettimeofday", "time", "times",
	/* who and where one is */
	"getpid", "getppid", "getuid", "getuid32", "geteuid", "geteuid32",
	"getgid", "getgid32", "getegid", "getegid32", "getresuid",
	"getresuid32", "getresgid", "getresgid32", "getgroups", "getgroups32",
	"getrandom", "uname", "sysinfo", "getrlimit", "ugetrlimit",
	"getrusage",
};

/* Families of sockets, requests of ioctl(2) and prctl(2). */
static const int families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };
static const unsigned requests[] = { FIONBIO, FIONREAD, TCGETS, SIOCGIFNAME,
	SIOCGIFINDEX };
static const int controls[] = { PR_SET_NAME, PR_GET_NAME, PR_SET_VMA };

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static int
let(scmp_filter_ctx filter, const char *name)
{
	int number = seccomp_syscall_resolve_name(name);

	if (number == __NR_SCMP_ERROR)
		return 0;
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
}

static int
let_if(scmp_filter_ctx filter, int number, unsigned argument, uint64_t value)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1,
	    (struct scmp_arg_cmp){ .arg = argument, .op = SCMP_CMP_EQ,
		.datum_a = value });
}

static int
let_with_arguments(scmp_filter_ctx filter)
{
	uint64_t self = (uint64_t)getpid();
	int result = 0;

	for (size_t i = 0; result == 0 && i < COUNT(families); i++)
		result = let_if(
		    filter, SCMP_SYS(socket), 0, (uint64_t)families[i]);
	for (size_t i = 0; result == 0 && i < COUNT(requests); i++)
		result = let_if(filter, SCMP_SYS(ioctl), 1, requests[i]);
	for (size_t i = 0; result == 0 && i < COUNT(controls); i++)
		result = let_if(
		    filter, SCMP_SYS(prctl), 0, (uint64_t)controls[i]);
	if (result == 0) /* only asked for, not set */
		result = let_if(filter, SCMP_SYS(prlimit64), 2, 0);
	if (result == 0) /* as abort(3) does */
		result = let_if(filter, SCMP_SYS(tgkill), 0, self);
	if (result == 0)
		result = let_if(filter, SCMP_SYS(kill), 0, self);
	return result;
}

/*
 * Threads, no processes.  The flags of clone3(2) can't be seen from here: the C
 * library takes clone(2) if there is none.
 */
static int
let_threads(scmp_filter_ctx filter)
{
	int result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone),
	    1, (struct scmp_arg_cmp){ .arg = 0, .op = SCMP_CMP_MASKED_EQ,
		.datum_a = CLONE_THREAD, .datum_b = CLONE_THREAD });

	if (result == 0)
		result = seccomp_rule_add(
		    filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return result;
}

static int
fill(scmp_filter_ctx filter)
{
	int result;

	result = seccomp_attr_set(
	    filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	for (size_t i = 0; result == 0 && i < COUNT(calls); i++)
		result = let(filter, calls[i]);
	if (result == 0)
		result = let_with_arguments(filter);
	return result == 0 ? let_threads(filter) : result;
}

bool
sandbox_calls_available(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != -1;
}

enum sandbox_state
sandbox_calls_enter(void)
{
	scmp_filter_ctx filter;
	int result = -ENOTSUP; /* libseccomp itself says no more */

	if (!sandbox_calls_available())
		return SANDBOX_ABSENT;
	filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (filter != NULL) {
		result = fill(filter);
		if (result == 0)
			result = seccomp_load(filter);
		seccomp_release(filter);
	}
	if (result == 0)
		return SANDBOX_ON;
	errno = -result;
	return SANDBOX_FAILED;
}

#else

bool
sandbox_calls_available(void)
{
	return false;
}

enum sandbox_state
sandbox_calls_enter(void)
{
	return SANDBOX_UNBUILT;
}

#endif
