#include "daemon/guard.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic uintptr_t begin, end, page_size;
static atomic_bool hit;

static void
on_bus_error(int number, siginfo_t *info, void *context)
{
	uintptr_t at = (uintptr_t)info->si_addr;
	int kept = errno;

	(void)context;
	at -= at % page_size;
	/*
	 * Not ours, or no memory: the same store again ends the process.  One
	 * that somebody sent has no address, and is to end it too.
	 */
	if (info->si_code <= 0) {
		signal(number, SIG_DFL);
		raise(number);
	} else if (at < begin || at >= end ||
	    mmap((void *)at, page_size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		signal(number, SIG_DFL);
	else
		atomic_store(&hit, true);
	errno = kept;
}

int
guard_begin(void *memory, size_t size)
{
	struct sigaction action = { .sa_sigaction = on_bus_error,
		.sa_flags = SA_SIGINFO };

	atomic_store(&page_size, (uintptr_t)sysconf(_SC_PAGESIZE));
	atomic_store(&begin, (uintptr_t)memory);
	atomic_store(&end, (uintptr_t)memory + size);
	atomic_store(&hit, false);
	return sigaction(SIGBUS, &action, NULL);
}

bool
guard_hit(void)
{
	return atomic_load(&hit);
}

void
guard_end(void)
{
	signal(SIGBUS, SIG_DFL);
}
