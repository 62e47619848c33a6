/*
 * Named fault points, in test builds only (RATESD_FAULT_POINTS).
 *
 * RATESD_FAULT="NAME:COUNT:ACTION[,...]" makes the COUNTth passage of a
 * process through point NAME do ACTION: kill, stop, abort, exit=STATUS,
 * sleep=MS, or errno=NAME (or number) where the point can fail.  With
 * RATESD_FAULT_LIMIT=DIR:K a fault happens at most K times in all processes
 * that share the directory DIR.
 *
 * FAULT_FAILS(name) stands before a call that can fail, as in
 * if (FAULT_FAILS("x.write") || write(...) == -1): 1 with errno set when the
 * action errno is due, else 0 with errno as it was.  In a release it is 0.
 */
#ifndef RATESD_BASE_FAULT_H
#define RATESD_BASE_FAULT_H

#ifdef RATESD_FAULT_POINTS
void fault_point(const char *name);
int fault_fails(const char *name);
#define FAULT_POINT(name) fault_point(name)
#define FAULT_FAILS(name) fault_fails(name)
#else
#define FAULT_POINT(name) ((void)0)
#define FAULT_FAILS(name) 0
#endif

#endif
