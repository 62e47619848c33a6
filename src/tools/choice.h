/*
 * Which currencies a command line names, of a board whose currencies may become
 * others while it is looked at.
 */
#ifndef RATESD_TOOLS_CHOICE_H
#define RATESD_TOOLS_CHOICE_H

#include <stdbool.h>

#include "board/rates.h"
#include "tools/ctl.h"

struct choice {
	char (*codes)[RATES_CODE_MAX]; /* as asked for; none: all */
	unsigned code_count;
	unsigned *list; /* indexes into the board's currencies */
	unsigned count;
};

/*
 * Those of argv, or of --symbols, each once, in the order asked for; all if
 * none is named.  ctl->rates has to be open.  An exit status; has spoken.
 */
int choice_bases(struct choice *choice, struct ctl *ctl, int argc,
    char **argv);
int choice_symbols(struct choice *choice, struct ctl *ctl);

/*
 * Fills the list for these currencies; one that isn't among them is left out.
 * 0, or -1 with errno.
 */
int choice_resolve(struct choice *choice, char (*codes)[RATES_CODE_MAX],
    unsigned count);

void choice_free(struct choice *choice);

#endif
