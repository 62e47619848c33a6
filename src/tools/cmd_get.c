#include <stdio.h>

#include "base/number.h"
#include "tools/command.h"
#include "tools/pair.h"

#define GET_SCHEMA 1

static void
print_data(const struct ctl *ctl, const struct pair *pair)
{
	struct report report;

	report_begin(&report, ctl->format, stdout);
	report_head(&report, GET_SCHEMA, ctl->instance, pair->read);
	report_text(&report, "base", pair->base);
	report_text(&report, "quote", pair->quote);
	report_number(&report, "rate", pair->rate);
	pair_tell(&report, pair);
	report_end(&report);
}

int
cmd_get(struct ctl *ctl, int argc, char **argv)
{
	char text[NUMBER_TEXT_MAX];
	struct pair pair;
	int status = pair_load(ctl, argv[0], argv[1], &pair);

	(void)argc;
	if (status != CTL_DONE)
		return status;
	if (ctl->format == FORMAT_TABLE)
		puts(number_shortest(pair.rate, text, sizeof(text)));
	else
		print_data(ctl, &pair);
	return CTL_DONE;
}
