#ifndef STUB_ANSWER_H
#define STUB_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include <microhttpd.h>

#include "data.h"
#include "kinds.h"

/* A rates request, once understood. */
struct ask {
	enum kind	kind;
	int		base;		/* -1: not known */
	uint64_t	serial;		/* 0: none, the published rates */
	bool		some;		/* only those of want */
	bool		bad_symbols;	/* asked for one that is not known */
	bool		want[CURRENCY_MAX];
};

/*
 * Answers the request as its kind says, with the rates of the moment; from
 * the access handler.  MHD_NO asks the library to close the connection.
 */
enum MHD_Result	 answer_rates(struct MHD_Connection *conn,
		    const struct ask *ask);

/* Answers with a JSON text, which is free()d for the caller; NULL closes. */
enum MHD_Result	 answer_json(struct MHD_Connection *conn, unsigned status,
		    char *text, size_t len);

#endif
