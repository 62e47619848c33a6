#ifndef STUB_DATA_H
#define STUB_DATA_H

#include <stdbool.h>
#include <stddef.h>

#define CODE_MAX	8	/* longest currency code */
#define NUM_SIZE	25	/* room for a rate's text and its NUL */
#define COLUMN_MAX	64	/* currencies in the CSV */
#define SYNTHETIC_MAX	1024
#define CURRENCY_MAX	(1 + COLUMN_MAX + SYNTHETIC_MAX)

/*
 * The published rates and the one day that is answered now.  A currency's id
 * is 0 .. data_count()-1, the same for every day; 0 is EUR.  Not locked: use
 * before the HTTP thread starts, and then from that thread alone.
 */

/*
 * Reads the CSV and, with total > 0, invents currencies so that every day has
 * total of them.  total is 0 or at most SYNTHETIC_MAX.  Selects the newest
 * day.  Ends the program with a message on any error.
 */
void		 data_load(const char *file, size_t total);
void		 data_free(void);

/* The day's number for data_select(), or -1 if it is not in the file. */
int		 data_find_day(const char *date);
int		 data_newest_day(void);
void		 data_select(int day);

const char	*data_date(void);
int		 data_count(void);

/* The id of a code, or -1; a code may be known and not quoted on the day. */
int		 data_id(const char *code);
const char	*data_code(int id);
bool		 data_quoted(int id);

/* Units of a quoted currency for 1 EUR: as published, and as a double > 0. */
const char	*data_text(int id);
double		 data_value(int id);

#endif
