#include "tools/command.h"
#include "tools/other.h"

#ifndef PKGLIBEXECDIR
#define PKGLIBEXECDIR "/usr/libexec/ratesd"
#endif

/*
 * What asks the network and reads what comes from there is a program of its
 * own: ratesctl carries no fetcher.
 */
int
cmd_probe(struct ctl *ctl, int argc, char **argv)
{
	(void)ctl;
	return other_program("RATESD_PROBE", PKGLIBEXECDIR "/ratesd-probe",
	    NULL, argc, argv);
}
