/*
 * Named fault points, in test builds only (RATESD_FAULT_POINTS).
 *
 * RATESD_FAULT="NAME:COUNT:ACTION[,...]" makes the COUNTth passage of a
 * process through point NAME do ACTION: kill, stop, abort, exit=STATUS,
 * sleep=MS.  With RATESD_FAULT_LIMIT=DIR:K a fault happens at most K times in
 * all processes that share the directory DIR.
 */
#ifndef RATESD_BASE_FAULT_H
#define RATESD_BASE_FAULT_H

#ifdef RATESD_FAULT_POINTS
void fault_point(const char *name);
#define FAULT_POINT(name) fault_point(name)
#else
#define FAULT_POINT(name) ((void)0)
#endif

#endif
