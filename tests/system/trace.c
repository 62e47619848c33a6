#include "trace.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "base/text.h"

#define BREAKPOINT 0xcc /* int3 */

#ifdef __x86_64__
#define PC offsetof(struct user, regs.rip)
#define SP offsetof(struct user, regs.rsp)
#define HERE 1
#else
#define PC 0
#define SP 0
#define HERE 0 /* the rest compiles, and is not begun */
#endif

/* start-end rwxp offset device inode name */
static bool
read_region(char *line, const char *name, struct region *region)
{
	const char *found = line + strcspn(line, "/[");
	char *end;

	line[strcspn(line, "\n")] = '\0';
	if (strcmp(found, name) != 0)
		return false;
	region->from = strtoul(line, &end, 16);
	region->to = strtoul(end + 1, NULL, 16);
	return true;
}

int
trace_region(pid_t pid, const char *name, struct region *region)
{
	char path[PATH_MAX], real[PATH_MAX], line[PATH_MAX + 128];
	bool found = false;
	FILE *maps;

	text_format(path, sizeof(path), "/proc/%ld/maps", (long)pid);
	if (name[0] != '[' && (name = realpath(name, real)) == NULL)
		return -1;
	if ((maps = fopen(path, "re")) == NULL)
		return -1;
	while (!found && fgets(line, sizeof(line), maps) != NULL)
		found = read_region(line, name, region);
	fclose(maps);
	errno = ENOENT;
	return found ? 0 : -1;
}

/* errno is the only sign that a peek failed. */
static long
peek(int request, const struct traced *t, uintptr_t at)
{
	errno = 0;
	return ptrace(request, t->pid, (void *)at, NULL);
}

static int
poke(int request, const struct traced *t, uintptr_t at,
    uintptr_t value)
{
	return (int)ptrace(request, t->pid, (void *)at, (void *)value);
}

/*
 * Waits for its next stop for a trap.  Other signals are handed on to it with
 * the request that it runs by.
 */
static enum trace_result
wait_for_trap(const struct traced *t, int go, int options)
{
	for (;;) {
		int status;
		pid_t got = waitpid(t->pid, &status, options | __WALL);
		long signal = 0;

		if (got == 0)
			return TRACE_RUNNING;
		if (got == -1)
			return TRACE_ERROR;
		if (!WIFSTOPPED(status))
			return TRACE_DEAD;
		if (WSTOPSIG(status) == SIGTRAP)
			return TRACE_STOPPED;
		if (status >> 16 == 0)
			signal = WSTOPSIG(status);
		if (ptrace(go, t->pid, NULL, (void *)signal) == -1)
			return TRACE_ERROR;
	}
}

/*
 * A step is a switch on one processor, and a wake-up of the other one on two:
 * several times as long.  Where it isn't permitted, only the time is lost.
 */
static void
stay_together(pid_t pid)
{
	cpu_set_t one;
	int cpu = sched_getcpu();

	if (cpu == -1)
		return;
	CPU_ZERO(&one);
	CPU_SET((size_t)cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
	sched_setaffinity(pid, sizeof(one), &one);
}

enum trace_result
trace_begin(struct traced *t, pid_t pid, uintptr_t entry)
{
	uintptr_t word;
	int status;

	*t = (struct traced){ .pid = pid, .entry = entry };
	if (!HERE) {
		errno = ENOSYS;
		return TRACE_ERROR;
	}
	if (ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_EXITKILL) == -1 ||
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) == -1 ||
	    waitpid(pid, &status, __WALL) == -1)
		return TRACE_ERROR;
	if (!WIFSTOPPED(status))
		return TRACE_DEAD;
	t->saved = peek(PTRACE_PEEKTEXT, t, entry);
	if (errno != 0)
		return TRACE_ERROR;
	word = ((uintptr_t)t->saved & ~(uintptr_t)0xff) | BREAKPOINT;
	if (poke(PTRACE_POKETEXT, t, entry, word) == -1 ||
	    ptrace(PTRACE_CONT, pid, NULL, NULL) == -1)
		return TRACE_ERROR;
	stay_together(pid);
	return TRACE_RUNNING;
}

enum trace_result
trace_look(struct traced *t)
{
	enum trace_result result = wait_for_trap(t, PTRACE_CONT, WNOHANG);

	if (result != TRACE_STOPPED)
		return result;
	t->stack = (uintptr_t)peek(PTRACE_PEEKUSER, t, SP);
	if (errno != 0 ||
	    (uintptr_t)peek(PTRACE_PEEKUSER, t, PC) != t->entry + 1) {
		errno = EPROTO; /* a trap of something else */
		return TRACE_ERROR;
	}
	if (poke(PTRACE_POKETEXT, t, t->entry, (uintptr_t)t->saved) == -1 ||
	    poke(PTRACE_POKEUSER, t, PC, t->entry) == -1)
		return TRACE_ERROR;
	return TRACE_STOPPED;
}

/* True if this instruction was there before, in the same look at the clock. */
static bool
goes_back(struct traced *t, const struct region *vdso, uintptr_t pc)
{
	if (pc < vdso->from || pc >= vdso->to) {
		t->clock = 0;
		return false;
	}
	if (pc <= t->clock)
		return true;
	t->clock = pc;
	return false;
}

enum trace_result
trace_step(struct traced *t, const struct region *vdso)
{
	uintptr_t stack, pc;

	do {
		enum trace_result result;

		if (ptrace(PTRACE_SINGLESTEP, t->pid, NULL, NULL) == -1)
			return TRACE_ERROR;
		result = wait_for_trap(t, PTRACE_SINGLESTEP, 0);
		if (result != TRACE_STOPPED)
			return result;
		stack = (uintptr_t)peek(PTRACE_PEEKUSER, t, SP);
		if (errno != 0)
			return TRACE_ERROR;
		pc = (uintptr_t)peek(PTRACE_PEEKUSER, t, PC);
		if (errno != 0)
			return TRACE_ERROR;
	} while (goes_back(t, vdso, pc));
	/* Only the return takes the return address from the stack. */
	return stack > t->stack ? TRACE_RETURNED : TRACE_STOPPED;
}

int
trace_kill(struct traced *t)
{
	int status;

	if (kill(t->pid, SIGKILL) == -1)
		return -1;
	/* The parent hears of the death only after the tracer has. */
	do {
		if (waitpid(t->pid, &status, __WALL) == -1)
			return -1;
	} while (!WIFSIGNALED(status));
	return 0;
}
