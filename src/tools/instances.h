/*
 * Which instances there are on this machine, for who named one that isn't.
 */
#ifndef RATESD_TOOLS_INSTANCES_H
#define RATESD_TOOLS_INSTANCES_H

#include <stddef.h>

/*
 * "; running: default, test" in buf: the instances, by name, whose boards the
 * caller may read and somebody feeds; or "" if there is none.  Of a machine
 * with hundreds of boards, some of them.  Returns buf.
 */
const char *instances_running(char *buf, size_t size);

#endif
