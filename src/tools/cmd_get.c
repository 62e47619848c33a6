#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/number.h"
#include "tools/command.h"
#include "tools/view.h"

#define GET_TRIES 8

static int
no_number(struct ctl *ctl, char **argv, unsigned base)
{
	struct rates_row row;
	int status = view_row(ctl, base, &row);

	if (status != CTL_DONE)
		return status;
	if (row.version == 0)
		return ctl_note(ctl, CTL_NO_PAIR,
		    "no number for %s/%s: the row was never fetched", argv[0],
		    argv[1]);
	return ctl_note(ctl, CTL_NO_PAIR,
	    "no number for %s/%s: %s gives none", argv[0], argv[1],
	    row.source[0] != '\0' ? row.source : "its source");
}

static int
too_old(struct ctl *ctl, char **argv, unsigned base)
{
	char age[CLOCK_TEXT_MAX];
	struct rates_row row;
	int status = view_row(ctl, base, &row);

	if (status != CTL_DONE)
		return status;
	return ctl_note(ctl, CTL_TOO_OLD, "%s/%s is %s old, older than %s",
	    argv[0], argv[1], clock_format_age(row.age, age, sizeof(age)),
	    ctl->max_age_text);
}

/* One look at the board; *result tells whether to look again. */
static int
look(struct ctl *ctl, char **argv, enum rates_result *result)
{
	char text[NUMBER_TEXT_MAX];
	unsigned base, quote;
	double rate;

	if (view_find(ctl, argv[0], &base) != CTL_DONE ||
	    view_find(ctl, argv[1], &quote) != CTL_DONE)
		return CTL_NO_PAIR;
	*result = ctl->max_age < 0
	    ? rates_get(ctl->rates, base, quote, &rate)
	    : rates_get_fresh(ctl->rates, base, quote, ctl->max_age, &rate);
	if (*result == RATES_OK && !isfinite(rate))
		*result = RATES_NO_NUMBER;
	switch (*result) {
	case RATES_OK:
		puts(number_shortest(rate, text, sizeof(text)));
		return CTL_DONE;
	case RATES_NO_NUMBER:
		return no_number(ctl, argv, base);
	case RATES_TOO_OLD:
		return too_old(ctl, argv, base);
	default:
		return CTL_FAILED;
	}
}

int
cmd_get(struct ctl *ctl, int argc, char **argv)
{
	enum rates_result result;
	int status;

	(void)argc;
	status = view_open(ctl);
	if (status != CTL_DONE)
		return status;
	for (int tries = 0; tries < GET_TRIES; tries++) {
		result = RATES_OK;
		status = look(ctl, argv, &result);
		if (result != RATES_CHANGED)
			break;
		rates_resync(ctl->rates);
	}
	if (result == RATES_BUSY || result == RATES_CHANGED)
		ctl_complain(status, "%s", rates_strerror(result));
	return status;
}
