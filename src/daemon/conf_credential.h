/*
 * The keys that sources want: each in a file of its own, never on a command
 * line, in the environment or in a configuration.
 */
#ifndef RATESD_DAEMON_CONF_CREDENTIAL_H
#define RATESD_DAEMON_CONF_CREDENTIAL_H

#include <stddef.h>

#include "source/catalogue.h"

/*
 * Reads the key of a source from the file that its credential names: a path,
 * or a file in $CREDENTIALS_DIRECTORY; without one, the file of the source's
 * name there.  A file that more than its owner may write is refused, and, out
 * of that directory, one that everybody may read.
 *
 * 0, or -1 with what is wrong in why, which names the file and nothing that is
 * in it.
 */
int conf_credential_read(struct source *source, char *why, size_t size);

#endif
