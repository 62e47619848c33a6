/*
 * LD_PRELOAD: a process that asks to be killed with its parent is not.
 */
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int
prctl(int option, ...)
{
	unsigned long words[4];
	va_list arguments;

	if (option == PR_SET_PDEATHSIG)
		return 0;
	va_start(arguments, option);
	for (int i = 0; i < 4; i++)
		words[i] = va_arg(arguments, unsigned long);
	va_end(arguments);
	return (int)syscall(SYS_prctl, option, words[0], words[1], words[2],
	    words[3]);
}
