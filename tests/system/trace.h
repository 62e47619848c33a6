/*
 * A process brought to the entry of a function, and then on by single
 * instructions: ptrace(2), x86-64.
 */
#ifndef RATESD_TESTS_TRACE_H
#define RATESD_TESTS_TRACE_H

#include <stdint.h>
#include <sys/types.h>

struct traced {
	pid_t pid;
	uintptr_t entry; /* of the function, in its memory */
	long saved;      /* the word there */
	uintptr_t stack; /* its pointer at the entry */
	uintptr_t clock; /* how far it came in the kernel's code */
};

enum trace_result {
	TRACE_ERROR,    /* errno says why */
	TRACE_RUNNING,  /* not there yet */
	TRACE_STOPPED,  /* where it was to be */
	TRACE_RETURNED, /* of the function: its caller goes on */
	TRACE_DEAD,
};

/* Where something begins and ends in the memory of a process. */
struct region {
	uintptr_t from, to;
};

/*
 * The first mapping of a file, or of a name such as "[vdso]": 0, or -1 with
 * errno.  Its begin is what to add to the addresses of a program's symbols.
 */
int trace_region(pid_t pid, const char *name, struct region *region);

/*
 * Attaches and lets it run on, with a breakpoint at the entry: TRACE_RUNNING
 * or TRACE_ERROR.  It dies with the tracer.  From now on both run on one
 * processor, that of the tracer.
 */
enum trace_result trace_begin(struct traced *t, pid_t pid, uintptr_t entry);

/*
 * Looks whether it came to the breakpoint: TRACE_STOPPED (with the breakpoint
 * removed), TRACE_RUNNING, TRACE_DEAD or TRACE_ERROR.  Doesn't wait.
 */
enum trace_result trace_look(struct traced *t);

/*
 * One instruction: TRACE_STOPPED, TRACE_RETURNED, TRACE_DEAD, TRACE_ERROR.
 * Where the kernel's own code (vdso) reads the clock again because it was set
 * on meanwhile, which single steps make likely, that goes with the one before:
 * else the nth instruction would be another one each time.
 */
enum trace_result trace_step(struct traced *t, const struct region *vdso);

/* SIGKILL where it stands; it is dead when this returns.  0, or -1. */
int trace_kill(struct traced *t);

#endif
