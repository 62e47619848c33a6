/*
 * Programs that ratesctl starts in its place, for what it doesn't link.
 */
#ifndef RATESD_TOOLS_OTHER_H
#define RATESD_TOOLS_OTHER_H

/*
 * Becomes the program at path, or where the environment's variable says, with
 * the option first, unless it is NULL, and the arguments.  Returns, an exit
 * status, only once it has complained.
 */
int other_program(const char *variable, const char *path, const char *option,
    int argc, char **argv);

#endif
