#ifndef STUB_KINDS_H
#define STUB_KINDS_H

/*
 * Every way a rates request can be answered, in one table:
 *   X(id, name, status, handler, form)
 * name is what --fail, --base-fail, the log and /stats use; status is the
 * HTTP status; handler is the function of answer.c that makes the response;
 * form is how a rate is written, '#' standing for the true number (NULL: the
 * answer has no rates).  A base's own rate stays 1 in every form, so that
 * only the numbers a client came for are spoilt.
 */
#define STUB_KINDS(X)							\
	X(OK,		"ok",		200, reply_rates,	"#")	\
	X(UNKNOWN,	"422",		422, reply_unknown,	NULL)	\
	X(E500,		"500",		500, reply_error,	NULL)	\
	X(E503,		"503",		503, reply_error,	NULL)	\
	X(E404,		"404",		404, reply_error,	NULL)	\
	X(LIMITED,	"429",		429, reply_limited,	NULL)	\
	X(HANG,		"hang",		0,   reply_never,	NULL)	\
	X(CUT,		"cut",		200, reply_cut,		"#")	\
	X(GARBAGE,	"garbage",	200, reply_garbage,	NULL)	\
	X(EMPTY,	"empty",	200, reply_empty,	NULL)	\
	X(HTML,		"html",		200, reply_html,	NULL)	\
	X(ENDLESS,	"huge",		200, reply_huge,	"#")	\
	X(BADBASE,	"badbase",	200, reply_badbase,	"#")	\
	X(NEGATIVE,	"negative",	200, reply_rates,	"-#")	\
	X(ZERO,		"zero",		200, reply_rates,	"0")	\
	X(NOTANUM,	"nan",		200, reply_rates,	"NaN")	\
	X(INFINITE,	"inf",		200, reply_rates,	"1e999") \
	X(STRING,	"string",	200, reply_rates,	"\"#\"") \
	X(NORATES,	"norates",	200, reply_rates,	NULL)	\
	X(SLOW,		"slow",		200, reply_slow,	"#")

enum kind {
#define X(id, name, status, handler, form) KIND_##id,
	STUB_KINDS(X)
#undef X
	KIND_COUNT
};

#endif
