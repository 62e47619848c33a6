/*
 * What a source's section or a preset's file says, as it was written: so one
 * can be laid over the other, key by key, and be printed again.
 */
#ifndef RATESD_DAEMON_CONF_BLOCK_H
#define RATESD_DAEMON_CONF_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "daemon/conf_value.h"
#include "source/catalogue.h"

/* One sound value; of a list, one element. */
struct conf_given {
	const struct conf_key *key;
	int line;
	unsigned number; /* from 1 */
	char *text;
};

/* All zero: an empty one. */
struct conf_block {
	struct conf_given *given; /* in the order of the file */
	size_t count, room;
};

/* 0, or -1 without memory. */
int conf_block_add(struct conf_block *block, const struct conf_key *key,
    int line, unsigned number, const char *text);

/* The first value of a key, or NULL. */
const struct conf_given *conf_block_find(
    const struct conf_block *block, const char *name);

/* The source that a block describes, its name aside; under may be NULL. */
void conf_block_source(const struct conf_block *under,
    const struct conf_block *block, struct source *source);

/* Prints a block as a section that a configuration may have. */
void conf_block_print(
    const struct conf_block *block, const char *name, FILE *out);

void conf_block_clear(struct conf_block *block);

#endif
