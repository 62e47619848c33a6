/*
 * Becoming a daemon whose starter learns how the start went.
 */
#ifndef RATESD_TOOLS_DETACH_H
#define RATESD_TOOLS_DETACH_H

/*
 * Forks.  The parent waits, and ends with 0 once the child calls
 * detach_done(), or with the child's own status if it ends before.  The child
 * returns 0, in a session of its own; -1 with errno if fork failed.
 */
int detach_begin(void);

/*
 * Opens /dev/null for each standard file that is closed, so that none of ours
 * takes its number.  First thing in main.
 */
void detach_keep_standard_files(void);

/* Gives up the terminal: standard files become /dev/null. */
void detach_files(void);

/* The start is done: the parent may go.  Further calls do nothing. */
void detach_done(void);

#endif
